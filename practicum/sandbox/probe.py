"""Trying out what a tier really enforces on this machine."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TypedDict

import practicum
from practicum.api.sandbox import MIB, Enforcement, Isolation, Limits, SandboxProvider, SandboxSpec
from practicum.errors import IsolationError
from practicum.sandbox import cgroup, probe_inside
from practicum.sandbox.cache import cache_directory, write_whole

_LIMITS = Limits(wall_s=20, cpu_s=17, memory_bytes=64 * MIB, processes=16, file_bytes=4 * MIB, tmp_bytes=8 * MIB)
_SCRIPT = Path(probe_inside.__file__)

NO_GROUPS = (
    "memory is limited for each process, not for all together: no control group can be made here; "
    "run as root, or hand one over: systemd-run --user --scope -p Delegate=yes practicum ..."
)
NO_QUOTA = "disk: /tmp and each single file are bounded, a mounted workspace as a whole is not"
CPU_EACH = "cpu: seconds are counted for each process; the wall clock bounds all together"


class Seen(TypedDict):
    """What the probe saw from inside; see `practicum.sandbox.probe_inside`."""

    reads_host: bool
    writes_system: bool
    reaches_host: bool
    same_pids: bool
    one_too_large: bool
    two_too_large: bool
    cpu_limit: int
    file_bounded: bool
    tmp_bounded: bool
    filtered: bool


async def isolation_of(provider: SandboxProvider, *, programs: Sequence[str] = ()) -> Isolation:
    """What the tier enforces, from the cache when nothing has changed since it was last tried, else by trying.

    `programs` are the files whose change makes the cached answer worthless. Failures are not remembered.

    Raises:
        IsolationError: the tier cannot make a sandbox here at all.
    """
    try:
        file = cache_directory() / f"isolation-{provider.name}-{_key(programs)}.json"
    except OSError:
        return await probe(provider)  # nowhere to remember it
    try:
        known = json.loads(file.read_bytes())
        return Isolation(**{**known, "remarks": tuple(known["remarks"])})
    except (OSError, ValueError, TypeError, KeyError):
        found = await probe(provider)
    write_whole(file, json.dumps(asdict(found)).encode())
    return found


async def probe(provider: SandboxProvider) -> Isolation:
    """Open a sandbox and try each dimension from inside; 50 to 300 ms.

    Raises:
        IsolationError: the sandbox, or the interpreter in it, did not start.
    """
    with (
        tempfile.TemporaryDirectory(prefix="practicum-probe-") as directory,
        socket.create_server(("127.0.0.1", 0)) as listener,
    ):
        Path(directory).chmod(0o755)
        secret = Path(directory) / "secret"
        secret.write_text("readable by everybody on the host")
        secret.chmod(0o644)
        asked = {
            "secret": str(secret),
            "port": listener.getsockname()[1],
            "pids": os.readlink("/proc/self/ns/pid"),
            "memory": _LIMITS.memory_bytes,
            "file": _LIMITS.file_bytes,
            "tmp": _LIMITS.tmp_bytes,
        }
        sandbox = await provider.open(SandboxSpec(limits=_LIMITS))
        try:
            result = await sandbox.run([sys.executable, "-I", "-S", str(_SCRIPT)], stdin=json.dumps(asked).encode())
        finally:
            await sandbox.close()
    if result.exit_code != 0:
        reason = result.stderr.strip() or f"exit code {result.exit_code}"
        raise IsolationError(f"the interpreter does not start inside the {provider.name} sandbox: {reason}")
    seen: Seen = json.loads(result.stdout)
    return judge(provider.name, seen)


def judge(tier: str, seen: Seen) -> Isolation:
    """Turn what was seen from inside into what is enforced."""

    def enforced(holds: bool) -> Enforcement:
        return "enforced" if holds else "none"

    def each(holds: bool) -> Enforcement:
        return "per_process" if holds else "none"

    memory: Enforcement = "enforced" if seen["two_too_large"] else each(seen["one_too_large"])
    return Isolation(
        tier=tier,
        fs=enforced(not seen["reads_host"] and not seen["writes_system"]),
        net=enforced(not seen["reaches_host"]),
        pid=enforced(not seen["same_pids"]),
        mem=memory,
        cpu=each(seen["cpu_limit"] == _LIMITS.cpu_s),
        disk=each(seen["file_bounded"] and seen["tmp_bounded"]),
        seccomp=enforced(seen["filtered"]),
        remarks=(*(() if memory == "enforced" else (NO_GROUPS,)), CPU_EACH, NO_QUOTA),
    )


def with_remarks(isolation: Isolation, remarks: Sequence[str]) -> Isolation:
    return replace(isolation, remarks=(*remarks, *isolation.remarks)) if remarks else isolation


def _key(programs: Sequence[str]) -> str:
    """Everything on which the answer depends: the boot, who we are, the interpreter, and the code that asks."""
    own = sorted(Path(__file__).parent.rglob("*.py"))
    parts = [
        Path("/proc/sys/kernel/random/boot_id").read_text(),
        str(os.geteuid()),
        practicum.__version__,
        sys.version,
        sys.executable,
        str(cgroup.hierarchy()),
        *(f"{file} {os.stat(file).st_mtime_ns}" for file in (*map(str, own), *programs)),
    ]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:20]
