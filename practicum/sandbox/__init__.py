"""Where everything that an agent wrote or asked for is executed, and what that place really enforces."""
