"""Looking at a plugin's code without executing it, and having a model look at it."""
