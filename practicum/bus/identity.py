"""Who may say what on NATS: keys of a run's bus and the signed identities of its sources.

NATS calls this decentralised authentication: an operator's key signs an account, the account's key signs users, the
server only checks signatures (https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_intro/jwt).
The claims are those of github.com/nats-io/jwt, version 2. The keys are made at run time and never leave the proctor.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, NoReturn, cast

import nkeys

from practicum.bus.address import check_token
from practicum.errors import BusError

SourceKind = Literal["agent", "world", "launcher", "observer", "proctor"]

_UNLIMITED = {"subs": -1, "data": -1, "payload": -1}
_ACCOUNT_LIMITS = {**_UNLIMITED, "imports": -1, "exports": -1, "wildcards": True, "conn": -1, "leaf": -1}
_STORAGE_LIMITS = {"mem_storage": -1, "disk_storage": -1, "streams": -1, "consumer": -1}
_NO_STORAGE = dict.fromkeys(_STORAGE_LIMITS, 0)

Claims = dict[str, object]


@dataclass(frozen=True, slots=True)
class Permissions:
    """Subjects that a source may publish to and subscribe to; everything else is refused by the broker."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


def permissions_for(source: str, kind: SourceKind, run: str, stream: str = "", consumer: str = "") -> Permissions:
    """The table of what each kind of source may do.

    Everybody publishes under its own `practicum.{run}.from.{source}.>` (events and asks; JetStream's acknowledgement
    comes to the inbox that the publisher named) and listens on its private `_INBOX.{source}.>`. Beyond that:

    ========  ==========================================================================================
    kind      and also
    ========  ==========================================================================================
    agent     pull from and acknowledge to its own mailbox: `$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}`,
              `$JS.ACK.{stream}.{consumer}.>`; nothing else of JetStream
    world     nothing
    proctor   hears `practicum.{run}.from.*.ask.proctor.>` and replies into `_INBOX.>` and `_R_.>` (where the server
              awaits replies to another account)
    launcher  hears `practicum.{run}.from.*.ask.launcher.>`, replies likewise, and administers the run's stream with
              its consumers
    observer  reads the run's stream through consumers of its own making; cannot change or delete the stream
    ========  ==========================================================================================

    Raises:
        UsageError: a name that cannot be a token of a subject.
        BusError: the kind needs a stream (agent: and a consumer) and none was named.
    """
    check_token(source, "source")
    check_token(run, "run")
    for name, what in ((stream, "stream"), (consumer, "consumer")):
        if name:
            check_token(name, what)
    if kind in ("agent", "launcher", "observer") and not stream:
        raise BusError(f"an identity of kind {kind} needs the name of the run's stream")
    if kind == "agent" and not consumer:
        raise BusError("an agent's identity needs the name of its mailbox consumer")

    publish = [f"practicum.{run}.from.{source}.>"]
    subscribe = [f"_INBOX.{source}.>"]
    if kind == "agent":
        publish += [f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}", f"$JS.ACK.{stream}.{consumer}.>"]
    if kind in ("proctor", "launcher"):
        publish += ["_INBOX.>", "_R_.>"]
        subscribe.append(f"practicum.{run}.from.*.ask.{kind}.>")
    if kind in ("launcher", "observer"):
        publish += _reading(stream)
    if kind == "launcher":
        publish += _administering(stream)
    return Permissions(tuple(publish), tuple(subscribe))


def _reading(stream: str) -> list[str]:
    """Everything a client needs to read one stream, and nothing that changes it."""
    return [
        "$JS.API.INFO",
        f"$JS.API.STREAM.INFO.{stream}",
        f"$JS.API.STREAM.MSG.GET.{stream}",
        f"$JS.API.DIRECT.GET.{stream}",
        f"$JS.API.DIRECT.GET.{stream}.>",
        f"$JS.API.CONSUMER.CREATE.{stream}",
        f"$JS.API.CONSUMER.CREATE.{stream}.>",
        f"$JS.API.CONSUMER.DURABLE.CREATE.{stream}.>",
        f"$JS.API.CONSUMER.INFO.{stream}.>",
        f"$JS.API.CONSUMER.DELETE.{stream}.>",
        f"$JS.API.CONSUMER.LIST.{stream}",
        f"$JS.API.CONSUMER.NAMES.{stream}",
        f"$JS.API.CONSUMER.MSG.NEXT.{stream}.>",
        f"$JS.ACK.{stream}.>",
        f"$JS.FC.{stream}.>",
    ]


def _administering(stream: str) -> list[str]:
    return [f"$JS.API.STREAM.{verb}.{stream}" for verb in ("CREATE", "UPDATE", "DELETE", "PURGE")]


def _exports(run: str) -> list[Claims]:
    """What the run's account offers to the agents' accounts; each of those imports its own part only."""
    return [
        {"name": "events", "subject": f"practicum.{run}.from.*.to.>", "type": "service"},
        {"name": "questions", "subject": f"practicum.{run}.from.*.ask.>", "type": "service"},
        # One pull is answered by many messages.
        {"name": "pulls", "subject": "$JS.API.CONSUMER.MSG.NEXT.*.*", "type": "service", "response_type": "Stream"},
        {"name": "acknowledgements", "subject": "$JS.ACK.>", "type": "service"},
    ]


def _imports(run: str, agent: str, account: str) -> list[Claims]:
    """An agent's part of the run's account: by the names that `practicum.bus.nats.admin` gives stream and mailbox."""
    mailbox = f"practicum-{run}.mailbox-{agent}"
    subjects = {
        "events": f"practicum.{run}.from.{agent}.to.>",
        "questions": f"practicum.{run}.from.{agent}.ask.>",
        "pulls": f"$JS.API.CONSUMER.MSG.NEXT.{mailbox}",
        "acknowledgements": f"$JS.ACK.{mailbox}.>",
    }
    return [
        {"name": name, "subject": subject, "account": account, "type": "service"} for name, subject in subjects.items()
    ]


class BusKeys:
    """The keys of one run's bus. Only the proctor holds an instance; it has no readable form and cannot be pickled.

    Each of `agents` gets an account of its own, which imports from the run's account only what is that agent's: its
    own subjects, its own mailbox. Permissions alone do not do: nats-server itself sends pulled events, receipts and
    confirmations to whatever subject a client names as reply, unchecked. In one account an agent could so have the
    server store something as another's, or, with the empty confirmation of an acknowledgement sent to
    `$JS.API.STREAM.DELETE`, delete the run's log. In an account of its own the reply reaches nothing of the kind.
    Agents that are not named here (those of a foreign bus) share the run's account.
    """

    def __init__(self, run: str = "", agents: Iterable[str] = ()) -> None:
        self._run = run
        self._agents = {check_token(name, "agent"): _new_key(nkeys.PREFIX_BYTE_ACCOUNT) for name in agents}
        if self._agents:
            check_token(run, "run")
        self._operator: nkeys.KeyPair | None = _new_key(nkeys.PREFIX_BYTE_OPERATOR)
        self._account = _new_key(nkeys.PREFIX_BYTE_ACCOUNT)
        self._account_name = _public(self._account)
        self._system = _new_key(nkeys.PREFIX_BYTE_ACCOUNT)

    @classmethod
    def from_account_seed(cls, seed: str, account: str = "") -> BusKeys:
        """Keys for a foreign bus, from the seed (`SA...`) of its account or of one of the account's signing keys.

        `account` is the account's public name (`A...`); it is needed with a signing key and only then.

        Raises:
            BusError: the seed is not one of an account. The message does not repeat it.
        """
        given = seed.strip().encode()
        try:
            prefix, raw = nkeys.decode_seed(given)
            # The library does not look at the checksum; writing the seed again does.
            whole = nkeys.encode_seed(bytes(raw), prefix) == given
        except (nkeys.NkeysError, ValueError):
            whole = False
        if not whole or prefix != nkeys.PREFIX_BYTE_ACCOUNT:
            raise BusError("the bus key in the vault is not the seed of an account (those begin with SA)")
        pair = nkeys.from_seed(bytearray(given))
        keys = cls.__new__(cls)
        keys._run, keys._agents = "", {}
        keys._operator, keys._system, keys._account = None, pair, pair
        keys._account_name = account or _public(pair)
        return keys

    def __repr__(self) -> str:
        return f"BusKeys(account={self._account_name})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("bus keys cannot be pickled")

    def secrets(self) -> list[str]:
        """The seeds, for the filter that keeps them out of everything that leaves the proctor."""
        every = (self._operator, self._account, self._system, *self._agents.values())
        pairs = [pair for pair in every if pair is not None]
        return list(dict.fromkeys(bytes(pair.seed).decode() for pair in pairs))

    def server_config(self) -> str:
        """Lines for nats-server's configuration: the operator and the accounts, all of them public.

        Empty for a foreign bus, whose server has its configuration already. Address, store and the rest are the
        business of whoever starts the server.
        """
        if self._operator is None:
            return ""
        system = _public(self._system)
        operator_jwt = _sign(
            self._operator,
            _public(self._operator),
            "practicum",
            {"type": "operator", "version": 2, "system_account": system},
        )
        exports = _exports(self._run) if self._agents else []
        accounts = {
            self._account_name: self._account_jwt(self._account_name, "run", _STORAGE_LIMITS, exports=exports),
            system: self._account_jwt(system, "SYS", _NO_STORAGE),
        }
        for agent, pair in self._agents.items():
            imports = _imports(self._run, agent, self._account_name)
            accounts[_public(pair)] = self._account_jwt(_public(pair), agent, _NO_STORAGE, imports=imports)
        preload = "".join(f"  {name}: {jwt}\n" for name, jwt in accounts.items())
        return (
            f"operator: {operator_jwt}\nsystem_account: {system}\nresolver: MEMORY\nresolver_preload: {{\n{preload}}}\n"
        )

    def _account_jwt(
        self,
        public: str,
        name: str,
        storage: dict[str, int],
        *,
        exports: Sequence[Claims] = (),
        imports: Sequence[Claims] = (),
    ) -> str:
        assert self._operator is not None
        # A user that names no permissions of its own gets none.
        nothing = {"pub": {"deny": [">"]}, "sub": {"deny": [">"]}}
        limits = {**_ACCOUNT_LIMITS, **storage}
        return _sign(
            self._operator,
            public,
            name,
            {
                "type": "account",
                "version": 2,
                "limits": limits,
                "default_permissions": nothing,
                "exports": list(exports),
                "imports": list(imports),
            },
        )

    def mint(
        self, source: str, kind: SourceKind, run: str, ttl: timedelta, stream: str = "", consumer: str = ""
    ) -> tuple[str, str]:
        """A new identity for one source: its JWT and the seed of its user key.

        It expires `ttl` after now by the machine's clock; the server then closes the connection. `permissions_for` is
        the table of what it may do, and what this raises.
        """
        user = _new_key(nkeys.PREFIX_BYTE_USER)
        jwt = self.sign(_public(user), source, kind, run, ttl, stream, consumer)
        return jwt, bytes(user.seed).decode()

    def sign(
        self, user: str, source: str, kind: SourceKind, run: str, ttl: timedelta, stream: str = "", consumer: str = ""
    ) -> str:
        """A JWT for an existing user key, given by its public name (`U...`): how an identity is renewed."""
        permissions = permissions_for(source, kind, run, stream, consumer)
        claims: Claims = {
            "type": "user",
            "version": 2,
            "pub": {"allow": list(permissions.publish)},
            "sub": {"allow": list(permissions.subscribe)},
            "allowed_connection_types": ["STANDARD"],
            **_UNLIMITED,
        }
        issuer = self._agents.get(source, self._account) if kind == "agent" else self._account
        if issuer is self._account and _public(issuer) != self._account_name:
            claims["issuer_account"] = self._account_name
        return _sign(issuer, user, source, claims, expires=int(time.time() + ttl.total_seconds()))


def public_key_of(seed: str) -> str:
    """The public name (`U...`, `A...`) of a seed."""
    return _public(nkeys.from_seed(bytearray(seed.encode())))


def expiry_of(jwt: str) -> datetime | None:
    """When a JWT expires, UTC; None when it does not. Its signature is not checked."""
    payload = jwt.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    expires = claims.get("exp")
    return datetime.fromtimestamp(expires, UTC) if expires else None


def _new_key(prefix: int) -> nkeys.KeyPair:
    return nkeys.from_seed(bytearray(nkeys.encode_seed(os.urandom(32), prefix)))


def _public(pair: nkeys.KeyPair) -> str:
    return cast(bytes, pair.public_key).decode()


def _encode(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _compact(value: Claims) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _sign(issuer: nkeys.KeyPair, subject: str, name: str, nats: Claims, *, expires: int | None = None) -> str:
    """A JWT in the form that NATS reads: Ed25519 over `header.payload`, algorithm `ed25519-nkey`."""
    claims: Claims = {"iat": int(time.time()), "iss": _public(issuer), "sub": subject, "name": name, "nats": nats}
    if expires is not None:
        claims["exp"] = expires
    digest = hashlib.sha256(_compact(claims)).digest()
    claims["jti"] = base64.b32encode(digest).rstrip(b"=").decode()
    text = f"{_encode(_compact({'typ': 'JWT', 'alg': 'ed25519-nkey'}))}.{_encode(_compact(claims))}"
    return f"{text}.{_encode(issuer.sign(text.encode()))}"
