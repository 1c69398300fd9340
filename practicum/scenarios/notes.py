"""What is said about a file that loads: how it was read, what in it has no effect, what about it is weak."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

NoteKind = Literal["reading", "unknown", "weak", "idle"]
"""`reading`: an older form, and how it was understood. `unknown`: a key that nothing reads. `weak`: an evaluation that
shows nothing. `idle`: something that can have no effect here, such as a mock when no agent is there to call it."""


@dataclass(frozen=True, slots=True)
class Note:
    """One remark, with its place."""

    kind: NoteKind
    path: str
    line: int
    key: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}: {self.key}: " if self.key else f"{self.path}: "
        return f"{place}{self.message}" + (f" ({self.hint})" if self.hint else "")
