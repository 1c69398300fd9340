"""`message.*`: what team members say to each other on the bus."""

from __future__ import annotations

from practicum.bus.events.base import Data


class MessagePosted(Data, type="message.posted"):
    """A message from one agent (or an operator) to an agent, a channel or everybody."""

    text: str
    to: str
    """`agent.dev-1`, `channel.dev` or `all.all`, as in the subject."""
    reply_to: str = ""
    """Id of the message that this one answers."""
