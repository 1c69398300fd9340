"""The world: its services behind one listener, with one ledger and one task group."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from aiohttp import web

from practicum.api.sandbox import SandboxProvider
from practicum.bus.events import Data, Json
from practicum.clock import Clock, WallClock
from practicum.errors import BusError, UsageError
from practicum.world.actions import Actions
from practicum.world.journal import Journal
from practicum.world.ledger import Ledger, header_token
from practicum.world.service import Credential, Credentials, Emit, SimulatedService, WorldContext

MAX_BODY = 64 * 1024 * 1024
"""Bytes of one request: pushes and uploads included."""


@runtime_checkable
class Speaking(Protocol):
    """A service in which a simulated person can say something."""

    async def say(self, channel: str, user: str, text: str) -> Json:
        """Post `text` as `user`; returns the message as the service shows it."""
        ...


@dataclass(frozen=True)
class WorldSettings:
    """What a world is made of."""

    run: str
    directory: Path
    services: Mapping[str, Mapping[str, Json]]
    """Service to seed."""
    credentials: Sequence[Credential]
    sandboxes: SandboxProvider
    emit: Emit
    clock: Clock = field(default_factory=WallClock)
    port: int = 0
    """0 takes a free one."""


class World:
    """The running services. Use `async with World.open(settings)`."""

    def __init__(self, settings: WorldSettings, group: asyncio.TaskGroup) -> None:
        self._settings = settings
        # Git's hooks and sandboxes get paths below it, and work in other folders than we do.
        directory = settings.directory.absolute()
        directory.mkdir(parents=True, exist_ok=True)
        self.credentials = Credentials(settings.credentials)
        self.ledger = Ledger(directory / "ledger.jsonl", settings.clock, self.credentials)
        self._group = group
        self._tasks: set[asyncio.Task[None]] = set()
        self.context = WorldContext(
            run=settings.run,
            directory=directory,
            clock=settings.clock,
            credentials=self.credentials,
            emit=self._emit,
            spawn=self._spawn,
            sandboxes=settings.sandboxes,
        )
        self.services: dict[str, SimulatedService] = {}
        self.url = ""

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: WorldSettings) -> AsyncIterator[World]:
        """Start the services and listen; at the end, end every process of theirs.

        A background task that fails ends the block with its error.

        Raises:
            UsageError: an unknown service, or a seed that cannot be used.
        """
        try:
            async with asyncio.TaskGroup() as group:
                world = cls(settings, group)
                try:
                    async with AsyncExitStack() as stack:
                        stack.callback(world.ledger.close)
                        await world._start(stack)
                        yield world
                finally:
                    for task in tuple(world._tasks):
                        task.cancel()
        except BaseExceptionGroup as failures:
            if len(failures.exceptions) > 1:
                raise
            raise failures.exceptions[0] from None  # a group of one says no more than the one

    async def say(self, service: str, channel: str, user: str, text: str) -> Json:
        """Let a simulated person say something in a service.

        Raises:
            UsageError: the service is not there, or nobody can speak in it.
        """
        speaking: object = self.services.get(service)
        if not isinstance(speaking, Speaking):
            raise UsageError(f"nobody can say anything in {service!r}")
        return await speaking.say(channel, user, text)

    def inspect(self, service: str = "") -> dict[str, Json]:
        """The whole state of a service, or of all, by name.

        Raises:
            UsageError: it is not part of this world.
        """
        if not service:
            return {name: found.inspect() for name, found in self.services.items()}
        if service not in self.services:
            raise UsageError(f"there is no service {service!r} in this world")
        return self.services[service].inspect()

    def _spawn(self, work: Coroutine[Any, Any, None], /) -> None:
        try:
            task = self._group.create_task(work)
        except RuntimeError:  # the group is ending, and so is everything in it
            work.close()
            return
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _emit(self, service: str, data: Data, *, cause: str | None = None) -> str:
        """Publish; a world whose events are not stored any more ends, instead of answering as if they were."""
        try:
            return await self._settings.emit(service, data, cause=cause)
        except (BusError, OSError) as error:
            self._spawn(_end(error))
            raise

    async def _start(self, stack: AsyncExitStack) -> None:
        app = web.Application(client_max_size=MAX_BODY, middlewares=[self.ledger.middleware()])
        for name in self._settings.services:
            service = _make(name, self.context, stack)
            self.services[name] = service
            stack.push_async_callback(service.close)
            service.mount(app)
        app.router.add_get("/inspect/{service}", self._inspect)
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, "127.0.0.1", self._settings.port)
        await site.start()
        self.url = self.context.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        for name, seed in self._settings.services.items():
            await self.services[name].seed(seed)

    async def _inspect(self, request: web.Request) -> web.Response:
        token = header_token(request.headers.get("Authorization", ""))
        account = self.credentials.authenticate("world", token)
        if account is None:
            return _refusal(401, "unauthorized", "the world's own key is needed")
        if account.kind != "admin":
            return _refusal(403, "forbidden", "only the admin account may look in")
        name = request.match_info["service"]
        if name == "ledger":
            return web.json_response({"entries": self.ledger.entries()})
        if name not in self.services:
            return _refusal(404, "not_found", f"there is no service {name!r} in this world")
        return web.json_response(self.services[name].inspect())


async def _end(error: BusError | OSError) -> None:
    """In the world's task group, ends the world."""
    raise error


def _refusal(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"error": code, "message": message}, status=status)


def _github(context: WorldContext, stack: AsyncExitStack) -> SimulatedService:
    from practicum.world.github import GitHub

    actions = Actions(context)
    stack.push_async_callback(actions.close)
    return GitHub(context, actions)


def _slack(context: WorldContext, stack: AsyncExitStack) -> SimulatedService:
    from practicum.world.slack import Slack

    return Slack(context)


def _discord(context: WorldContext, stack: AsyncExitStack) -> SimulatedService:
    from practicum.world.discord import Discord

    return Discord(context)


def _deploy(context: WorldContext, stack: AsyncExitStack) -> SimulatedService:
    from practicum.world.deploy import Deploy

    return Deploy(context)


SERVICES: dict[str, Callable[[WorldContext, AsyncExitStack], SimulatedService]] = {
    "github": _github,
    "slack": _slack,
    "discord": _discord,
    "deploy": _deploy,
}
"""Name to what makes the service; each is imported when it is asked for. The stack is left after the service closed."""


def _make(name: str, context: WorldContext, stack: AsyncExitStack) -> SimulatedService:
    if name not in SERVICES:
        raise UsageError(f"unknown service {name!r}", hint=f"known: {', '.join(SERVICES)}")
    return SERVICES[name](context, stack)


@asynccontextmanager
async def serve(
    services: Sequence[str],
    *,
    credentials: Iterable[Credential],
    directory: Path,
    port: int = 0,
    seed: Mapping[str, Mapping[str, Json]] | None = None,
    sandboxes: SandboxProvider | None = None,
    on_event: Callable[[str, Data], None] | None = None,
) -> AsyncIterator[World]:
    """A world of its own, without a run and without a bus: a stand-in for the true services.

    Args:
        services: such as `["github"]`.
        credentials: the accounts that it knows.
        directory: for its state; events are appended to `events.jsonl` there.
        port: on 127.0.0.1; 0 takes a free one.
        seed: service to seed.
        sandboxes: where workflows and applications run; the strongest tier of this machine unless given.
        on_event: told of every event, with the service that it comes from.

    Raises:
        UsageError: an unknown service, or a seed that cannot be used.
    """
    if sandboxes is None:
        from practicum.sandbox.detect import pick

        sandboxes = await pick()
    clock = WallClock()
    journal = Journal(directory / "events.jsonl", run="standalone", clock=clock, on_event=on_event)
    try:
        settings = WorldSettings(
            run="standalone",
            directory=directory,
            services={name: (seed or {}).get(name, {}) for name in services},
            credentials=tuple(credentials),
            sandboxes=sandboxes,
            emit=journal.emit,
            clock=clock,
            port=port,
        )
        async with World.open(settings) as world:
            yield world
    finally:
        journal.close()
