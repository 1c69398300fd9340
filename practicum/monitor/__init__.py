"""Watching runs: live or recorded."""
