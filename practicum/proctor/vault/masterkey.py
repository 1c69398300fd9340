"""The key that opens a vault: from a file of its own, or derived from a passphrase."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from pathlib import Path
from typing import NoReturn, Protocol

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from practicum.errors import VaultError
from practicum.proctor.secret import Secret
from practicum.proctor.vault.atomic import write_atomically

KEY_BYTES = 32
SCRYPT_N = 2**17
"""Cost of a guess: with r = 8 and p = 1, 128 MiB and about 0.4 s (OWASP Password Storage Cheat Sheet)."""


class MasterKey(Protocol):
    """Where a master key comes from."""

    kind: str
    """As the vault's file names it: `file` or `scrypt`."""

    def read(self, salt: bytes) -> bytes:
        """The 32 bytes of the present key.

        Raises:
            VaultError: there is none, or it may not be used.
        """
        ...

    def make(self, salt: bytes) -> bytes:
        """The key of a vault that is about to be made; a file is made where there is none."""
        ...

    def next(self, salt: bytes) -> bytes:
        """A key to rotate to. Not kept anywhere before `keep`."""
        ...

    def keep(self, key: bytes) -> None:
        """From now on `key` is the present one."""
        ...

    def text(self) -> Secret | None:
        """The present key as it is written down, to be looked for; None where there is none or it is a person's words.

        Raises:
            VaultError: it may not be used.
        """
        ...


class KeyFile:
    """A file of mode 0600 with 32 random bytes in base64, made on first use."""

    kind = "file"

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self, salt: bytes) -> bytes:
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError as error:
            raise VaultError(
                f"{self.path}: the vault's master key is not there",
                hint="bring the file back, or name it in PRACTICUM_MASTER_KEY; without it the vault stays shut",
            ) from error
        except OSError as error:
            raise VaultError(f"{self.path}: {error.strerror}") from error
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(file.fileno())
            if status.st_mode & 0o077:
                raise VaultError(
                    f"{self.path}: others may read the vault's master key (mode {status.st_mode & 0o777:04o})",
                    hint=f"chmod 600 {self.path}",
                )
            if status.st_uid != os.geteuid():
                raise VaultError(f"{self.path}: the vault's master key belongs to another user (uid {status.st_uid})")
            text = file.read(1024)
        try:
            key = base64.b64decode(text.strip(), validate=True)
        except binascii.Error:
            key = b""
        if len(key) != KEY_BYTES:
            raise VaultError(f"{self.path}: this is not a master key", hint="it holds 32 bytes in base64 and no more")
        return key

    def make(self, salt: bytes) -> bytes:
        if not self.path.exists():
            self.keep(secrets.token_bytes(KEY_BYTES))
        return self.read(salt)

    def next(self, salt: bytes) -> bytes:
        return secrets.token_bytes(KEY_BYTES)

    def keep(self, key: bytes) -> None:
        write_atomically(self.path, base64.b64encode(key) + b"\n")

    def text(self) -> Secret | None:
        return Secret(base64.b64encode(self.read(b"")).decode()) if self.path.exists() else None


class Passphrase:
    """A key derived from a passphrase with scrypt (RFC 7914); the salt lies in the vault's file."""

    kind = "scrypt"

    def __init__(self, passphrase: Secret, following: Secret | None = None, *, n: int = SCRYPT_N) -> None:
        if not passphrase:
            raise VaultError("the passphrase is empty")
        self._present, self._following, self._n = passphrase, following, n

    def __reduce__(self) -> NoReturn:
        raise TypeError("a passphrase cannot be pickled")

    def read(self, salt: bytes) -> bytes:
        return self._derive(self._present, salt)

    def make(self, salt: bytes) -> bytes:
        return self._derive(self._present, salt)

    def next(self, salt: bytes) -> bytes:
        """From the following passphrase, or the same one: the salt is new in any case."""
        return self._derive(self._following or self._present, salt)

    def keep(self, key: bytes) -> None:
        self._present = self._following or self._present

    def text(self) -> Secret | None:
        return None  # ordinary words would be found in ordinary texts

    def _derive(self, passphrase: Secret, salt: bytes) -> bytes:
        return Scrypt(salt=salt, length=KEY_BYTES, n=self._n, r=8, p=1).derive(passphrase.reveal().encode())
