"""Who sealed a run: the signature of the proctor's vault."""

from __future__ import annotations

from practicum.errors import TamperedError
from practicum.proctor import seal as proctor_seal
from practicum.trajectory.verify import Seal


def check_signature(seal: Seal | None) -> str:
    """In words, who signed; unsealed runs are said to be so.

    Raises:
        TamperedError: there is a signature and it does not fit.
    """
    if seal is None:
        return "not sealed: the run was broken off"
    if not seal.signature:
        return "sealed without a signature: no proctor was there"
    if not proctor_seal.verify(seal.run, seal.events, seal.head, signature=seal.signature, public_key=seal.public_key):
        raise TamperedError("seal.json", "the signature does not fit the seal")
    return f"sealed by key {seal.public_key[:12]}"
