"""A simulated Discord that discord.py cannot tell from the true one in what a team needs of it."""

from practicum.world.discord.service import Discord

__all__ = ["Discord"]
