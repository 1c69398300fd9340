"""`practicum show`: read a recorded run; nothing executes."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated

import typer
from pydantic_core import to_json

from practicum.bus.event import Event
from practicum.bus.events import DATA_TYPES, ModelAnswered, ToolCalled, ToolReturned
from practicum.cli.console import tell
from practicum.cli.members import check_agent
from practicum.cli.running import paint
from practicum.errors import UsageError
from practicum.monitor.narrate import narrate
from practicum.runtime.places import find_run
from practicum.text import printable
from practicum.trajectory.reader import Trajectory

app = typer.Typer(add_completion=False)


@app.command()
def show(
    run: Annotated[str, typer.Argument(help="A run: its id, the beginning of it, or last.")] = "last",
    agent: Annotated[str, typer.Option(help="Only this agent: its thoughts, calls and results.")] = "",
    type: Annotated[str, typer.Option(help="Only events of this type, such as tool.called.")] = "",
    event: Annotated[int, typer.Option(help="One event, whole.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    all: Annotated[bool, typer.Option("--all", help="Details too.")] = False,
    step: Annotated[str, typer.Option(help="One step, by number (from 1) or name: thought, action, observation.")] = "",
) -> int:
    """Render the record of a run. Nothing is executed."""
    folder = find_run(run)
    if step:
        from practicum.cli.show_step import show_step

        if type or event:
            raise UsageError("--step goes with --agent, --json and --all", hint="leave --type and --event out")
        return show_step(folder, step, agent=agent, json=json, whole=all)
    card = folder.card()
    check_agent(card, agent)
    if type and type not in DATA_TYPES:
        near = get_close_matches(type, DATA_TYPES, 1)
        hint = f'did you mean "{near[0]}"?' if near else f"known: {', '.join(sorted(DATA_TYPES))}"
        raise UsageError(f"there are no events of a type {type!r}", hint=hint)
    start, colours, last = None, dict[str, str](), 0
    for item in Trajectory(folder.path):
        start, last = start or item.event.time, item.seq
        if (
            (event and item.seq != event)
            or (type and item.event.type != type)
            or (agent and not _of(item.event, agent))
        ):
            continue
        if json or event:
            print(
                to_json({"seq": item.seq, **item.event.model_dump(mode="json")}, indent=1 if event else None).decode()
            )
            continue
        text = _detail(item.event) if agent else ""
        if text:
            at = (item.event.time - start).total_seconds()
            print(f"  {at:04.1f}  {paint(f'{item.seq:>5}', 'dim')}  {text}")
            continue
        told = narrate(item.event, start)
        if told is not None and (told.weight >= 2 or all or agent or type):
            print(tell(told, colours))
        elif type:
            print(f"  {item.seq:>5}  {printable(to_json(item.event.data).decode(), 160)}")
    if event and not 1 <= event <= last:
        raise UsageError(f"{folder.run} has no event {event}", hint=f"its events are numbered from 1 to {last}")
    return 0


def _of(event: Event, agent: str) -> bool:
    return agent in (event.source, getattr(event.data, "agent", ""), getattr(event.data, "actor", ""))


def _detail(event: Event) -> str:
    """Thought, action and observation of an agent."""
    body = event.body
    match body:
        case ModelAnswered() if body.text:
            return f"thought      {printable(body.text, 140)}"
        case ToolCalled():
            return f"action       {body.tool} {printable(to_json(body.args).decode(), 120)}"
        case ToolReturned():
            value = to_json(body.result).decode() if body.ok else f"error: {body.error}"
            return f"observation  {printable(value, 140)}"
        case _:
            return ""
