"""The provider of E2B, by its own SDK, against a server of its protocol on this machine."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from e2b_server import E2BServer, serving

from practicum.api.sandbox import WORKSPACE, Limits, Mount, SandboxSpec
from practicum.errors import InfrastructureError, SandboxError
from practicum.sandbox.e2b import E2BProvider

pytestmark = pytest.mark.sandbox


@pytest.fixture
async def server() -> AsyncIterator[E2BServer]:
    async with serving(f"e2b_{secrets.token_hex(20)}") as started:
        yield started


@pytest.fixture
def provider(server: E2BServer) -> E2BProvider:
    return E2BProvider("base", api_key=server.key, api_url=server.url, sandbox_url=server.url)


async def test_a_workspace_goes_there_and_what_was_done_to_it_comes_back(
    provider: E2BProvider, server: E2BServer, workspace: Path
) -> None:
    (workspace / "kept").write_text("kept")
    (workspace / "old").write_text("old")
    (workspace / "folder").mkdir()
    (workspace / "folder" / "gone").write_text("x")
    sandbox = await provider.open(SandboxSpec(mounts=(Mount(workspace, WORKSPACE, writable=True),)))
    kept = (workspace / "kept").stat()
    script = "cat kept; echo new > new; echo changed > old; rm -r folder; mkdir -p a/b; ln -s ../new a/link; exit 3"
    first = await sandbox.run(["bash", "-c", script])
    assert (first.exit_code, first.stdout, first.stderr) == (3, "kept", "")
    names = {str(path.relative_to(workspace)) for path in workspace.rglob("*")}
    assert names == {"kept", "old", "new", "a", "a/b", "a/link"}
    assert (workspace / "old").read_text() == "changed\n"
    assert (workspace / "a/link").readlink() == Path("../new")
    assert (workspace / "kept").stat().st_mtime_ns == kept.st_mtime_ns

    server.uploads.clear()
    (workspace / "from-here").write_text("here")
    (workspace / "kept").unlink()
    second = await sandbox.run(["bash", "-c", "ls; cat from-here"])
    assert second.stdout == "a\nfrom-here\nnew\nold\nhere"
    assert [path.rpartition("/")[2] for path in server.uploads] == ["tar", "gone", "to"]
    server.uploads.clear()
    await sandbox.run(["true"])
    assert server.uploads == []
    await sandbox.close()
    assert server.ended == ["box1"]


async def test_a_machine_has_an_end_no_internet_and_its_template(
    provider: E2BProvider, server: E2BServer, workspace: Path
) -> None:
    sandbox = await provider.open(SandboxSpec(mounts=(Mount(workspace, WORKSPACE, writable=True),)))
    await sandbox.run(["true"], limits=Limits(wall_s=40))
    await sandbox.close()
    [asked] = server.made
    assert asked["templateID"] == "base"
    assert asked["timeout"] == 300
    assert asked.get("allow_internet_access") is False
    assert server.lives == [400]


async def test_input_variables_and_the_directory_arrive(provider: E2BProvider, workspace: Path) -> None:
    (workspace / "inner").mkdir()
    spec = SandboxSpec(mounts=(Mount(workspace, WORKSPACE, writable=True),), env={"ONE": "1 '\"$"})
    sandbox = await provider.open(spec)
    script = 'cat; echo "$ONE $TWO"; pwd'
    result = await sandbox.run(["sh", "-c", script], stdin=b"in\n", env={"TWO": "2"}, cwd=f"{WORKSPACE}/inner")
    again = await sandbox.run(["cat"])
    await sandbox.close()
    assert result.stdout == f"in\n1 '\"$ 2\n{WORKSPACE}/inner\n"
    assert again.stdout == ""


async def test_what_takes_too_long_is_ended_and_its_files_come_back(provider: E2BProvider, workspace: Path) -> None:
    sandbox = await provider.open(SandboxSpec(mounts=(Mount(workspace, WORKSPACE, writable=True),)))
    script = "echo begun | tee file; (setsid sleep 50 &); sleep 50"
    result = await sandbox.run(["bash", "-c", script], limits=Limits(wall_s=2))
    await sandbox.close()
    assert (result.exit_code, result.timed_out, result.stdout) == (124, True, "begun\n")
    assert result.seconds < 20
    assert (workspace / "file").read_text() == "begun\n"


async def test_a_flood_is_cut_and_said(provider: E2BProvider, workspace: Path) -> None:
    sandbox = await provider.open(SandboxSpec(mounts=(Mount(workspace, WORKSPACE, writable=True),)))
    limits = Limits(output_bytes=1000)
    result = await sandbox.run(["bash", "-c", "head -c 3000000 /dev/zero | tr '\\0' x; echo e >&2"], limits=limits)
    await sandbox.close()
    assert result.truncated
    assert result.stdout == "x" * 1000 + "\n[cut after 1000 bytes]\n"
    assert result.stderr == "e\n"


async def test_a_cancelled_run_ends_what_it_started_and_the_sandbox_goes_on(
    provider: E2BProvider, workspace: Path
) -> None:
    sandbox = await provider.open(SandboxSpec(mounts=(Mount(workspace, WORKSPACE, writable=True),)))
    task = asyncio.create_task(sandbox.run(["sleep", "50"]))
    await asyncio.sleep(0.3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await sandbox.run(["echo", "on"])).stdout == "on\n"
    await sandbox.close()


async def test_what_it_enforces_is_tried(provider: E2BProvider, server: E2BServer) -> None:
    found = await provider.detect()
    assert (found.tier, found.net, found.fs) == ("e2b", "enforced", "enforced")
    assert server.ended == ["box1"]


async def test_without_a_key_the_line_that_mends_it_is_named(workspace: Path) -> None:
    with pytest.raises(InfrastructureError) as raised:
        await E2BProvider().open(SandboxSpec(mounts=(Mount(workspace, WORKSPACE),)))
    assert "E2B_API_KEY" in raised.value.hint


async def test_a_wrong_key_is_named_as_such_and_not_shown(server: E2BServer) -> None:
    wrong = secrets.token_hex(20)
    provider = E2BProvider(api_key=wrong, api_url=server.url, sandbox_url=server.url)
    with pytest.raises(SandboxError) as raised:
        await provider.detect()
    assert "does not accept the key" in str(raised.value)
    assert wrong not in str(raised.value)
    assert raised.value.__cause__ is None


async def test_a_server_that_is_not_there_is_said(unused_tcp_port: int) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}"
    with pytest.raises(SandboxError, match="E2B: "):
        await E2BProvider(api_key="e2b_x", api_url=url, sandbox_url=url).detect()
