"""Trying what a tier enforces: a program inside really attempts what it must not be able to do."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from practicum.api.sandbox import MIB, Enforcement, Isolation, Limits, Mount, SandboxProvider, SandboxSpec
from practicum.errors import IsolationError, SandboxError

_LIMITS = Limits(wall_s=10, cpu_s=7, memory_bytes=192 * MIB, processes=32, file_bytes=3 * MIB, tmp_bytes=2 * MIB)

_ATTEMPTS = """
import ctypes, json, os, resource, socket, sys
outside, port, host_pid = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])

def refused(attempt):
    try:
        attempt()
    except (OSError, ValueError):
        return True
    return False

def connect():
    socket.create_connection(("127.0.0.1", port), timeout=1).close()

def tmp_is_full():
    with open("/tmp/probe", "wb") as file:
        for _ in range(3):
            file.write(b"x" * 1000000)
            file.flush()

processes = [name for name in os.listdir("/proc") if name.isdigit()]
status = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
unshare = ctypes.CDLL(None, use_errno=True).unshare
reads = not refused(lambda: open(outside).read()) or os.path.exists("/etc/shadow")
writes = not refused(lambda: open("/usr/probe", "w"))
print(json.dumps({
    "fs": not reads and not writes,
    "net": refused(connect),
    "pid": len(processes) < 12 and not (host_pid > 40 and str(host_pid) in processes),
    "seccomp": status["Seccomp"].strip() == "2" and unshare(0x10000000) == -1,
    "cpu": resource.getrlimit(resource.RLIMIT_CPU)[0] == 7,
    "disk": resource.getrlimit(resource.RLIMIT_FSIZE)[0] == 3 * 2**20 and refused(tmp_is_full),
    "mem": resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY,
}))
"""
"""Prints what was refused. Runs with the sandbox's own interpreter, from the standard library alone."""

_GREED = """
import os
children = []
for _ in range(3):
    child = os.fork()
    if child == 0:
        try:
            held = bytearray(90 * 2**20)
            held[::4096] = b"x" * len(held[::4096])
        except MemoryError:
            os._exit(1)
        os.read(0, 1)
        os._exit(0)
    children.append(child)
print(sum(os.waitpid(child, 0)[1] == 0 for child in children))
"""
"""Three processes that each take less than the limit and together more."""


@dataclass
class _Seen:
    """Whether somebody came to the door that must be out of reach."""

    port: int
    visitors: int = 0


async def probe(provider: SandboxProvider) -> Isolation:
    """Find out what a tier really enforces, with one sandbox and two executions in it (about 100 ms).

    Raises:
        IsolationError: it cannot make a sandbox here at all; the hint says what its launcher said.
    """
    seen = _Seen(0)

    async def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.visitors += 1
        writer.close()

    server = await asyncio.start_server(visit, "127.0.0.1", 0)
    seen.port = server.sockets[0].getsockname()[1]
    async with server:
        with tempfile.TemporaryDirectory(prefix="practicum-probe-") as name:
            outside = Path(name) / "outside"
            outside.write_text(secrets.token_hex(8))
            outside.chmod(0o644)
            Path(name).chmod(0o755)
            work = Path(name) / "work"
            work.mkdir()
            held, whole_tree = await _attempt(provider, work, outside, seen.port)
    if seen.visitors:
        held["net"] = False
    return Isolation(
        tier=provider.name,
        fs=_word(held["fs"]),
        net=_word(held["net"]),
        pid=_word(held["pid"]),
        mem="enforced" if whole_tree else "per_process" if held["mem"] else "none",
        cpu="per_process" if held["cpu"] else "none",
        disk="per_process" if held["disk"] else "none",
        seccomp=_word(held["seccomp"]),
        remarks=_remarks(whole_tree),
    )


async def _attempt(provider: SandboxProvider, work: Path, outside: Path, port: int) -> tuple[dict[str, bool], bool]:
    spec = SandboxSpec(mounts=(Mount(work, "/probe", writable=True),), cwd="/probe", limits=_LIMITS)
    try:
        sandbox = await provider.open(spec)
        try:
            argv = [sys.executable, "-I", "-S", "-c", _ATTEMPTS, str(outside), str(port), str(os.getpid())]
            tried, greedy = await asyncio.gather(
                sandbox.run(argv), sandbox.run([sys.executable, "-I", "-S", "-c", _GREED])
            )
        finally:
            await sandbox.close()
    except SandboxError as error:
        raise IsolationError(f"{provider.name} cannot make a sandbox here: {error.message}", hint=error.hint) from error
    if tried.exit_code != 0:
        reason = (tried.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise IsolationError(f"{provider.name} cannot run a program here: {reason}")
    held = cast(dict[str, bool], json.loads(tried.stdout))
    survivors = int(greedy.stdout.strip()) if greedy.exit_code == 0 and greedy.stdout.strip() else 0
    return held, survivors < 3


def _word(held: bool) -> Enforcement:
    return "enforced" if held else "none"


def _remarks(whole_tree: bool) -> tuple[str, ...]:
    if whole_tree:
        return ()
    return ("memory is limited for each process, not for all together: no control group can be used here",)
