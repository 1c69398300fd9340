"""Plugins: hosts that run them, and the factory that makes them from a specification."""
