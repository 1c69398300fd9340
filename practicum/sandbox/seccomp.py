"""The system calls that nothing inside a sandbox may make, as a classic BPF program for seccomp(2).

The filter is a second wall behind the namespaces: it closes the parts of the kernel that have no business in a build,
a test or a small server, above all those through which new namespaces, kernel programs and other processes are reached.
Sources: linux `Documentation/userspace-api/seccomp_filter.rst`, `include/uapi/linux/filter.h`, and the system call
tables `arch/x86/entry/syscalls/syscall_64.tbl` and `include/uapi/asm-generic/unistd.h` (aarch64).
"""

from __future__ import annotations

import errno
import platform
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from practicum.errors import IsolationError

_COMMON = {
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "io_uring_register": 427,
    "open_tree": 428,
    "move_mount": 429,
    "fsopen": 430,
    "fsconfig": 431,
    "fsmount": 432,
    "fspick": 433,
    "pidfd_getfd": 438,
    "mount_setattr": 442,
    "quotactl_fd": 443,
    "open_tree_attr": 467,
}
"""Calls that have the same number everywhere: those added since Linux 5.1."""


@dataclass(frozen=True, slots=True)
class _Machine:
    audit_arch: int
    clone: int
    ioctl: int
    socket: int
    denied: Mapping[str, int]
    x32: bool = False


_MACHINES = {
    "x86_64": _Machine(
        audit_arch=0xC000003E,
        clone=56,
        ioctl=16,
        socket=41,
        x32=True,
        denied={
            "ptrace": 101, "syslog": 103, "personality": 135, "pivot_root": 155, "adjtimex": 159, "chroot": 161,
            "acct": 163, "settimeofday": 164, "mount": 165, "umount2": 166, "swapon": 167, "swapoff": 168,
            "reboot": 169, "sethostname": 170, "setdomainname": 171, "iopl": 172, "ioperm": 173, "init_module": 175,
            "delete_module": 176, "quotactl": 179, "clock_settime": 227, "kexec_load": 246, "add_key": 248,
            "request_key": 249, "keyctl": 250, "migrate_pages": 256, "unshare": 272, "move_pages": 279,
            "perf_event_open": 298, "fanotify_init": 300, "name_to_handle_at": 303, "open_by_handle_at": 304,
            "clock_adjtime": 305, "setns": 308, "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312,
            "finit_module": 313, "kexec_file_load": 320, "bpf": 321, "userfaultfd": 323,
        },
    ),
    "aarch64": _Machine(
        audit_arch=0xC00000B7,
        clone=220,
        ioctl=29,
        socket=198,
        denied={
            "umount2": 39, "mount": 40, "pivot_root": 41, "chroot": 51, "quotactl": 60, "acct": 89, "personality": 92,
            "unshare": 97, "kexec_load": 104, "init_module": 105, "delete_module": 106, "clock_settime": 112,
            "syslog": 116, "ptrace": 117, "reboot": 142, "sethostname": 161, "setdomainname": 162,
            "settimeofday": 170, "adjtimex": 171, "add_key": 217, "request_key": 218, "keyctl": 219, "swapon": 224,
            "swapoff": 225, "migrate_pages": 238, "move_pages": 239, "perf_event_open": 241, "fanotify_init": 262,
            "name_to_handle_at": 264, "open_by_handle_at": 265, "clock_adjtime": 266, "setns": 268,
            "process_vm_readv": 270, "process_vm_writev": 271, "kcmp": 272, "finit_module": 273, "bpf": 280,
            "userfaultfd": 282, "kexec_file_load": 294,
        },
    ),
}  # fmt: skip

_CLONE3 = 435
_NEW_NAMESPACES = 0x7E02_0080
"""CLONE_NEW{TIME,NS,CGROUP,UTS,IPC,USER,PID,NET}."""
_EXIT_SIGNAL = 0xFF
"""The low byte of clone's flags is the signal of the child's end, so CLONE_NEWTIME (0x80) cannot be asked for there."""
_TERMINAL_INJECTION = (0x5412, 0x541C)
"""TIOCSTI and TIOCLINUX: typing into a terminal that someone else reads."""
_SOCKET_FAMILIES = (1, 2, 10, 16)
"""UNIX, INET, INET6, NETLINK. Above all not VSOCK, which reaches the hypervisor past any network namespace."""

_LOAD, _JUMP_EQ, _JUMP_GE, _JUMP_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF_0000, 0x8000_0000, 0x0005_0000
_NR, _ARCH, _ARG0, _ARG1 = 0, 4, 16, 24
"""Offsets into struct seccomp_data; arguments are 64 bits wide, the low half first (little-endian machines only)."""


def machines() -> tuple[str, ...]:
    """The machines, as `platform.machine()` names them, that a filter can be assembled for."""
    return tuple(_MACHINES)


def denied(machine: str | None = None) -> Mapping[str, int]:
    """Name and number of each call that answers EPERM whatever its arguments."""
    return {**_machine(machine).denied, **_COMMON}


@cache
def program(machine: str | None = None) -> bytes:
    """The filter as an array of `struct sock_filter`, for `bwrap --seccomp` or prctl(PR_SET_SECCOMP).

    `machine` is as `platform.machine()` says it; by default this one.

    Raises:
        IsolationError: no table for that machine is known.
    """
    table = _machine(machine)
    code: list[bytes] = []

    def emit(operation: int, constant: int, if_true: int = 0, if_false: int = 0) -> None:
        code.append(struct.pack("=HBBI", operation, if_true, if_false, constant))

    def refuse_equal(value: int, error: int) -> None:
        emit(_JUMP_EQ, value, 0, 1)
        emit(_RETURN, _ERRNO | error)

    emit(_LOAD, _ARCH)
    emit(_JUMP_EQ, table.audit_arch, 1, 0)
    emit(_RETURN, _KILL)  # 32-bit calls on a 64-bit kernel have other numbers: none of them
    emit(_LOAD, _NR)
    if table.x32:
        emit(_JUMP_GE, 0x4000_0000, 0, 1)
        emit(_RETURN, _ERRNO | errno.ENOSYS)
    # clone3 hides its flags behind a pointer; libc falls back to clone when told that it does not exist.
    refuse_equal(_CLONE3, errno.ENOSYS)
    for number in sorted({*table.denied.values(), *_COMMON.values()}):
        refuse_equal(number, errno.EPERM)
    emit(_JUMP_EQ, table.clone, 0, 4)
    emit(_LOAD, _ARG0)
    emit(_JUMP_SET, _NEW_NAMESPACES & ~_EXIT_SIGNAL, 0, 1)
    emit(_RETURN, _ERRNO | errno.EPERM)
    emit(_RETURN, _ALLOW)
    emit(_JUMP_EQ, table.ioctl, 0, 2 + 2 * len(_TERMINAL_INJECTION))
    emit(_LOAD, _ARG1)
    for request in _TERMINAL_INJECTION:
        refuse_equal(request, errno.EPERM)
    emit(_RETURN, _ALLOW)
    emit(_JUMP_EQ, table.socket, 0, 2 + len(_SOCKET_FAMILIES))
    emit(_LOAD, _ARG0)
    for left, family in zip(range(len(_SOCKET_FAMILIES) - 1, -1, -1), _SOCKET_FAMILIES, strict=True):
        emit(_JUMP_EQ, family, left + 1, 0)
    emit(_RETURN, _ERRNO | errno.EAFNOSUPPORT)
    emit(_RETURN, _ALLOW)
    return b"".join(code)


def _machine(name: str | None) -> _Machine:
    name = name or platform.machine()
    try:
        return _MACHINES[name]
    except KeyError:
        raise IsolationError(
            f"no system call filter is known for {name}", hint=f"known machines: {', '.join(_MACHINES)}"
        ) from None
