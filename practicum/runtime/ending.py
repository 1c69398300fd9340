"""The end of a run: stop the team, look at what it did, judge, seal, keep what it made."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from practicum import __version__
from practicum.api.sandbox import Isolation, SandboxProvider
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
from practicum.runtime.evidence import RunEvidence, SandboxWorkbench, WorldView
from practicum.runtime.hosts import Host
from practicum.runtime.places import RunFolder, started_now
from practicum.runtime.plan import Plan
from practicum.runtime.team import TeamState
from practicum.runtime.usage import agent_use, facts
from practicum.runtime.verdict import evaluate_all, final_outcome
from practicum.scenarios.judgment import Evaluated, Judged, judge
from practicum.scenarios.verdict import LeaseUse, Verdict
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
    sandboxes: SandboxProvider
    isolation: Isolation
    publish: Callable[[Data], Awaitable[str]]
    settle: Callable[[Data], Awaitable[None]]
    wait_jobs: Callable[[], Awaitable[None]]
    writer: TrajectoryWriter


async def conclude(ending: Ending) -> Verdict:
    """Bring a run to its verdict; also one that was broken off, as far as its processes still live."""
    broken = ending.outcome in ("infrastructure", "cancelled")
    if not broken:
        await ending.wait_jobs()
    for host in ending.hosts:
        await host.stop()
    await ending.settle(WorkEnded(reason=_reason(ending)))
    evaluated: list[Evaluated] = []
    leases: list[LeaseUse] = []
    why = ending.why
    if not broken:
        try:
            evaluated = await _evaluate(ending)
        except PracticumError as error:
            ending.outcome, why = "infrastructure", f"the evaluation broke: {error}"
    judged = judge(ending.plan.loaded.scenario.judgment.strategy, evaluated)
    outcome, reason = final_outcome(
        judged, ending.outcome or _failed_agents(ending, judged), why or _agents_said(ending)
    )
    if not ending.proctor.child.line.closed.is_set():
        leases = [LeaseUse(**row.model_dump()) for row in (await ending.proctor.usage()).leases]
        await ending.proctor.revoke("the run is over")
    await _judge_and_seal(ending, judged, outcome, reason)
    verdict = Verdict(
        run=ending.folder.run,
        scenario=ending.plan.loaded.scenario.name,
        outcome=outcome,
        reason=reason,
        started=ending.events[0].time if ending.events else started_now(),
        seconds=round(ending.seconds, 3),
        team=ending.plan.team,
        agents=agent_use(ending.plan, ending.events),
        services=ending.plan.modes,
        isolation=ending.isolation.as_dict(),
        agents_isolation={**ending.isolation.as_dict(), "net": "none"},
        evaluations=evaluated,
        leases=leases,
        facts=facts(ending.events, evaluated),
        events=ending.writer.count,
        head=ending.writer.head.decode(),
        practicum=__version__,
    )
    _write(ending.folder.path / "verdict.json", verdict.model_dump_json(indent=1))
    return verdict


async def _evaluate(ending: Ending) -> list[Evaluated]:
    leases = (await ending.proctor.inspector()).leases
    with tempfile.TemporaryDirectory(prefix="practicum-evaluation-") as name:
        scratch = Path(name)
        view = WorldView(leases, scratch)
        await keep_artifacts(ending.plan, ending.folder, view, ending.world)

        async def search() -> list[str]:
            folder = ending.folder.path
            paths = [
                folder / part for part in ("trajectory.jsonl", "blobs", "agents", "world", "artifacts", "logs", "bus")
            ]
            return await ending.proctor.search([path for path in paths if path.exists()])

        evidence = RunEvidence(
            run=ending.folder.run,
            directory=ending.folder.path,
            events=tuple(ending.events),
            team=ending.plan.roles,
            settings=dict(ending.plan.settings),
            world=view,
            workbench=SandboxWorkbench(view, ending.sandboxes, scratch),
            search=search,
        )
        found = await evaluate_all(ending.plan.evaluators, evidence, ending.publish)
        keep_ledger(ending.folder)
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
    return found


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
    _write(ending.folder.path / "seal.json", seal.model_dump_json(indent=1))


def _reason(ending: Ending) -> str:
    if ending.why:
        return ending.why
    if ending.state.declared is not None:
        return f"{ending.state.owner} finished: {ending.state.declared.summary}"
    return "nothing more happens by itself"


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


def _write(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}")
    partial.write_text(text)
    partial.rename(path)


def dump(path: Path, value: object) -> None:
    """Write JSON for people."""
    _write(path, json.dumps(value, indent=1, ensure_ascii=False, default=str))
