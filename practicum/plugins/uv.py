"""Running uv, the program that installs and publishes wheels."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Mapping, Sequence

from practicum.errors import InfrastructureError
from practicum.sandbox.child import Child, Pipe

_KEPT = ("PATH", "HOME", "XDG_CACHE_HOME", "UV_CACHE_DIR", "TMPDIR", "LANG", "SSL_CERT_FILE")
"""Our own environment holds keys; uv needs to find its cache, certificates and an interpreter, no more."""


async def run_uv(arguments: Sequence[str], *, environment: Mapping[str, str], within_s: float) -> tuple[int, str]:
    """Run `uv ARGUMENTS` to its end, without its configuration; exit code, and what it wrote as errors.

    Raises:
        InfrastructureError: uv is not here, or did not end in time.
    """
    command = [uv_program(), "--no-config", "--no-progress", *arguments]
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    errors = Pipe(64 * 1024)
    try:
        child = Child(command, env={**kept, **environment}, stderr=errors.write_end)
        errors.started()
        try:
            async with asyncio.timeout(within_s):
                code = await child.wait()
                await errors.finished()
        except TimeoutError as error:
            raise InfrastructureError(f"uv {arguments[0]} did not end within {within_s:g} s") from error
        finally:
            child.kill()
    finally:
        errors.close()
    return code, errors.text()


def uv_program() -> str:
    """Where `uv` is: of its wheel beside us, or on PATH.

    Raises:
        InfrastructureError: nowhere.
    """
    try:
        from uv import find_uv_bin

        return str(find_uv_bin())
    except (ImportError, FileNotFoundError):
        found = shutil.which("uv")
    if found is None:
        raise InfrastructureError("uv is not here", hint="pip install uv")
    return found
