"""The agent loop, its tools and the role kits."""
