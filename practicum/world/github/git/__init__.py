"""Bare repositories on disk: real git for refs, merges and transport; loose objects are written directly."""
