"""The simulated services: true wire protocols over state that can be seeded, reset and inspected."""
