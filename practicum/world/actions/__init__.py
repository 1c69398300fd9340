"""Continuous integration of the simulated GitHub: a documented subset of workflow files, really executed."""

from practicum.world.actions.runner import Actions

__all__ = ["Actions"]
