"""Talking to the team, setting timers, ending the work."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field
from pydantic_core import from_json, to_json

from practicum.agents.context import ToolContext
from practicum.api.tool import ToolError, tool
from practicum.bus.address import EVERYONE, Address, to_agent, to_channel
from practicum.bus.events import MessagePosted, OutcomeDeclared


class Sent(BaseModel):
    """A message that was posted."""

    id: str
    to: str


class Timer(BaseModel):
    """A timer that was set."""

    timer: str
    seconds: float


@tool(effect="once")
async def send_message(
    context: ToolContext,
    to: Annotated[str, Field(description="An agent's name, #channel, or 'all'")],
    text: str,
    reply_to: Annotated[str, Field(description="Id of the message that this answers")] = "",
) -> Sent:
    """Send a message to a member of the team, or to all."""
    address: Address
    if to == "all":
        address = EVERYONE
    elif to.startswith("#"):
        address = to_channel(to[1:])
    elif to in context.team:
        address = to_agent(to)
    else:
        raise ToolError(f"there is no agent {to!r}; there are: {', '.join(context.team)}")
    message = MessagePosted(text=text, to=address.token, reply_to=reply_to)
    return Sent(id=await context.journal.store(message, cause=context.cause, to=address), to=to)


@tool(effect="once")
async def set_timer(
    context: ToolContext,
    seconds: Annotated[float, Field(gt=0, le=86_400)],
    note: Annotated[str, Field(description="Comes back with the timer")] = "",
) -> Timer:
    """Be woken after some time, by an event timer.fired."""
    request = {"seconds": seconds, "note": note, "cause": context.cause}
    reply = from_json(await context.ask("launcher", "timer", to_json(request), 30))
    if "error" in reply:
        raise ToolError(str(reply["error"]))
    return Timer.model_validate(reply)


@tool(effect="once")
async def finish(context: ToolContext, summary: str) -> bool:
    """Declare the work done. Only for the role that owns the outcome; the verdict rests on effects all the same."""
    if not context.settings.get("owns_outcome"):
        raise ToolError("only the role that owns the outcome may finish")
    await context.journal.store(OutcomeDeclared(summary=summary), cause=context.cause)
    return True


TEAM = (send_message, set_timer, finish)
