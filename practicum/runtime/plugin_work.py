"""Making plugins: what a person at the terminal and an agent of a team ask for, put together from its parts."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

from practicum.api.model import Model
from practicum.api.sandbox import SandboxProvider
from practicum.errors import UsageError
from practicum.plugins.asking import AskModel
from practicum.plugins.jobs.journal import OnEvent
from practicum.plugins.jobs.making import Install
from practicum.plugins.jobs.requesting import request
from practicum.plugins.jobs.runner import nobody, work
from practicum.plugins.jobs.state import Job
from practicum.plugins.jobs.store import JobLimits, JobStore
from practicum.plugins.registry.search import Existing, find_existing
from practicum.plugins.specification import PluginSpecification
from practicum.plugins.store import Installed, Store
from practicum.runtime.places import root
from practicum.runtime.plugin_secrets import PluginSecrets
from practicum.runtime.plugin_toolchains import Kit, check_installable, kit_for

if TYPE_CHECKING:
    from practicum.plugins.host.fleet import Fleet

FOLDER = "plugins"
"""Of `.practicum`: installed plugins, a folder for each."""

JOBS = "plugin-jobs"
"""Beside it: the jobs. Not in it, where a plugin may be called `jobs`."""

INDEX = "plugin-index"
"""Beside it: the local package index, where nobody names another one."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a plugin is to be made."""

    model: str = ""
    """As the user wrote it; empty for templates."""
    max_iterations: int = 5
    timeout_s: float = 1800.0
    install: bool = False
    """Into the store, once it has loaded and is healthy."""
    by: str = "operator"


class AlreadyThereError(UsageError):
    """A plugin that does this is there already, installed or in an index. `found` are those."""

    def __init__(self, name: str, found: list[Existing]) -> None:
        told = "; ".join(one.told() for one in found)
        super().__init__(
            f"{name}: there is one already: {told}", hint="use that one, or --force makes another one all the same"
        )
        self.found = found


class KitFor(Protocol):
    """Gives the kit of a specification's language."""

    def __call__(self, spec: PluginSpecification, /, *, reviewer: Model | None = None) -> Kit:
        """Raises `UsageError` where there is none."""
        ...


class PluginWork:
    """The jobs and the plugins of one project. A context manager."""

    def __init__(
        self,
        home: Path | None = None,
        *,
        limits: JobLimits = JobLimits(),
        sandboxes: SandboxProvider | None = None,
        kit: KitFor = kit_for,
        secrets: PluginSecrets | None = None,
    ) -> None:
        """`home` is `.practicum` by default; `limits` are of its jobs."""
        self.folder = (home or root()) / FOLDER
        self.jobs = JobStore(self.folder.with_name(JOBS), limits=limits)
        self.plugins = Store(self.folder)
        self.index = self.folder.with_name(INDEX)
        self.secrets = secrets or PluginSecrets()
        self._sandboxes, self._kit = sandboxes, kit

    def __enter__(self) -> PluginWork:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.jobs.close()

    def existing(self, spec: PluginSpecification) -> list[Existing]:
        """Plugins that have this name, or every action that it declares: installed, or in the local index."""
        return find_existing(spec, self.plugins, [self.index])

    def check_new(self, specs: Iterable[PluginSpecification], *, force: bool = False) -> None:
        """See that each can be made, and unless `force`, that none is there already.

        Raises:
            AlreadyThereError: a plugin of this name and version, or one with all its actions, is there.
            UsageError: there is no toolchain for one of them.
        """
        for spec in specs:
            self._kit(spec)
            doubled = [one for one in self.existing(spec) if not one.update]
            if doubled and not force:
                raise AlreadyThereError(spec.name, doubled)

    async def queue(self, spec: PluginSpecification, wanted: Wanted, *, on_event: OnEvent = nobody) -> Job:
        """A new job for a specification; see `check_new`.

        Raises:
            TooManyJobsError: too many were asked for within the last hour.
        """
        return await request(
            self.jobs,
            spec,
            on_event,
            model=wanted.model,
            max_iterations=wanted.max_iterations,
            timeout_s=wanted.timeout_s,
            by=wanted.by,
        )

    async def make(
        self,
        job: Job,
        *,
        model: AskModel | None = None,
        reviewer: Model | None = None,
        on_event: OnEvent = nobody,
        install: Install | None = None,
        given: Mapping[str, str] | None = None,
        missing_secret: Callable[[str], Awaitable[None]] | None = None,
    ) -> Job:
        """Work on a queued job until it is over.

        `given` files are checked first, as they are. `reviewer` reviews what passed the other checks. `missing_secret`
        waits for a secret; by default for the vault.

        Raises:
            BusyJobError: another process works on it.
        """
        kit = self._kit(job.spec, reviewer=reviewer)
        return await work(
            job,
            store=self.jobs,
            toolchain=kit.toolchain,
            templates=kit.templates,
            model=model,
            on_event=on_event,
            install=install,
            given=given,
            wait_secret=missing_secret or self.secrets.wait,
        )

    async def install(self, job: Job, artifact: Path) -> None:
        """Install what a job made, once it has loaded and is healthy. To be given to `make`.

        Raises:
            PracticumError: it does not load; what was installed before stays.
        """
        await self.install_wheel(artifact, spec=job.spec, job=job.id, checks=job.checks)

    async def install_wheel(
        self,
        wheel: Path,
        *,
        spec: PluginSpecification | None = None,
        job: str = "",
        checks: dict[str, str] | None = None,
    ) -> Installed:
        """The same for any wheel, or the folder of a plugin. `spec` bounds what it may declare.

        Raises:
            UsageError: it is no plugin, or installed already with other content.
            PluginLoadError: it does not load, start or stay healthy.
        """
        async with self.fleet() as fleet:
            loaded = await fleet.install(wheel, spec=spec, job=job, checks=checks)
            return loaded.installed

    def fleet(self) -> Fleet:
        """A fleet of this project's plugins, without any loaded."""
        from practicum.plugins.host.fleet import Fleet

        return Fleet(self.plugins, secrets=self.secrets.value, sandboxes=self._sandboxes, say=_unsaid)

    def job(self, name: str) -> Job:
        """The job of an id; `last` is the newest.

        Raises:
            UsageError: there is none.
        """
        if name != "last":
            return self.jobs.get(name)
        found = self.jobs.jobs()
        if not found:
            raise UsageError("no plugin was asked for yet", hint="practicum plugin create SPEC")
        return found[-1]

    def made(self, name: str) -> Job:
        """The finished job that is meant by its id, by the name of an installed plugin, or by the path of its wheel.

        Raises:
            UsageError: no job made it, or what it made is not there any more.
        """
        if name.endswith(".whl"):
            return self._of_digest(Path(name), _digest(Path(name)))
        if name in self.plugins.names():
            manifest = self.plugins.installed(name).manifest
            return self._of_digest(Path(manifest.wheel), manifest.digest.removeprefix("sha256:"))
        found = self.job(name)
        if found.state != "succeeded":
            raise UsageError(f"the job {found.id} is {found.state}: {found.reason or 'it is not over'}")
        check_installable(found.spec)
        if not found.artifact or not Path(found.artifact).is_file():
            raise UsageError(f"what the job {found.id} made is not there any more", hint="make it again")
        return found

    def _of_digest(self, wheel: Path, digest: str) -> Job:
        for job in self.jobs.jobs():
            if job.state == "succeeded" and Path(job.artifact).is_file() and _digest(Path(job.artifact)) == digest:
                return job
        raise UsageError(
            f"{wheel.name} was made by no job that is here, so there is nothing to verify it by",
            hint="practicum plugin verify WHEEL --spec FILE --tests FOLDER",
        )


def ended_well(job: Job) -> bool:
    """Whether there is something to use."""
    return job.state == "succeeded"


def inconclusive(job: Job) -> bool:
    """Whether the job's end says nothing about the plugin: it was stopped, or a part of the system failed."""
    return job.state in ("cancelled", "timed_out") or job.reason.startswith("infrastructure:")


def _digest(file: Path) -> str:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from error


def _unsaid(plugin: str, line: str) -> None:
    """What a plugin logs while it is looked at is nobody's news."""
