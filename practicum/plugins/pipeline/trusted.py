"""Running a trusted program outside of the sandbox: only ever one of ours, and never on code that it would execute."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from practicum.errors import InfrastructureError
from practicum.sandbox.programs import tool

_KEPT_PREFIXES = ("UV_", "XDG_", "SSL_CERT_")
_KEPT = ("HOME", "PATH", "TMPDIR", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it."""

    exit_code: int
    output: str
    """Standard output and errors, as they came."""


def environment() -> dict[str, str]:
    """What of our environment an installer may see: where it keeps its cache, which index and proxy it asks."""
    return {
        name: value
        for name, value in os.environ.items()
        if name.upper() in _KEPT or (name.startswith(_KEPT_PREFIXES) and name != "UV_PROJECT")
    }


async def run_trusted(argv: Sequence[str], *, cwd: Path, env: Mapping[str, str], timeout_s: float) -> Outcome:
    """Execute and wait; when cancelled or too late, its whole process group is killed first.

    It dies with us (prctl(2), PR_SET_PDEATHSIG). Files that it makes can be read by everybody: they are shown in
    sandboxes, which may run as another user.

    Raises:
        InfrastructureError: it cannot be started, or took longer than `timeout_s`.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            tool("setpriv"), "--pdeathsig=KILL", "--", *argv,
            cwd=cwd, env=dict(env), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True, umask=0o022,
        )  # fmt: skip
    except OSError as error:
        raise InfrastructureError(f"cannot start {argv[0]}: {error}") from error
    try:
        async with asyncio.timeout(timeout_s):
            output, _ = await process.communicate()
    except TimeoutError as error:
        raise InfrastructureError(f"{Path(argv[0]).name} took longer than {timeout_s:g} s") from error
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await asyncio.shield(process.wait())
    return Outcome(process.returncode or 0, output.decode("utf-8", errors="replace"))
