"""Where jobs are kept: one SQLite file that several processes share, and a folder for each job."""

from __future__ import annotations

import contextlib
import difflib
import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from practicum.clock import Clock, WallClock
from practicum.errors import InfrastructureError, UsageError
from practicum.plugins.jobs import lifecycle
from practicum.plugins.jobs.hold import alive
from practicum.plugins.jobs.processes import started
from practicum.plugins.jobs.state import OVER, Job, State
from practicum.plugins.specification import PluginSpecification

_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, state TEXT NOT NULL, created TEXT NOT NULL, updated TEXT NOT NULL,
    data TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS jobs_by_state ON jobs (state);
"""
_BUSY_S = 10.0
_DATE = "%Y-%m-%dT%H:%M:%S.%f+00:00"
"""Of one width, so that texts sort as moments do."""


@dataclass(frozen=True, slots=True)
class JobLimits:
    """How much may go on."""

    live: int = 4
    """Jobs that are worked on at the same time, in all processes that share the store; more wait in the queue."""
    per_hour: int = 60
    """Jobs that may be asked for within an hour."""

    def __post_init__(self) -> None:
        if self.live < 1 or self.per_hour < 1:
            raise UsageError("at least one job at a time and an hour must be allowed")


class TooManyJobsError(UsageError):
    """More jobs were asked for within an hour than the store takes. `again` is when it takes the next, UTC."""

    def __init__(self, per_hour: int, again: datetime) -> None:
        super().__init__(
            f"{per_hour} plugins were asked for within the last hour",
            hint=f"the next is taken at {again:%H:%M:%S} UTC",
        )
        self.again = again


class JobStore:
    """Jobs, by id. Every change is one transaction, checked against the state that is stored then."""

    def __init__(self, folder: Path, *, limits: JobLimits = JobLimits(), clock: Clock | None = None) -> None:
        """`folder` is `.practicum/plugins` of a project; it is made when it is not there.

        Raises:
            InfrastructureError: the file cannot be opened, or is no database.
        """
        self.folder = folder
        self.limits = limits
        self.clock = clock or WallClock()
        try:
            self.jobs_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # The connection goes from one thread to another only under asyncio, never to two at once.
            self._database = sqlite3.connect(
                folder / "jobs.db", timeout=_BUSY_S, isolation_level=None, check_same_thread=False
            )
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute("PRAGMA synchronous=NORMAL")
            self._database.executescript(_SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise InfrastructureError(f"{folder / 'jobs.db'}: cannot be opened: {error}") from error

    @property
    def jobs_folder(self) -> Path:
        """Below it every job has a folder."""
        return self.folder / "jobs"

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def __enter__(self) -> JobStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def create(
        self,
        spec: PluginSpecification,
        *,
        model: str = "",
        max_iterations: int = 5,
        timeout_s: float = 1800.0,
        by: str = "operator",
        fallback: bool = False,
    ) -> Job:
        """A new job, `queued`.

        Raises:
            TooManyJobsError: too many were asked for within the last hour.
        """
        now = self.clock.now()
        job = Job(
            id=f"{spec.name}-{secrets.token_hex(4)}",
            spec=spec,
            model=model,
            max_iterations=max_iterations,
            created=now,
            updated=now,
            by=by,
            timeout_s=timeout_s,
            fallback=fallback,
            pid=os.getpid(),
            pid_started=started(os.getpid()),
        )
        job.folder = str(self.jobs_folder / job.id)
        with self._transaction():
            since = (now - timedelta(hours=1)).strftime(_DATE)
            recent = self._database.execute(
                "SELECT created FROM jobs WHERE created > ? ORDER BY created", (since,)
            ).fetchall()
            if len(recent) >= self.limits.per_hour:
                first = datetime.fromisoformat(recent[len(recent) - self.limits.per_hour][0])
                raise TooManyJobsError(self.limits.per_hour, first + timedelta(hours=1))
            Path(job.folder).mkdir(mode=0o700)
            self._database.execute(
                "INSERT INTO jobs VALUES (?, ?, ?, ?, ?, ?)",
                (job.id, spec.name, job.state, now.strftime(_DATE), now.strftime(_DATE), job.model_dump_json()),
            )
        return job

    def get(self, job: str) -> Job:
        """One job, as it is now.

        Raises:
            UsageError: there is none of this id.
        """
        row = self._database.execute("SELECT data FROM jobs WHERE id = ?", (job,)).fetchone()
        if row is None:
            known = [found[0] for found in self._database.execute("SELECT id FROM jobs ORDER BY created DESC")]
            close = difflib.get_close_matches(job, known, 1, 0.5)
            hint = f'did you mean "{close[0]}"?' if close else "`practicum plugin status` lists all"
            raise UsageError(f"there is no job {job!r}", hint=hint)
        return Job.model_validate_json(row[0])

    def jobs(self, *, live: bool = False) -> list[Job]:
        """All jobs, or those that are not over, in the order in which they were asked for."""
        rows = self._database.execute("SELECT data, state FROM jobs ORDER BY created, id").fetchall()
        return [Job.model_validate_json(data) for data, state in rows if not live or state not in OVER]

    def advance(self, job: str, state: State, **changes: Any) -> Job:
        """Bring a job into another state, with other fields changed at the same time.

        Raises:
            TransitionError: its state, as stored, does not allow it.
        """

        def move(found: Job) -> Job:
            lifecycle.check(job, found.state, state)
            ended = self.clock.now() if state in OVER else None
            return found.model_copy(update={"state": state, "ended": ended, **changes})

        return self._change(job, move)

    def update(self, job: str, **changes: Any) -> Job:
        """Change fields other than the state. A job that is over is given back as it is."""
        return self._change(job, lambda found: found if found.over else found.model_copy(update=changes))

    def claim(self, job: str) -> Job | None:
        """Take a queued job up as this process's; None while as many as may be are worked on.

        Raises:
            TransitionError: it is not queued any more.
        """
        with self._transaction():
            found = self.get(job)
            state: State = "iterating" if found.iteration > 1 else "generating"
            lifecycle.check(job, found.state, state)
            if len(self.working()) >= self.limits.live:
                return None
            mine = {"pid": os.getpid(), "pid_started": started(os.getpid())}
            return self._write(found.model_copy(update={"state": state, "iteration": max(found.iteration, 1), **mine}))

    def working(self) -> list[str]:
        """The jobs that somebody works on, whatever the states of the dead ones say."""
        marks = ", ".join("?" * len(lifecycle.WORKING))
        rows = self._database.execute(f"SELECT id FROM jobs WHERE state IN ({marks})", sorted(lifecycle.WORKING))  # noqa: S608 - question marks only
        return [row[0] for row in rows.fetchall() if alive(self.jobs_folder, row[0])]

    def forget(self, job: str) -> None:
        """Remove a job that is over.

        Raises:
            UsageError: it is not over.
        """
        with self._transaction():
            if not self.get(job).over:
                raise UsageError(f"the job {job} is not over", hint=f"practicum plugin cancel {job}")
            self._database.execute("DELETE FROM jobs WHERE id = ?", (job,))

    def _change(self, job: str, how: Callable[[Job], Job]) -> Job:
        with self._transaction():
            found = self.get(job)
            changed = how(found)
            return found if changed is found else self._write(changed)

    def _write(self, job: Job) -> Job:
        now = self.clock.now()
        job = job.model_copy(update={"updated": now})
        self._database.execute(
            "UPDATE jobs SET state = ?, updated = ?, data = ? WHERE id = ?",
            (job.state, now.strftime(_DATE), job.model_dump_json(), job.id),
        )
        return job

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")
        except sqlite3.Error as error:  # locked for too long, the disk is full, the file is broken
            raise InfrastructureError(f"{self.folder / 'jobs.db'}: {error}") from error
