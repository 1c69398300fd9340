"""Programs of the user's own in a model's place: started beside the agent's host, asked turn by turn."""

from practicum.agents.outside.model import OutsideModel

__all__ = ["OutsideModel"]
