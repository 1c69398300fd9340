"""The isolated host: a plugin in a process of its own, inside a sandbox, asked by lines of JSON."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import socket
import sys
from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue, ValidationError

from practicum.api.plugin import Check
from practicum.api.sandbox import Mount, Sandbox, SandboxProcess, SandboxProvider, SandboxSpec
from practicum.clock import Clock, WallClock
from practicum.plugins.host import wire
from practicum.plugins.host.description import Description
from practicum.plugins.host.errors import PluginCallError, PluginLoadError
from practicum.plugins.host.granted import confidential, hold_to_grant, variables
from practicum.plugins.host.limits import HostLimits
from practicum.plugins.host.protocol import NO_ANSWER, Loaded, Say, Secrets
from practicum.plugins.host.redact import Redactor
from practicum.plugins.store.manifest import Installed
from practicum.sandbox.child import Pipe

SITE = "/plugin/site"
"""Where the plugin's packages are inside, to read only."""
DATA = "/plugin/data"
"""Its own folder, which it may write to; there with the capability `fs`."""

_TAIL = 4000
"""Characters of its stderr that are kept, to say why it died."""


class IsolatedHost:
    """See `PluginHost`. One process for one version; once it ends or breaks the protocol, the host is gone for good."""

    def __init__(
        self,
        sandboxes: SandboxProvider,
        *,
        secrets: Secrets,
        say: Say,
        clock: Clock | None = None,
        limits: HostLimits | None = None,
    ) -> None:
        self._sandboxes, self._secrets, self._say = sandboxes, secrets, say
        self._clock, self._limits = clock or WallClock(), limits or HostLimits()
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[JsonValue]] = {}
        self._slots = asyncio.Semaphore(self._limits.calls)
        self._gone: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._installed: Installed | None = None
        self._sandbox: Sandbox | None = None
        self._process: SandboxProcess | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._errors: Pipe | None = None
        self._tail = b""
        self._closed = False
        self._redactor = Redactor({})

    async def load(self, installed: Installed) -> Loaded:
        """See `PluginHost`."""
        self._installed = installed
        try:
            async with asyncio.timeout(self._limits.load_s):
                await self._start(installed)
                description = await self._described(installed)
                hold_to_grant(installed, description)
                values = variables(installed, description, self._secrets)
                self._redactor = Redactor(confidential(installed, description, values))
                await self._ask("start", {"environment": values, "now": self._now()})
        except BaseException as error:
            await self.close()
            if isinstance(error, TimeoutError):
                raise self._unfit(f"it was not ready within {self._limits.load_s:g} s") from error
            if isinstance(error, PluginCallError):
                raise self._unfit(error.message) from error
            raise
        return Loaded(installed, description, "isolated")

    async def _start(self, installed: Installed) -> None:
        mounts = [Mount(installed.site, SITE)]
        if "fs" in installed.manifest.allowed.capabilities or self._unconfined:
            installed.data.mkdir(parents=True, exist_ok=True)
            mounts.append(Mount(installed.data, DATA, writable=True))
        spec = SandboxSpec(
            mounts=tuple(mounts),
            cwd=str(installed.data) if self._unconfined else DATA,
            limits=self._limits.sandbox,
            env={"PYTHONDONTWRITEBYTECODE": "1", "PYTHONSAFEPATH": "1"},
        )
        self._sandbox = await self._sandboxes.open(spec)
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        self._errors = Pipe(0, self._printed)
        with theirs:
            self._process = await self._sandbox.start(
                [sys.executable, "-m", "practicum.plugins.host.runner", "--fd", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdout=self._errors.write_end,
                stderr=self._errors.write_end,
            )
        self._errors.started()
        reader, self._writer = await asyncio.open_connection(sock=ours, limit=wire.ANSWER_BYTES)
        self._reading = asyncio.create_task(self._read(reader), name=f"plugin-{installed.name}")

    async def _described(self, installed: Installed) -> Description:
        site = str(installed.site) if self._unconfined else SITE
        told = await self._ask(
            "load",
            {
                "name": installed.name,
                "version": installed.version,
                "site": site,
                "config": dict(installed.manifest.config),
                "capabilities": list(installed.manifest.allowed.capabilities),
            },
        )
        try:
            description = Description.model_validate(told)
        except ValidationError as error:
            raise self._unfit(f"its description is not one: {error.errors()[0]['msg']}") from error
        if (description.name, description.version) != (installed.name, installed.version):
            raise self._unfit(f"it says that it is {description.name} {description.version}")
        if "net" in description.capabilities:
            raise PluginLoadError(
                installed.name, installed.version,
                f"wants to reach {', '.join(description.hosts) or 'the network'}, and the sandbox has no network",
                hint="install it with the trusted host if you answer for its code, or drop the capability net",
            )  # fmt: skip
        return description

    def _unfit(self, reason: str) -> PluginLoadError:
        assert self._installed is not None
        return PluginLoadError(self._installed.name, self._installed.version, reason)

    @property
    def _unconfined(self) -> bool:
        """The tier without a file system of its own, where paths are what they are."""
        return self._sandboxes.name == "local"

    def _now(self) -> str:
        return self._clock.now().isoformat()

    def _printed(self, chunk: bytes) -> None:
        self._tail = (self._tail + chunk)[-_TAIL:]

    # What goes over the socket.

    async def _ask(self, method: str, params: Mapping[str, object]) -> JsonValue:
        """Ask and wait for as long as it takes; when the caller gives up, so does the plugin."""
        if self._writer is None or self._gone.done() or self._closed:
            raise PluginCallError("down", self._gone.result() if self._gone.done() else "it is closed")
        number = next(self._ids)
        try:
            said = wire.line({"id": number, "method": method, "params": params})
        except (ValueError, TypeError, RecursionError) as error:
            raise PluginCallError("arguments", f"the arguments cannot be written as JSON: {error}") from error
        if len(said) > wire.REQUEST_BYTES:
            raise PluginCallError("too_large", f"the arguments have {len(said)} bytes, {wire.REQUEST_BYTES} are taken")
        answer: asyncio.Future[JsonValue] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            self._writer.write(said)
            await self._writer.drain()
            return await answer
        except ConnectionError:
            return await answer  # the reader sees the end too, and says why
        except asyncio.CancelledError:
            if not self._gone.done():
                self._writer.write(wire.line({"method": "cancel", "params": {"id": number}}))
            raise
        finally:
            self._waiting.pop(number, None)

    async def _read(self, reader: asyncio.StreamReader) -> None:
        why = ""
        try:
            while raw := await reader.readline():
                self._take(json.loads(raw))
        except ConnectionError:
            pass
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
            why = "it does not keep to the protocol"  # nothing that comes after can be believed
        if self._process is not None:
            await self._process.kill()
        if self._errors is not None:
            await self._errors.finished()  # nobody is left who could write
        if not why:
            last = self._tail.decode(errors="replace").strip()
            why = f"its process ended: {last}" if last else "its process ended"
        self._lose(self._redactor.text(why))

    def _lose(self, why: str) -> None:
        if not self._gone.done():
            self._gone.set_result(why)
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(PluginCallError("gone", why))

    def _take(self, message: dict[str, Any]) -> None:
        if message.get("method") == "log":
            assert self._installed is not None
            text = wire.cut(str(message["params"]["message"]))
            self._say(self._installed.name, self._redactor.text(text))
            return
        answer = self._waiting.get(message["id"])
        if answer is None or answer.done():
            return  # its caller has given up
        if "error" in message:
            error = wire.rebuild(message["error"])
            answer.set_exception(PluginCallError(error.kind, self._redactor.text(error.message)))
        else:
            answer.set_result(self._redactor.value(message["result"]))

    async def _within(self, method: str, params: Mapping[str, object], timeout: float | None) -> JsonValue:
        seconds = self._limits.call_s if timeout is None else timeout
        try:
            async with asyncio.timeout(seconds), self._slots:
                return await self._ask(method, {**params, "now": self._now()})
        except TimeoutError as error:
            raise PluginCallError("timeout", f"no answer within {seconds:g} s") from error

    # What callers ask for.

    async def call(
        self, action: str, args: dict[str, JsonValue], *, agent: str = "", run: str = "", timeout: float | None = None
    ) -> JsonValue:
        """See `PluginHost`."""
        return await self._within("call", {"name": action, "args": args, "agent": agent, "run": run}, timeout)

    async def provide(self, name: str, *, agent: str = "", run: str = "") -> str:
        """See `PluginHost`."""
        text = await self._within("provide", {"name": name, "agent": agent, "run": run}, None)
        if not isinstance(text, str):
            raise PluginCallError("broken", f"{name} gave no text")
        return text

    async def evaluate(self, name: str, value: JsonValue, *, agent: str = "", run: str = "") -> Check:
        """See `PluginHost`."""
        told = await self._within("evaluate", {"name": name, "value": value, "agent": agent, "run": run}, None)
        match told:
            case {"passed": bool(passed), "summary": str(summary), "score": None | int() | float() as score}:
                return Check(passed, summary, None if score is None else float(score))
            case _:
                raise PluginCallError("broken", f"{name} gave no check")

    async def run_task(self, name: str, *, run: str = "", timeout: float | None = None) -> None:
        """See `PluginHost`."""
        await self._within("task", {"name": name, "run": run}, timeout)

    async def health(self) -> str:
        """See `PluginHost`."""
        try:
            async with asyncio.timeout(self._limits.health_s):
                said = await self._ask("health", {})
        except TimeoutError:
            return f"{NO_ANSWER} within {self._limits.health_s:g} s"
        except PluginCallError as error:
            return error.message
        return said if isinstance(said, str) else "its health is no text"

    async def wait(self) -> str:
        """See `PluginHost`."""
        return await asyncio.shield(self._gone)

    async def close(self, *, at_once: bool = False) -> None:
        """See `PluginHost`."""
        try:
            if not at_once and not self._closed and self._writer is not None and not self._gone.done():
                async with asyncio.timeout(self._limits.stop_s):
                    for problem in _texts(await self._ask("stop", {})):
                        self._say(self._installed.name if self._installed else "", problem)
        except (TimeoutError, PluginCallError):
            pass  # it is ended all the same
        finally:
            self._closed = True
            await self._end()

    async def _end(self) -> None:
        if self._process is not None:
            await self._process.kill()
        if self._reading is not None:
            await self._reading
        if self._writer is not None:
            self._writer.close()
            with contextlib.suppress(ConnectionError):
                await self._writer.wait_closed()
        if self._errors is not None:
            self._errors.close()
        sandbox, self._sandbox = self._sandbox, None
        if sandbox is not None:
            await sandbox.close()

    @property
    def pid(self) -> int:
        """Of the outermost process on the host; 0 before it was started."""
        return self._process.pid if self._process is not None else 0


def _texts(value: JsonValue) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
