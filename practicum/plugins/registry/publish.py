"""Publishing what a job made: verified anew, with a person's yes, and with its provenance."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from practicum.clock import Clock, WallClock
from practicum.errors import ExitCode, PracticumError
from practicum.plugins.jobs.state import Job
from practicum.plugins.jobs.workspace import Workspace
from practicum.plugins.registry.index import Index
from practicum.plugins.registry.provenance import Provenance

if TYPE_CHECKING:
    from practicum.plugins.verify import Verified

Approve = Callable[[str], Awaitable[str]]
"""Asked with a sentence; the name of who said yes, empty for a no."""


class NotVerifiedError(PracticumError):
    """The verifier does not stand up for a wheel, so it is not published."""

    exit_code = ExitCode.FAILED


class NotApprovedError(PracticumError):
    """Nobody said yes."""

    exit_code = ExitCode.INCONCLUSIVE


async def publish(
    job: Job, index: Index, approve: Approve, *, practicum: str, expected: str = "", clock: Clock | None = None
) -> tuple[Path, Path]:
    """Verify the wheel of a finished job, ask, and publish; where wheel and provenance then are.

    `expected` is the SHA-256 that the wheel must have; by default the one that it had when this began.

    Raises:
        NotVerifiedError: the verifier found something wrong, or could not make a check that it needs.
        NotApprovedError: the answer was no.
        UsageError: the index has that version already, or refuses.
    """
    wheel = Path(job.artifact)
    verified = await verified_job(job, expected=expected)
    if not verified.ok:
        wrong = [check for check in verified.checks if check.status != "passed"]
        said = "; ".join(f"{check.name}: {check.summary}" for check in wrong) or "nothing was checked"
        raise NotVerifiedError(f"{wheel.name} is not published: the verifier says: {said}")
    by = await approve(f"publish {job.spec.name} {job.spec.version} (sha256 {verified.digest[:12]}) to {index.place}")
    if not by:
        raise NotApprovedError(f"{wheel.name} is not published: nobody said yes")
    target = await index.add(wheel)
    told = Provenance.of(
        job,
        target,
        sha256=verified.digest,
        checks={check.name: check.status for check in verified.checks},
        approved_by=by,
        published=(clock or WallClock()).now(),
        practicum=practicum,
    )
    return target, await asyncio.to_thread(told.beside, target)


async def verified_job(job: Job, *, expected: str = "") -> Verified:
    """What the verifier says of a finished job's wheel: from the wheel, the specification and the tests alone.

    Raises:
        InfrastructureError: the sandbox, or a tool, does not work.
    """
    # Not at the top: the pipeline is large, and who only looks at jobs does without it.
    from practicum.plugins.toolchains.python import PythonToolchain  # noqa: F401 - the verifier needs it there first
    from practicum.plugins.verify import verify

    tests = Workspace(Path(job.artifact).parent.parent).source / "tests"
    return await verify(Path(job.artifact), job.spec, tests, expected=expected)
