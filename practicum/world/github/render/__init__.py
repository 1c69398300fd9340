"""State as GitHub prints it: one file of functions for each resource, from dataclass to JSON object."""
