"""Practicum rehearses, proctors and records teams of AI agents doing real work."""

__version__ = "0.1.0"
