"""The end of a run: stop the team, look at what it did, judge, seal, keep what it made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from practicum import __version__
from practicum.api.sandbox import Isolation
from practicum.bus.event import Event
from practicum.bus.events import (
    Data,
    JudgmentReached,
    Outcome,
    RunFinished,
    RunInterrupted,
    WorkEnded,
)
from practicum.errors import PracticumError
from practicum.runtime.artifacts import keep_artifacts, keep_ledger
from practicum.runtime.clients import ProctorClient, WorldClient
from practicum.runtime.hosts import Host
from practicum.runtime.looking import Looker
from practicum.runtime.places import RunFolder, started_now, write_whole
from practicum.runtime.plan import Plan
from practicum.runtime.staging import Gatherer
from practicum.runtime.stepview import results
from practicum.runtime.team import TeamState
from practicum.runtime.usage import agent_use, facts
from practicum.runtime.verdict import final_outcome
from practicum.scenarios.conversation.transcript import to_json, to_markdown
from practicum.scenarios.judgment import Judged, judge
from practicum.scenarios.verdict import LeaseUse, MockUse, Verdict
from practicum.trajectory.verify import Seal
from practicum.trajectory.writer import TrajectoryWriter


@dataclass
class Ending:
    """All that the end of a run needs."""

    plan: Plan
    folder: RunFolder
    state: TeamState
    outcome: Outcome | None
    """Set where the run was broken off."""
    why: str
    interrupted: bool
    seconds: float
    events: list[Event]
    proctor: ProctorClient
    world: WorldClient
    hosts: list[Host]
    isolation: Isolation
    publish: Callable[[Data], Awaitable[str]]
    settle: Callable[[Data], Awaitable[None]]
    wait_jobs: Callable[[], Awaitable[None]]
    writer: TrajectoryWriter
    looker: Looker
    gather: Gatherer
    mocks: list[MockUse]


async def conclude(ending: Ending) -> Verdict:
    """Bring a run to its verdict; also one that was broken off, as far as its processes still live."""
    broken = ending.outcome in ("infrastructure", "cancelled")
    if not broken:
        await ending.wait_jobs()
    for host in ending.hosts:
        await host.stop()
    await ending.settle(WorkEnded(reason=_reason(ending)))
    leases: list[LeaseUse] = []
    why = ending.why
    if not broken:
        try:
            await _evaluate(ending)
        except PracticumError as error:
            ending.outcome, why = "infrastructure", f"the evaluation broke: {error}"
    evaluated = ending.looker.found
    judgment = ending.plan.loaded.scenario.judgment
    judged = judge(judgment.strategy, evaluated, judgment.threshold)
    outcome, reason = final_outcome(
        judged, ending.outcome or _failed_agents(ending, judged), why or _agents_said(ending)
    )
    if not ending.proctor.child.line.closed.is_set():
        leases = [LeaseUse(**row.model_dump()) for row in (await ending.proctor.usage()).leases]
        await ending.proctor.revoke("the run is over")
    await _judge_and_seal(ending, judged, outcome, reason)
    verdict = Verdict.model_validate(
        {
            **ending.plan.described(),
            "run": ending.folder.run,
            "outcome": outcome,
            "reason": reason,
            "started": ending.events[0].time if ending.events else started_now(),
            "seconds": round(ending.seconds, 3),
            "agents": agent_use(ending.plan, ending.events),
            "isolation": ending.isolation.as_dict(),
            "agents_isolation": {**ending.isolation.as_dict(), "net": "none"},
            "evaluations": evaluated,
            "leases": leases,
            "facts": facts(ending.events, evaluated),
            "events": ending.writer.count,
            "head": ending.writer.head.decode(),
            "practicum": __version__,
            "mocks": ending.mocks,
            "steps": results(ending.events, ending.plan.loaded.scenario.run),
        }
    )
    _keep_transcripts(ending, verdict)
    write_whole(ending.folder.path / "verdict.json", verdict.model_dump_json(indent=1))
    return verdict


def _keep_transcripts(ending: Ending, verdict: Verdict) -> None:
    """Write out the conversations whose step asks for it."""
    for step in verdict.steps:
        talk = ending.plan.loaded.scenario.run[step.index].conversation
        if talk is not None and talk.debug_options.export_full_transcript:
            ending.folder.artifacts.mkdir(exist_ok=True)
            write_whole(ending.folder.artifacts / f"transcript-{step.index}.md", to_markdown(step))
            write_whole(ending.folder.artifacts / f"transcript-{step.index}.json", to_json(step))


async def _evaluate(ending: Ending) -> None:
    async with ending.gather.view() as view:
        await keep_artifacts(ending.plan, ending.folder, view, ending.world)
    await ending.looker.missed(_reason(ending))
    await ending.looker.at_the_end()
    keep_ledger(ending.folder)


async def _judge_and_seal(ending: Ending, judged: Judged, outcome: Outcome, reason: str) -> None:
    strategy = ending.plan.loaded.scenario.judgment.strategy
    await ending.publish(
        JudgmentReached(outcome=outcome, strategy=strategy, passed=judged.passed, total=judged.total, summary=reason)
    )
    last: Data = (
        RunInterrupted(reason=reason)
        if ending.interrupted
        else RunFinished(outcome=outcome, reason=reason, seconds=round(ending.seconds, 3))
    )
    await ending.settle(last)
    seal = Seal(run=ending.folder.run, events=ending.writer.count, head=ending.writer.head.decode())
    if not ending.proctor.child.line.closed.is_set():
        sealed = await ending.proctor.seal(seal.head, seal.events)
        seal.signature, seal.public_key = sealed.signature, sealed.public_key
    write_whole(ending.folder.path / "seal.json", seal.model_dump_json(indent=1))


def _reason(ending: Ending) -> str:
    if ending.why:
        return ending.why
    return ending.state.said() or "nothing more happens by itself"


def _failed_agents(ending: Ending, judged: Judged) -> Outcome | None:
    """When not all passed and an agent broke, what broke decides: its model is infrastructure, its limits a limit."""
    if judged.outcome == "passed":
        return None
    kinds = {
        "limit" if agent.name in ending.state.spent else agent.failed.kind
        for agent in ending.state.agents.values()
        if agent.failed is not None
    }
    if "model" in kinds:
        return "infrastructure"
    return "limit" if "limit" in kinds else None


def _agents_said(ending: Ending) -> str:
    return "; ".join(
        f"{agent.name}: {agent.failed.error}" for agent in ending.state.agents.values() if agent.failed is not None
    )
