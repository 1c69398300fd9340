"""Looking at the files that were made, at what a command says about them, and at how code ended."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, AliasChoices, Field

from practicum.api.evaluator import Evidence, Finding
from practicum.api.sandbox import WORKSPACE, ExecResult, Limits
from practicum.errors import InfrastructureError
from practicum.scenarios.evaluators.base import BaseEvaluator
from practicum.scenarios.evaluators.repository import checkout

_MOST_BYTES = 32 * 1024 * 1024
"""So much of a file is looked through."""


def _inside(value: str) -> str:
    path = PurePosixPath(value)
    if path.is_absolute():  # as in `virtual_fs`: the workspace is what an absolute path begins at
        path = path.relative_to(WORKSPACE if path.is_relative_to(WORKSPACE) else "/")
    if not path.parts or ".." in path.parts or "\0" in value:
        raise ValueError("not a path inside the workspace")
    return path.as_posix() + ("/" if value.endswith("/") else "")


Inside = Annotated[str, AfterValidator(_inside)]
"""A path below the workspace; one that ends with `/` is a folder's."""


@dataclass(frozen=True)
class Found:
    """A file of a workspace."""

    path: Path
    before: bool = False
    """It was there before the first step, and no step changed it."""


def find_file(evidence: Evidence, path: str, agent: str = "") -> Found | None:
    """A file of the scenario's workspace, else of an agent's (or only of that agent's, where one is named).

    None when there is none, it is a folder, or it is a link that leads outside.
    """
    files = evidence.files
    if files is not None and not agent:
        target = files.find(path)
        if target is not None and target.is_file():
            return Found(target, _untouched(evidence, path))
    for name in [agent] if agent else list(evidence.team):
        root = (evidence.directory / "agents" / name).resolve()
        target = (root / path).resolve()
        if root in target.parents and target.is_file():
            return Found(target, _as_seeded(evidence, path, target))
    return None


def _untouched(evidence: Evidence, path: str) -> bool:
    """Whether a file was seeded and no step made or changed it."""
    plain = PurePosixPath(path).as_posix()
    if evidence.files is None or plain not in evidence.files.seeded:
        return False
    return not any(plain in (*step.created, *step.changed) for step in evidence.steps)


def _as_seeded(evidence: Evidence, path: str, target: Path) -> bool:
    """Whether an agent's copy of a seeded file still is what the workspace holds."""
    if not _untouched(evidence, path) or evidence.files is None:
        return False
    seed = evidence.files.find(path)
    if seed is None or seed.stat().st_size != target.stat().st_size:
        return False
    return seed.samefile(target) or seed.read_bytes() == target.read_bytes()


def _find_folder(evidence: Evidence, path: str, agent: str) -> Found | None:
    """The same for a folder. It was there before when a file was seeded in it."""
    seeded = evidence.files.seeded if evidence.files is not None else frozenset()
    before = any(PurePosixPath(name).is_relative_to(path) for name in seeded)
    if evidence.files is not None and not agent:
        target = evidence.files.find(path)
        if target is not None and target.is_dir():
            return Found(target, before)
    for name in [agent] if agent else list(evidence.team):
        root = (evidence.directory / "agents" / name).resolve()
        target = (root / path).resolve()
        if root in target.parents and target.is_dir():
            return Found(target, before)
    return None


class FileExists(BaseEvaluator, type="file_exists"):
    """A file is in the workspace, or a folder. One that was there before the first step, unchanged, shows nothing.

    A path that ends with `/` is a folder's. Otherwise a folder is no `report.md`; under a name without an ending it may
    be what was meant, and does not count.
    """

    path: Inside
    agent: str = ""

    async def evaluate(self, evidence: Evidence) -> Finding:
        wants_folder = self.path.endswith("/")
        found = None if wants_folder else await asyncio.to_thread(find_file, evidence, self.path, self.agent)
        if found is None and not PurePosixPath(self.path).suffix:
            found = await asyncio.to_thread(_find_folder, evidence, self.path, self.agent)
            if found is not None and not wants_folder:
                text = f"{self.path} is there, and is a folder: path: {self.path}/ if that is meant"
                return Finding(True, text, details={"seeded": found.before}, counts=False)
        if found is None:
            return Finding(False, f"{self.path} is not there")
        text = f"{self.path} was there before" if found.before else f"{self.path} is there"
        return Finding(True, text, details={"seeded": found.before}, counts=not found.before)


class FileContains(BaseEvaluator, type="file_contains"):
    """A file in the workspace holds some text. One that was there before, unchanged, shows nothing."""

    path: Inside
    value: str = Field(min_length=1)
    agent: str = ""
    case_sensitive: bool = True

    async def evaluate(self, evidence: Evidence) -> Finding:
        found = await asyncio.to_thread(find_file, evidence, self.path, self.agent)
        if found is None:
            return Finding(False, f"{self.path} is not there")
        text, value = await asyncio.to_thread(_read, found.path), self.value
        if not self.case_sensitive:
            text, value = text.casefold(), value.casefold()
        there = value in text
        said = f"{self.path} {'holds' if there else 'does not hold'} {self.value!r}"
        if there and found.before:
            said += ", and did before"
        return Finding(there, said, details={"seeded": found.before}, counts=not (there and found.before))


def _read(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(_MOST_BYTES).decode(errors="replace")


class CommandExitCodeIs(BaseEvaluator, type="command_exit_code_is"):
    """A command ends with an exit code: in the scenario's environment, or on a fresh checkout of the repository."""

    command: str = Field(min_length=1)
    expected_code: int = 0
    from_: str = Field(default="", alias="from")
    """A branch, tag or commit: the command gets a fresh checkout of it, in a sandbox without network."""
    timeout: float = Field(default=60, gt=0, le=600)

    async def evaluate(self, evidence: Evidence) -> Finding:
        try:
            done = await self._run(evidence)
        except OSError as error:
            raise InfrastructureError(f"the command could not be run: {error}") from error
        if done is None:
            return Finding(False, f"there is no {self.from_}")
        text = f"{self.command!r} ended with {done.exit_code}, wanted {self.expected_code}"
        if done.timed_out:
            text += f": it took longer than {self.timeout:g} s"
        details = {"exit_code": done.exit_code, "stdout": done.stdout[-2000:], "stderr": done.stderr[-2000:]}
        return Finding(done.exit_code == self.expected_code, text, details=details)

    async def _run(self, evidence: Evidence) -> ExecResult | None:
        if self.from_:
            folder = await checkout(evidence, self.from_)
            if folder is None:
                return None
            limits = Limits(wall_s=self.timeout, cpu_s=max(1, int(self.timeout)))
            return await evidence.workbench.run(folder, ["bash", "-c", self.command], limits)
        if evidence.files is None:
            raise InfrastructureError(
                "the run has no environment to execute it in", hint="name a branch for a fresh checkout: from: main"
            )
        return await evidence.files.run(self.command, self.timeout)


class StepExitCode(BaseEvaluator, type="step_exit_code"):
    """The code of the step (for the whole run: of every code step) ended with an exit code."""

    expected_code: int = Field(
        default=0, validation_alias=AliasChoices("expected_code", "expectedCode", "expected", "value", "code")
    )

    async def evaluate(self, evidence: Evidence) -> Finding:
        steps = evidence.steps if evidence.scope is None else [evidence.scope]
        codes = [step.exit_code for step in steps if step.kind == "code"]
        if not codes:
            return Finding(False, "no code ran")
        bad = [code for code in codes if code != self.expected_code]
        text = f"the code ended with {(bad or codes)[0]}, wanted {self.expected_code}"
        return Finding(not bad, text, details={"exit_codes": codes})
