"""The bus of a run as its launcher has it: the server, the connections, the observer, and what is said on it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial

from practicum.bus.event import Event, make_event
from practicum.bus.events import Data, ProcessDied
from practicum.bus.identity import SourceKind
from practicum.bus.nats import NatsBus, connect_nats, create_stream, stream_name
from practicum.bus.routing import address_for
from practicum.bus.server import EmbeddedServer
from practicum.errors import BusError, InfrastructureError, PracticumError
from practicum.proctor import control
from practicum.runtime.clients import ProctorClient
from practicum.runtime.places import RunFolder
from practicum.runtime.plan import Plan
from practicum.runtime.watching import Stop, Watch
from practicum.trajectory.observer import Observer
from practicum.trajectory.writer import TrajectoryWriter

Take = Callable[[Event, str, int], None]
"""Told of each event, its subject and its number, once it is on disk."""


class RunBus:
    """What one run says and records. `open` comes first."""

    connection: NatsBus
    """The launcher's own connection."""
    writer: TrajectoryWriter
    url: str

    def __init__(self, plan: Plan, folder: RunFolder, take: Take) -> None:
        self._plan, self._folder, self._take = plan, folder, take
        self._server: EmbeddedServer | None = None

    @property
    def server_pid(self) -> int | None:
        """Of the embedded server; None with a bus that is somebody else's."""
        return self._server.pid if self._server is not None else None

    async def open(self, stack: AsyncExitStack, proctor: ProctorClient, server_config: str, watch: Watch) -> None:
        """Start the server where the run has its own, connect, make the stream, begin to record.

        Everything is closed with `stack`. `watch` hears when server or observer are gone.

        Raises:
            BusError, InfrastructureError: one of them did not come up.
        """
        self._watch = watch
        if not self._plan.options.bus:
            self._server = await self._serve(stack, server_config)
        self.url = self._plan.options.bus or (self._server.url if self._server else "")
        self.connection = await self._connect(stack, proctor, "launcher", "launcher")
        observed = await self._connect(stack, proctor, "observer", "observer")
        await create_stream(self.connection)
        self._observer = await self._observe(stack, observed)

    async def publish(self, data: Data, cause: str | None = None) -> str:
        """Say something in the launcher's name; returns the event's id when it is stored."""
        event = self._event(data, cause)
        await self.connection.publish(event, address_for(data))
        return event.id

    async def settle(self, data: Data) -> None:
        """Publish `data` and return when it, and everything before it, is on disk.

        Raises:
            PracticumError: server or observer are gone for good.
        """
        event = self._event(data, None)

        async def settled() -> None:
            await self._observer.reached(await self.connection.publish(event, address_for(data)))

        settling, broken = asyncio.ensure_future(settled()), asyncio.ensure_future(self._watch.broken.wait())
        try:
            # What nobody stores or records any more would be waited for in vain.
            await asyncio.wait({settling, broken}, return_when=asyncio.FIRST_COMPLETED)
            if self._watch.lost is not None:
                raise self._watch.lost
            await settling
        finally:
            settling.cancel()
            broken.cancel()

    def _event(self, data: Data, cause: str | None) -> Event:
        return make_event(data, run=self._folder.run, source="launcher", cause=cause, provenance=self._plan.provenance)

    async def _serve(self, stack: AsyncExitStack, config: str) -> EmbeddedServer:
        def crashed(code: int, tail: str) -> None:
            self._crash = asyncio.create_task(self._crashed(server, code, tail))

        def full(said: str) -> None:
            self._watch.lose(InfrastructureError(f"nats-server cannot store events any more: {said}"))

        folder = self._folder.path / "bus"
        server = EmbeddedServer(folder, config=config, name=self._folder.run, on_exit=crashed, on_fault=full)
        await server.start()
        stack.push_async_callback(server.stop)
        return server

    async def _crashed(self, server: EmbeddedServer, code: int, tail: str) -> None:
        """The broker died: start it again so that the record is whole, and end the run as what it is."""
        try:
            await server.restart()
            await self.publish(ProcessDied(name="nats-server", exit_code=code, detail=tail[-2000:]))
        except (BusError, OSError) as error:
            self._watch.lose(InfrastructureError(f"nats-server died (exit {code}) and did not start again: {error}"))
        self._watch.halt(Stop("infrastructure", f"nats-server died (exit {code})"))

    async def _connect(self, stack: AsyncExitStack, proctor: ProctorClient, source: str, kind: SourceKind) -> NatsBus:
        async def identity() -> tuple[str, str]:
            asked = control.IdentityRequest(source=source, kind=kind, stream=stream_name(self._folder.run))
            made = await proctor.identity(asked)
            return made.jwt, made.seed

        jwt, seed = await identity()
        bus = await connect_nats(self.url, run=self._folder.run, source=source, jwt=jwt, seed=seed, renew=identity)
        stack.push_async_callback(bus.close)
        return bus

    async def _observe(self, stack: AsyncExitStack, bus: NatsBus) -> Observer:
        self.writer = TrajectoryWriter(self._folder.path, self._folder.run)
        stack.callback(self.writer.close)
        observer = Observer(bus, self.writer, self._take)
        task = asyncio.create_task(observer.run())
        task.add_done_callback(self._observer_ended)
        stack.push_async_callback(partial(_end, task))
        return observer

    def _observer_ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            ours = error if isinstance(error, PracticumError) else InfrastructureError(f"observer: {error}")
            self._watch.lose(ours)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError, PracticumError):
        await task
