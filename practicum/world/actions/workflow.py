"""What a workflow file says: plain data, read and checked before anything runs.

The supported subset of GitHub's workflow syntax is the set of keys named here; any other key is an error that names its
file and line. Source: GitHub Docs, "Workflow syntax for GitHub Actions".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from practicum.bus.events import Json
from practicum.errors import InvalidFileError
from practicum.world.actions import expression
from practicum.world.actions.located import Located, load
from practicum.world.actions.matrix import Combination, expand

MAX_JOBS = 50
SHELLS = ("bash", "sh", "python")
EVENTS = ("push", "pull_request", "release", "workflow_dispatch")


@dataclass(frozen=True, slots=True)
class EventFilter:
    """One event under `on`, with its filters; an empty tuple is no filter."""

    event: str
    types: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    branches_ignore: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    tags_ignore: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    paths_ignore: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a job: either `run` or `uses`."""

    line: int
    name: str
    id: str
    run: str | None
    uses: str
    inputs: Mapping[str, str]
    """`with`."""
    env: Mapping[str, str]
    shell: str
    working_directory: str
    condition: str
    continue_on_error: str
    timeout_minutes: float | None

    @property
    def title(self) -> str:
        """What a log calls it."""
        if self.name:
            return self.name
        if self.run is None:
            return f"Run {self.uses}"
        return f"Run {self.run.strip().splitlines()[0] if self.run.strip() else '(nothing)'}"


@dataclass(frozen=True, slots=True)
class Job:
    """One job; with a matrix it runs once for each combination."""

    line: int
    id: str
    name: str
    needs: tuple[str, ...]
    condition: str
    runs_on: str
    env: Mapping[str, str]
    outputs: Mapping[str, str]
    combinations: tuple[Combination, ...]
    """One empty combination without a matrix."""
    fail_fast: bool
    max_parallel: int | None
    continue_on_error: str
    timeout_minutes: float | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Workflow:
    """One file under `.github/workflows`."""

    path: str
    name: str
    on: tuple[EventFilter, ...]
    env: Mapping[str, str]
    jobs: Mapping[str, Job]
    notes: tuple[str, ...] = ()
    """What was accepted but has no effect here."""


@dataclass(frozen=True, slots=True)
class _Defaults:
    shell: str = ""
    working_directory: str = ""
    notes: list[str] = field(default_factory=list)


def read_name(path: str, document: Located) -> str:
    """The workflow's `name`, or its path, also for a file that is invalid elsewhere."""
    value = document.value.get("name") if isinstance(document.value, Mapping) else None
    return value.text() if value is not None and not isinstance(value.value, Mapping | tuple) else path


def parse(path: str, text: str) -> Workflow:
    """Read a workflow file.

    Raises:
        InvalidFileError: with file, line and key, for what is malformed or not supported.
    """
    return parse_document(path, load(path, text))


def parse_document(path: str, document: Located) -> Workflow:
    """Read a loaded workflow file; see `parse`."""
    top = document.mapping("name", "run-name", "on", "env", "defaults", "jobs", "permissions")
    if "on" not in top or "jobs" not in top:
        raise document.fail("a workflow needs 'on' and 'jobs'")
    defaults = _defaults(top.get("defaults"), _Defaults())
    if "permissions" in top:
        defaults.notes.append("permissions: noted; jobs get no token here at all")
    jobs = {name: _job(name, item, defaults) for name, item in top["jobs"].mapping().items()}
    if not jobs:
        raise top["jobs"].fail("a workflow needs at least one job")
    if sum(len(job.combinations) for job in jobs.values()) > MAX_JOBS:
        raise top["jobs"].fail(f"more than {MAX_JOBS} jobs")
    _check_needs(top["jobs"], jobs)
    for item in document.walk():
        _check_expressions(item)
    return Workflow(
        path=path,
        name=read_name(path, document),
        on=parse_on(top["on"]),
        env=_env(top.get("env")),
        jobs=jobs,
        notes=tuple(dict.fromkeys(defaults.notes)),
    )


def parse_on(on: Located) -> tuple[EventFilter, ...]:
    """Read `on`: a word, a list of words or a mapping.

    Raises:
        InvalidFileError: an unknown event or filter.
    """
    if isinstance(on.value, Mapping):
        return tuple(_event(name, item) for name, item in on.value.items())
    return tuple(_event(name, None, place=on) for name in on.texts())


def _event(name: str, item: Located | None, *, place: Located | None = None) -> EventFilter:
    if name not in EVENTS:
        where = item or place
        message = f"event {name!r} is not supported; supported: {', '.join(EVENTS)}"
        raise where.fail(message) if where else InvalidFileError("", 0, "on", message)
    if item is None or item.value is None:
        return EventFilter(name)
    allowed = {
        "push": ("branches", "branches-ignore", "tags", "tags-ignore", "paths", "paths-ignore"),
        "pull_request": ("types", "branches", "branches-ignore", "paths", "paths-ignore"),
        "release": ("types",),
        "workflow_dispatch": ("inputs",),
    }[name]
    filters = {key: value.texts() for key, value in item.mapping(*allowed).items() if key != "inputs"}
    for key, patterns in filters.items():
        if any(len(pattern) > 256 or pattern.count("*") > 10 for pattern in patterns):
            raise item.mapping()[key].fail("has a pattern that is too long or has more than ten '*'")
    for kind in ("branches", "tags", "paths"):
        if kind in filters and f"{kind}-ignore" in filters:
            raise item.fail(f"{kind} and {kind}-ignore cannot both be given")
    return EventFilter(name, **{key.replace("-", "_"): value for key, value in filters.items()})


def _env(item: Located | None) -> dict[str, str]:
    return item.string_map() if item is not None and item.value is not None else {}


def _defaults(item: Located | None, above: _Defaults) -> _Defaults:
    if item is None or item.value is None:
        return above
    run = item.mapping("run").get("run")
    values = run.mapping("shell", "working-directory") if run else {}
    shell, directory = values.get("shell"), values.get("working-directory")
    return _Defaults(
        _shell(shell) if shell else above.shell,
        directory.text() if directory else above.working_directory,
        above.notes,
    )


def _shell(item: Located) -> str:
    if item.text() not in SHELLS:
        raise item.fail(f"shell {item.text()!r} is not supported; supported: {', '.join(SHELLS)}")
    return item.text()


def _job(name: str, item: Located, above: _Defaults) -> Job:
    keys = item.mapping(
        *("name", "needs", "if", "runs-on", "strategy", "env", "defaults", "steps", "outputs", "permissions"),
        *("timeout-minutes", "continue-on-error"),
    )
    for needed in ("runs-on", "steps"):
        if needed not in keys:
            raise item.fail(f"a job needs {needed!r}")
    if "permissions" in keys:
        above.notes.append("permissions: noted; jobs get no token here at all")
    defaults = _defaults(keys.get("defaults"), above)
    strategy = keys["strategy"].mapping("matrix", "fail-fast", "max-parallel") if "strategy" in keys else {}
    steps = tuple(_step(step, defaults) for step in keys["steps"].items())
    if not steps:
        raise keys["steps"].fail("a job needs at least one step")
    ids = [step.id for step in steps if step.id]
    if len(ids) != len(set(ids)):
        raise keys["steps"].fail("two steps have the same id")
    return Job(
        line=item.line,
        id=name,
        name=_text(keys.get("name")),
        needs=keys["needs"].texts() if "needs" in keys else (),
        condition=_text(keys.get("if")),
        runs_on=_text_of_json(keys["runs-on"].plain()),
        env=_env(keys.get("env")),
        outputs=_env(keys.get("outputs")),
        combinations=expand(strategy["matrix"]) if "matrix" in strategy else (Combination({}),),
        fail_fast=strategy["fail-fast"].text() != "false" if "fail-fast" in strategy else True,
        max_parallel=int(_number(strategy["max-parallel"])) if "max-parallel" in strategy else None,
        continue_on_error=_text(keys.get("continue-on-error")),
        timeout_minutes=_number(keys["timeout-minutes"]) if "timeout-minutes" in keys else None,
        steps=steps,
    )


def _step(item: Located, defaults: _Defaults) -> Step:
    keys = item.mapping(
        *("name", "id", "if", "run", "uses", "with", "env", "shell", "working-directory"),
        *("continue-on-error", "timeout-minutes"),
    )
    if ("run" in keys) == ("uses" in keys):
        raise item.fail("a step needs either 'run' or 'uses'")
    return Step(
        line=item.line,
        name=_text(keys.get("name")),
        id=_text(keys.get("id")),
        run=keys["run"].text() if "run" in keys else None,
        uses=_text(keys.get("uses")),
        inputs=_env(keys.get("with")),
        env=_env(keys.get("env")),
        shell=_shell(keys["shell"]) if "shell" in keys else defaults.shell,
        working_directory=(
            keys["working-directory"].text() if "working-directory" in keys else defaults.working_directory
        ),
        condition=_text(keys.get("if")),
        continue_on_error=_text(keys.get("continue-on-error")),
        timeout_minutes=_number(keys["timeout-minutes"]) if "timeout-minutes" in keys else None,
    )


def _text(item: Located | None) -> str:
    return item.text() if item is not None else ""


def _text_of_json(value: Json) -> str:
    return ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)


def _number(item: Located) -> float:
    value = item.value
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise item.fail("must be a number above 0")
    return float(value)


def _check_needs(place: Located, jobs: Mapping[str, Job]) -> None:
    for job in jobs.values():
        for needed in job.needs:
            if needed not in jobs:
                raise place.mapping()[job.id].fail(f"needs {needed!r}, which is not a job of this workflow")
    settled: set[str] = set()
    while len(settled) < len(jobs):
        ready = {name for name, job in jobs.items() if name not in settled and settled.issuperset(job.needs)}
        if not ready:
            stuck = ", ".join(sorted(set(jobs) - settled))
            raise place.fail(f"jobs need each other in a circle: {stuck}")
        settled |= ready


def _check_expressions(item: Located) -> None:
    is_condition = item.key.rpartition(".")[2] == "if"
    if not isinstance(item.value, str) or not (is_condition or "${{" in item.value):
        return
    try:
        expression.check(item.value, is_condition=is_condition)
    except expression.ExpressionError as error:
        raise item.fail(error.message, hint=error.hint) from error
