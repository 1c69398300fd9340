"""A signature under a finished run: who holds the vault's seal vouches that this was its record."""

from __future__ import annotations

import base64
import binascii

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from practicum.errors import UsageError
from practicum.proctor.secret import Secret

SEAL_NAME = "practicum/seal"
"""Under which name the vault keeps the key."""


def sealed_text(run: str, count: int, head: str) -> bytes:
    """What is signed: the run's name, its number of events, and the hash of the last line of its chain."""
    return f"practicum-seal:{run}:{count}:{head}".encode()


def new_seal() -> Secret:
    """A new Ed25519 key (RFC 8032): 32 bytes in base64."""
    raw = Ed25519PrivateKey.generate().private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    return Secret(base64.b64encode(raw).decode())


def sign(seal: Secret, run: str, count: int, head: str) -> tuple[str, str]:
    """The signature and the public key that goes with it, both in base64.

    Raises:
        UsageError: `seal` is not a key.
    """
    try:
        key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(seal.reveal(), validate=True))
    except (binascii.Error, ValueError):
        raise UsageError(
            f"{SEAL_NAME} in the vault is not a signing key", hint=f"practicum secrets remove {SEAL_NAME}"
        ) from None
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return base64.b64encode(key.sign(sealed_text(run, count, head))).decode(), base64.b64encode(public).decode()


def verify(run: str, count: int, head: str, *, signature: str, public_key: str) -> bool:
    """Whether `signature` is that of `public_key` (both base64) under exactly this record. Never raises.

    It says nothing about whose key it is: compare `public_key` with one that you know.
    """
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key, validate=True))
        key.verify(base64.b64decode(signature, validate=True), sealed_text(run, count, head))
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True
