"""Where an event goes when its author does not address anybody."""

from __future__ import annotations

from practicum.bus.address import EVERYONE, RECORD, Address, to_agent
from practicum.bus.events import Data, InputGiven, TimerFired, WorldChanged


def address_for(data: Data) -> Address:
    """The usual receiver of `data`: agents hear of the world and of what is meant for them, the record of the rest."""
    match data:
        case WorldChanged():
            return EVERYONE
        case InputGiven():
            return to_agent(data.to)
        case TimerFired():
            return to_agent(data.owner)
        case _:
            return RECORD
