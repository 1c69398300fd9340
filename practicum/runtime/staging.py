"""What the steps of a run with agents need: the workspace, the judge, who plays the user, what evaluators look at."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from practicum.api.evaluator import Evidence, StepView, TurnView
from practicum.api.sandbox import SandboxProvider
from practicum.bus.event import Event
from practicum.bus.events import Data
from practicum.proctor.control import ServiceLease
from practicum.runtime.clients import ProctorClient
from practicum.runtime.conversation import Conversed, Turned, converse
from practicum.runtime.counsel import LauncherJudge
from practicum.runtime.environment_keys import environment_keys
from practicum.runtime.evidence import RunEvidence, SandboxWorkbench, WorldView
from practicum.runtime.hosts import agent_uid
from practicum.runtime.looking import Looker
from practicum.runtime.places import RunFolder, started_now, write_whole
from practicum.runtime.plan import Plan
from practicum.runtime.steps import Begun, Steps, conversation_so_far
from practicum.scenarios.conversation.log import ConversationLog
from practicum.scenarios.conversation.simulator import simulator_for
from practicum.scenarios.environments import Workspace, open_workspace
from practicum.scenarios.schema import Step

Publish = Callable[[Data, str | None], Awaitable[str]]

_FRESH = timedelta(minutes=10)

_SEARCHED = ("trajectory.jsonl", "blobs", "agents", "world", "artifacts", "logs", "bus")
"""Below a run's folder: wherever a credential must not be."""


async def workspace_of(plan: Plan, folder: RunFolder, sandboxes: SandboxProvider) -> Workspace | None:
    """The workspace of the scenario: the folder of the first agent that is given something. It is filled already.

    Raises:
        UsageError: the database's seed or a language does not fit.
        InfrastructureError: the environment cannot be had.
    """
    scenario = plan.loaded.scenario
    if not plan.agents:
        name, index = "workspace", None
    else:
        given = next((step for step in scenario.run if step.kind in ("input", "conversation")), scenario.run[0])
        name = scenario.receiver(given)
        index = next(number for number, agent in enumerate(plan.agents) if agent.name == name)
    return await open_workspace(
        scenario.environment.model_copy(update={"type": plan.environment}),
        root=folder.path / "agents" / name,
        setup=plan.setup.model_copy(update={"virtual_fs": {} if plan.agents else plan.setup.virtual_fs}),
        folder=plan.loaded.folder,
        uid=agent_uid(index) if index is not None else None,
        languages=[step.lang for step in scenario.run if step.code],
        secrets=environment_keys(plan.options.env_file),
        sandboxes=sandboxes,
    )


class Gatherer:
    """Makes evidence: of the whole run, of a step, of a turn."""

    def __init__(
        self,
        plan: Plan,
        folder: RunFolder,
        events: Sequence[Event],
        proctor: ProctorClient,
        sandboxes: SandboxProvider,
        workspace: Workspace | None,
        judge: LauncherJudge | None,
    ) -> None:
        self._plan, self._folder, self._events = plan, folder, events
        self._proctor, self._sandboxes = proctor, sandboxes
        self._workspace, self._judge = workspace, judge
        self._leases: dict[str, ServiceLease] = {}
        self._looking = 0
        """Views that are open: their leases must stay."""

    @asynccontextmanager
    async def __call__(
        self, steps: Sequence[StepView], scope: StepView | None, turn: TurnView | None
    ) -> AsyncIterator[Evidence]:
        """Evidence as of now; clones and checkouts are its own and go with it."""
        scenario = self._plan.loaded.scenario
        async with self.view() as view:
            yield RunEvidence(
                run=self._folder.run,
                directory=self._folder.path,
                events=tuple(self._events),
                team=self._plan.roles,
                settings={
                    **self._plan.settings,
                    "judge": scenario.judge.model_dump(),
                    "agents_act": any(step.kind != "code" for step in scenario.run),
                },
                world=view,
                workbench=SandboxWorkbench(view, self._sandboxes, view.scratch),
                search=self._search,
                steps=steps,
                scope=scope,
                turn=turn,
                files=self._workspace,
                judge=self._judge,
            )

    @asynccontextmanager
    async def view(self) -> AsyncIterator[WorldView]:
        """The services, read-only."""
        if not self._looking and self._near_their_end():
            self._leases = (await self._proctor.inspector()).leases
        self._looking += 1
        try:
            with tempfile.TemporaryDirectory(prefix="practicum-evaluation-", ignore_cleanup_errors=True) as name:
                yield WorldView(self._leases, Path(name))
        finally:
            self._looking -= 1

    def _near_their_end(self) -> bool:
        """Whether there are no leases, or they would not outlast a long evaluation. New ones replace them."""
        return any(lease.expires - started_now() < _FRESH for lease in self._leases.values()) or not self._leases

    async def _search(self) -> list[str]:
        paths = [self._folder.path / part for part in _SEARCHED]
        return await self._proctor.search([path for path in paths if path.exists()])


class Talks:
    """Holds the conversations of a run."""

    def __init__(
        self,
        plan: Plan,
        folder: RunFolder,
        events: Sequence[Event],
        settle: Callable[[Data], Awaitable[None]],
        looker: Looker,
        judge: LauncherJudge | None,
        user: LauncherJudge | None,
    ) -> None:
        self._plan, self._folder, self._events, self._settle = plan, folder, events, settle
        self._looker, self._judge, self._user = looker, judge, user

    async def __call__(self, step: Step, index: int, begun: Begun, steps: Steps) -> Conversed:
        """Hold the conversation of a step to its end."""
        talk = step.conversation
        assert talk is not None
        log = ConversationLog(talk.debug_options)
        user = self._plan.user
        forced = user.text if user is not None and user.forced else ""
        turns: list[Turned] = []

        async def turn_done(turned: Turned) -> None:
            turns.append(turned)
            await self._settle(turned.event(index))
            so_far = conversation_so_far(begun, turns, self._events, set(self._plan.roles))
            await self._looker.after_turn(so_far, turned.view)

        conversed = await converse(
            talk,
            first=step.input + self._plan.task_suffix(),
            simulator=simulator_for(talk.user_simulator, self._user, forced, log),
            judge=self._judge,
            send=lambda words, turn: steps.give(begun, words, turn),
            answered=lambda seconds: steps.answered(begun, seconds),
            turn_done=turn_done,
            time_s=step.time_s,
            log=log,
        )
        if log.text:
            self._folder.artifacts.mkdir(exist_ok=True)
            write_whole(self._folder.artifacts / f"conversation-{index}.log", log.text)
        return conversed


async def asked_models(
    plan: Plan, proctor: ProctorClient, publish: Publish
) -> tuple[LauncherJudge | None, LauncherJudge | None]:
    """The judge, and who plays users; each with a lease of its own. None where the run has none."""
    actors = {name for agent in plan.agents for name in (agent.model_text, str(agent.model))}
    found: list[LauncherJudge | None] = []
    for asked in (plan.judge, plan.user):
        if asked is None:
            found.append(None)
            continue
        leases = (await proctor.lease(asked.who)).leases
        found.append(LauncherJudge(leases, asked.text, actors, publish, asked.who))
    return found[0], found[1]
