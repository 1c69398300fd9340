"""Iterations: write, check, and again, until it passes or nothing more is to be hoped for."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from practicum.errors import InfrastructureError, ModelError, PracticumError, UsageError
from practicum.plugins.answers.paths import PathRefusedError
from practicum.plugins.jobs.journal import JobEnd, Journal
from practicum.plugins.jobs.judging import ORDER, Finding, judge, not_installed, unusable
from practicum.plugins.jobs.signature import digest
from practicum.plugins.jobs.state import Iteration, Job
from practicum.plugins.jobs.workspace import Workspace
from practicum.plugins.jobs.writing import Draft, ModelAuthor, Past, Source
from practicum.plugins.pipeline.result import Toolchain
from practicum.plugins.prompts.iteration import Attempt
from practicum.plugins.specification import PluginSpecification
from practicum.text import printable

Install = Callable[[Job, Path], Awaitable[None]]
"""Installs an artifact that passed. It raises `PracticumError` when it does not load or is not healthy, `UsageError` or
`InfrastructureError` when that is not the plugin's fault."""

Templates = Callable[[PluginSpecification], dict[str, str]]


@dataclass(frozen=True)
class Means:
    """What an iteration is made with."""

    toolchain: Toolchain
    scaffold: Mapping[str, str]
    held: Mapping[str, str]
    author: ModelAuthor | None
    templates: Templates
    given: Mapping[str, str] | None
    install: Install | None


async def make(journal: Journal, workspace: Workspace, means: Means, secrets: asyncio.Task[None]) -> Path:
    """The artifact that passed and, when there is something to install it with, is installed.

    Before it is installed, `secrets` must be there.

    Raises:
        JobEnd: it ends otherwise.
        InfrastructureError: the pipeline does not work.
    """
    return await _Making(journal, workspace, means, secrets).run()


class _Making:
    def __init__(self, journal: Journal, workspace: Workspace, means: Means, secrets: asyncio.Task[None]) -> None:
        self._journal, self._workspace, self._means, self._secrets = journal, workspace, means, secrets

    @property
    def _job(self) -> Job:
        return self._journal.job

    async def run(self) -> Path:
        number = max(self._job.iteration, 1)
        past, draft = self._taken_up(number)
        while True:
            began, moment = time.monotonic(), self._journal.store.clock.now()
            if number != self._job.iteration or self._job.state not in ("generating", "iterating"):
                await self._journal.to("iterating" if number > 1 else "generating", iteration=number)
            if draft is None:
                draft = await self._write(number, past)
            finding = await self._check(number, draft)
            iteration = Iteration(
                number=number,
                source=draft.source,
                started=moment,
                seconds=round(time.monotonic() - began, 3),
                failed_phase=finding.phase,
                files=len(draft.files),
                model=draft.model,
                input_tokens=draft.usage.input_tokens + draft.usage.cache_read_tokens + draft.usage.cache_write_tokens,
                output_tokens=draft.usage.output_tokens,
                cost_usd=draft.usage.cost_usd,
                digest=digest(draft.files),
                failure=finding.signature,
            )
            same = self._same_as(iteration)
            others = [one for one in self._job.iterations if one.number != number]
            self._journal.update(iterations=[*others, iteration])
            if finding.artifact is not None:
                return finding.artifact
            self._workspace.record(number, "failure.md", finding.text)
            self._journal.wrong(number, finding.phase, finding.problem)
            if self._stops(draft, number, same):
                if draft.source != "model" or not self._job.fallback:
                    raise JobEnd("failed", _why(draft, number, same, finding))
                draft = self._from_templates()
            else:
                before = past.files if past is not None and past.files != draft.files else None
                past, draft = Past(draft.files, finding.text, before, self._attempts(), draft.remarks), None
            number += 1

    def _taken_up(self, number: int) -> tuple[Past | None, Draft | None]:
        """Where to begin: with what was given, or where a process that died was."""
        if self._job.resumed:
            kept = self._workspace.kept(number)
            if kept is not None:
                return None, Draft(_source(kept[0]), kept[1])
            for earlier in range(number - 1, 0, -1):
                found = self._workspace.kept(earlier)
                if found is not None:
                    failed = self._workspace.read(number - 1, "failure.md") or self._workspace.read(
                        earlier, "failure.md"
                    )
                    return Past(found[1], failed, attempts=self._attempts()), None
        if self._means.given is not None:
            files = {**self._means.scaffold, **self._means.given, **self._means.held}
            return None, Draft("given", files)
        return None, None

    async def _write(self, number: int, past: Past | None) -> Draft:
        if self._means.author is None:
            if self._job.model and not self._job.fallback:
                raise JobEnd("failed", f"there is no access to the model {self._job.model}")
            return self._from_templates()
        try:
            return await self._means.author.write(number, self._job.max_iterations, past)
        except ModelError as error:
            self._journal.wrong(number, "generating", error.message)
            if not self._job.fallback:
                raise JobEnd("failed", f"the model gave no answer: {error.message}") from error
            return self._from_templates()

    def _from_templates(self) -> Draft:
        return Draft("template", self._means.templates(self._job.spec))

    async def _check(self, number: int, draft: Draft) -> Finding:
        if draft.problems:
            return unusable(draft.problems)
        try:
            await asyncio.to_thread(self._workspace.fill, draft.files)
        except PathRefusedError as error:
            return unusable([str(error)])
        self._workspace.keep(number, draft.source, draft.files)
        result = await self._means.toolchain.check(self._workspace.source, self._job.spec, self._journal.phase)
        self._journal.result = result
        checks = {check.name: check.status for phase in result.phases for check in phase.checks}
        self._journal.update(checks=checks)
        report = json.dumps(asdict(result), default=str)
        self._workspace.record(number, "report.json", self._journal.redact(report))
        finding = judge(result, draft.files, self._journal.redact)
        if finding.artifact is None:
            return finding
        for phase in ORDER:
            await self._journal.phase(phase)
        kept = await asyncio.to_thread(self._workspace.take_artifact, finding.artifact)
        await self._secrets
        if self._means.install is not None:
            try:
                await self._means.install(self._job, kept)
            except (InfrastructureError, UsageError):  # no model can mend these
                raise
            except PracticumError as error:
                return not_installed(self._journal.redact(error.message))
        return Finding(artifact=kept)

    def _same_as(self, now: Iteration) -> int:
        """The iteration that had the same files and the same failure; 0 when none had."""
        same = (
            one.number
            for one in self._job.iterations
            if one.number != now.number and (one.digest, one.failure) == (now.digest, now.failure)
        )
        return next(same, 0) if now.failure else 0

    def _stops(self, draft: Draft, number: int, same: int) -> bool:
        hopeless = draft.source == "template" or self._means.author is None
        return hopeless or bool(same) or number >= self._job.max_iterations

    def _attempts(self) -> tuple[Attempt, ...]:
        """Of each iteration so far the last thing that was wrong."""
        last = {error.iteration: error for error in self._job.errors}
        return tuple(Attempt(number, error.phase, printable(error.message, 300)) for number, error in last.items())


def _why(draft: Draft, number: int, same: int, finding: Finding) -> str:
    where = f"at {finding.phase}: {finding.problem}"
    if draft.source == "template":
        return f"what the templates give fails {where}"
    if same:
        return f"no progress: iteration {number} has the files and the failure of iteration {same}, {where}"
    if draft.source == "given":
        return f"the given files fail {where}"
    return f"still failing after {number} iterations, {where}"


def _source(text: str) -> Source:
    return "template" if text == "template" else "given" if text == "given" else "model"
