"""Where everything that an agent wrote or asked for is executed, and what that place really enforces.

`practicum.sandbox.detect` chooses; `bubblewrap`, `namespaces` and `local` are the tiers, each a folder with a provider.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from practicum.sandbox.detect import TierReport

__all__ = ["describe"]


async def describe() -> list[TierReport]:
    """Every tier, strongest first: what it enforces here, or why it does not work and the line that mends it."""
    # Imported late: `python -m practicum.sandbox.relay` starts in every deployment and needs none of it.
    from practicum.sandbox.detect import describe as tiers

    return await tiers()
