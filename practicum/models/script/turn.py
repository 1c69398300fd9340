"""What a script holds in its hand: calls to make, events to wait for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass, field
from random import Random
from typing import Any, Generic, TypeVar, overload

from practicum.api.tool import Tool
from practicum.bus.event import Event
from practicum.errors import PracticumError

R = TypeVar("R")

EventFilter = Callable[[Event], bool]


class ToolFailed(PracticumError):
    """A call that a script made came back as an error; `reason` is what a model would have read."""

    def __init__(self, tool: str, reason: str) -> None:
        super().__init__(f"{tool}: {reason}")
        self.tool, self.reason = tool, reason


@dataclass(frozen=True)
class Pending(Generic[R]):
    """A call that has not been made yet; `turn.gather` makes several at once."""

    tool: Tool[R] | str
    """A tool, or the name of one that only this run has: a mocked method."""
    args: dict[str, Any]

    @property
    def name(self) -> str:
        """The tool's name."""
        return self.tool if isinstance(self.tool, str) else self.tool.name


@dataclass
class Calls:
    """A script asks for calls; it is resumed with their results in the same order."""

    pending: tuple[Pending[Any], ...]


@dataclass
class Wait:
    """A script awaits an event; it is resumed with the first that fits."""

    fits: EventFilter
    what: str


Request = Calls | Wait


@dataclass
class _Step(Generic[R]):
    """An awaitable that hands a request to whoever drives the coroutine. Not an asyncio future on purpose."""

    request: Request

    def __await__(self) -> Generator[Request, Any, R]:
        result: R = yield self.request
        return result


@dataclass
class Turn:
    """The whole of what a script may do: call tools, await events, say something.

    A script must be deterministic: on resume and replay it runs from its start with recorded results. It awaits nothing
    but what this class offers; anything else is detected and named.
    """

    me: str
    """Name of the agent."""
    role: str
    team: dict[str, str] = field(default_factory=dict)
    """Agent to role, in the scenario's order."""
    spoken: list[str] = field(default_factory=list)
    random: Random = field(default_factory=lambda: Random(0))
    """Chance that comes out the same on resume and replay: seeded by the scenario's `seed`, the trial and the agent."""

    def say(self, text: str) -> None:
        """Add to the text of the next answer, as a model thinks aloud. Reaches nobody but the record."""
        self.spoken.append(text)

    def agents(self, role: str) -> list[str]:
        """Names of the team's members with a role."""
        return [name for name, has in self.team.items() if has == role]

    @overload
    async def call(self, tool: Tool[R], **args: Any) -> R: ...

    @overload
    async def call(self, tool: str, **args: Any) -> Any: ...

    async def call(self, tool: Tool[R] | str, **args: Any) -> R | Any:
        """Call one tool and return its result, typed; by its name, as JSON.

        Raises:
            ToolFailed: the call came back as an error.
        """
        results: list[R | ToolFailed] = await _Step(Calls((Pending(tool, args),)))
        return _good(results[0])

    @overload
    async def attempt(self, tool: Tool[R], **args: Any) -> R | ToolFailed: ...

    @overload
    async def attempt(self, tool: str, **args: Any) -> Any: ...

    async def attempt(self, tool: Tool[R] | str, **args: Any) -> R | ToolFailed | Any:
        """Like `call`, but hands a failure back instead of raising it."""
        results: list[R | ToolFailed] = await _Step(Calls((Pending(tool, args),)))
        return results[0]

    async def gather(self, *pending: Pending[Any]) -> list[Any]:
        """Make several calls in parallel; results in the order given.

        Raises:
            ToolFailed: the first of them that failed.
        """
        results: list[Any] = await _Step(Calls(pending))
        return [_good(result) for result in results]

    async def until(self, fits: EventFilter, *, what: str = "") -> Event:
        """Wait for the first event that fits, among those that came and were not taken yet."""
        event: Event = await _Step(
            Wait(fits, what or getattr(fits, "what", "") or getattr(fits, "__name__", "an event"))
        )
        return event


def _good(result: R | ToolFailed) -> R:
    if isinstance(result, ToolFailed):
        raise result
    return result


ScriptFunction = Callable[[Turn], Awaitable[None]]


@dataclass(frozen=True)
class Script:
    """A named deterministic agent."""

    name: str
    function: ScriptFunction


def script(name: str) -> Callable[[ScriptFunction], Script]:
    """Make an `async def f(turn)` the script `name`; `--model 'role=script/NAME'` names it."""

    def wrap(function: ScriptFunction) -> Script:
        return Script(name, function)

    return wrap
