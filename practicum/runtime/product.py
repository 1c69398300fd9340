"""Starting a product from a run's artifacts: in a sandbox without network, reached through a relay."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from practicum.api.sandbox import WORKSPACE, Limits, Mount, SandboxSpec
from practicum.errors import UsageError
from practicum.sandbox.detect import pick
from practicum.sandbox.relay import join, relay

_INSIDE_PORT = 8000
_LIMITS = Limits(wall_s=86_400, cpu_s=86_400)


def web_command(product: Path) -> str:
    """The command of the Procfile's `web` line.

    Raises:
        UsageError: there is none.
    """
    procfile = product / "Procfile"
    lines = procfile.read_text().splitlines() if procfile.is_file() else []
    for line in lines:
        name, colon, command = line.partition(":")
        if colon and name.strip() == "web":
            return command.strip()
    raise UsageError(f"{product} has no Procfile with a line 'web: COMMAND'")


async def serve(product: Path, port: int, say: Callable[[str], None]) -> int:
    """Serve the product on a loopback port until cancelled; its exit code when it ends by itself.

    Raises:
        UsageError: no Procfile, or the port is in use.
    """
    command = web_command(product)
    provider = await pick()
    with tempfile.TemporaryDirectory(prefix="practicum-product-") as name:
        folder = Path(name)
        work, meeting = folder / "work", folder / "meeting"
        await asyncio.to_thread(shutil.copytree, product, work)
        meeting.mkdir()
        spec = SandboxSpec(
            mounts=(Mount(work, WORKSPACE, writable=True), Mount(meeting, "/meeting", writable=True)),
            limits=_LIMITS,
            env={"PORT": str(_INSIDE_PORT)},
        )
        sandbox = await provider.open(spec)
        process = await sandbox.start(relay("/meeting/web.sock", _INSIDE_PORT, ["bash", "-c", f"exec {command}"]))
        try:
            try:
                server = await asyncio.start_server(_Bridge(meeting / "web.sock"), "127.0.0.1", port)
            except OSError as error:
                raise UsageError(
                    f"port {port} cannot be used: {error.strerror}", hint="--port 0 takes a free one"
                ) from error
            async with server:
                say(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}  (Ctrl-C stops it)")
                return await process.wait()
        finally:
            await process.kill()
            await sandbox.close()


class _Bridge:
    """Joins each connection of a loopback port to the unix socket that the sandbox listens on."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            inner, out = await asyncio.open_unix_connection(str(self._path))
        except OSError:
            writer.close()  # the product has not begun to listen; a browser shows that as no answer
            return
        await join(reader, writer, inner, out)
