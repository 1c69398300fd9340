"""The files that are not the author's: compared with what the specification makes of them, and put back."""

from __future__ import annotations

import re
from collections.abc import Iterator

from practicum.plugins.pipeline.checking import Clock
from practicum.plugins.pipeline.result import CheckResult, Problem
from practicum.plugins.pipeline.snapshot import Snapshot, digest
from practicum.plugins.specification import PluginSpecification
from practicum.plugins.toolchains.typescript.templates import held
from practicum.plugins.toolchains.typescript.templates.configuration import pinned
from practicum.plugins.toolchains.typescript.templates.others import every

_FOLDERS = ("src/", "tests/")
_TEXTS = ("README.md", "CHANGELOG.md", "LICENSE")
_NAME = re.compile(r"^(@[a-z0-9-~][a-z0-9-._~]*/)?[a-z0-9-~][a-z0-9-._~]*")


def check_manifest(snapshot: Snapshot, spec: PluginSpecification) -> CheckResult:
    """Whether everything that says how to build and check stands as the scaffold has it. Blocks.

    Where it does not, the snapshot gets the scaffold's: what follows checks the code and no settings of its author.
    """
    clock = Clock()
    wanted = held(spec)
    problems = [*snapshot.problems, *_strangers(snapshot, set(wanted)), *_schedules(spec)]
    for name, text in wanted.items():
        data = text.encode("utf-8")
        if snapshot.files.get(name) == digest(data):
            continue
        state = "was changed" if name in snapshot.files else "is missing"
        problems.append(Problem(f"{name} {state}: it is made from the specification", name, code="manifest"))
        path = snapshot.folder / name
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        path.write_bytes(data)
        path.chmod(0o644)
        snapshot.files[name] = digest(data)
    if "src/index.ts" not in snapshot.files:
        problems.append(Problem("there is no src/index.ts", "src/index.ts", code="manifest"))
    return clock.result("manifest", "as the specification makes it", problems)


def check_dependencies(spec: PluginSpecification) -> CheckResult:
    """Whether each is one of the packages that are there: others are not installed."""
    clock = Clock()
    problems: list[Problem] = []
    there = pinned()
    for text in spec.dependencies:
        match = _NAME.match(text.strip())
        if match is None or match.group() != "@elizaos/core":
            known = "it is for building only" if match is not None and match.group() in there else "it is not there"
            message = f"the package {text.strip()[:80]!r} cannot be used: {known}; plugins may import @elizaos/core"
            problems.append(Problem(message, code="dependencies"))
    return clock.result("dependencies", ", ".join(spec.dependencies) or "none", problems)


def _strangers(snapshot: Snapshot, wanted: set[str]) -> Iterator[Problem]:
    for name in snapshot.files:
        if name not in wanted and name not in _TEXTS and not name.startswith(_FOLDERS) and name != "package-lock.json":
            yield Problem(f"{name}: code lies in src/ and tests/, and the rest is made", name, code="manifest")


def _schedules(spec: PluginSpecification) -> Iterator[Problem]:
    for task in spec.tasks:
        if not every(task.schedule):
            yield Problem(
                f"task {task.name}: elizaOS has no {task.schedule!r}: write `every 30s`, `every 5m` or `every 1h`",
                code="manifest",
            )
