"""The default vault: one encrypted file.

`vault.json` holds, all binary values in base64:

- `locks`: the data key, wrapped with AES-256-GCM under the master key. Usually one; two while the key is rotated, so
  that a crash in between leaves a vault that either key opens.
- `secrets`: for each name its version, date, and value under AES-256-GCM with the data key. The name and version are
  authenticated with it, so entries cannot change places or return to an earlier value.
- `seal`: an AES-256-GCM tag over names, versions and dates, so no entry can be taken away or redated.
"""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import AwareDatetime, Base64Bytes, BaseModel, ConfigDict, ValidationError

from practicum.clock import Clock, WallClock
from practicum.errors import UsageError, VaultError
from practicum.proctor.secret import Secret
from practicum.proctor.vault.atomic import locked, write_atomically
from practicum.proctor.vault.masterkey import KEY_BYTES, MasterKey
from practicum.proctor.vault.protocol import Entry, check_name

_FORMAT = "practicum-vault/1"
_NONCE_BYTES = 12
_SALT_BYTES = 16


class _Stored(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Lock(_Stored):
    kind: str
    salt: Base64Bytes
    wrapped: Base64Bytes


class _Item(_Stored):
    version: int
    updated: AwareDatetime
    value: Base64Bytes


class _File(_Stored):
    format: str
    locks: list[_Lock]
    secrets: dict[str, _Item]
    seal: Base64Bytes


@dataclass
class _Content:
    """An opened vault."""

    data_key: bytes = field(repr=False)
    locks: list[_Lock]
    items: dict[str, _Item]


class FileVault:
    """Secrets in an encrypted file. Every call reads the file afresh, so two processes see each other's changes.

    All methods raise `VaultError` with the file's name when it cannot be read or written, the master key does not
    open it, or its content was changed by another hand.
    """

    def __init__(self, path: Path, master: MasterKey, *, clock: Clock | None = None) -> None:
        self.path = path
        self.origin = str(path)
        self._master = master
        self._now = (clock or WallClock()).now

    def exists(self) -> bool:
        """Whether there is a vault yet; without one, it is empty."""
        return self.path.exists()

    def get(self, name: str) -> Secret | None:
        content = self._read()
        item = content.items.get(check_name(name)) if content else None
        return Secret(self._decrypt(content, name, item)) if content and item else None

    def entries(self) -> list[Entry]:
        content = self._read()
        if content is None:
            return []
        return [Entry(name, self.origin, item.version, item.updated) for name, item in sorted(content.items.items())]

    def set(self, name: str, secret: Secret) -> Entry:
        check_name(name)
        if not secret:
            raise UsageError(f"the value for {name} is empty")
        with locked(self.path):
            content = self._read() or self._make()
            before = content.items.get(name)
            version = before.version + 1 if before else 1
            content.items[name] = self._encrypt(content.data_key, name, version, secret.reveal(), self._now())
            self._write(content)
        return Entry(name, self.origin, version, content.items[name].updated)

    def remove(self, name: str) -> bool:
        check_name(name)
        with locked(self.path):
            content = self._read()
            if content is None or name not in content.items:
                return False
            del content.items[name]
            self._write(content)
        return True

    def master_text(self) -> Secret | None:
        """The master key as its file has it, so that it can be looked for elsewhere; None for a passphrase."""
        return self._master.text()

    def rotate_key(self) -> None:
        """A new master key and a new data key; every value is encrypted again."""
        with locked(self.path):
            old = self._read()
            if old is None:
                raise VaultError(f"{self.path}: there is no vault yet", hint="practicum secrets set NAME makes it")
            salt = secrets.token_bytes(_SALT_BYTES)
            following = self._master.next(salt)
            new = _Content(secrets.token_bytes(KEY_BYTES), [], {})
            for name, item in old.items.items():
                value = self._decrypt(old, name, item)
                new.items[name] = self._encrypt(new.data_key, name, item.version, value, item.updated)
            last = self._wrap(new.data_key, following, salt)
            present = old.locks[0].salt
            # Both keys open it until the new one is kept, so there is no moment at which a crash loses the vault.
            new.locks = [self._wrap(new.data_key, self._master.read(present), present), last]
            self._write(new)
            self._master.keep(following)
            new.locks = [last]
            self._write(new)

    def _make(self) -> _Content:
        salt = secrets.token_bytes(_SALT_BYTES)
        data_key = secrets.token_bytes(KEY_BYTES)
        return _Content(data_key, [self._wrap(data_key, self._master.make(salt), salt)], {})

    def _wrap(self, data_key: bytes, master: bytes, salt: bytes) -> _Lock:
        wrapped = _seal(master, data_key, f"{_FORMAT}\ndata key")
        return _Lock.model_construct(kind=self._master.kind, salt=salt, wrapped=wrapped)

    def _read(self) -> _Content | None:
        try:
            stored = _File.model_validate_json(self.path.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise VaultError(f"{self.path}: {error.strerror}") from error
        except ValidationError:
            # The error would quote the content.
            raise VaultError(f"{self.path}: this is not a vault", hint="bring back a copy of it") from None
        if stored.format != _FORMAT:
            raise VaultError(f"{self.path}: the vault has the format {stored.format!r}, this Practicum reads {_FORMAT}")
        content = _Content(self._unwrap(stored.locks), stored.locks, stored.secrets)
        try:
            _open(content.data_key, stored.seal, _table(content))
        except InvalidTag:
            raise VaultError(
                f"{self.path}: the vault was changed by another hand: its list is not the one that was sealed",
                hint="bring back a copy of it, or remove the file and set the secrets again",
            ) from None
        return content

    def _unwrap(self, locks: list[_Lock]) -> bytes:
        kinds = {lock.kind for lock in locks}
        if self._master.kind not in kinds:
            raise VaultError(
                f"{self.path}: this vault opens with a {'passphrase' if 'scrypt' in kinds else 'master key file'}",
                hint="set PRACTICUM_VAULT_PASSPHRASE" if "scrypt" in kinds else "unset PRACTICUM_VAULT_PASSPHRASE",
            )
        for lock in locks:
            try:
                return _open(self._master.read(lock.salt), lock.wrapped, f"{_FORMAT}\ndata key")
            except InvalidTag:
                continue
        raise VaultError(
            f"{self.path}: the master key does not open this vault",
            hint="name the right key file in PRACTICUM_MASTER_KEY (or the right passphrase in "
            "PRACTICUM_VAULT_PASSPHRASE), or the vault in PRACTICUM_VAULT",
        )

    def _write(self, content: _Content) -> None:
        stored = {
            "format": _FORMAT,
            "locks": [
                {"kind": lock.kind, "salt": _text(lock.salt), "wrapped": _text(lock.wrapped)} for lock in content.locks
            ],
            "secrets": {
                name: {"version": item.version, "updated": item.updated.isoformat(), "value": _text(item.value)}
                for name, item in sorted(content.items.items())
            },
            "seal": _text(_seal(content.data_key, b"", _table(content))),
        }
        try:
            write_atomically(self.path, json.dumps(stored, indent=1).encode() + b"\n")
        except OSError as error:
            raise VaultError(f"{self.path}: the vault could not be written: {error.strerror}") from error

    def _encrypt(self, data_key: bytes, name: str, version: int, value: str, updated: datetime) -> _Item:
        sealed = _seal(data_key, value.encode(), f"{_FORMAT}\n{name}\n{version}")
        return _Item.model_construct(version=version, updated=updated, value=sealed)

    def _decrypt(self, content: _Content, name: str, item: _Item) -> str:
        try:
            return _open(content.data_key, item.value, f"{_FORMAT}\n{name}\n{item.version}").decode()
        except InvalidTag:
            raise VaultError(
                f"{self.path}: the secret {name} was changed by another hand", hint=f"practicum secrets set {name}"
            ) from None


def _table(content: _Content) -> str:
    rows = [[name, item.version, item.updated.isoformat()] for name, item in sorted(content.items.items())]
    return f"{_FORMAT}\nsecrets\n{json.dumps(rows)}"


def _seal(key: bytes, value: bytes, bound_to: str) -> bytes:
    """AES-256-GCM (NIST SP 800-38D): a random 96-bit nonce, then ciphertext and tag."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, value, bound_to.encode())


def _open(key: bytes, sealed: bytes, bound_to: str) -> bytes:
    if len(sealed) < _NONCE_BYTES + 16:
        raise InvalidTag
    return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound_to.encode())


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()
