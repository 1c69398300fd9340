"""The deploy target of the world: a small platform that really starts what it is given."""

from practicum.world.deploy.service import Deploy

__all__ = ["Deploy"]
