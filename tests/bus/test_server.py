from __future__ import annotations

import asyncio
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from practicum.bus.server import EmbeddedServer, find_nats_server
from practicum.errors import BusError

pytestmark = pytest.mark.broker


def alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


async def test_it_starts_on_a_free_port_and_stops(tmp_path: Path) -> None:
    one, two = EmbeddedServer(tmp_path / "one"), EmbeddedServer(tmp_path / "two")
    await asyncio.gather(one.start(), two.start())
    assert one.url.startswith("nats://127.0.0.1:")
    assert one.url != two.url
    pids = one.pid, two.pid
    await asyncio.gather(one.stop(), two.stop())
    await one.stop()
    assert not any(map(alive, pids))
    assert one.pid == 0
    assert "Server is ready" in (tmp_path / "one" / "nats-server.log").read_text()


async def test_a_crash_is_told_with_the_end_of_the_log(tmp_path: Path) -> None:
    told: asyncio.Future[tuple[int, str]] = asyncio.get_running_loop().create_future()
    server = EmbeddedServer(tmp_path, on_exit=lambda code, tail: told.set_result((code, tail)))
    await server.start()
    url = server.url
    os.kill(server.pid, signal.SIGKILL)
    code, tail = await asyncio.wait_for(told, 20)
    assert code == -signal.SIGKILL
    assert "Server is ready" in tail
    await server.restart()
    assert server.url == url
    await server.stop()


async def test_stopping_is_no_crash(tmp_path: Path) -> None:
    told: list[int] = []
    server = EmbeddedServer(tmp_path, on_exit=lambda code, _tail: told.append(code))
    await server.start()
    await server.restart()
    await server.stop()
    assert told == []


async def test_a_configuration_it_cannot_read_is_an_error_with_its_words(tmp_path: Path) -> None:
    server = EmbeddedServer(tmp_path, config="operator: nonsense")
    with pytest.raises(BusError, match="nats-server ended with"):
        await server.start()


def test_it_dies_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    code = (
        "import asyncio, pathlib, sys\n"
        "from practicum.bus.server import EmbeddedServer\n"
        "async def main():\n"
        "    server = EmbeddedServer(pathlib.Path(sys.argv[1]))\n"
        "    await server.start()\n"
        "    print(server.pid, flush=True)\n"
        "    await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        descriptor = os.pidfd_open(pid)
        parent.kill()
        parent.wait()
    ready, _, _ = select.select([descriptor], [], [], 5)
    os.close(descriptor)
    assert ready, "nats-server outlived its parent by 5 s"


def test_the_binary_is_the_one_of_the_wheel() -> None:
    binary = find_nats_server()
    assert b"nats-server" in subprocess.run([binary, "--version"], capture_output=True, check=True).stdout
