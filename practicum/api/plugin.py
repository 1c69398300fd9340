"""Plugins: what an author imports. Actions, providers, services, evaluators and tasks, declared in one object.

A plugin is a package whose entry point in the group `practicum.plugins` names a `Plugin`:

    [project.entry-points."practicum.plugins"]
    weather = "weather_plugin:plugin"
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, ParamSpec, Protocol, TypeVar, get_type_hints

from pydantic import BaseModel, ConfigDict, TypeAdapter, create_model

from practicum.api.tool import Effect

ENTRY_POINTS = "practicum.plugins"

NOT_IMPLEMENTED = "not implemented:"
"""How the message of a `PluginError` begins where there is nothing behind a name. The pipeline counts such a component
as a failure, so a plugin that has one never succeeds."""

R = TypeVar("R")
P = ParamSpec("P")

Capability = Literal["net", "fs", "env", "subprocess", "secrets"]
"""What a plugin may need beyond computing: hosts to reach, files of its own folder, declared environment variables,
programs, secrets by lease. What is used and not declared is a finding of the review, and is not there at run time."""


class PluginError(Exception):
    """An action's honest failure: shown to whoever called it; the plugin goes on."""


@dataclass(frozen=True, slots=True)
class Variable:
    """An environment variable that a plugin reads."""

    name: str
    description: str = ""
    required: bool = False
    sensitive: bool = False
    """A secret: it comes from the proctor's vault, and never stands in a file, an event or a log."""


class Logger(Protocol):
    """Where a plugin says what it does; one line each."""

    def __call__(self, message: str, /) -> None: ...


@dataclass(frozen=True)
class PluginContext:
    """Handed to every component as its first argument."""

    plugin: str
    config: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict, repr=False)
    """The declared variables that are set; nothing else of any environment."""
    agent: str = ""
    """On whose behalf; empty where nobody's."""
    run: str = ""
    now: str = ""
    """The run's clock, ISO 8601, UTC."""
    log: Logger = print


@dataclass(frozen=True)
class Action(Generic[R]):
    """Something that an agent may ask the plugin to do."""

    name: str
    description: str
    effect: Effect
    function: Callable[..., Awaitable[R]]
    arguments: type[BaseModel]
    result: TypeAdapter[R]

    def schema(self) -> dict[str, Any]:
        """JSON Schema of the arguments: an object without additional properties."""
        return self.arguments.model_json_schema()


@dataclass(frozen=True)
class Provider:
    """Something that agents should know at the beginning of a turn."""

    name: str
    description: str
    function: Callable[[PluginContext], Awaitable[str]]


class Service(Protocol):
    """Something that lives as long as the plugin is loaded."""

    name: str

    async def start(self, context: PluginContext) -> None:
        """Begin; raises `PluginError` when it cannot."""
        ...

    async def stop(self) -> None:
        """End; may be called without `start`."""
        ...

    async def health(self) -> str:
        """Empty when all is well, else what is wrong."""
        ...


@dataclass(frozen=True, slots=True)
class Check:
    """What an evaluator of a plugin says."""

    passed: bool
    summary: str
    score: float | None = None


@dataclass(frozen=True)
class Evaluator:
    """Looks at some text or data and says whether it is good."""

    name: str
    description: str
    function: Callable[[PluginContext, Any], Awaitable[Check]]


@dataclass(frozen=True)
class Task:
    """Something done on a schedule of the run's clock."""

    name: str
    description: str
    schedule: str
    """Five fields of cron, or `every 30s`."""
    function: Callable[[PluginContext], Awaitable[None]]


@dataclass(frozen=True)
class Plugin:
    """Everything that a plugin brings."""

    name: str
    version: str
    description: str = ""
    actions: tuple[Action[Any], ...] = ()
    providers: tuple[Provider, ...] = ()
    services: tuple[Callable[[], Service], ...] = ()
    """Classes, or functions without arguments, that make one."""
    evaluators: tuple[Evaluator, ...] = ()
    tasks: tuple[Task, ...] = ()
    environment: tuple[Variable, ...] = ()
    capabilities: tuple[Capability, ...] = ()
    hosts: tuple[str, ...] = ()
    """Names that it wants to reach, for the capability `net`."""


class ActionDecorator(Protocol):
    """What `action(...)` returns."""

    def __call__(self, function: Callable[..., Awaitable[R]], /) -> Action[R]: ...


def action(*, effect: Effect = "idempotent", name: str | None = None) -> ActionDecorator:
    """Make an async function an action. Its docstring is the description; every parameter but the first (the
    `PluginContext`) is an argument with its annotation as type; the return annotation is the result's type.
    """

    def wrap(function: Callable[..., Awaitable[R]]) -> Action[R]:
        hints = get_type_hints(function, include_extras=True)
        fields: dict[str, Any] = {}
        for index, (parameter, spec) in enumerate(inspect.signature(function).parameters.items()):
            if index:
                default = ... if spec.default is inspect.Parameter.empty else spec.default
                fields[parameter] = (hints[parameter], default)
        called = name or function.__name__
        arguments: type[BaseModel] = create_model(
            f"{called}_arguments", __config__=ConfigDict(extra="forbid"), **fields
        )
        result = TypeAdapter(hints.get("return", type(None)))
        return Action(called, inspect.cleandoc(function.__doc__ or ""), effect, function, arguments, result)

    return wrap


def provider(name: str | None = None) -> Callable[[Callable[[PluginContext], Awaitable[str]]], Provider]:
    """Make an async function from context to text a provider."""

    def wrap(function: Callable[[PluginContext], Awaitable[str]]) -> Provider:
        return Provider(name or function.__name__, inspect.cleandoc(function.__doc__ or ""), function)

    return wrap


def evaluator(
    name: str | None = None,
) -> Callable[[Callable[[PluginContext, Any], Awaitable[Check]]], Evaluator]:
    """Make an async function from context and value to `Check` an evaluator."""

    def wrap(function: Callable[[PluginContext, Any], Awaitable[Check]]) -> Evaluator:
        return Evaluator(name or function.__name__, inspect.cleandoc(function.__doc__ or ""), function)

    return wrap


def task(schedule: str, *, name: str | None = None) -> Callable[[Callable[[PluginContext], Awaitable[None]]], Task]:
    """Make an async function something that is done on a schedule."""

    def wrap(function: Callable[[PluginContext], Awaitable[None]]) -> Task:
        return Task(name or function.__name__, inspect.cleandoc(function.__doc__ or ""), schedule, function)

    return wrap
