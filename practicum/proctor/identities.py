"""The bus identities of a run: who got which, and how each is renewed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from practicum.bus.identity import BusKeys, SourceKind, expiry_of, public_key_of
from practicum.errors import UsageError
from practicum.proctor.control import Identity
from practicum.proctor.voice import SOURCE


@dataclass(frozen=True, slots=True)
class _Issued:
    kind: SourceKind
    stream: str
    consumer: str
    ttl: timedelta
    seed: str = field(repr=False)


class Identities:
    """Mints each source's identity, and signs it again under the same user key when it is renewed."""

    def __init__(self, run: str, keys: BusKeys) -> None:
        self._run, self._keys = run, keys
        self._issued: dict[str, _Issued] = {}

    def issue(self, source: str, kind: SourceKind, ttl: timedelta, *, stream: str = "", consumer: str = "") -> Identity:
        """An identity for `source`; asked again for the same one, the same key with a later expiry.

        Raises:
            UsageError: the name belongs to a source of another kind, or cannot be one.
            BusError: the kind needs a stream or a consumer that is not named.
        """
        if (source == SOURCE) != (kind == "proctor"):
            raise UsageError(f"{source} cannot be an identity of kind {kind}")
        stream = stream or f"practicum-{self._run}"
        known = self._issued.get(source)
        if known is None:
            _, seed = self._keys.mint(source, kind, self._run, ttl, stream, consumer)
            known = self._issued[source] = _Issued(kind, stream, consumer, ttl, seed)
        elif (known.kind, known.stream, known.consumer) != (kind, stream, consumer):
            raise UsageError(f"{source} has an identity of kind {known.kind} already")
        return self.renew(source)

    def renew(self, source: str) -> Identity:
        """The same identity, for as long again.

        Raises:
            UsageError: `source` never had one.
        """
        known = self._issued.get(source)
        if known is None:
            raise UsageError(f"{source} has no identity on this bus")
        jwt = self._keys.sign(
            public_key_of(known.seed), source, known.kind, self._run, known.ttl, known.stream, known.consumer
        )
        expires = expiry_of(jwt)
        assert expires is not None  # it was signed with one
        return Identity(source=source, jwt=jwt, seed=known.seed, expires=expires)
