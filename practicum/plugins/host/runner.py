"""Inside the sandbox: loads one plugin and answers for it. `python -m practicum.plugins.host.runner --fd N`.

The protocol has a socket of its own, which the plugin's programs do not inherit; what the plugin prints goes to stderr.
Variables arrive on the socket and not in the environment that we were started with, so no list of processes shows them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from practicum.api.plugin import PluginContext
from practicum.plugins.host import loading, wire
from practicum.plugins.host.components import Components
from practicum.plugins.host.errors import PluginCallError, PluginLoadError
from practicum.plugins.host.noexec import forbid_programs

_STOP_S = 5.0


class Runner:
    """One plugin and the socket over which it is asked."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._components: Components | None = None
        self._plugin = ""
        self._config: dict[str, Any] = {}
        self._environment: dict[str, str] = {}
        self._running: dict[int, asyncio.Task[None]] = {}

    async def serve(self) -> None:
        """Answer until the other side closes, or says `stop`."""
        async with asyncio.TaskGroup() as group:
            while raw := await self._reader.readline():
                message = json.loads(raw)
                method, params = message["method"], message.get("params") or {}
                if method == "cancel":
                    if (task := self._running.get(params["id"])) is not None:
                        task.cancel()
                    continue
                number = int(message["id"])
                if method == "stop":
                    for task in self._running.values():
                        task.cancel()
                    await self._reply(number, self._stop())
                    return
                task = group.create_task(self._reply(number, self._answer(method, params)))
                self._running[number] = task
                task.add_done_callback(partial(self._over, number))
            for task in self._running.values():
                task.cancel()

    def _over(self, number: int, task: asyncio.Task[None]) -> None:
        self._running.pop(number, None)

    async def _reply(self, number: int, work: Any) -> None:
        try:
            said = wire.line({"id": number, "result": await work})
            if len(said) > wire.RESULT_BYTES:
                raise PluginCallError(
                    "too_large", f"the answer has {len(said)} bytes, at most {wire.RESULT_BYTES} are taken"
                )
        except PluginCallError as error:
            said = wire.line({"id": number, "error": wire.failure(error)})
        except (ValueError, TypeError, RecursionError) as error:
            broken = PluginCallError("broken", f"the answer cannot be written as JSON: {error}")
            said = wire.line({"id": number, "error": wire.failure(broken)})
        self._writer.write(said)
        await self._writer.drain()

    async def _answer(self, method: str, params: dict[str, Any]) -> Any:
        match method:
            case "load":
                return self._load(params)
            case "start":
                self._environment.update(params["environment"])
                os.environ.update(params["environment"])
                await self._there.start(params["now"])
                return None
            case "call":
                return await self._there.call(params.pop("name"), params.pop("args"), **params)
            case "provide":
                return await self._there.provide(params.pop("name"), **params)
            case "evaluate":
                return asdict(await self._there.evaluate(params.pop("name"), params.pop("value"), **params))
            case "task":
                return await self._there.run_task(params.pop("name"), **params)
            case "health":
                return await self._there.health()
            case _:
                raise PluginCallError("unknown", f"no method {method!r}")

    def _load(self, params: dict[str, Any]) -> dict[str, Any]:
        self._plugin, self._config = params["name"], params["config"]
        # Last on the path: what the interpreter has is what everybody here was tested with, and is not to be replaced.
        sys.path.append(params["site"])
        if "subprocess" not in params["capabilities"] and not forbid_programs():
            raise PluginCallError("broken", "it cannot be kept from starting programs on this machine")
        try:
            plugin = loading.load(Path(params["site"]), params["name"], params["version"])
        except PluginLoadError as error:
            raise PluginCallError("broken", error.reason) from error
        self._components = Components(plugin, self._context)
        return self._components.description.model_dump(mode="json")

    def _context(self, agent: str, run: str, now: str) -> PluginContext:
        return PluginContext(
            plugin=self._plugin,
            config=self._config,
            environment=dict(self._environment),
            agent=agent,
            run=run,
            now=now,
            log=self._log,
        )

    def _log(self, message: str) -> None:
        self._writer.write(wire.line({"method": "log", "params": {"message": wire.cut(str(message))}}))

    @property
    def _there(self) -> Components:
        if self._components is None:
            raise PluginCallError("unknown", "nothing is loaded")
        return self._components

    async def _stop(self) -> list[str]:
        if self._components is None:
            return []
        try:
            async with asyncio.timeout(_STOP_S):
                return await self._components.stop()
        except TimeoutError:
            return [f"its services did not stop within {_STOP_S:g} s"]


async def _main(fd: int) -> None:
    connection = socket.socket(fileno=fd)
    connection.set_inheritable(False)
    reader, writer = await asyncio.open_connection(sock=connection, limit=wire.REQUEST_BYTES)
    await Runner(reader, writer).serve()
    writer.close()


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="practicum.plugins.host.runner")
    parser.add_argument("--fd", type=int, required=True)
    fd = parser.parse_args().fd
    os.dup2(2, 1)
    asyncio.run(_main(fd))
    # Threads that the plugin left behind must not keep us.
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
