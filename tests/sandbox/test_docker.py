"""The provider of containers, by Docker's SDK, against a real daemon: podman's, which speaks Docker's API."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import podman
import pytest

from practicum.api.sandbox import MIB, WORKSPACE, Limits, Mount, Sandbox, SandboxSpec
from practicum.errors import SandboxError, UsageError
from practicum.sandbox.docker import DockerProvider
from practicum.sandbox.docker import provider as provider_module
from practicum.sandbox.docker.container import Container
from practicum.sandbox.docker.daemon import connect
from practicum.scenarios.environments import open_workspace
from practicum.scenarios.schema import Environment, Setup

pytestmark = [pytest.mark.sandbox, pytest.mark.slow, pytest.mark.xdist_group("podman")]


@pytest.fixture(scope="module")
def daemon() -> Iterator[str]:
    why = podman.missing()
    if why and os.environ.get("PRACTICUM_REQUIRE_ALL") != "1":
        pytest.skip(why)
    assert not why, why
    # podman refuses a folder for its state whose path is longer than 50 characters.
    with (
        tempfile.TemporaryDirectory(prefix="podman-", dir="/tmp", ignore_cleanup_errors=True) as folder,
        podman.podman_service(Path(folder)) as address,
    ):
        yield address


@pytest.fixture
def containers(daemon: str) -> DockerProvider:
    return DockerProvider(podman.IMAGE, base_url=daemon)


def over(workspace: Path, **more: object) -> SandboxSpec:
    return SandboxSpec(mounts=(Mount(workspace, WORKSPACE, writable=True),), **more)  # type: ignore[arg-type]


async def leftovers(sandbox: Sandbox) -> list[str]:
    """Command lines of what runs in the container, without the container's own and ours."""
    script = r'for p in /proc/[0-9]*; do tr "\0" " " < $p/cmdline; echo; done'
    lines = (await sandbox.run(["sh", "-c", script])).stdout.splitlines()
    return [line for line in lines if "sleep" in line]


async def test_what_it_enforces_is_tried(containers: DockerProvider) -> None:
    found = await containers.detect()
    assert found.as_dict() == {
        "tier": "docker",
        "fs": "enforced",
        "net": "enforced",
        "pid": "enforced",
        "mem": "enforced",
        "cpu": "per_process",
        "disk": "per_process",
        "seccomp": "enforced",
    }


async def test_a_container_keeps_to_the_interface(containers: DockerProvider, workspace: Path) -> None:
    (workspace / "file").write_text("hello\n")
    sandbox = await containers.open(over(workspace, env={"ONE": "1"}))
    try:
        script = 'cat file; cat; echo "$ONE $TWO $HOME"; pwd; id -u; echo err >&2; echo made > made; exit 3'
        result = await sandbox.run(["bash", "-c", script], stdin=b"in\n", env={"TWO": "'2\""})
        uid = 65534 if os.geteuid() == 0 else os.geteuid()
        assert result.stdout == f"hello\nin\n1 '2\" /tmp\n{WORKSPACE}\n{uid}\n"
        assert (result.exit_code, result.stderr, result.truncated) == (3, "err\n", False)
        assert (workspace / "made").read_text() == "made\n"

        flood = await sandbox.run(["bash", "-c", "head -c 3000000 /dev/zero"], limits=Limits(output_bytes=1000))
        assert flood.truncated
        assert flood.stdout.endswith("\n[cut after 1000 bytes]\n")

        assert (await sandbox.run(["no-such-program"])).exit_code == 127
        script = "touch /x /usr/x /etc/x 2>&1; cat /etc/shadow 2>&1; ls /root 2>&1; true"
        assert "Read-only" in (await sandbox.run(["sh", "-c", script])).stdout
        status = (await sandbox.run(["cat", "/proc/self/status"])).stdout
        assert "CapEff:\t0000000000000000" in status
        assert "NoNewPrivs:\t1" in status
    finally:
        await sandbox.close()


async def test_nothing_survives(containers: DockerProvider, workspace: Path) -> None:
    sandbox = await containers.open(over(workspace))
    try:
        await sandbox.run(["sh", "-c", "(setsid sleep 1001 &); echo over"])
        assert await leftovers(sandbox) == []

        await sandbox.run(["sh", "-c", "(setsid sleep 1002 &); kill -9 $PPID; sleep 1003"])
        assert await leftovers(sandbox) == []

        started = time.monotonic()
        late = await sandbox.run(["sh", "-c", "echo x; (setsid sleep 1004 &); sleep 1005"], limits=Limits(wall_s=2))
        assert (late.exit_code, late.timed_out, late.stdout) == (124, True, "x\n")
        assert time.monotonic() - started < 30
        assert await leftovers(sandbox) == []

        task = asyncio.create_task(sandbox.run(["sleep", "1006"]))
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await leftovers(sandbox) == []

        bomb = await sandbox.run(["bash", "-c", ":(){ :|:& };:; sleep 1007"], limits=Limits(wall_s=0.5))
        assert bomb.timed_out
        assert await leftovers(sandbox) == []
    finally:
        await sandbox.close()


async def test_memory_is_limited_for_all_together_and_said(containers: DockerProvider, workspace: Path) -> None:
    sandbox = await containers.open(over(workspace, limits=Limits(memory_bytes=64 * MIB)))
    try:
        result = await sandbox.run(["sh", "-c", "head -c 150000000 /dev/zero | tail -c 140000000 | wc -c; exit 4"])
        assert result.out_of_memory
        after = await sandbox.run(["sh", "-c", "exit 4"])
        assert (after.exit_code, after.out_of_memory) == (4, False)
    finally:
        await sandbox.close()


async def test_where_the_disk_is_not_shared_files_are_carried(
    containers: DockerProvider, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "mark"
    elsewhere.mkdir()
    (elsewhere / "word").write_text("another machine's")
    real = Container.plain
    monkeypatch.setattr(Container, "plain", lambda self, script: (0, "") if "/word" in script else real(self, script))
    monkeypatch.setattr(provider_module, "_mark", lambda: elsewhere)
    (workspace / "kept").write_text("kept")
    (workspace / "folder").mkdir()
    (workspace / "folder/gone").write_text("x")
    read_only = tmp_path / "code"
    read_only.mkdir()
    (read_only / "code.sh").write_text("cat kept; echo new > new; rm -r folder; ln -s new link; sleep ${1:-0}")
    spec = SandboxSpec(mounts=(Mount(workspace, WORKSPACE, writable=True), Mount(read_only, "/step")))
    sandbox = await containers.open(spec)
    try:
        before = (workspace / "kept").stat().st_mtime_ns
        result = await sandbox.run(["sh", "/step/code.sh"])
        assert (result.exit_code, result.stdout, result.stderr) == (0, "kept", "")
        assert sorted(path.name for path in workspace.iterdir()) == ["kept", "link", "new"]
        assert (workspace / "kept").stat().st_mtime_ns == before
        (workspace / "kept").write_text("other")
        (workspace / "new").unlink()
        script = "ls; cat kept; (echo late > late); sleep 50"
        late = await sandbox.run(["sh", "-c", script], limits=Limits(wall_s=3))
        assert late.stdout == "kept\nlink\nother"
        assert (workspace / "late").read_text() == "late\n"
    finally:
        await sandbox.close()


async def test_a_container_ends_with_the_process_that_made_it(daemon: str, tmp_path: Path) -> None:
    program = f"""
import asyncio, os, signal
from practicum.api.sandbox import SandboxSpec
from practicum.sandbox.docker import DockerProvider
async def main():
    sandbox = await DockerProvider({podman.IMAGE!r}, base_url={daemon!r}).open(SandboxSpec(cwd="/"))
    print((await sandbox.run(["echo", "up"])).stdout, end="", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=50)
    assert (done.returncode, done.stdout) == (-9, "up\n"), done.stderr
    client = connect(daemon)
    until = time.monotonic() + 30
    while client.containers.list() and time.monotonic() < until:  # noqa: ASYNC110 - the daemon tells nobody
        await asyncio.sleep(0.05)
    assert client.containers.list() == []
    assert len(client.containers.list(all=True)) == 1
    client.close()
    sandbox = await DockerProvider(podman.IMAGE, base_url=daemon).open(SandboxSpec(cwd="/"))  # sweeps
    await sandbox.close()
    client = connect(daemon)
    assert client.containers.list(all=True) == []
    client.close()


async def test_an_image_that_is_not_there_is_named(daemon: str) -> None:
    with pytest.raises(SandboxError, match=r"there is no image localhost/nobody:1") as raised:
        await DockerProvider("localhost/nobody:1", base_url=daemon).open(SandboxSpec())
    assert raised.value.hint == "docker pull localhost/nobody:1"


async def test_the_steps_of_a_scenario_run_in_a_container(
    daemon: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", daemon)
    setup = Setup.model_validate({"virtual_fs": {"helper.py": "VALUE = 5"}, "db_seed": {"t": [{"a": 1}]}})
    workspace = await open_workspace(
        Environment(type="docker", image=podman.IMAGE), root=tmp_path / "w", setup=setup, folder=tmp_path
    )
    try:
        assert workspace.isolation["tier"] == "docker"
        code = "echo $DATABASE_URL $PRACTICUM_WORKSPACE; cat helper.py > copy"
        done = await workspace.run_code("bash", code, 20)
        assert (done.stdout, done.stderr) == (f"sqlite:///{WORKSPACE}/data.db {WORKSPACE}\n", "")
        assert done.created == ("copy",)
        failed = await workspace.run_code("sh", "\nno-such-program", 20)
        assert "/step/code-2.sh: 2: no-such-program: not found" in failed.stderr
        with pytest.raises(UsageError, match="environment docker: javascript needs node"):
            await workspace.run_code("js", "1", 20)
    finally:
        await workspace.close()
