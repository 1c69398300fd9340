"""One job, from an empty workspace to its conclusion."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from practicum.api.sandbox import MIB, Limits, Mount, Sandbox, SandboxProvider, SandboxSpec
from practicum.bus.events import Json
from practicum.clock import Clock
from practicum.world.actions import uses
from practicum.world.actions.contexts import FILES, SCRIPTS, WORKSPACE, Conclusion, environment, runner_context
from practicum.world.actions.expression import ExpressionError, Scope, Status, condition, evaluate, render, truthy
from practicum.world.actions.git import Git, GitError
from practicum.world.actions.joblog import JobLog
from practicum.world.actions.matrix import Combination
from practicum.world.actions.step import StepEnd, StepFiles, run_script
from practicum.world.actions.workflow import Job, Step, Workflow
from practicum.world.service import WorkflowTrigger

DEFAULT_TIMEOUT_S = 600.0
LIMITS = Limits(wall_s=DEFAULT_TIMEOUT_S, cpu_s=300, memory_bytes=1024 * MIB, processes=256, open_files=1024)
KEPT_RESULTS = ("junit.xml", "coverage.xml", "coverage.json", "coverage.txt")
"""Kept as artifacts when a job leaves them in its workspace's root, without being asked."""


@dataclass
class JobResult:
    """How a job ended."""

    conclusion: Conclusion
    title: str
    summary: str = ""
    log: str = ""
    artifacts: Mapping[str, bytes] = field(default_factory=dict)
    outputs: Mapping[str, Json] = field(default_factory=dict)
    tolerated: bool = False
    """It failed, and `continue-on-error` lets the jobs that need it go on."""


@dataclass(frozen=True)
class JobSetting:
    """What a job is given besides its definition."""

    workflow: Workflow
    trigger: WorkflowTrigger
    github: Mapping[str, Json]
    needs: Mapping[str, Json]
    sandboxes: SandboxProvider
    git: Git
    clock: Clock
    directory: Path
    """Fresh, for this job alone; removed by the caller."""
    origin: str


class JobRun:
    """Executes the steps of one job, one combination of its matrix."""

    def __init__(self, job: Job, combination: Combination, setting: JobSetting) -> None:
        self._job, self._setting = job, setting
        self._matrix = dict(combination.values)
        self._log = JobLog()
        self._steps: dict[str, Json] = {}
        self._env: dict[str, str] = {}
        self._paths: list[str] = []
        self._artifacts: dict[str, bytes] = {}
        self._summaries: list[str] = []
        self._problems: list[str] = []
        self._failed = False
        self._secrets: set[str] = set()
        self._deadline = 0.0

    async def run(self) -> JobResult:
        """Do the whole job.

        Raises:
            SandboxError: the sandbox cannot be set up; nothing was found out about the job.
        """
        started = self._setting.clock.monotonic()
        minutes = self._job.timeout_minutes
        self._deadline = started + min(minutes * 60 if minutes else DEFAULT_TIMEOUT_S, DEFAULT_TIMEOUT_S)
        refused = [
            f"{self._setting.workflow.path}:{step.line}: {problem}"
            for step in self._job.steps
            if step.uses and (problem := uses.unsupported(step.uses, step.inputs))
        ]
        if refused:
            return JobResult(
                "failure", "uses what is not supported here", "\n".join(refused), "\n".join(refused) + "\n"
            )
        for name in ("workspace", "files", "scripts"):
            await asyncio.to_thread((self._setting.directory / name).mkdir)
        (self._setting.directory / "files" / "temp").mkdir()
        event = json.dumps(self._setting.github["event"], indent=2)
        (self._setting.directory / "scripts" / "event.json").write_text(event)
        sandbox = await self._setting.sandboxes.open(self._spec())
        try:
            timed_out = await self._all_steps(sandbox)
            return await asyncio.to_thread(self._result, timed_out)
        finally:
            await sandbox.close()

    def _spec(self) -> SandboxSpec:
        place = self._setting.directory
        return SandboxSpec(
            mounts=(
                Mount(place / "workspace", WORKSPACE, writable=True),
                Mount(place / "files", FILES, writable=True),
                Mount(place / "scripts", SCRIPTS),
            ),
            cwd=WORKSPACE,
            env=environment(self._setting.github),
            limits=LIMITS,
        )

    def _scope(self, env: Mapping[str, str], *, in_condition: bool = False) -> Scope:
        status = "failure" if self._failed else "success"
        scope = Scope(
            {
                "github": dict(self._setting.github),
                "env": dict(env),
                "matrix": dict(self._matrix),
                "steps": dict(self._steps),
                "needs": dict(self._setting.needs),
                "job": {"status": status},
                "runner": runner_context(),
                "inputs": self._setting.trigger.payload.get("inputs"),
            },
            Status(success=not self._failed, failure=self._failed) if in_condition else None,
        )
        scope.secrets_read = self._secrets
        return scope

    def _rendered(self, values: Mapping[str, str], env: Mapping[str, str]) -> dict[str, str]:
        scope = self._scope(env)
        return {name: render(value, scope) for name, value in values.items()}

    async def _all_steps(self, sandbox: Sandbox) -> bool:
        """Run the steps in order; True when the job's time was over."""
        job = self._job
        self._log.line(f"job {job.id} of {self._setting.workflow.name}")
        self._log.line(f"asked for {job.runs_on}; runs in the {self._setting.sandboxes.name} sandbox, without network")
        for note in self._setting.workflow.notes:
            self._log.line(note)
        try:
            self._env.update(self._rendered(self._setting.workflow.env, {}))
            self._env.update(self._rendered(job.env, self._env))
        except ExpressionError as error:
            self._fail(f"env: {error.message}")
            return False
        for number, step in enumerate(job.steps, 1):
            if self._setting.clock.monotonic() >= self._deadline:
                return True
            if await self._step(number, step, sandbox):
                return True
        return False

    async def _step(self, number: int, step: Step, sandbox: Sandbox) -> bool:
        """Run one step; True when it was ended by the job's time limit."""
        title, tolerated = step.title, False
        end = StepEnd("skipped")
        try:
            env = {**self._env, **self._rendered(step.env, self._env)}
            title = render(step.title, self._scope(env))
            if condition(step.condition, self._scope(env, in_condition=True)):
                self._log.line(f"\n== {number}. {title}")
                scope = self._scope(env)
                tolerated = truthy(_boolean(step.continue_on_error, scope))
                end = await self._execute(step, env, sandbox)
            else:
                self._log.line(f"\n== {number}. {title} (skipped)")
        except (ExpressionError, uses.ActionError, GitError) as error:
            end = StepEnd("failure", problem=error.message)
        if end.problem:
            self._log.line(f"-- {end.problem}")
        if end.outcome == "failure":
            if not tolerated:
                self._fail(f"{title}: {end.problem}")
            else:
                self._log.line("-- the job goes on (continue-on-error)")
        if step.id:
            self._steps[step.id] = {
                "outputs": dict(end.outputs),
                "outcome": end.outcome,
                "conclusion": "success" if tolerated and end.outcome == "failure" else end.outcome,
            }
        self._env.update(end.env)
        self._paths = [*end.paths, *self._paths]
        if end.summary:
            self._summaries.append(end.summary)
        return end.job_timed_out

    async def _execute(self, step: Step, env: Mapping[str, str], sandbox: Sandbox) -> StepEnd:
        left = self._deadline - self._setting.clock.monotonic()
        own = step.timeout_minutes * 60 if step.timeout_minutes else left
        wall = max(0.05, min(left, own))
        if step.run is None:
            place = uses.JobPlace(
                self._setting.directory / "workspace",
                self._setting.trigger,
                self._setting.git,
                sandbox,
                self._setting.origin,
                self._log,
                self._artifacts,
            )
            inputs = self._rendered(step.inputs, env)
            return StepEnd("success", outputs=await uses.perform(step.uses, inputs, place))
        files = StepFiles(self._setting.directory / "files", self._setting.directory / "scripts")
        end = await run_script(
            render(step.run, self._scope(env)),
            shell=step.shell,
            directory=render(step.working_directory, self._scope(env)),
            env=env,
            paths=self._paths,
            files=files,
            sandbox=sandbox,
            wall_s=wall,
            log=self._log,
        )
        end.job_timed_out = end.timed_out and wall >= left
        return end

    def _fail(self, problem: str) -> None:
        self._failed = True
        self._problems.append(problem)

    def _result(self, timed_out: bool) -> JobResult:
        workspace = self._setting.directory / "workspace"
        for name in KEPT_RESULTS:
            if (workspace / name).is_file() and f"results/{name}" not in self._artifacts:
                try:
                    uses.keep_artifact(self._artifacts, f"results/{name}", workspace, name)
                except uses.ActionError as error:
                    self._log.line(f"{name} is not kept: {error.message}")
        outputs: dict[str, Json] = {}
        try:
            outputs.update(self._rendered(self._job.outputs, self._env))
        except ExpressionError as error:
            self._fail(f"outputs: {error.message}")
        if self._secrets:
            names = ", ".join(sorted(self._secrets))
            self._log.line(f"\nsecrets.{names}: empty; jobs get no secret here")
        conclusion: Conclusion = "timed_out" if timed_out else "failure" if self._failed else "success"
        count = len(self._job.steps)
        title = {
            "success": f"{count} step{'s' if count > 1 else ''} passed",
            "timed_out": "took longer than its time limit",
        }.get(conclusion, self._problems[0] if self._problems else "failed")
        return JobResult(
            conclusion,
            title.splitlines()[0][:200],
            "\n".join([*self._problems, *self._summaries])[:60_000],
            self._log.text(),
            dict(self._artifacts),
            outputs,
            tolerated=conclusion != "success" and self._tolerated(),
        )

    def _tolerated(self) -> bool:
        try:
            return truthy(_boolean(self._job.continue_on_error, self._scope(self._env)))
        except ExpressionError as error:
            self._log.line(f"continue-on-error: {error.message}")
            return False


def _boolean(source: str, scope: Scope) -> Json:
    """A key that is `true`, `false` or one expression."""
    text = source.strip()
    if text.startswith("${{") and text.endswith("}}"):
        return evaluate(text[3:-2], scope)
    return text == "true"


def remove(directory: Path) -> None:
    """Delete what a job left, also where it took rights away from itself."""
    shutil.rmtree(directory, ignore_errors=True)
