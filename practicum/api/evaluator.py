"""Evaluators: look at what happened, never at what an agent said about itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol

from practicum.api.sandbox import ExecResult, Limits
from practicum.errors import InfrastructureError

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
    counts: bool = True
    """False where passing shows nothing: what was looked for was there before any agent did anything."""


class UndecidedError(InfrastructureError):
    """An evaluator looked and cannot say what it saw. `details` is what it has all the same, for the record."""

    def __init__(self, message: str, details: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.details = details or {}


@dataclass(frozen=True, slots=True)
class TurnView:
    """One turn of a conversation."""

    number: int
    """From 1."""
    user: str
    agent: str
    seconds: float
    first: int = 0
    last: int = 0
    """Its events are `evidence.events[first:last]`."""


@dataclass(frozen=True, slots=True)
class StepView:
    """A step that is over, as its evaluators see it."""

    index: int
    name: str
    kind: Literal["input", "code", "conversation", "say"]
    started: datetime
    ended: datetime
    seconds: float
    """How long it took by a monotonic clock."""
    ending: str = "quiet"
    """`practicum.bus.events.StepEnd`."""
    given: str = ""
    """The words of the user or the scenario: input and all of the user's turns. Never an agent's."""
    text: str = ""
    """What the agents wrote in it, without a word of the user's; a code step's stdout."""
    stdout: str = ""
    stderr: str = ""
    exit_code: int | None = None
    created: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    turns: tuple[TurnView, ...] = ()
    first: int = 0
    last: int = 0
    """Its events are `evidence.events[first:last]`."""


@dataclass(frozen=True, slots=True)
class Counsel:
    """An answer of the judge's model."""

    text: str
    model: str
    """`anthropic/NAME`."""
    seconds: float
    is_actor: bool = False
    """It is the model that also plays an agent of this run."""
    event: str = ""
    """Id of the `model.answered` that holds it."""


class Judge(Protocol):
    """A model that is asked about what happened. It has no tools and sees nothing but the question."""

    def name(self, model: str = "") -> str:
        """Which model would answer; empty when there is none."""
        ...

    async def ask(
        self,
        system: str,
        prompt: str,
        *,
        model: str = "",
        temperature: float | None = None,
        max_tokens: int | None = None,
        timeout_s: float | None = None,
    ) -> Counsel:
        """Ask once. `model` overrides the run's judge; a bare name has the same vendor.

        Raises:
            ModelError: no answer in time, or none at all.
        """
        ...


class Files(Protocol):
    """The workspace of the scenario, and commands executed in its environment."""

    @property
    def root(self) -> Path:
        """The folder on this machine."""
        ...

    @property
    def seeded(self) -> frozenset[str]:
        """Files that were there before the first step, relative."""
        ...

    def find(self, path: str) -> Path | None:
        """A file of the workspace; None when there is none, or it is a link that leads outside."""
        ...

    async def run(self, command: str, timeout_s: float) -> ExecResult:
        """Execute a shell command in the environment, with the workspace as its directory."""
        ...


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

    async def download(self, service: str, path: str) -> tuple[int, bytes]:
        """GET a file from a service's own API, as it is; status and content.

        Raises:
            InfrastructureError: the service does not answer, or the file is larger than 64 MiB.
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
        """`repo`, `app`, `judge` (its `temperature`, `timeout` and `repeat`), `agents_act` (some step is more than
        code) and what else the scenario fixes.
        """
        ...

    @property
    def steps(self) -> Sequence[StepView]:
        """The steps that are over, in order."""
        ...

    @property
    def scope(self) -> StepView | None:
        """The one step that is looked at; None for the whole run."""
        ...

    @property
    def turn(self) -> TurnView | None:
        """The one turn that is looked at, within `scope`."""
        ...

    @property
    def files(self) -> Files | None:
        """The scenario's workspace."""
        ...

    @property
    def judge(self) -> Judge | None:
        """The model to ask; None when the run has none."""
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

    @property
    def needs_judge(self) -> bool:
        """Whether it has to ask a model."""
        ...

    def echoed_by(self, words: str) -> bool:
        """A text check: whether these words, were they an agent's, would satisfy it."""
        ...

    async def evaluate(self, evidence: Evidence) -> Finding:
        """Look, and say what was seen.

        Raises:
            PracticumError: it could not look; the evaluation is then an error, not a failure.
        """
        ...
