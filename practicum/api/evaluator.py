"""Evaluators: look at what happened, never at what an agent said about itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from practicum.api.sandbox import ExecResult, Limits

Kind = Literal["effect", "text", "guard"]
"""`effect` looks at the world, the sandbox or the trajectory; `text` at what the agent wrote; a `guard` is a thing that
must not happen: it can fail a run, never pass one."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one evaluator saw."""

    passed: bool
    summary: str
    """One line for people: what was seen, or what is missing."""
    evidence: tuple[str, ...] = ()
    """Ids of the events that it rests on."""
    details: dict[str, Any] = field(default_factory=dict)


class World(Protocol):
    """The services of a run as an evaluator may see them: read-only, through the proctor, live or simulated alike."""

    def has(self, service: str) -> bool:
        """Whether the scenario uses a service."""
        ...

    async def get(self, service: str, path: str, params: dict[str, str] | None = None) -> tuple[int, Any]:
        """GET from a service's own API; status and JSON (text where it is none). All pages of a list are joined.

        Raises:
            InfrastructureError: the service does not answer.
        """
        ...

    async def clone(self, repo: str) -> Path:
        """A fresh bare mirror of a repository; the same one for every evaluator of a run."""
        ...


class Workbench(Protocol):
    """Where an evaluator executes things: a sandbox, never the host."""

    async def checkout(self, repo: str, ref: str) -> Path:
        """The files of a commit in a new folder."""
        ...

    async def run(self, folder: Path, argv: Sequence[str], limits: Limits | None = None) -> ExecResult:
        """Execute in a sandbox that sees `folder` as its working directory and has no network."""
        ...


class Evidence(Protocol):
    """All that an evaluator may look at."""

    @property
    def run(self) -> str:
        """The run's id."""
        ...

    @property
    def directory(self) -> Path:
        """The run's folder."""
        ...

    @property
    def events(self) -> Sequence[Any]:
        """The `practicum.bus.event.Event`s recorded so far, in order."""
        ...

    @property
    def team(self) -> dict[str, str]:
        """Agent to role."""
        ...

    @property
    def settings(self) -> dict[str, Any]:
        """`repo`, `app` and what else the scenario fixes."""
        ...

    @property
    def world(self) -> World: ...

    @property
    def workbench(self) -> Workbench: ...

    async def leaks(self) -> list[str]:
        """Where a credential of this run stands although it must not: `place: which credential`.

        The proctor searches, since nobody else knows what to look for: the trajectory, its blobs, the agents' folders,
        the repositories, the artifacts; raw, base64 and URL-encoded.
        """
        ...


class Evaluator(Protocol):
    """One thing that is looked at. Its class is a pydantic model of its keys in the scenario file."""

    type: str

    @property
    def kind(self) -> Kind: ...

    async def evaluate(self, evidence: Evidence) -> Finding:
        """Look, and say what was seen.

        Raises:
            PracticumError: it could not look; the evaluation is then an error, not a failure.
        """
        ...
