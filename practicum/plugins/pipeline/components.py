"""Coverage of the specification by execution: every declared component is loaded and called (B12).

The calls are made inside; what they gave is compared here, where nothing of the plugin can reach: the process inside
never learns what is wanted.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import Any

from practicum.api.plugin import NOT_IMPLEMENTED
from practicum.api.sandbox import ExecResult
from practicum.plugins.pipeline.calls import NOW, Call, calls, configuration, fits, same
from practicum.plugins.pipeline.checking import Clock, counted
from practicum.plugins.pipeline.declared import differences
from practicum.plugins.pipeline.environment import Installed
from practicum.plugins.pipeline.formulas import unseen_calls
from practicum.plugins.pipeline.report import Report, Request, ending, unsound
from practicum.plugins.pipeline.result import CheckResult, Problem
from practicum.plugins.pipeline.room import PROGRAMS, PYTHON, Rooms
from practicum.plugins.specification import ActionSpec, PluginSpecification

_SECONDS = 10.0
"""For each call."""


async def check_components(rooms: Rooms, spec: PluginSpecification, installed: Installed) -> CheckResult:
    """Load the plugin that is `installed` and call each component that `spec` declares.

    `not_checked` when nothing is wrong but a component needs the network, which is not there.
    """
    clock = Clock()
    # Only to be different each time; nothing rests on its being secret.
    wanted = [*calls(spec), *await unseen_calls(rooms, spec, random.Random())]
    request = Request(
        site=installed.site, calls=[call.asked() for call in wanted], seconds=_SECONDS, now=NOW,
        config={**configuration(spec)},
        environment={one.name: f"value-of-{one.name}" for one in spec.environment},
    )  # fmt: skip
    result = await rooms.run(
        [PYTHON, "-I", f"{PROGRAMS}/run_components.py"], *rooms.runtime(), rooms.programs(), *installed.mounts(),
        stdin=request.stdin,
    )  # fmt: skip
    return judge(clock, request.read(result), result, spec, wanted)


def judge(
    clock: Clock, report: Report, result: ExecResult, spec: PluginSpecification, wanted: list[Call]
) -> CheckResult:
    """What a report of the calls that were `wanted` comes to, in whichever language the plugin is written."""
    problems: list[Problem] = []
    loaded = report.one("loaded")
    for line in report.of("broken"):
        problems.append(
            _wrong(f"the plugin cannot be loaded: {line['message']}" if loaded is None else line["message"])
        )
    problems += [_wrong(text) for text in unsound(report, result, "calls")]
    if report.one("finished") is None and not report.of("broken"):
        began = report.of("calling")
        during = f" during {began[-1]['call']}" if began else " while the plugin was loaded"
        problems.append(_wrong(f"the report breaks off{during}: {ending(result) or f'exit code {result.exit_code}'}"))
    unchecked: list[Problem] = []
    if loaded is not None:
        problems += differences(loaded, spec)
        for problem in _judged(report, spec, wanted):
            (unchecked if problem.severity == "warning" else problems).append(problem)
    declared = spec.declared()
    summary = f"{counted(len(declared), 'component')}, {counted(len(wanted) + len(spec.services), 'call')}"
    facts = {"components": len(declared), "calls": len(wanted) + len(spec.services), "unchecked": len(unchecked)}
    return clock.result(
        "components", summary, [*problems, *unchecked], facts={**facts}, log=result.stderr,
        status="not_checked" if unchecked and not problems else None,
    )  # fmt: skip


def _judged(report: Report, spec: PluginSpecification, wanted: list[Call]) -> Iterator[Problem]:
    came = {line["call"]: line for line in report.of("called")}
    for call in wanted:
        line = came.get(call.label)
        if line is None:
            yield _wrong(f"{call.label}: was not called")
        else:
            yield from _call(line, call, spec)
    for action in spec.actions:
        asked = [call for call in wanted if (call.kind, call.name) == ("action", action.name)]
        yield from _refusing(action, asked, came)
    stopped = {line["name"]: line for line in report.of("stopped")}
    for service in spec.services:
        line = came.get(f"service {service.name}")
        if line is None:
            yield _wrong(f"service {service.name}: was not started")
        elif "error" in line:
            yield _failed(f"service {service.name}", line, spec)
        elif line["value"] != "":
            yield _wrong(f"service {service.name}: says after its start that it is not well: {line['value']}")
        elif service.name not in stopped:
            yield _wrong(f"service {service.name}: was not stopped")
        elif "error" in stopped[service.name]:
            yield _wrong(f"service {service.name}: fails to stop: {stopped[service.name]['error']}")


def _refusing(action: ActionSpec, asked: list[Call], came: Mapping[str, dict[str, Any]]) -> Iterator[Problem]:
    """An action that gave nothing at all. What it refused was made up, so that each refusal alone is not wrong."""
    made_up = [call for call in asked if call.example is None or call.unseen]
    shown = any(call.example is not None and not call.example.error for call in asked if not call.unseen)
    errors = [str(came[call.label]["error"]) for call in asked if came.get(call.label, {}).get("honest")]
    if shown or not made_up or len(errors) < len(asked) or errors[-1].startswith(NOT_IMPLEMENTED):
        return
    if any(call.unseen for call in made_up):
        yield _wrong(f"action {action.name}: refuses all that its formula can work out: {errors[-1]}")
    else:
        said = f"action {action.name}: refuses what was made up for it, and the specification has no example"
        yield Problem(f"{said}: {errors[-1]}", code="components", severity="warning")


def _call(line: dict[str, Any], call: Call, spec: PluginSpecification) -> Iterator[Problem]:
    example = call.example
    if "error" in line:
        text = str(line["error"])
        if example is not None and example.error and line["honest"] and not text.startswith(NOT_IMPLEMENTED):
            if example.error not in text:
                yield _wrong(f"{call.label}: fails with {text!r}, which does not hold {example.error!r}")
        elif (
            (example is None or call.unseen)
            and call.kind == "action"
            and line["honest"]
            and not text.startswith(NOT_IMPLEMENTED)
        ):
            return  # it refuses our made-up arguments, as it may
        else:
            yield _failed(f"{call.label} with {call.input}", line, spec)
        return
    value = line["value"]
    if example is not None and example.error:
        yield _wrong(f"{call.label} with {call.input}: gives {_short(value)}, and should fail with {example.error!r}")
    elif call.kind == "evaluator":
        if not isinstance(value["passed"], bool):
            yield _wrong(f"{call.label}: says neither true nor false")
        elif example is not None and value["passed"] is not bool(example.output):
            yield _wrong(f"{call.label} with {call.input}: says {value['passed']}, and should say {example.output}")
    elif call.kind == "provider":
        if not isinstance(value, str) or not value.strip():
            yield _wrong(f"{call.label}: gives no text")
        elif example is not None and value.strip() != str(example.output).strip():
            yield _wrong(f"{call.label}: says {_short(value)}, and should say {_short(example.output)}")
    elif call.kind == "action":
        returns = next(one.returns for one in spec.actions if one.name == call.name)
        if example is not None and not same(value, example.output):
            yield _wrong(
                f"{call.label} with {call.input}: gives {_short(value)}, and should give {_short(example.output)}"
            )
        elif not fits(value, returns):
            yield _wrong(f"{call.label}: gives {_short(value)}, which is not of type {returns}")


def _failed(what: str, line: dict[str, Any], spec: PluginSpecification) -> Problem:
    text = str(line["error"])
    if line["network"] and "net" in spec.capabilities and not text.startswith(NOT_IMPLEMENTED):
        return Problem(f"{what}: needs the network, which is not there: {text}", code="components", severity="warning")
    return _wrong(f"{what}: fails: {text}")


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 300 else f"{text[:300]}..."


def _wrong(message: str) -> Problem:
    return Problem(message, code="components")
