"""Runs inside a sandbox, with the standard library alone, and tries to get out. See `practicum.sandbox.probe`.

Reads what to try as JSON from stdin, writes what it could do as JSON to stdout.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import signal
import socket
import sys
from typing import Any


def main() -> None:
    """Try everything once."""
    asked = json.load(sys.stdin)
    memory = int(asked["memory"])
    seen = {
        "reads_host": _reads(asked["secret"]),
        "writes_system": _writes("/usr/practicum-probe"),
        "reaches_host": _reaches(int(asked["port"])),
        "same_pids": os.readlink("/proc/self/ns/pid") == asked["pids"],
        "one_too_large": not _hold([2 * memory]),
        "two_too_large": not _hold([memory * 11 // 20] * 2),
        "cpu_limit": resource.getrlimit(resource.RLIMIT_CPU)[0],
        "file_bounded": not _fill(1, int(asked["file"]) + 4096),
        "tmp_bounded": not _fill(1 + int(asked["tmp"]) // int(asked["file"]), int(asked["file"])),
        "filtered": _filtered(),
    }
    json.dump(seen, sys.stdout)


def _reads(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return bool(file.read(1))
    except OSError:
        return False


def _writes(path: str) -> bool:
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    except OSError:
        return False
    os.unlink(path)
    return True


def _reaches(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 2).close()
    except OSError:
        return False
    return True


def _hold(sizes: list[int]) -> bool:
    """Whether one child for each size can hold so much memory, all at the same time."""
    ready_read, ready_write = os.pipe()
    go_read, go_write = os.pipe()
    children = []
    for size in sizes:
        child = os.fork()
        if child == 0:
            os.close(go_write)
            os.close(ready_read)
            try:
                with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
                    file.write("1000")  # the kernel shall choose us, and neither our parent nor the launcher
                held = bytearray(size)
                held[::4096] = b"x" * len(held[::4096])
            except MemoryError:
                os._exit(1)
            os.write(ready_write, b"x")
            os.close(ready_write)
            os.read(go_read, 1)  # returns when our parent closes its end
            os._exit(0)
        children.append(child)
    os.close(ready_write)
    os.close(go_read)
    while os.read(ready_read, 16):
        continue
    os.close(ready_read)
    os.close(go_write)
    return all(os.waitpid(child, 0)[1] == 0 for child in children)


def _fill(files: int, size: int) -> bool:
    """Whether so many files of so many bytes fit into /tmp."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    made = []
    try:
        for number in range(files):
            made.append(f"/tmp/practicum-probe-{number}")
            descriptor = os.open(made[-1], os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                os.posix_fallocate(descriptor, 0, size)
            finally:
                os.close(descriptor)
    except OSError:
        return False
    finally:
        for name in made:
            os.unlink(name)
    return True


def _filtered() -> bool:
    """Whether a filter stands before the kernel, and refuses keyctl, which the kernel itself would not."""
    import ctypes

    libc: Any = ctypes.CDLL(None, use_errno=True)
    number = {"x86_64": 250, "aarch64": 219}.get(platform.machine())
    if number is None:
        return False
    refused = libc.syscall(ctypes.c_long(number), 0, -3, 1, 0, 0) == -1 and ctypes.get_errno() == 1
    with open("/proc/self/status", encoding="ascii") as file:
        return refused and "Seccomp:\t2\n" in file.read()


if __name__ == "__main__":
    main()
