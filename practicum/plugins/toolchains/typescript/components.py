"""Coverage of the specification by execution: each component called, in a runtime of elizaOS (B12)."""

from __future__ import annotations

import asyncio
import random
import tarfile
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from practicum.api.sandbox import Mount
from practicum.plugins.pipeline.calls import NOW, calls, configuration
from practicum.plugins.pipeline.checking import Clock
from practicum.plugins.pipeline.components import judge
from practicum.plugins.pipeline.formulas import unseen_calls
from practicum.plugins.pipeline.report import Report, Request
from practicum.plugins.pipeline.result import CheckResult, Problem, Status
from practicum.plugins.pipeline.snapshot import digest
from practicum.plugins.specification import PluginSpecification
from practicum.plugins.toolchains.typescript.bundle import Bundle
from practicum.plugins.toolchains.typescript.room import PACKAGE, NodeRooms
from practicum.plugins.toolchains.typescript.templates.configuration import version

_SECONDS = 10.0
"""For each call."""
_ISO_NOW = NOW.replace("+00:00", ".000Z")
"""How `toISOString` writes it."""


async def check_components(rooms: NodeRooms, spec: PluginSpecification, package: Path) -> CheckResult:
    """Load the plugin that is unpacked in the folder `package`, and call each component that `spec` declares.

    `not_checked` when nothing is wrong but a component needs the network, which is not there.
    """
    clock = Clock()
    # Only to be different each time; nothing rests on its being secret.
    wanted = [*calls(spec), *await unseen_calls(rooms.rooms, spec, random.Random())]
    request = Request(
        calls=[call.asked() for call in wanted], seconds=_SECONDS,
        environment={one.name: f"value-of-{one.name}" for one in spec.environment}, config={**configuration(spec)},
        now=NOW,
    )  # fmt: skip
    result = await rooms.report("run_components.mjs", request.stdin, Mount(package, PACKAGE))
    report = _translated(request.read(result), spec)
    return judge(clock, report, result, spec, wanted)


async def verify(
    rooms: NodeRooms, spec: PluginSpecification, kept: Path, expected: Bundle, scratch: Path
) -> CheckResult:
    """Look at the package that was kept, as if nothing were known of it: its digest, its files, every component."""
    clock = Clock()
    target = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="verifier-", dir=scratch))
    target.chmod(0o755)
    problems = await asyncio.to_thread(_unpack, kept, expected, target)
    if problems:
        return clock.result("verifier", "not what was built", problems)
    called = await check_components(rooms, spec, target)
    found = [replace(one, code=f"verifier:{one.code}") for one in called.problems]
    facts: dict[str, JsonValue] = {
        "sha256": expected.digest,
        "checks": {"package": "passed", "components": called.status},
    }
    status: Status = "failed" if called.status == "failed" else "passed"
    summary = f"package passed, components {called.status}"
    return clock.result("verifier", summary, found, status=status, facts=facts)


def _unpack(kept: Path, expected: Bundle, target: Path) -> list[Problem]:
    if digest(kept.read_bytes()) != expected.digest:
        return [Problem("the package is not the one that was built", kept.name, code="verifier")]
    with tarfile.open(kept, "r:gz") as archive:
        names = {member.name.removeprefix("package/") for member in archive.getmembers() if member.isreg()}
        if names != set(expected.files):
            return [Problem("the package does not hold the files that were built", kept.name, code="verifier")]
        archive.extractall(target.parent / f"{target.name}-raw", filter="data")
    for name in names:
        (target / name).parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        (target.parent / f"{target.name}-raw" / "package" / name).replace(target / name)
        (target / name).chmod(0o644)
    return []


def _translated(report: Report, spec: PluginSpecification) -> Report:
    """The same report with npm's form of the version and JavaScript's form of the time as ours, and with arguments that
    a default makes optional.
    """
    lines = []
    for line in report.lines:
        match line:
            case {"kind": "loaded"}:
                line = _loaded(line, spec)
            case {"kind": "called", "type": "provider", "value": str(text)}:
                line = {**line, "value": text.replace(_ISO_NOW, NOW)}
        lines.append(line)
    return Report(tuple(lines), report.forged)


def _loaded(line: dict[str, Any], spec: PluginSpecification) -> dict[str, Any]:
    line = dict(line)
    if line["version"] == version(spec):
        line["version"] = spec.version
    for action in spec.actions:
        schema = line["actions"].get(action.name, {}).get("schema")
        if isinstance(schema, dict):
            defaults = [one.name for one in action.parameters if one.required and one.default is not None]
            schema["required"] = [*schema.get("required", ()), *defaults]
    return line
