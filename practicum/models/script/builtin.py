"""Scripts that come along: agents that do nothing, only repeat, or only claim. No scenario should pass with one."""

from __future__ import annotations

from practicum.bus.event import Event
from practicum.bus.events import InputGiven
from practicum.models.script.turn import Script, Turn


def _words(event: Event) -> str:
    return event.data.text if isinstance(event.data, InputGiven) else ""


def _is_input(event: Event) -> bool:
    return isinstance(event.data, InputGiven)


async def _idle(turn: Turn) -> None:
    """Hears everything and does nothing."""
    while True:
        await turn.until(_is_input)


async def _echo(turn: Turn) -> None:
    """Repeats what the user says."""
    while True:
        turn.say(_words(await turn.until(_is_input)))


async def _narrator(turn: Turn) -> None:
    """Claims that all is done."""
    while True:
        await turn.until(_is_input)
        turn.say("Done. Everything that was asked for is finished, tested and works. All checks are green.")


BUILT_IN: dict[str, Script] = {
    name: Script(name, function) for name, function in (("idle", _idle), ("echo", _echo), ("narrator", _narrator))
}
"""Such as `--model script/idle`; a scenario's own script of the same name comes first."""
