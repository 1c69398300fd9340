"""Looking at what agents wrote: their words, the files of their workspaces, and what a command says about them."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, Field

from practicum.api.evaluator import Evidence, Finding
from practicum.api.sandbox import Limits
from practicum.bus.events import MessagePosted, ModelAnswered
from practicum.errors import InfrastructureError
from practicum.scenarios.evaluators.base import BaseEvaluator, Expression
from practicum.scenarios.evaluators.repository import checkout

_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}


def _inside(value: str) -> str:
    path = PurePosixPath(value)
    if not path.parts or path.is_absolute() or ".." in path.parts or "\0" in value:
        raise ValueError("not a path inside the workspace")
    return value


Inside = Annotated[str, AfterValidator(_inside)]
"""A path below an agent's workspace."""


def written_text(evidence: Evidence, agent: str = "") -> str:
    """What the agents (or one) wrote: answers and messages. Never what a user or the scenario said."""
    parts = []
    for event in evidence.events:
        wanted = event.source in evidence.team and (not agent or event.source == agent)
        if wanted and isinstance(event.body, ModelAnswered | MessagePosted):
            parts.append(event.body.text)
    return "\n".join(part for part in parts if part)


def workspace_file(evidence: Evidence, path: str, agent: str = "") -> Path | None:
    """A file in the workspace of an agent, or of any; None when there is none, or it is a link that leads outside."""
    for name in [agent] if agent else list(evidence.team):
        root = (evidence.directory / "agents" / name).resolve()
        target = (root / path).resolve()
        if root in target.parents and target.is_file():
            return target
    return None


class StringContains(BaseEvaluator, type="string_contains", kind="text"):
    """The agents wrote some words."""

    value: str = Field(min_length=1)
    case_sensitive: bool = False
    agent: str = ""

    async def evaluate(self, evidence: Evidence) -> Finding:
        text, value = written_text(evidence, self.agent), self.value
        if not self.case_sensitive:
            text, value = text.casefold(), value.casefold()
        there = value in text
        return Finding(there, f"the agents {'wrote' if there else 'never wrote'} {self.value!r}")


class RegexMatch(BaseEvaluator, type="regex_match", kind="text"):
    """The agents wrote something that fits a pattern."""

    pattern: Expression = Field(min_length=1)
    flags: str = Field(default="", pattern="^[ims]*$")
    agent: str = ""

    async def evaluate(self, evidence: Evidence) -> Finding:
        flags = 0
        for letter in self.flags:
            flags |= _FLAGS[letter]
        found = re.search(self.pattern, written_text(evidence, self.agent), flags)
        text = f"matched {found[0][:80]!r}" if found else f"nothing that the agents wrote fits {self.pattern!r}"
        return Finding(found is not None, text)


class FileExists(BaseEvaluator, type="file_exists"):
    """A file is in an agent's workspace."""

    path: Inside
    agent: str = ""

    async def evaluate(self, evidence: Evidence) -> Finding:
        found = workspace_file(evidence, self.path, self.agent)
        return Finding(found is not None, f"{self.path} {'is there' if found else 'is not there'}")


class FileContains(BaseEvaluator, type="file_contains"):
    """A file in an agent's workspace holds some text."""

    path: Inside
    value: str = Field(min_length=1)
    agent: str = ""

    async def evaluate(self, evidence: Evidence) -> Finding:
        found = workspace_file(evidence, self.path, self.agent)
        if found is None:
            return Finding(False, f"{self.path} is not there")
        there = self.value in found.read_text(errors="replace")
        return Finding(there, f"{self.path} {'holds' if there else 'does not hold'} {self.value!r}")


class CommandExitCodeIs(BaseEvaluator, type="command_exit_code_is"):
    """A command on a fresh checkout of the repository, in a sandbox, ends with an exit code."""

    command: str = Field(min_length=1)
    expected_code: int = 0
    from_: str = Field(default="main", alias="from")
    timeout: float = Field(default=60, gt=0, le=600)

    async def evaluate(self, evidence: Evidence) -> Finding:
        folder = await checkout(evidence, self.from_)
        if folder is None:
            return Finding(False, f"there is no {self.from_}")
        limits = Limits(wall_s=self.timeout, cpu_s=max(1, int(self.timeout)))
        try:
            done = await evidence.workbench.run(folder, ["bash", "-c", self.command], limits)
        except OSError as error:
            raise InfrastructureError(f"the command could not be run: {error}") from error
        text = f"{self.command!r} ended with {done.exit_code}, wanted {self.expected_code}"
        return Finding(done.exit_code == self.expected_code, text, details={"exit_code": done.exit_code})
