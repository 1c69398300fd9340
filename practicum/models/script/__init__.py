"""Deterministic agents: plain `async` Python that stands where a language model could."""

from practicum.models.script.builtin import BUILT_IN
from practicum.models.script.loader import load_scripts
from practicum.models.script.model import ScriptModel
from practicum.models.script.turn import Pending, Script, ToolFailed, Turn, script

__all__ = ["BUILT_IN", "Pending", "Script", "ScriptModel", "ToolFailed", "Turn", "load_scripts", "script"]
