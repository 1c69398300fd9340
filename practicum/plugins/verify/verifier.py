"""The verifier: from a wheel, its specification and its author's tests alone, everything is looked at anew (B27)."""

from __future__ import annotations

import asyncio
import hashlib
import io
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from practicum.errors import InfrastructureError
from practicum.plugins.dependencies.policy import DependencyPolicy, judge, name_of
from practicum.plugins.pipeline.cache import default_cache
from practicum.plugins.pipeline.checking import Clock, Tasks
from practicum.plugins.pipeline.components import check_components
from practicum.plugins.pipeline.environment import DependencyError, Environments
from practicum.plugins.pipeline.libraries import RUNTIME, TESTING, library
from practicum.plugins.pipeline.own_tests import check_tests
from practicum.plugins.pipeline.result import CheckResult, Problem
from practicum.plugins.pipeline.room import Rooms
from practicum.plugins.pipeline.snapshot import Snapshot, digest, take
from practicum.plugins.pipeline.tools import versions
from practicum.plugins.pipeline.wheel import examine, requires_of
from practicum.plugins.review.static import review
from practicum.plugins.specification import PluginSpecification
from practicum.plugins.verify.record import record_problems
from practicum.sandbox.detect import pick


@dataclass(frozen=True, slots=True)
class Verified:
    """The verdict."""

    ok: bool
    """Every check that could be made passed, and tests and components were among them."""
    checks: tuple[CheckResult, ...]
    digest: str
    """SHA-256 of the wheel that was looked at; nothing else is verified."""

    def problems(self) -> list[Problem]:
        """All of them."""
        return [problem for check in self.checks for problem in check.problems]


async def verify(
    wheel: Path,
    spec: PluginSpecification,
    tests: Path,
    *,
    expected: str = "",
    policy: DependencyPolicy | None = None,
    cache: Path | None = None,
    download: bool = True,
) -> Verified:
    """Look at `wheel` again: its bytes, its code, its tests, its components; in a fresh sandbox and environment.

    Nothing of the build is used: the code is read out of the wheel, `tests` is the folder of the author's tests,
    dependencies are installed anew. `expected` is the SHA-256 that it must have, where that is known.

    Raises:
        MissingExtraError: a tool of the pipeline is not installed.
        InfrastructureError: the sandbox, or a tool, does not work. Never for a bad wheel.
    """
    versions()
    kept = cache or default_cache()
    rooms = Rooms(await pick(), kept)
    with _disk():
        await asyncio.to_thread(_warm, kept)
        scratch = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="practicum-verify-"))
        scratch.chmod(0o755)
        try:
            return await _verify(rooms, scratch, wheel, spec, tests, expected, policy or DependencyPolicy(), download)
        finally:
            await asyncio.shield(asyncio.to_thread(shutil.rmtree, scratch, ignore_errors=True))


@contextmanager
def _disk() -> Iterator[None]:
    """A disk that refuses says nothing about the wheel."""
    try:
        yield
    except OSError as error:
        place = f": {error.filename}" if error.filename else ""
        raise InfrastructureError(f"the verifier cannot work: {error.strerror or repr(error)}{place}") from error


def _warm(cache: Path) -> None:
    library(cache, RUNTIME)
    library(cache, TESTING)


async def _verify(
    rooms: Rooms,
    scratch: Path,
    wheel: Path,
    spec: PluginSpecification,
    tests: Path,
    expected: str,
    policy: DependencyPolicy,
    download: bool,
) -> Verified:
    clock = Clock()
    data = await asyncio.to_thread(wheel.read_bytes)
    found = hashlib.sha256(data).hexdigest()
    problems = examine(wheel.name, data, spec)
    if not problems:
        problems = [*record_problems(data), *_requirements(data, spec, policy)]
    if expected and expected.removeprefix("sha256:") != found:
        problems.append(Problem(f"the wheel is {found}, and {expected} was built", wheel.name, code="digest"))
    looked = clock.result("wheel", f"sha256 {found}", problems, facts={"sha256": found})
    if looked.status != "passed":
        return Verified(False, (looked,), found)
    copy = scratch / wheel.name
    copy.write_bytes(data)
    copy.chmod(0o644)
    snapshot = await asyncio.to_thread(_laid_out, data, tests, scratch / "source")
    environments = Environments(scratch / "cache", download=download)
    try:
        needs = await environments.dependencies(requires_of(data))
        installed = await environments.install(copy, needs, scratch / "venv")
    except DependencyError as error:
        failed = clock.result("install", "cannot be installed", [Problem(str(error), code="uv")])
        return Verified(False, (looked, failed), found)
    async with Tasks() as tasks:
        reviewed = tasks.start(review(rooms, snapshot, spec))
        tested = tasks.start(check_tests(rooms, snapshot, spec, installed, hollow=False))
        called = tasks.start(check_components(rooms, spec, installed))
    checks = (looked, reviewed.result(), *tested.result(), called.result())
    named = {check.name: check.status for check in checks}
    ok = all(status != "failed" for status in named.values()) and named.get("pytest") == "passed"
    return Verified(ok and named["components"] in ("passed", "not_checked"), checks, found)


def _requirements(data: bytes, spec: PluginSpecification, policy: DependencyPolicy) -> list[Problem]:
    """The wheel's dependencies are those of the specification, and allowed."""
    needs = requires_of(data)
    wanted = {name_of(text) for text in spec.dependencies}
    return [
        *judge(needs, policy),
        *(
            Problem(f"{text!r} is not a dependency of the specification", code="dependencies")
            for text in needs
            if name_of(text) not in wanted
        ),
    ]


def _laid_out(data: bytes, tests: Path, target: Path) -> Snapshot:
    """The wheel's code below `src`, and a copy of the tests: as a plugin's folder looks. Blocks."""
    target.mkdir(mode=0o755)
    copied = take(tests, target / "tests")
    files = {f"tests/{name}": known for name, known in copied.files.items()}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            if info.is_dir() or ".dist-info/" in info.filename:
                continue
            path = target / "src" / info.filename
            path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            content = archive.read(info)
            path.write_bytes(content)
            path.chmod(0o644)
            files[f"src/{info.filename}"] = digest(content)
    return Snapshot(target, files, copied.problems)
