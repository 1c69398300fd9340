"""Sets up one sandbox and executes one command in it; a program of its own, with the standard library alone.

`python -I -S launcher.py FD`: FD holds a JSON document (see `command.py`). Three processes come of it:

- the outer one stays in the host's pid namespace, and its death (or its parent's) ends everything;
- the first one of the new pid namespace lays out the file system, gives up every right, and waits;
- the second one becomes the command.

Sources: user_namespaces(7), mount_namespaces(7), pivot_root(2), mount_setattr(2), capabilities(7), seccomp(2) and
`Documentation/userspace-api/landlock.rst` of Linux.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import platform
import resource
import signal
import socket
import struct
import sys
import warnings  # noqa: F401 - os.execvpe imports it when the interpreter's files can no longer be reached
from typing import Any

NAMESPACES = {"ns": 0x0002_0000, "cgroup": 0x0200_0000, "uts": 0x0400_0000, "ipc": 0x0800_0000}
NEW_USER, NEW_PID, NEW_NET = 0x1000_0000, 0x2000_0000, 0x4000_0000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = 2, 4, 8, 0x1000, 0x4000, 0x4_0000
MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV = 1, 2, 4
AT_FDCWD, AT_RECURSIVE, MNT_DETACH = -100, 0x8000, 2
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 24, 38
PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, SECCOMP_MODE_FILTER = 47, 4, 2
CAPABILITY_VERSION_3 = 0x2008_0522
CLOSE_RANGE, MOUNT_SETATTR, LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 436, 442, 444, 445, 446
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
SETUP_FAILED = 125

libc: Any = ctypes.CDLL(None, use_errno=True)


def check(result: int, what: str) -> int:
    """Turn libc's -1 into an OSError."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)
    return result


def call(number: int, *arguments: object) -> int:
    return int(libc.syscall(ctypes.c_long(number), *arguments))


def prctl(option: int, *arguments: int) -> int:
    padded = [ctypes.c_ulong(value) for value in (*arguments, 0, 0, 0, 0)[:4]]
    return int(libc.prctl(option, *padded))


def mount(source: str, target: str, kind: str | None = None, flags: int = 0, options: str | None = None) -> None:
    encoded = [None if text is None else os.fsencode(text) for text in (source, target, kind, options)]
    check(libc.mount(encoded[0], encoded[1], encoded[2], ctypes.c_ulong(flags), encoded[3]), f"mount {target}")


def restrict(target: str, attributes: int, *, below: bool) -> None:
    """Add attributes to a mount, and to all below it."""
    wanted = struct.pack("=QQQQ", attributes, 0, 0, 0)
    flags = ctypes.c_uint(AT_RECURSIVE if below else 0)
    result = call(MOUNT_SETATTR, AT_FDCWD, os.fsencode(target), flags, wanted, ctypes.c_size_t(len(wanted)))
    check(result, f"mount_setattr {target}")


def die_with_parent() -> None:
    check(prctl(PR_SET_PDEATHSIG, signal.SIGKILL), "prctl")


def become_unprivileged(told: dict[str, Any]) -> None:
    """As root: into the stage, where the uid reaches what it is to see; then out of being root, for good."""
    if told["stage"] is None:
        return
    descriptor = os.open(told["stage"], os.O_RDONLY | os.O_CLOEXEC)
    check(libc.setns(descriptor, NAMESPACES["ns"]), "setns")
    os.close(descriptor)
    uid = told["uid"]
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    check(prctl(PR_SET_DUMPABLE, 1), "prctl")  # or our own /proc/self/uid_map would belong to root
    die_with_parent()  # forgotten by the kernel when the uid changes


def enter_namespaces(told: dict[str, Any]) -> None:
    """Make them, be the one user of the first, and let it have no others."""
    uid, gid = os.geteuid(), os.getegid()
    flags = sum(NAMESPACES.values()) | NEW_USER | NEW_PID | (0 if told["network"] else NEW_NET)
    check(libc.unshare(flags), "unshare")
    for file, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{told['uid_inside']} {uid} 1"),
        ("gid_map", f"{told['uid_inside']} {gid} 1"),
    ):
        write(f"/proc/self/{file}", text)
    write("/proc/sys/user/max_user_namespaces", "0")


def write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    os.write(descriptor, text.encode())
    os.close(descriptor)


def place_for(path: str, *, directory: bool) -> None:
    """Make an empty file or directory to mount on, unless something is there."""
    if os.path.lexists(path):
        return
    os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
    if directory:
        os.mkdir(path, 0o755)
    else:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644))


def bind(source: str, target: str, attributes: int) -> None:
    place_for(target, directory=os.path.isdir(source))
    mount(source, target, flags=MS_BIND | MS_REC)
    if attributes:
        restrict(target, attributes, below=True)


def lay_out(told: dict[str, Any]) -> None:
    """Build the file system in memory, and make it the only one."""
    mount("none", "/", flags=MS_REC | MS_PRIVATE)
    mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755")
    os.chdir("/tmp")
    os.mkdir("old")
    os.mkdir("new")
    mount("new", "new", flags=MS_BIND)
    pivot("/tmp", "old")
    old, new = "/old", "/new"
    plain = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV
    for source, target in told["system"]:
        bind(old + source, new + target, plain | MOUNT_ATTR_RDONLY)
    os.makedirs(new + "/proc")
    mount("proc", new + "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    devices(old, new)
    for target, size, mode in told["memory"]:
        place_for(new + target, directory=True)
        mount("tmpfs", new + target, "tmpfs", MS_NOSUID | MS_NODEV, f"mode={mode},size={size}")
    os.mkdir(new + told["home"], 0o700)
    for target, text in told["files"].items():
        place_for(new + target, directory=False)
        write(new + target, text)
    for source, target, writable in told["mounts"]:
        bind(old + source, new + target, plain | (0 if writable else MOUNT_ATTR_RDONLY))
    for target, leads_to in told["links"]:
        os.makedirs(os.path.dirname(new + target), mode=0o755, exist_ok=True)
        os.symlink(leads_to, new + target)
    restrict(new + "/dev", MOUNT_ATTR_RDONLY, below=False)
    restrict(new, MOUNT_ATTR_RDONLY | plain, below=False)
    check(libc.umount2(b"/old", MNT_DETACH), "umount")
    os.chdir(new)
    pivot(".", ".")
    check(libc.umount2(b".", MNT_DETACH), "umount")
    os.chdir("/")


def pivot(new: str, old: str) -> None:
    check(call(PIVOT_ROOT[platform.machine()], os.fsencode(new), os.fsencode(old)), "pivot_root")
    os.chdir("/")


def devices(old: str, new: str) -> None:
    os.mkdir(new + "/dev")
    mount("tmpfs", new + "/dev", "tmpfs", MS_NOSUID, "mode=0755")
    for name in ("null", "zero", "full", "random", "urandom", "tty"):
        bind(f"{old}/dev/{name}", f"{new}/dev/{name}", 0)
    os.mkdir(new + "/dev/pts")
    mount("devpts", new + "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620")
    for name, target in (("fd", "self/fd"), ("stdin", "self/fd/0"), ("stdout", "self/fd/1"), ("stderr", "self/fd/2")):
        os.symlink(f"/proc/{target}", f"{new}/dev/{name}")
    os.symlink("pts/ptmx", new + "/dev/ptmx")


def loopback_up() -> None:
    """A new network namespace has a loopback interface, but it is down."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sH14x", b"lo", 0)
        [flags] = struct.unpack_from("H", fcntl.ioctl(any_socket, SIOCGIFFLAGS, request), 16)
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | IFF_UP))


def give_up_rights(told: dict[str, Any]) -> None:
    """No capability, now or after any exec; then Landlock, then the filter."""
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    capability = 0
    while prctl(PR_CAPBSET_DROP, capability) == 0:
        capability += 1
    check(libc.capset(struct.pack("=Ii", CAPABILITY_VERSION_3, 0), bytes(24)), "capset")
    check(prctl(PR_SET_NO_NEW_PRIVS, 1), "prctl")
    landlock([target for target, _, _ in told["memory"]] + [target for _, target, free in told["mounts"] if free])
    code = bytes.fromhex(told["filter"])
    buffer = ctypes.create_string_buffer(code, len(code))
    program = ctypes.create_string_buffer(struct.pack("@HP", len(code) // 8, ctypes.addressof(buffer)))
    check(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(program)), "seccomp")


def landlock(writable: list[str]) -> None:
    """A second wall behind the mounts: writing only where it is meant, nothing of ours out of its own domain."""
    version = call(LANDLOCK_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint(1))
    if version < 1:
        return
    everything = (1 << {1: 13, 2: 14, 3: 15, 4: 15}.get(version, 16)) - 1
    scoped = 0b11 if version >= 6 else 0
    attributes = struct.pack("=QQQ", everything, 0, scoped)[: 24 if version >= 6 else 16 if version >= 4 else 8]
    rules = check(call(LANDLOCK_CREATE, attributes, ctypes.c_size_t(len(attributes)), 0), "landlock")
    read, on_files = 0b1101, 0b111 | (1 << 14) | (1 << 15)
    for place, access in [("/", read), *((place, everything) for place in ("/dev", "/proc", *writable))]:
        descriptor = os.open(place, os.O_PATH | os.O_CLOEXEC)
        if not os.path.isdir(place):
            access &= on_files
        rule = struct.pack("=Qi", access & everything, descriptor)
        check(call(LANDLOCK_ADD, rules, 1, rule, 0), f"landlock {place}")
        os.close(descriptor)
    check(call(LANDLOCK_RESTRICT, rules, 0), "landlock")
    os.close(rules)


def keep_only(*descriptors: int) -> None:
    """Close all but the standard three and these: what is passed on belongs to the command alone."""
    start = 3
    for descriptor in (*sorted(descriptors), 0x7FFF_FFFF):
        if start < descriptor:
            # Not os.closerange: where libc lacks close_range, that is a million system calls.
            check(call(CLOSE_RANGE, ctypes.c_uint(start), ctypes.c_uint(descriptor - 1), 0), "close_range")
        start = descriptor + 1


def shell_code(status: int) -> int:
    code = os.waitstatus_to_exitcode(status)
    return 128 - code if code < 0 else code


def first_process(told: dict[str, Any], go: int, ready: int) -> int:
    """Process 1: lay out, give up, start the command, wait for it. Its end is the end of the namespace."""
    die_with_parent()
    if os.read(go, 1) != b"x":
        return SETUP_FAILED  # the outer process died before we were bound to its life
    os.setsid()
    lay_out(told)
    if not told["network"]:
        loopback_up()
    socket.sethostname("sandbox")
    for name, (soft, hard) in told["limits"].items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name.upper()}"), (soft, hard))
    give_up_rights(told)
    # The command can look at what we hold open: from here on, nothing by which to talk to the outside.
    os.write(ready, b"x")
    os.close(ready)
    os.close(go)
    command = os.fork()
    if command == 0:
        execute(told)
    keep_only()
    while True:
        child, status = os.wait()
        if child == command:
            return shell_code(status)


def execute(told: dict[str, Any]) -> None:
    """Become the command; 126 and 127 as a shell says it."""
    die_with_parent()
    argv = told["argv"]
    write("/proc/self/oom_score_adj", "300")  # when memory ends, the command goes first and not its keepers
    try:
        os.chdir(told["cwd"])
        os.execvpe(argv[0], argv, told["environment"])
    except OSError as error:
        # The file is the last place on PATH that was tried: what was asked for says more.
        error.filename = argv[0] if os.path.isdir(told["cwd"]) else told["cwd"]
        complain(error)
        os._exit(127 if isinstance(error, FileNotFoundError) else 126)


def main() -> int:
    """The outer process."""
    die_with_parent()
    source = int(sys.argv[1])
    with os.fdopen(source, "rb") as file:
        told = json.load(file)
    status = told["status"]
    os.set_inheritable(status, False)
    become_unprivileged(told)
    enter_namespaces(told)
    go, gate = os.pipe()
    waiting, ready = os.pipe()
    first = os.fork()
    if first == 0:
        for descriptor in (gate, waiting, status):
            os.close(descriptor)
        code = SETUP_FAILED
        try:
            code = first_process(told, go, ready)
        except OSError as error:
            complain(error)
        os._exit(code)
    os.write(status, json.dumps({"child-pid": first}).encode() + b"\n")
    os.write(gate, b"x")
    os.close(ready)
    keep_only(status, waiting)
    started = os.read(waiting, 1) == b"x"
    code = shell_code(os.waitpid(first, 0)[1])
    if started:
        os.write(status, json.dumps({"exit-code": code}).encode() + b"\n")
    return code


def complain(error: OSError) -> None:
    print(f"sandbox: {error.filename or 'launcher'}: {error.strerror}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        ended = main()
    except OSError as failure:
        complain(failure)
        ended = SETUP_FAILED
    os._exit(ended)
