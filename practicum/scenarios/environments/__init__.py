"""Where code steps and commands of a scenario run: its folder, what is there before the first step, what it may do."""

from practicum.scenarios.environments.execution import Execution
from practicum.scenarios.environments.languages import LANGUAGES, check_lang
from practicum.scenarios.environments.snapshot import Difference, Snapshot, compare, take
from practicum.scenarios.environments.workspace import Workspace, open_workspace

__all__ = [
    "LANGUAGES",
    "Difference",
    "Execution",
    "Snapshot",
    "Workspace",
    "check_lang",
    "compare",
    "open_workspace",
    "take",
]
