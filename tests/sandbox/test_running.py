"""What an honest command may rely on inside a sandbox of any tier that isolates."""

from __future__ import annotations

import asyncio
import gc
import os
import secrets
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import host_processes
import pytest

import practicum
from practicum.api.sandbox import WORKSPACE, Limits, Mount, Sandbox, SandboxProvider, SandboxSpec
from practicum.errors import SandboxError

pytestmark = pytest.mark.sandbox


@pytest.mark.parametrize(
    ("script", "code"), [("exit 0", 0), ("exit 7", 7), ("exit 125", 125), ("kill -9 $$", 137), ("kill -15 $$", 143)]
)
async def test_exit_codes_are_those_of_a_shell(sandbox: Sandbox, script: str, code: int) -> None:
    assert (await sandbox.run(["sh", "-c", script])).exit_code == code


async def test_a_command_that_does_not_exist_is_127_and_no_error_of_the_sandbox(sandbox: Sandbox) -> None:
    result = await sandbox.run(["no-such-command"])
    assert result.exit_code == 127
    assert "no-such-command" in result.stderr


async def test_stdin_of_any_size_arrives_whole(sandbox: Sandbox) -> None:
    data = secrets.token_bytes(3_000_000)
    result = await sandbox.run(["sha256sum"], stdin=data)
    assert (
        result.stdout.split()[0]
        == subprocess.run(["sha256sum"], input=data, capture_output=True).stdout.split()[0].decode()
    )


async def test_stdout_and_stderr_are_kept_apart_and_broken_utf8_is_no_error(sandbox: Sandbox) -> None:
    result = await sandbox.run(["sh", "-c", "printf 'a\\377'; printf b >&2"])
    assert (result.stdout, result.stderr) == ("a\ufffd", "b")


async def test_the_environment_is_what_was_asked_for_and_four_more(provider: SandboxProvider, workspace: Path) -> None:
    spec = SandboxSpec(
        mounts=(Mount(workspace, WORKSPACE, writable=True),), env={"A": "1", "B": "two words\n"}, python=False
    )
    sandbox = await provider.open(spec)
    try:
        result = await sandbox.run(["env", "-0"], env={"A": "2"})
    finally:
        await sandbox.close()
    found = dict(item.split("=", 1) for item in result.stdout.rstrip("\0").split("\0"))
    assert found.pop("PATH").startswith("/usr/local/bin")
    assert {name: found.pop(name) for name in ("A", "B", "LANG", "TMPDIR")} == {
        "A": "2", "B": "two words\n", "LANG": "C.UTF-8", "TMPDIR": "/tmp",
    }  # fmt: skip
    assert found.pop("HOME").startswith("/tmp")
    assert set(found) <= {"PWD"}


async def test_the_directory_is_the_one_asked_for(sandbox: Sandbox, workspace: Path) -> None:
    (workspace / "deep").mkdir()
    assert (await sandbox.run(["pwd"])).stdout == f"{WORKSPACE}\n"
    assert (await sandbox.run(["pwd"], cwd=f"{WORKSPACE}/deep")).stdout == f"{WORKSPACE}/deep\n"


async def test_files_written_inside_are_there_outside(sandbox: Sandbox, workspace: Path) -> None:
    (workspace / "in").write_text("from the host")
    result = await sandbox.run(["sh", "-c", "cat in; mkdir -p a/b; echo from inside >a/b/out; mv a/b c"])
    assert result.stdout == "from the host"
    assert (workspace / "c" / "out").read_text() == "from inside\n"


async def test_tmp_and_home_can_be_written_and_are_private_to_a_run(sandbox: Sandbox) -> None:
    assert (await sandbox.run(["sh", "-c", "touch /tmp/x ~/y /dev/shm/z && ls /tmp ~"])).exit_code == 0
    assert (await sandbox.run(["sh", "-c", "ls /tmp/x ~/y /dev/shm/z"])).exit_code != 0


async def test_git_works_inside(sandbox: Sandbox) -> None:
    script = """set -e
git init -q repo && cd repo && git config user.name d && git config user.email d@team.invalid
echo one >f && git add f && git commit -q -m one && git clone -q . ../copy && git -C ../copy log --oneline"""
    result = await sandbox.run(["sh", "-c", script])
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.endswith(" one\n")


@pytest.mark.parametrize("command", [["python", "-m", "pytest"], ["pytest"]])
async def test_pytest_works_inside_with_the_libraries_of_our_environment(
    sandbox: Sandbox, workspace: Path, command: list[str]
) -> None:
    (workspace / "test_it.py").write_text("import pydantic, practicum\ndef test_it(): assert practicum.__version__\n")
    result = await sandbox.run([*command, "-q", "-p", "no:cacheprovider"])
    assert result.exit_code == 0, result.stdout + result.stderr
    assert "1 passed" in result.stdout


async def test_the_interpreter_inside_is_ours(sandbox: Sandbox) -> None:
    result = await sandbox.run(
        [sys.executable, "-c", "import sys, practicum; print(sys.version); print(practicum.__version__)"]
    )
    assert result.stdout == f"{sys.version}\n{practicum.__version__}\n"


async def test_a_workspace_mounted_over_our_checkout_does_not_hide_the_interpreter(
    provider: SandboxProvider, workspace: Path
) -> None:
    root = Path(sys.prefix).parent
    if Path(sys.base_prefix).is_relative_to(root):
        pytest.skip("the installation itself lies beside the virtual environment")
    sandbox = await provider.open(SandboxSpec(mounts=(Mount(workspace, str(root), writable=True),), cwd=str(root)))
    try:
        result = await sandbox.run([sys.executable, "-c", "import practicum, pydantic, os; print(os.listdir('.'))"])
        script = await sandbox.run(["pytest", "--version"])
    finally:
        await sandbox.close()
    assert (result.stdout, result.stderr) == ("[]\n", "")
    assert script.exit_code == 0, script.stderr
    assert list(workspace.iterdir()) == []


@pytest.mark.skipif(not Path("/usr/bin/node").exists(), reason="node is not installed")
async def test_node_works_inside(sandbox: Sandbox) -> None:
    result = await sandbox.run(["node", "-e", "console.log(require('os').hostname())"])
    assert (result.stdout, result.stderr) == ("sandbox\n", "")


async def test_threads_and_pools_of_processes_work(sandbox: Sandbox) -> None:
    code = "import multiprocessing as m\nif __name__ == '__main__':\n with m.Pool(2) as p: print(p.map(abs, [-1, -2]))"
    assert (await sandbox.run(["python", "-c", code])).stdout == "[1, 2]\n"


async def test_a_server_inside_is_reached_from_inside(sandbox: Sandbox) -> None:
    code = """
import socket, threading
s = socket.create_server(("localhost", 0))
threading.Thread(target=lambda: s.accept()[0].sendall(b"hello"), daemon=True).start()
print(socket.create_connection(("127.0.0.1", s.getsockname()[1])).recv(9))"""
    assert (await sandbox.run(["python", "-c", code])).stdout == "b'hello'\n"


async def test_runs_at_the_same_time_do_not_meet(sandbox: Sandbox) -> None:
    async def one(number: int) -> tuple[str, str]:
        result = await sandbox.run(
            ["sh", "-c", f"echo {number} >/tmp/x; sleep 0.1; cat /tmp/x; ls /proc | grep -c '^[0-9]'"]
        )
        return tuple(result.stdout.split())  # type: ignore[return-value]

    results = await asyncio.gather(*(one(number) for number in range(8)))
    assert [first for first, _ in results] == [str(number) for number in range(8)]
    assert all(int(processes) <= 5 for _, processes in results)


async def test_cancelling_leaves_nothing(sandbox: Sandbox) -> None:
    seconds = str(100_000 + secrets.randbelow(100_000))
    task = asyncio.create_task(sandbox.run(["sh", "-c", f"setsid sleep {seconds} & sleep {seconds}"]))
    await asyncio.to_thread(host_processes.wait_for, f"sleep\0{seconds}", 2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert host_processes.with_word(seconds) == []


async def test_cancelling_at_any_early_moment_leaves_nothing(sandbox: Sandbox) -> None:
    seconds = str(100_000 + secrets.randbelow(100_000))
    for step in range(15):
        task = asyncio.create_task(sandbox.run(["sleep", seconds]))
        await asyncio.sleep(step * 0.003)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert host_processes.with_word(seconds) == []


async def test_no_descriptor_is_leaked(sandbox: Sandbox) -> None:
    await sandbox.run(["true"])
    gc.collect()  # what other tests left behind is closed now, and not between the two counts
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        await sandbox.run(["true"], stdin=b"x")
    await (await sandbox.start(["sleep", "30"])).kill()
    assert len(os.listdir("/proc/self/fd")) <= before


async def test_no_dead_process_is_left_unburied(sandbox: Sandbox) -> None:
    """Whoever process 1 is: in many a container it buries nobody, and the dead count against the limit."""
    own = Path(f"/proc/self/task/{os.getpid()}/children")
    before = own.read_text().split()
    for _ in range(20):
        await sandbox.run(["true"], limits=Limits(processes=4))
    assert set(own.read_text().split()) <= set(before)


async def test_a_mount_that_does_not_exist_is_named(provider: SandboxProvider, tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="nowhere"):
        await provider.open(SandboxSpec(mounts=(Mount(tmp_path / "nowhere", WORKSPACE),)))
    with pytest.raises(SandboxError, match="not an absolute plain path"):
        await provider.open(SandboxSpec(mounts=(Mount(tmp_path, "../x"),)))


async def test_a_directory_that_does_not_exist_is_said(sandbox: Sandbox) -> None:
    """Bubblewrap counts it as a sandbox that could not be set up, ours as a command that could not be started."""
    try:
        said = (await sandbox.run(["true"], cwd="/agent/nowhere")).stderr
    except SandboxError as error:
        said = str(error)
    assert "/agent/nowhere" in said


async def test_a_mounted_file_and_a_mount_within_a_mount_are_seen(provider: SandboxProvider, tmp_path: Path) -> None:
    outer, inner, file = tmp_path / "outer", tmp_path / "inner", tmp_path / "file"
    (outer / "place").mkdir(parents=True)
    inner.mkdir()
    (inner / "deep").write_text("deep")
    file.write_text("one file")
    mounts = (Mount(outer, "/o"), Mount(inner, "/o/place"), Mount(file, "/etc/own.conf"))
    sandbox = await provider.open(SandboxSpec(mounts=mounts))
    try:
        result = await sandbox.run(["cat", "/etc/own.conf", "/o/place/deep"])
    finally:
        await sandbox.close()
    assert result.stdout == "one filedeep"


async def test_passed_descriptors_keep_their_numbers_and_end_with_the_process(sandbox: Sandbox) -> None:
    ours, theirs = socket.socketpair()
    ours.settimeout(30)
    code = "import os, sys; fd = int(sys.argv[1]); os.write(fd, os.read(fd, 99).upper())"
    with ours, theirs:
        process = await sandbox.start(["python", "-c", code, str(theirs.fileno())], pass_fds=[theirs.fileno()])
        theirs.close()
        ours.sendall(b"hello")
        assert await asyncio.to_thread(ours.recv, 99) == b"HELLO"
        assert await asyncio.to_thread(ours.recv, 99) == b""
    assert await process.wait() == 0


async def test_a_started_process_sees_the_end_of_its_line_when_we_close_it(sandbox: Sandbox) -> None:
    ours, theirs = socket.socketpair()
    code = "import os, sys; os.read(int(sys.argv[1]), 1); sys.exit(9)"
    with theirs:
        process = await sandbox.start(["python", "-c", code, str(theirs.fileno())], pass_fds=[theirs.fileno()])
    ours.close()
    async with asyncio.timeout(30):
        assert await process.wait() == 9


async def test_with_the_hosts_network_loopback_is_reached_and_nothing_else_is_shared(
    provider: SandboxProvider, workspace: Path, tmp_path: Path
) -> None:
    sandbox = await provider.open(SandboxSpec(mounts=(Mount(workspace, WORKSPACE, writable=True),), network="host"))
    with socket.create_server(("127.0.0.1", 0)) as server:
        code = f"""
import os, socket
socket.create_connection(("127.0.0.1", {server.getsockname()[1]}), 2); print("IN")
print(sum(p.isdigit() for p in os.listdir("/proc")) < 4, os.path.exists({str(tmp_path)!r}))"""
        try:
            result = await sandbox.run(["python", "-c", code])
        finally:
            await sandbox.close()
    assert result.stdout.split() == ["IN", "True", "False"]


async def test_killing_a_started_process_ends_its_whole_tree(sandbox: Sandbox) -> None:
    seconds = str(100_000 + secrets.randbelow(100_000))
    process = await sandbox.start(["sh", "-c", f"setsid sleep {seconds} & setsid setsid sleep {seconds} & wait"])
    await asyncio.to_thread(host_processes.wait_for, f"sleep\0{seconds}", 2)
    await process.kill()
    assert host_processes.with_word(seconds) == []
    assert await process.wait() == 137
    await process.kill()


async def test_closing_a_sandbox_ends_what_was_started_in_it(provider: SandboxProvider) -> None:
    seconds = str(100_000 + secrets.randbelow(100_000))
    sandbox = await provider.open(SandboxSpec())
    await sandbox.start(["sleep", seconds])
    await sandbox.start(["sleep", seconds])
    await sandbox.close()
    assert host_processes.with_word(seconds) == []


async def test_a_started_process_writes_to_the_descriptors_it_was_given(sandbox: Sandbox, tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as log:
        process = await sandbox.start(["sh", "-c", "echo out; echo err >&2"], stdout=log.fileno(), stderr=log.fileno())
        assert await process.wait() == 0
    assert sorted((tmp_path / "log").read_text().split()) == ["err", "out"]


_PARENT = """
import asyncio, sys
from practicum.api.sandbox import SandboxSpec
from practicum.sandbox.detect import select

async def main():
    sandbox = await (await select(sys.argv[1])).open(SandboxSpec())
    await sandbox.start(["sh", "-c", f"setsid sleep {sys.argv[2]} & sleep {sys.argv[2]}"])
    await sandbox.run(["sh", "-c", f"setsid sleep {sys.argv[2]} & sleep {sys.argv[2]}"])

asyncio.run(main())
"""


async def test_when_we_are_killed_nothing_is_left(provider: SandboxProvider) -> None:
    seconds = str(100_000 + secrets.randbelow(100_000))
    parent = subprocess.Popen([sys.executable, "-c", _PARENT, provider.name, seconds])
    try:
        await asyncio.to_thread(host_processes.wait_for, f"sleep\0{seconds}", 4)
    finally:
        parent.kill()
        parent.wait()
    assert host_processes.wait_until_gone(seconds, 5) == []


_AS_SOMEBODY = """
import asyncio, sys
from pathlib import Path
from practicum.api.sandbox import WORKSPACE, Limits, Mount, SandboxSpec
from practicum.sandbox.detect import select

async def main():
    provider = await select(sys.argv[1])
    isolation = await provider.detect()
    assert not isolation.missing(("fs", "net", "pid", "seccomp")), isolation
    mounts = (Mount(Path(sys.argv[2]), WORKSPACE, writable=True),)
    sandbox = await provider.open(SandboxSpec(mounts=mounts, python=False))
    print((await sandbox.run(["sh", "-c", "id -u; echo x >made; ls /root /etc/shadow 2>&1; pwd"])).stdout)
    assert (await sandbox.run(["sh", "-c", "sleep 60 & setsid sleep 60"], limits=Limits(wall_s=0.3))).timed_out
    await sandbox.close()

asyncio.run(main())
"""


@pytest.fixture
def somebodys_folder() -> Iterator[Path]:
    """A folder of uid 12345 that this uid can walk to, unlike pytest's own when root runs it."""
    with tempfile.TemporaryDirectory() as name:
        os.chown(name, 12345, 12345)
        yield Path(name)


@pytest.mark.skipif(os.geteuid() != 0, reason="we are somebody already: every other test shows it")
async def test_a_caller_who_is_not_root_gets_the_same_walls(provider: SandboxProvider, somebodys_folder: Path) -> None:
    """Runs the product as uid 12345, in a mount namespace in which that uid can walk to the interpreter."""
    hidden = sys.base_prefix
    uncover = (
        f"exec 9<{hidden}; mount -t tmpfs -o mode=755 none /root; mkdir -p {hidden}; "
        f"mount -c --rbind /proc/self/fd/9 {hidden}; exec 9<&-; "
        if hidden.startswith("/root/")
        else ""
    )
    become = f'{uncover} exec setpriv --reuid=12345 --regid=12345 --clear-groups "$@"'
    command = [sys.executable, "-c", _AS_SOMEBODY, provider.name, str(somebodys_folder)]
    result = subprocess.run(
        ["unshare", "--mount", "--propagation=private", "sh", "-ec", become, "sh", *command],
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], "XDG_CACHE_HOME": str(somebodys_folder)},
        cwd=Path(practicum.__file__).parent.parent,
    )
    assert result.returncode == 0, result.stderr
    uid, *refused, folder = result.stdout.strip().split("\n")
    assert (uid, folder) == ("1000", WORKSPACE)
    assert any("/etc/shadow" in line and "No such file" in line for line in refused)
    assert (somebodys_folder / "made").stat().st_uid == 12345


async def test_starting_costs_little(provider: SandboxProvider) -> None:
    """A generous bound that holds on a busy machine; the numbers are in benchmarks."""
    sandbox = await provider.open(SandboxSpec(limits=Limits()))
    try:
        spent = sorted([(await sandbox.run(["true"])).seconds for _ in range(9)])
    finally:
        await sandbox.close()
    assert spent[0] < 0.25
