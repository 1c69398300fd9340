"""A simulated GitHub: REST, git over HTTP, webhooks, checks. PyGithub and git run against it unmodified."""

from practicum.world.github.permissions import ROUTES, Route
from practicum.world.github.service import GitHub

__all__ = ["ROUTES", "GitHub", "Route"]
