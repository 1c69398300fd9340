"""Taking the right to start programs from our own process, for good: for plugins without the capability `subprocess`.

A seccomp filter of our own on top of the sandbox's (linux `Documentation/userspace-api/seccomp_filter.rst`).
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct

_MACHINES = {"x86_64": (0xC000003E, (59, 322)), "aarch64": (0xC00000B7, (221, 281))}
"""Machine to its AUDIT_ARCH and the numbers of execve and execveat."""
_LOAD, _JUMP_EQ, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _ERRNO = 0x7FFF_0000, 0x0005_0000
_NR, _ARCH = 0, 4
_NO_NEW_PRIVS, _SECCOMP, _FILTER = 38, 22, 2


def forbid_programs() -> bool:
    """From now on, execve(2) answers EPERM to this thread and all that it starts; whether that could be arranged."""
    known = _MACHINES.get(platform.machine())
    if known is None:
        return False
    arch, numbers = known
    code = [
        struct.pack("=HBBI", _LOAD, 0, 0, _ARCH),
        struct.pack("=HBBI", _JUMP_EQ, 1, 0, arch),
        struct.pack("=HBBI", _RETURN, 0, 0, _ALLOW),  # other architectures are the sandbox's own filter's to refuse
        struct.pack("=HBBI", _LOAD, 0, 0, _NR),
    ]
    for number in numbers:
        code.append(struct.pack("=HBBI", _JUMP_EQ, 0, 1, number))
        code.append(struct.pack("=HBBI", _RETURN, 0, 0, _ERRNO | errno.EPERM))
    code.append(struct.pack("=HBBI", _RETURN, 0, 0, _ALLOW))
    body = ctypes.create_string_buffer(b"".join(code))
    program = ctypes.create_string_buffer(struct.pack("@HP", len(code), ctypes.addressof(body)))
    libc = ctypes.CDLL(None, use_errno=True)
    zero = ctypes.c_ulong(0)
    answers: list[int] = [
        libc.prctl(_NO_NEW_PRIVS, ctypes.c_ulong(1), zero, zero, zero),
        libc.prctl(_SECCOMP, ctypes.c_ulong(_FILTER), program, zero, zero),
    ]
    return answers == [0, 0]
