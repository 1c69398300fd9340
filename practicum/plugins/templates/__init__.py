"""Plugins without a model: a scaffold, and working code as far as the specification says what it does."""

from practicum.plugins.templates.marker import UNIMPLEMENTED, unimplemented
from practicum.plugins.templates.python import generate, held, scaffold

__all__ = ["UNIMPLEMENTED", "generate", "held", "scaffold", "unimplemented"]
