"""What a connection proves to the server: a user's JWT, and its key's signature of the server's nonce.

Formats: NATS decentralised authentication, https://docs.nats.io/running-a-nats-service/configuration/securing_nats/jwt
"""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import nkeys
from pydantic_core import from_json

from practicum.bus.address import subject_matches
from practicum.errors import BusError

Renew = Callable[[], Awaitable[tuple[str, str]]]
"""Asked for a fresh JWT and seed before the present ones expire, and after the server refused them."""

RENEW_AT = 0.75
"""Share of an identity's life after which it is renewed."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """One user's JWT and the seed of its key. The seed is kept out of `repr`, and so out of logs."""

    jwt: str
    seed: str = field(repr=False)
    made: float = field(default_factory=time.time)
    """When this process got it, in seconds since the epoch: an identity's life is counted from here."""

    def sign(self, nonce: str) -> bytes:
        """The base64 signature that the server's CONNECT handshake asks for."""
        pair = nkeys.from_seed(bytearray(self.seed.encode()))
        try:
            return base64.b64encode(pair.sign(nonce.encode()))
        finally:
            pair.wipe()

    @property
    def claims(self) -> dict[str, object]:
        """The JWT's payload; not verified, that is the server's part.

        Raises:
            BusError: when it is not a JWT.
        """
        try:
            payload = self.jwt.split(".")[1]
            claims = from_json(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        except (IndexError, ValueError, binascii.Error) as error:
            raise BusError("the bus identity is not a JWT") from error
        return claims if isinstance(claims, dict) else {}

    @property
    def expires(self) -> float | None:
        """Seconds since the epoch; None for one that does not expire."""
        value = self.claims.get("exp")
        return float(value) if isinstance(value, int | float) and value else None

    @property
    def life(self) -> float:
        """Seconds from when this process got it to its end; infinite for one that does not expire."""
        return float("inf") if self.expires is None else max(1.0, self.expires - self.made)

    @property
    def renew_in(self) -> float | None:
        """Seconds from now until it should be renewed; None for never."""
        if self.expires is None:
            return None
        return max(0.0, self.made + (self.expires - self.made) * RENEW_AT - time.time())

    def may_publish(self, subject: str) -> bool:
        """Whether the JWT allows `subject`. Read to avoid asking for what is certain to be refused."""
        nats = self.claims.get("nats")
        allowed = nats.get("pub", {}).get("allow") if isinstance(nats, dict) else None
        return not allowed or any(subject_matches(rule, subject) for rule in allowed)
