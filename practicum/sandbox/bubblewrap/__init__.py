"""The first choice: bubblewrap sets the namespaces up, as an unprivileged user."""

from practicum.sandbox.bubblewrap.provider import BubblewrapProvider

__all__ = ["BubblewrapProvider"]
