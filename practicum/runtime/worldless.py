"""What evaluators may look at in a run that has no services: the record, and the workspace."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from practicum.api.evaluator import Files, Judge, StepView, TurnView
from practicum.api.sandbox import ExecResult, Limits
from practicum.bus.event import Event
from practicum.errors import InfrastructureError
from practicum.runtime.places import RunFolder


class NoWorld:
    """No service at all."""

    def has(self, service: str) -> bool:
        return False

    async def get(self, service: str, path: str, params: dict[str, str] | None = None) -> tuple[int, Any]:
        raise InfrastructureError(f"the scenario has no {service}")

    async def download(self, service: str, path: str) -> tuple[int, bytes]:
        raise InfrastructureError(f"the scenario has no {service}")

    async def clone(self, repo: str) -> Path:
        raise InfrastructureError("the scenario has no github")


class NoWorkbench:
    """Nothing to check out."""

    async def checkout(self, repo: str, ref: str) -> Path:
        raise InfrastructureError("the scenario has no github")

    async def run(self, folder: Path, argv: Sequence[str], limits: Limits | None = None) -> ExecResult:
        raise InfrastructureError("the scenario has no github")


class CodeEvidence:
    """All that an evaluator may look at in a run of code alone."""

    world, workbench = NoWorld(), NoWorkbench()

    def __init__(
        self,
        folder: RunFolder,
        events: Sequence[Event],
        files: Files,
        steps: Sequence[StepView],
        scope: StepView | None,
        turn: TurnView | None,
    ) -> None:
        self.run, self.directory, self.events = folder.run, folder.path, events
        self.team: dict[str, str] = {}
        self.settings: dict[str, Any] = {}
        self.files, self.steps, self.scope, self.turn = files, steps, scope, turn
        self.judge: Judge | None = None

    async def leaks(self) -> list[str]:
        """No credential is anywhere near such a run."""
        return []
