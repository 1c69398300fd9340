"""The pipeline for Python plugins from a folder to a verified wheel."""

from __future__ import annotations

import asyncio
import hashlib
import os
import sys
import zipfile
from pathlib import Path

import pytest
from plugin_samples import ACTIONS, GOOD_ACTIONS, GOOD_TESTS, TESTS, Checked, check, specification, write

from practicum.errors import InfrastructureError, MissingExtraError
from practicum.plugins.pipeline import tools
from practicum.plugins.pipeline.result import PhaseName
from practicum.plugins.specification import PluginSpecification
from practicum.plugins.templates.python import generate
from practicum.plugins.toolchains.python import PythonToolchain
from practicum.plugins.verify import verify

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(240)]


@pytest.fixture
def toolchain() -> PythonToolchain:
    return PythonToolchain(download=False)


async def test_a_good_plugin_passes_every_phase_and_leaves_its_wheel(
    toolchain: PythonToolchain, tmp_path: Path
) -> None:
    untidy = GOOD_ACTIONS.replace("celsius * 9", "celsius  *  9")
    kit = (
        "from practicum.plugins.testing import conformance\nfrom temperature_plugin import plugin\n\n\n"
        "async def test_kit() -> None:\n"
        "    await conformance(plugin, examples={'to_fahrenheit': [{'celsius': 1.0}]})\n"
    )
    done = await check(toolchain, tmp_path, {ACTIONS: untidy, "tests/test_kit.py": kit})
    assert done.result.ok, done.shown()
    assert done.announced == ["building", "linting", "testing", "validating"]
    assert {name for name, one in done.checks.items() if one.status != "passed"} == {"model_review", "advisories"}
    assert done["model_review"].status == done["advisories"].status == "skipped"
    names = ["test_water_boils", "test_nothing_is_colder[-300]", "test_nothing_is_colder[-400]"]
    ran = ["tests/test_kit.py::test_kit", *(f"{TESTS}::{name}" for name in names)]
    assert [test.name for test in done["pytest"].tests] == ran
    assert all(test.seconds < 5 for test in done["pytest"].tests)
    assert done["pytest"].facts == {"collected": 4, "passed": 4, "failed": 0, "skipped": 0}
    assert done["coverage"].facts["percent"] == 100.0
    assert done["hollow"].facts["telling"] == 4
    assert (tmp_path / ACTIONS).read_text() == GOOD_ACTIONS  # formatted, in the folder too
    wheel = done.result.artifact
    assert wheel is not None
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    assert done["wheel"].facts["sha256"] == done["verifier"].facts["sha256"] == digest


async def test_what_does_not_compile_is_named_by_its_line_in_every_phase_that_can_be_reached(
    toolchain: PythonToolchain, tmp_path: Path
) -> None:
    done = await check(toolchain, tmp_path, {ACTIONS: GOOD_ACTIONS + "\n\ndef broken(:\n    pass\n"})
    assert not done.result.ok
    lines = {(one.file, one.line) for name in ("ruff", "mypy", "review") for one in done[name].problems}
    assert (ACTIONS, 16) in lines, done.shown()
    assert done["components"].status == "failed"
    assert done["verifier"].status == "skipped"


async def test_types_failures_and_wrong_values_all_come_in_one_iteration(
    toolchain: PythonToolchain, tmp_path: Path
) -> None:
    actions = (
        GOOD_ACTIONS.replace("* 9 / 5 + 32", "* 9 / 5 + 31") + "\n\ndef size(text: str) -> int:\n    return text\n"
    )
    done = await check(toolchain, tmp_path, {ACTIONS: actions})
    assert done.result.failed_phase == "linting"
    assert any(one.code == "mypy:return-value" and one.file == ACTIONS and one.line for one in done["mypy"].problems)
    [failed] = [test for test in done["pytest"].tests if test.outcome == "failed"]
    assert failed.name == f"{TESTS}::test_water_boils"
    assert "assert 211.0 == 212" in failed.message
    assert done["pytest"].summary == "3 tests: 2 passed, 1 failed, 0 skipped"
    assert done.says("action to_fahrenheit (example 1)", "gives 211.0, and should give 212"), done.shown()


async def test_a_plugin_of_every_kind_from_templates_passes_and_one_without_behaviour_fails(
    toolchain: PythonToolchain, tmp_path: Path
) -> None:
    kinds: dict[str, object] = {
        "providers": [{"name": "units", "description": "Units.", "text": "C and F"}],
        "services": [{"name": "hits", "description": "Counts.", "keeps": "counter"}],
        "evaluators": [
            {
                "name": "is_hot", "description": "Hot.", "pattern": "hot",
                "examples": [{"input": {"value": "hot"}, "output": True}],
            }
        ],
        "actions": [
            {"name": "double", "description": "Double.", "returns": "number", "formula": "number * 2",
             "parameters": [{"name": "number", "type": "number"}],
             "examples": [{"input": {"number": 2}, "output": 4}]},
        ],
    }  # fmt: skip
    spec = specification(**kinds)
    done = await _generated(toolchain, tmp_path / "all", spec)
    assert done.result.ok, done.shown()
    assert done["components"].facts["components"] == 4
    hollow = specification(**{**kinds, "providers": [{"name": "units", "description": "Units."}]})
    done = await _generated(toolchain, tmp_path / "hollow", hollow)
    assert not done.result.ok
    assert done["components"].status == "failed"
    assert done.says("provider units", "not implemented:"), done.shown()


async def test_what_needs_the_network_is_not_checked_rather_than_passed(
    toolchain: PythonToolchain, tmp_path: Path
) -> None:
    spec = specification(
        capabilities=["net"], hosts=["weather.example"],
        actions=[{"name": "to_fahrenheit", "description": "Asks.", "effect": "read", "returns": "number",
                  "parameters": [{"name": "celsius", "type": "number"}]}],
    )  # fmt: skip
    asks = '    if celsius == 2.5:\n        await asyncio.open_connection("weather.example", 80)\n'
    actions = GOOD_ACTIONS.replace("    if celsius", f"{asks}    if celsius")
    actions = actions.replace("from practicum", "import asyncio\n\nfrom practicum", 1)
    done = await check(toolchain, tmp_path, {ACTIONS: actions}, spec)
    assert done["review"].status == "passed", done.shown()
    assert done["components"].status == "not_checked"
    assert "needs the network" in done["components"].problems[0].message


async def test_a_plugin_that_says_something_else_than_its_specification_fails(
    toolchain: PythonToolchain, tmp_path: Path
) -> None:
    actions = GOOD_ACTIONS.replace('effect="read"', 'effect="once"').replace("celsius: float", "celsius: str = '1'")
    done = await check(toolchain, tmp_path, {ACTIONS: actions})
    assert done.says("its effect is 'once', not 'read'"), done.shown()
    assert done.says("parameter 'celsius' is of type string, not number")
    assert done.says("parameter 'celsius' must be required")


async def test_a_dependency_of_the_specification_is_there_and_one_that_is_not_allowed_is_not_installed(
    toolchain: PythonToolchain, tmp_path: Path
) -> None:
    actions = GOOD_ACTIONS.replace("from practicum", "import rich\nfrom practicum", 1).replace(
        "    if celsius", '    assert rich.__name__ == "rich"\n    if celsius', 1
    )
    spec = specification(dependencies=["rich>=13"])
    done = await check(toolchain, tmp_path / "rich", {ACTIONS: actions}, spec)
    assert done["components"].status == "passed", done.shown()
    assert any(str(pin).startswith("rich==") for pin in done["dependencies"].facts["pins"])  # type: ignore[union-attr]
    assert done["advisories"].status == "not_checked"
    assert done["verifier"].status == "passed"
    other = specification(dependencies=["reqeusts>=2"])
    done = await check(toolchain, tmp_path / "other", {}, other)
    assert done.says("reqeusts looks like requests"), done.shown()
    assert done.result.artifact is None


async def test_the_verifier_finds_a_wheel_that_was_changed_after_it_was_checked(
    toolchain: PythonToolchain, tmp_path: Path
) -> None:
    folder = tmp_path / "plugin"
    done = await check(toolchain, folder)
    wheel = done.result.artifact
    assert wheel is not None
    digest = str(done["wheel"].facts["sha256"])
    changed = tmp_path / wheel.name
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(changed, "w") as new:
        for info in old.infolist():
            data = old.read(info)
            new.writestr(info, data.replace(b"* 9 / 5", b"* 8 / 5") if info.filename.endswith("actions.py") else data)
    spec = specification()
    verdict = await verify(changed, spec, folder / "tests", expected=digest)
    assert not verdict.ok
    said = [one.message for one in verdict.problems()]
    assert any("actions.py is not what was recorded" in text for text in said), said
    assert any("was built" in text for text in said)
    again = await verify(wheel, spec, folder / "tests", expected=digest)
    assert again.ok, [one.message for one in again.problems()]
    assert again.digest == digest
    (folder / TESTS).write_text(GOOD_TESTS.replace("== 212", "== 213"))
    wrong = await verify(wheel, spec, folder / "tests")
    assert not wrong.ok
    assert any("test_water_boils" in one.message for one in wrong.problems())


async def test_nothing_is_left_when_a_check_is_cancelled(toolchain: PythonToolchain, tmp_path: Path) -> None:
    sleeping = GOOD_TESTS.replace("    [action]", "    await asyncio.sleep(600)\n    [action]").replace(
        "import pytest", "import asyncio\n\nimport pytest", 1
    )
    spec = write(tmp_path, {TESTS: sleeping})
    reached = asyncio.Event()

    async def on_phase(phase: PhaseName) -> None:
        if phase == "testing":
            reached.set()

    task = asyncio.create_task(toolchain.check(tmp_path, spec, on_phase))
    await asyncio.wait({task, asyncio.create_task(reached.wait())}, return_when=asyncio.FIRST_COMPLETED)
    assert not task.done(), task.result()
    await asyncio.sleep(0.3)  # into the middle of its processes' start
    began = asyncio.get_running_loop().time()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert asyncio.get_running_loop().time() - began < 2
    assert _descendants() == []


def _descendants() -> list[str]:
    """Command lines of what runs below this process and belongs to a sandbox."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if parent == os.getpid() and ("bwrap" in command or "uv " in command or "run_tests" in command):
                found.append(command)
    return found


async def test_a_missing_tool_is_named_with_the_line_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tools.versions.cache_clear()
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(MissingExtraError, match=r"practicum\[plugins\]"):
        tools.versions()


async def _generated(toolchain: PythonToolchain, folder: Path, spec: PluginSpecification) -> Checked:
    for name, text in generate(spec).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)

    async def on_phase(phase: PhaseName) -> None:
        assert phase

    return Checked(await toolchain.check(folder, spec, on_phase), [])


async def test_examples_learnt_by_heart_are_no_formula(toolchain: PythonToolchain, tmp_path: Path) -> None:
    [known] = specification().actions
    spec = specification(actions=[{**known.model_dump(), "formula": "celsius * 9 / 5 + 32"}])
    learnt = GOOD_ACTIONS.replace("return celsius * 9 / 5 + 32", "return {100.0: 212.0}.get(celsius, 0.0)")
    done = await check(toolchain, tmp_path, {ACTIONS: learnt}, spec)
    assert done["pytest"].status == "passed", done.shown()
    assert done["components"].status == "failed"
    assert done.says("made-up arguments", "gives 0.0, and should give"), done.shown()


async def test_a_disk_that_refuses_says_nothing_about_the_wheel(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way of the cache")
    with pytest.raises(InfrastructureError, match="verifier cannot work: "):
        await verify(tmp_path / "x.whl", specification(), tmp_path, cache=tmp_path / "file")


@pytest.mark.parametrize(
    ("formula", "status", "said"),
    [
        ("celsius * 9 / 5 + 32", "failed", "refuses all that its formula can work out: no"),
        ("", "not_checked", "refuses what was made up for it, and the specification has no example: no"),
    ],
)
async def test_an_action_that_refuses_everything_is_not_shown_to_work(
    toolchain: PythonToolchain, tmp_path: Path, formula: str, status: str, said: str
) -> None:
    action = specification().actions[0].model_copy(update={"examples": (), "formula": formula})
    actions = GOOD_ACTIONS.replace("if celsius < -273.15:", "if celsius:").replace("colder than cold", "no")
    tests = GOOD_TESTS.replace("== 212", "== 32").replace("celsius=100", "celsius=0").replace("colder", "no")
    done = await check(
        toolchain, tmp_path, {ACTIONS: actions, TESTS: tests}, specification(actions=[action.model_dump()])
    )
    assert done["pytest"].status == "passed", done.shown()
    assert done["components"].status == status, done.shown()
    assert said in str(done["components"].problems)


async def test_formulas_without_examples_are_enough_for_templates(toolchain: PythonToolchain, tmp_path: Path) -> None:
    formulas = {
        "string": "text + '!'", "integer": "len(text)", "number": "part / 3", "boolean": "part > 1",
        "array": "[part, text]", "object": "{'part': part, 'text': text}",
    }  # fmt: skip
    parameters = [{"name": "text"}, {"name": "part", "type": "number", "required": False}]
    actions = [
        {"name": f"as_{kind}", "description": kind, "parameters": parameters, "returns": kind, "formula": formula}
        for kind, formula in formulas.items()
    ]
    done = await _generated(toolchain, tmp_path, specification(actions=actions))
    assert done.result.ok, done.shown()
    assert done["hollow"].facts["telling"] == len(formulas)
