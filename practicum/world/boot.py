"""What the launcher says to the world process as it starts: the first line on the inherited socket."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from practicum.bus.events import Json
from practicum.errors import UsageError
from practicum.world.service import Credential


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class BusIdentity(_Part):
    """As whom one service writes: a signed JWT and the seed of its key."""

    jwt: str
    seed: str = Field(repr=False)


class BusBoot(_Part):
    """The run's bus."""

    url: str
    stream: str = ""
    identities: dict[str, BusIdentity]
    """`world-github` and so on, one for each service; empty for a server that asks for none."""


class Boot(_Part):
    """Everything that the process is given. It reads no environment and no other file."""

    run: str
    directory: str
    services: dict[str, dict[str, Json]]
    """Service to seed."""
    credentials: list[Credential]
    """Hashes and names only."""
    bus: BusBoot | None = None
    """None: events go to `events.jsonl` in the directory."""
    sandbox: str = "auto"
    """`auto` for the strongest tier, or a tier's name."""
    provenance: Literal["live", "simulated", "recorded"] = "simulated"
    port: int = 0


def read_boot(line: bytes) -> Boot:
    """Parse the boot line.

    Raises:
        UsageError: it is not one. The message names the fields, never their values (there are seeds among them).
    """
    try:
        return Boot.model_validate_json(line)
    except ValidationError as error:
        fields = "; ".join(f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}" for item in error.errors())
        raise UsageError(f"the world's boot line is not valid: {fields}") from None
