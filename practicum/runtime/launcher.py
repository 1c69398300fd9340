"""Starting a run, watching it, ending it. Everything that happens in between is on the bus."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from practicum import __version__
from practicum.api.sandbox import Isolation, SandboxProvider
from practicum.bus.address import mailbox_filters
from practicum.bus.event import Event
from practicum.bus.events import AgentSummary, ProcessStarted, RunStarted
from practicum.bus.nats import create_mailbox, stream_name
from practicum.errors import InfrastructureError, PracticumError
from practicum.proctor import control
from practicum.runtime.child import scrubbed_environment, start_child
from practicum.runtime.clients import ProctorClient, WorldClient
from practicum.runtime.desk import Desk, Place
from practicum.runtime.ending import Ending, conclude
from practicum.runtime.hosts import Host, agent_uid, check_readable, inside, make_boot, script_inside, start_host
from practicum.runtime.looking import Looker
from practicum.runtime.mocks import MockDesk, mocks_of
from practicum.runtime.places import RunFolder
from practicum.runtime.plan import Plan
from practicum.runtime.plugin_jobs import plugin_job_desk
from practicum.runtime.plugins import declared_variables, plugin_desk
from practicum.runtime.runbus import RunBus
from practicum.runtime.setting import fill_workspaces, world_boot
from practicum.runtime.staging import Gatherer, Talks, asked_models, workspace_of
from practicum.runtime.steps import Changes, Stage, Steps
from practicum.runtime.team import TeamState
from practicum.runtime.watching import Stop, Watch
from practicum.sandbox.detect import pick, select
from practicum.scenarios.environments import Workspace
from practicum.scenarios.verdict import Verdict

OnEvent = Callable[[Event, int], None]
"""Told of each event and its number once it is on disk."""

_JOIN_S = 60.0


class Launcher:
    """One run, from nothing to its verdict."""

    def __init__(self, plan: Plan, folder: RunFolder, on_event: OnEvent, say: Callable[[str], None]) -> None:
        self.plan, self.folder, self.run = plan, folder, folder.run
        self._on_event, self._say = on_event, say
        self._changes = Changes()
        self._state = TeamState.of(self.run, {a.name: a.wakes for a in plan.agents}, plan.loaded.scenario.owner())
        self._events: list[Event] = []
        self._started = time.monotonic()
        self._bus = RunBus(plan, folder, self._take)
        self._watch = Watch(plan, folder, self._state, self._changes, self._bus.publish)
        self._mocks = mocks_of(plan)
        self._variables = declared_variables(plan)
        self.mock_desk = MockDesk(self._mocks, plan.roles, self._bus.publish)

    def interrupt(self, why: str) -> None:
        """An operator, a signal or a closed terminal ends the run."""
        self._watch.halt(Stop("cancelled", why, interrupted=True))

    async def launch(self) -> Verdict:
        """Run the plan.

        Raises:
            PracticumError: it could not start; nothing is left running.
        """
        async with AsyncExitStack() as stack:
            check_readable(self.plan)
            sandboxes, isolation = await self._sandboxes()
            places = fill_workspaces(self.plan, self.folder)
            workspace = await workspace_of(self.plan, self.folder, sandboxes)
            if workspace is not None:
                stack.push_async_callback(workspace.close)
            proctor, world = await self._children(stack)
            hosts = await stack.enter_async_context(self._hosts(sandboxes, places))
            opened = await proctor.open(self._open())
            for note in opened.notes:
                self._say(note)
            bus = self._bus
            await bus.open(stack, proctor, opened.server_config, self._watch)
            await bus.settle(self._run_started(isolation))
            await proctor.connect(bus.url)
            boot = await world_boot(self.plan, self.folder, opened.world_credentials, proctor, bus.url, sandboxes.name)
            await proctor.world(await world.boot(boot))
            for child in (proctor.child, world.child):
                await bus.publish(ProcessStarted(name=child.name, pid=child.pid))
            if bus.server_pid is not None:
                await bus.publish(ProcessStarted(name="nats-server", pid=bus.server_pid))
            values = await proctor.plugin_values() if self._variables else {}
            desk_of_plugins = plugin_desk(self.plan, self.run, sandboxes, bus.publish, values=values, say=self._say)
            plugins = await stack.enter_async_context(desk_of_plugins)
            jobs = await stack.enter_async_context(
                plugin_job_desk(plugins, sandboxes, bus.publish, [agent.name for agent in self.plan.agents])
            )
            async with asyncio.TaskGroup() as group:
                desk = Desk(self._places(workspace), sandboxes, bus.publish, group)
                await bus.connection.answer("launcher", desk.exec, verb="exec")
                await bus.connection.answer("launcher", desk.timer, verb="timer")
                await bus.connection.answer("launcher", self.mock_desk.answer, verb="mock")
                await bus.connection.answer("launcher", plugins.answer, verb="plugin")
                await bus.connection.answer("launcher", jobs.answer, verb="plugin_job")
                watch = [group.create_task(self._watch.child(child)) for child in (proctor.child, world.child)]
                watch += [group.create_task(self._watch.host(host)) for host in hosts]
                await self._admit(proctor, hosts, sandboxes)
                judge, user = await asked_models(self.plan, proctor, bus.publish)
                for asked in filter(None, (judge, user)):
                    stack.push_async_callback(asked.close)
                gather = Gatherer(self.plan, self.folder, self._events, proctor, sandboxes, workspace, judge)
                allow_weak = self.plan.options.allow_weak
                looker = Looker(self.plan.loaded, self.plan.evaluators, gather, bus.publish, allow_weak=allow_weak)
                steps = Steps(
                    Stage(
                        plan=self.plan,
                        state=self._state,
                        changes=self._changes,
                        events=self._events,
                        publish=bus.publish,
                        settle=bus.settle,
                        speaker=world,
                        looker=looker,
                        workspace=workspace,
                        talk=Talks(self.plan, self.folder, self._events, bus.settle, looker, judge, user),
                        present=self._present,
                    )
                )
                giving = group.create_task(self._give(steps))
                limit = group.create_task(self._watch.time_limit())
                if self.plan.provenance == "live":
                    watch.append(group.create_task(self._watch.live_quiet(steps)))
                await self._changes.until(lambda: self._watch.over(steps))
                if self._watch.stop is None:
                    # What was begun comes to its end and is looked at; a process that dies or a limit cuts it short.
                    wrapping = group.create_task(steps.wrap_up(self._state.said()))
                    wrapping.add_done_callback(lambda _: self._changes.notify())
                    await self._changes.until(lambda: wrapping.done() or self._watch.stop is not None)
                    wrapping.cancel()
                self._watch.ending = True
                stop = self._watch.stop
                for task in (giving, limit, *watch):
                    task.cancel()
                if self._watch.lost is not None:
                    raise self._watch.lost  # without a bus nothing more can be said on it
                await jobs.close()
                await plugins.close()
                verdict = await conclude(
                    Ending(
                        plan=self.plan,
                        folder=self.folder,
                        state=self._state,
                        outcome=stop.outcome if stop else None,
                        why=stop.why if stop else "",
                        interrupted=stop.interrupted if stop else False,
                        seconds=time.monotonic() - self._started,
                        events=self._events,
                        proctor=proctor,
                        world=world,
                        hosts=hosts,
                        isolation=isolation,
                        publish=bus.publish,
                        settle=bus.settle,
                        wait_jobs=self._watch.wait_jobs,
                        writer=bus.writer,
                        looker=looker,
                        gather=gather,
                        mocks=[use for use in self._mocks.book.uses() if use.mock not in self._mocks.off],
                    )
                )
                await desk.close()
            return verdict

    async def _sandboxes(self) -> tuple[SandboxProvider, Isolation]:
        options = self.plan.options
        if options.sandbox != "auto":
            provider = await select(options.sandbox)
        else:
            provider = await pick(self.plan.loaded.scenario.requires)
        return provider, await provider.detect()

    async def _children(self, stack: AsyncExitStack) -> tuple[ProctorClient, WorldClient]:
        # The proctor alone sees our environment: it takes the keys that are in it, and nobody else may.
        proctor = await start_child(
            "proctor", "practicum.proctor.process", log=self.folder.logs / "proctor.log", environment=os.environ
        )
        stack.push_async_callback(proctor.stop)
        world = await start_child(
            "world", "practicum.world.process", log=self.folder.logs / "world.log", environment=scrubbed_environment()
        )
        stack.push_async_callback(world.stop)
        return ProctorClient(proctor), WorldClient(world)

    @asynccontextmanager
    async def _hosts(self, sandboxes: SandboxProvider, places: dict[str, Path]) -> AsyncIterator[list[Host]]:
        """Start every agent's process at once: they import while proctor and world get ready."""
        hosts: list[Host] = []
        try:
            for index, agent in enumerate(self.plan.agents):
                hosts.append(
                    await start_host(
                        agent,
                        index,
                        sandboxes=sandboxes,
                        workspace=places[agent.name],
                        scenario=self.plan.loaded.folder,
                        log=self.folder.logs / f"agent-{agent.name}.log",
                    )
                )
            yield hosts
        finally:
            for host in hosts:
                await host.stop()

    def _open(self) -> control.Open:
        options = self.plan.options
        return control.Open(
            run=self.run,
            vault="",
            env_file=str(options.env_file.absolute()) if options.env_file else "",
            services=self.plan.services,
            agents=self.plan.setups(),
            grantable=self.plan.grantable(),
            mocked=self._mocks.services,
            plugin_variables=self._variables,
            budget_usd=self.plan.budget_usd,
            bus=options.bus,
        )

    def _take(self, event: Event, subject: str, sequence: int) -> None:
        self._state.take(event, subject, sequence)
        self._events.append(event)
        self._on_event(event, len(self._events))
        self._changes.notify()

    def _present(self, step: int, turn: int) -> None:
        self.mock_desk.step, self.mock_desk.turn = step, turn

    def _run_started(self, isolation: Isolation) -> RunStarted:
        scenario = self.plan.loaded.scenario
        return RunStarted(
            scenario=scenario.name,
            environment=self.plan.environment,
            team=tuple(
                AgentSummary(name=agent.name, role=agent.kit.role, model=agent.model_text) for agent in self.plan.agents
            ),
            services=self.plan.modes,
            isolation=isolation.as_dict(),
            agents_isolation={**isolation.as_dict(), "net": "none"},
            limits=scenario.limits.model_dump(mode="json"),
            practicum=__version__,
        )

    def _places(self, workspace: Workspace | None) -> dict[str, Place]:
        # Where the scenario's environment is a container or a service, the agent's commands run there too.
        outside = workspace if workspace is not None and self.plan.environment not in ("local", "sandbox") else None
        return {
            agent.name: Place(
                self._workspace(agent.name),
                agent.kit.charter.can.shell,
                agent_uid(index),
                outside if outside is not None and outside.root == self._workspace(agent.name).absolute() else None,
            )
            for index, agent in enumerate(self.plan.agents)
        }

    def _workspace(self, agent: str) -> Path:
        return self.folder.path / "agents" / agent

    async def _admit(self, proctor: ProctorClient, hosts: list[Host], sandboxes: SandboxProvider) -> None:
        """Give each agent its mailbox, identity and leases, and wait until all have joined."""
        for agent, host in zip(self.plan.agents, hosts, strict=True):
            consumer = await create_mailbox(self._bus.connection, agent.name, mailbox_filters(self.run, agent.name))
            identity = await proctor.identity(
                control.IdentityRequest(
                    source=agent.name, kind="agent", stream=stream_name(self.run), consumer=consumer
                )
            )
            leases = (await proctor.lease(agent.name)).leases
            boot = make_boot(
                self.plan,
                agent,
                run=self.run,
                workspace=inside(sandboxes, self._workspace(agent.name)),
                script=script_inside(sandboxes, agent, self.plan.loaded.folder),
                url=self._bus.url,
                identity=identity,
                leases=leases,
            )
            await host.line.send(boot.model_dump(mode="json"))
            await self._bus.publish(ProcessStarted(name=agent.name, pid=host.process.pid))
        try:
            async with asyncio.timeout(_JOIN_S):
                await self._changes.until(lambda: self._state.all_joined or self._watch.stop is not None)
        except TimeoutError as error:
            late = [name for name, agent in self._state.agents.items() if not agent.joined]
            raise InfrastructureError(
                f"{', '.join(late)} did not join within {_JOIN_S:g} s", hint=f"see {self.folder.logs}"
            ) from error

    async def _give(self, steps: Steps) -> None:
        try:
            await steps.run()
        except* PracticumError as group:
            error = first_of(group)
            self._watch.halt(Stop("infrastructure", f"a step could not be given: {error}"))


def first_of(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """What broke the run, out of the task group that it went through: our own error where there is one."""
    ours = group.subgroup(PracticumError)
    first: BaseException = ours or group
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    return first
