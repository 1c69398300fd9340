"""What a vault is: names to secrets. Backends differ only in where they keep them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from practicum.errors import UsageError
from practicum.proctor.secret import Secret

_NAME = re.compile(r"^[a-z][a-z0-9_/-]{0,63}(@[A-Za-z0-9_-]{1,64})?$")


def check_name(name: str) -> str:
    """Return `name` when it may name a secret: `github`, `github@dev-1`, `practicum/seal`.

    Raises:
        UsageError: otherwise.
    """
    if not _NAME.match(name):
        raise UsageError(
            f"{name!r} is not a name of a secret", hint="a service, or service@agent, such as github or github@dev-1"
        )
    return name


def account_name(service: str, agent: str) -> str:
    """The name under which a vault keeps an agent's own key of a service: `github@dev-1`."""
    return f"{service}@{agent}"


@dataclass(frozen=True, slots=True)
class Entry:
    """What may be shown of a secret: everything but its value."""

    name: str
    origin: str
    """Where it comes from: the vault's file, the `.env` file, or `shell`."""
    version: int = 1
    """Counts how often it was set, from 1."""
    updated: datetime | None = None
    """When it was last set, UTC; None where the backend does not know."""


@dataclass(frozen=True, slots=True)
class Found:
    """A secret together with where it was found."""

    name: str
    secret: Secret
    origin: str


class Vault(Protocol):
    """A place that secrets are read from."""

    origin: str
    """How messages name it."""

    def get(self, name: str) -> Secret | None:
        """The secret of that name, or None.

        Raises:
            VaultError: the vault cannot be opened, or was changed by another hand.
        """
        ...

    def entries(self) -> list[Entry]:
        """What is there, by name.

        Raises:
            VaultError: as `get`.
        """
        ...


class WritableVault(Vault, Protocol):
    """A vault that the user fills."""

    def set(self, name: str, secret: Secret) -> Entry:
        """Keep `secret` under `name`, in place of the one that is there.

        Raises:
            VaultError: the vault cannot be opened or written.
            UsageError: the name is none, or the value is empty.
        """
        ...

    def remove(self, name: str) -> bool:
        """Forget a secret; False when there was none of that name."""
        ...

    def rotate_key(self) -> None:
        """Encrypt everything anew under a new key."""
        ...
