"""What each route of each service asks for, written from the vendors' documentation. What is not here is refused."""
