"""What code inside must not be able to do, tried for real in each tier that isolates."""

from __future__ import annotations

import ast
import asyncio
import os
import secrets
import socket
import subprocess
import sys
from pathlib import Path

import host_processes
import pytest

from practicum.api.sandbox import MIB, WORKSPACE, Limits, Mount, Sandbox, SandboxProvider, SandboxSpec
from practicum.sandbox.cgroup import hierarchy

pytestmark = pytest.mark.sandbox

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give each agent a uid of its own")
with_groups = pytest.mark.skipif(hierarchy() is None, reason="no control groups can be made here")


def opens(path: str | Path, mode: str = "rb") -> str:
    return f"""
try:
    with open({str(path)!r}, {mode!r}): print("OPENED")
except OSError as error: print(type(error).__name__)
"""


def connects(family: str, address: object) -> str:
    return f"""
import socket
try:
    socket.socket(socket.AF_{family}).connect({address!r}); print("CONNECTED")
except OSError as error: print(type(error).__name__)
"""


def calls(*numbers: tuple[str, int, str]) -> str:
    """Python that makes system calls, each with arguments that the kernel itself would not answer with EPERM."""
    lines = ["import ctypes, errno", "libc = ctypes.CDLL(None, use_errno=True)"]
    for name, number, arguments in numbers:
        lines.append(f"r = libc.syscall(ctypes.c_long({number}), {arguments})")
        lines.append(f"print({name!r}, errno.errorcode.get(ctypes.get_errno(), 0) if r < 0 else 'ALLOWED')")
    return "\n".join(lines)


async def test_files_of_the_host_are_not_there(python, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    for path in (secret, "/etc/shadow", Path(__file__), "/proc/1/root/etc/shadow", "/var/log"):
        assert (await python(opens(path))).stdout.strip() == "FileNotFoundError", path


async def test_homes_of_the_host_hold_nothing_but_the_interpreter(python) -> None:
    inside = await python("import os; print([os.listdir(d) for d in ('/root', '/home') if os.path.isdir(d)])")
    for shown in ast.literal_eval(inside.stdout):
        assert shown in ([], [Path(sys.base_prefix).relative_to("/root").parts[0]])


@pytest.mark.parametrize(
    "path", ["/usr/bin/x", "/x", "/etc/passwd", "/dev/x", f"{sys.prefix}/x", f"{sys.base_prefix}/x"]
)
async def test_nothing_outside_the_workspace_can_be_written(python, path: str) -> None:
    # An interpreter below /tmp has another place inside, since /tmp is the sandbox's own: then nothing is there at all.
    assert (await python(opens(path, "ab"))).stdout.strip() in ("OSError", "PermissionError", "FileNotFoundError")


async def test_a_read_only_mount_cannot_be_written_by_any_way(provider: SandboxProvider, workspace: Path) -> None:
    (workspace / "file").write_text("kept")
    workspace.chmod(0o777)
    (workspace / "file").chmod(0o666)
    sandbox = await provider.open(SandboxSpec(mounts=(Mount(workspace, "/input"),)))
    try:
        result = await sandbox.run(
            ["sh", "-c", "echo x >/input/file; rm -f /input/file; mv /input/file /input/y; touch /input/z"]
        )
    finally:
        await sandbox.close()
    assert result.exit_code != 0
    assert [entry.name for entry in workspace.iterdir()] == ["file"]
    assert (workspace / "file").read_text() == "kept"


async def test_a_link_in_the_workspace_leads_nowhere(python, workspace: Path) -> None:
    (workspace / "link").symlink_to("/etc/shadow")
    assert (await python(opens("link"))).stdout.strip() == "FileNotFoundError"


async def test_the_environment_of_the_host_is_nowhere(python, monkeypatch: pytest.MonkeyPatch) -> None:
    canary = secrets.token_hex(16)
    monkeypatch.setenv("CANARY", canary)
    result = await python("""
import glob
for path in glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/cmdline"):
    try: print(open(path, "rb").read())
    except OSError: pass
""")
    assert result.exit_code == 0
    assert canary not in result.stdout


async def test_values_of_the_environment_do_not_show_in_the_hosts_process_list(sandbox: Sandbox) -> None:
    canary = secrets.token_hex(16)
    process = await sandbox.start(["sleep", "30"], env={"VALUE": canary})
    try:
        assert host_processes.with_text(canary) == []
    finally:
        await process.kill()


async def test_only_its_own_processes_are_seen(python) -> None:
    result = await python("import os; print(*sorted(int(p) for p in os.listdir('/proc') if p.isdigit()))")
    assert len(result.stdout.split()) <= 3


async def test_a_server_on_the_hosts_loopback_is_out_of_reach(python) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        result = await python(connects("INET", ("127.0.0.1", port)))
    assert result.stdout.strip() == "ConnectionRefusedError"


async def test_names_do_not_resolve_and_addresses_are_unreachable(python) -> None:
    result = await python("""
import socket
for work in (lambda: socket.getaddrinfo("example.org", 80), lambda: socket.create_connection(("192.0.2.1", 80), 2),
             lambda: socket.create_connection(("2001:db8::1", 80), 2)):
    try: work(); print("REACHED")
    except OSError as e: print("refused")
""")
    assert result.stdout.split() == ["refused"] * 3


async def test_an_abstract_unix_socket_of_the_host_is_out_of_reach(python) -> None:
    name = f"\0practicum-{secrets.token_hex(8)}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name)
        server.listen()
        result = await python(connects("UNIX", name))
    assert result.stdout.strip() in ("ConnectionRefusedError", "PermissionError")


async def test_socket_families_that_pass_by_a_network_namespace_do_not_exist(python) -> None:
    result = await python("""
import socket
for family in (40, 38, 17, 30):
    try: socket.socket(family, socket.SOCK_STREAM if family != 38 else socket.SOCK_SEQPACKET); print("MADE")
    except OSError as e: print(e.errno)
""")
    assert set(result.stdout.split()) == {"97"}


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="numbers of x86_64")
async def test_system_calls_that_reach_further_are_refused(python) -> None:
    wanted = [
        ("mount", 165, "b'none', b'/tmp', b'tmpfs', 0, None"),
        ("ptrace", 101, "0, 0, 0, 0"),
        ("bpf", 321, "0, None, 0"),
        ("keyctl", 250, "0, -3, 1"),
        ("unshare", 272, "0"),
        ("io_uring", 425, "1, None"),
        ("userfaultfd", 323, "0"),
        ("setns", 308, "-1, 0"),
        ("process_vm_readv", 310, "1, None, 0, None, 0, 0"),
        ("open_by_handle_at", 304, "-1, None, 0"),
        ("pivot_root", 155, "b'.', b'.'"),
        ("clone_newuser", 56, "0x10000011, None, None, None, 0"),
    ]
    result = await python(calls(*wanted))
    assert result.stdout.splitlines() == [f"{name} EPERM" for name, _, _ in wanted]
    assert (await python(calls(("clone3", 435, "None, 0")))).stdout.strip() == "clone3 ENOSYS"


async def test_no_user_namespace_can_be_made_inside(sandbox: Sandbox) -> None:
    result = await sandbox.run(["unshare", "--user", "true"])
    assert result.exit_code != 0
    assert "unshare failed" in result.stderr


async def test_there_are_no_rights_and_no_way_to_gain_any(python) -> None:
    result = await python("print(open('/proc/self/status').read())")
    status = dict(line.split(":\t", 1) for line in result.stdout.splitlines() if ":\t" in line)
    assert {status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    assert status["Uid"].split() == ["1000"] * 4
    assert status["Groups"].strip() in ("1000", "", "65534")


@as_root
async def test_nothing_runs_as_root_on_the_host(sandbox: Sandbox) -> None:
    seconds = str(100_000 + secrets.randbelow(100_000))
    process = await sandbox.start(["sh", "-c", f"sleep {seconds}; true"])
    try:
        await asyncio.to_thread(host_processes.wait_for, f"sleep\0{seconds}", 1)
        found = {Path(f"/proc/{pid}").stat().st_uid for pid in host_processes.with_word(seconds)}
    finally:
        await process.kill()
    assert found == {65534}


async def test_memory_of_a_host_process_is_out_of_reach(python) -> None:
    result = await python("".join(opens(path) for path in (f"/proc/{os.getpid()}/mem", "/dev/mem", "/proc/kcore")))
    assert set(result.stdout.split()) <= {"FileNotFoundError", "PermissionError"}


@pytest.mark.parametrize("way", ["setsid sleep", "nohup sleep", "sleep"])
async def test_nothing_survives_a_timeout(sandbox: Sandbox, way: str) -> None:
    seconds = str(100_000 + secrets.randbelow(100_000))
    command = f"{way} {seconds} & (setsid sh -c '{way} {seconds} & sleep {seconds}') & sleep {seconds}"
    result = await sandbox.run(["sh", "-c", command], limits=Limits(wall_s=0.7))
    assert (result.timed_out, result.exit_code) == (True, 124)
    assert result.seconds < 15
    assert host_processes.with_word(seconds) == []


async def test_what_was_left_in_the_background_does_not_survive_the_command(sandbox: Sandbox) -> None:
    seconds = str(100_000 + secrets.randbelow(100_000))
    result = await sandbox.run(["sh", "-c", f"setsid sleep {seconds} >/dev/null 2>&1 & exit 3"])
    assert result.exit_code == 3
    assert host_processes.with_word(seconds) == []


async def test_a_memory_bomb_ends_itself_only(python) -> None:
    result = await python(
        "x = []\nwhile True: x.append(bytearray(b'x' * (1 << 20)))", limits=Limits(memory_bytes=64 * MIB)
    )
    assert result.exit_code != 0
    assert not result.timed_out
    if hierarchy() is not None:
        assert (result.exit_code, result.out_of_memory) == (137, True)
    assert (await python("print('well')")).stdout == "well\n"


@with_groups
async def test_memory_is_counted_for_all_processes_together(python) -> None:
    code = """
import os
for _ in range(4):
    if os.fork() == 0:
        held = bytearray(b"x" * (40 << 20)); import time; time.sleep(1); os._exit(0)
print(sum(os.wait()[1] == 0 for _ in range(4)))
"""
    result = await python(code, limits=Limits(memory_bytes=96 * MIB))
    assert result.out_of_memory
    assert int(result.stdout or 0) < 3


async def test_a_fork_bomb_stops_at_the_limit(python) -> None:
    code = """
import os, time
made = 0
try:
    while True:
        if os.fork() == 0: time.sleep(20); os._exit(0)
        made += 1
except OSError: print(made)
"""
    result = await python(code, limits=Limits(processes=24))
    assert 15 <= int(result.stdout) <= 24


async def test_spinning_ends_after_its_seconds_of_cpu(python) -> None:
    result = await python("while True: pass", limits=Limits(cpu_s=1, wall_s=45))
    assert result.exit_code in (128 + 24, 137)
    assert not result.timed_out


@pytest.mark.parametrize("place", ["/tmp", "/dev/shm", "/agent-without-mount"])
async def test_memory_file_systems_are_bounded(provider: SandboxProvider, place: str) -> None:
    sandbox = await provider.open(SandboxSpec(cwd="/agent-without-mount", limits=Limits(tmp_bytes=8 * MIB)))
    try:
        result = await sandbox.run(["sh", "-c", f"head -c 20000000 /dev/zero >{place}/a; stat -c %s {place}/a"])
    finally:
        await sandbox.close()
    assert "No space left" in result.stderr
    assert int(result.stdout) <= 8 * MIB


async def test_a_file_cannot_grow_beyond_its_limit(sandbox: Sandbox) -> None:
    result = await sandbox.run(
        ["sh", "-c", "head -c 20000000 /dev/zero >big; stat -c %s big"], limits=Limits(file_bytes=MIB)
    )
    assert int(result.stdout) == MIB


async def test_a_flood_of_output_is_cut_and_said(sandbox: Sandbox) -> None:
    result = await sandbox.run(["sh", "-c", "head -c 50000000 /dev/zero | tr '\\0' x; echo end >&2"])
    assert result.truncated
    assert len(result.stdout) < 1.01 * MIB
    assert result.stdout.endswith("[cut after 1048576 bytes]\n")
    assert (result.stderr, result.exit_code) == ("end\n", 0)


async def test_descriptors_are_counted_and_none_of_ours_is_there(python) -> None:
    result = await python(
        """
import os
print(sorted(os.listdir('/proc/self/fd'))[:4])
opened = 0
try:
    while True: os.open('/dev/null', 0); opened += 1
except OSError: print(opened)
""",
        limits=Limits(open_files=64),
    )
    assert result.stdout.splitlines() == ["['0', '1', '2', '3']", "61"]


@as_root
async def test_an_agent_cannot_read_another_agents_workspace(provider: SandboxProvider, tmp_path: Path) -> None:
    mine, theirs = tmp_path / "mine", tmp_path / "theirs"
    for folder, uid in ((mine, 200_001), (theirs, 200_002)):
        folder.mkdir(mode=0o700)
        sandbox = await provider.open(SandboxSpec(mounts=(Mount(folder, WORKSPACE, writable=True),), uid=uid))
        await sandbox.run(["sh", "-c", "echo secret >file"])
        await sandbox.close()
        assert (folder / "file").stat().st_uid == uid
    # Even shown read-only, and by mistake: it belongs to another uid, and is not open to others.
    spec = SandboxSpec(mounts=(Mount(mine, WORKSPACE, writable=True), Mount(theirs, "/theirs")), uid=200_001)
    sandbox = await provider.open(spec)
    try:
        result = await sandbox.run(["cat", "/theirs/file"])
    finally:
        await sandbox.close()
    assert "Permission denied" in result.stderr
    assert subprocess.run(["stat", "-c", "%U", str(theirs)], capture_output=True, check=True).stdout == b"UNKNOWN\n"


@as_root
async def test_handing_a_workspace_over_follows_no_link_and_touches_no_file_of_two_names(
    provider: SandboxProvider, workspace: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.write_text("root's")
    (workspace / "symbolic").symlink_to(outside)
    (workspace / "hard").hardlink_to(outside)
    sandbox = await provider.open(SandboxSpec(mounts=(Mount(workspace, WORKSPACE, writable=True),), uid=200_003))
    await sandbox.close()
    assert outside.stat().st_uid == 0
    assert workspace.stat().st_uid == 200_003


async def test_a_command_cannot_speak_for_its_sandbox(python) -> None:
    """The pipe by which we learn the exit code and the first process must not be open to what runs inside."""
    result = await python("""
import glob, os
for path in glob.glob("/proc/*/fd/*"):
    try:
        if os.readlink(path).startswith("pipe:") and path.split("/")[2] == "1" and path.rsplit("/", 1)[1] not in "012":
            print("FOUND", path)
    except OSError: pass
""")
    assert result.stdout == ""


async def test_what_came_on_stdin_is_read_once_and_by_nobody_else(python) -> None:
    """A key that a trusted program read before hostile code must not lie about in another process's descriptors."""
    result = await python(
        """
import glob, os, sys
key = sys.stdin.readline().strip()
for path in glob.glob("/proc/*/fd/*"):
    try:
        found = os.read(os.open(path, os.O_RDONLY | os.O_NONBLOCK), 1000)
    except OSError:
        continue
    if key.encode() in found:
        print("FOUND", path)
print("read", len(key))
""",
        stdin=b"k" * 40 + b"\n",
    )
    assert result.stdout == "read 40\n"
