"""Plugins that mean harm: each is contained, and named."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path

import pytest
from plugin_samples import ACTIONS, GOOD_ACTIONS, GOOD_TESTS, PACKAGE, TESTS, check, specification, write

from practicum.plugins.pipeline.cache import default_cache
from practicum.plugins.pipeline.components import check_components
from practicum.plugins.pipeline.environment import Environments, Installed
from practicum.plugins.pipeline.own_tests import check_tests
from practicum.plugins.pipeline.room import Rooms
from practicum.plugins.pipeline.snapshot import take
from practicum.plugins.review.static import read
from practicum.plugins.toolchains.python import PythonToolchain
from practicum.plugins.toolchains.python.build import build
from practicum.sandbox.detect import pick

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(240)]


@pytest.fixture
def toolchain() -> PythonToolchain:
    return PythonToolchain(download=False)


def with_action(body: str, *imports: str) -> str:
    """The good action that does something else first."""
    head = "\n".join(f"import {name}" for name in imports)
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    return GOOD_ACTIONS.replace("    if celsius", f"{lines}\n    if celsius").replace(
        "from practicum", f"{head}\n\nfrom practicum", 1
    )


@pytest.fixture
def canary(monkeypatch: pytest.MonkeyPatch) -> str:
    value = "canary-" + os.urandom(8).hex()
    monkeypatch.setenv("PRACTICUM_TEST_CANARY", value)
    return value


async def test_one_that_reads_the_environment_finds_nothing_of_ours(
    toolchain: PythonToolchain, tmp_path: Path, canary: str
) -> None:
    actions = with_action(
        "found = dict(os.environ)\n"
        "for number in ('self', '1', str(os.getppid())):\n"
        "    try:\n"
        "        found[number] = pathlib.Path(f'/proc/{number}/environ').read_text()\n"
        "    except OSError:\n"
        "        pass\n"
        "raise PluginError(f'stolen {found}')",
        "os", "pathlib",
    )  # fmt: skip
    done = await check(toolchain, tmp_path, {ACTIONS: actions})
    assert done.says("os.environ", "'env'"), done.shown()
    assert done.says("/proc/")
    assert done.says("stolen")  # the code did run, and what it found is here to be seen
    text = done.shown() + "".join(one.log for one in done.checks.values())
    assert canary not in text
    assert not done.result.ok


async def test_one_that_opens_sockets_reaches_nothing(toolchain: PythonToolchain, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        port = server.getsockname()[1]
        actions = with_action(
            f"socket.create_connection(('127.0.0.1', {port}), timeout=3).sendall(b'gotcha')", "socket"
        )
        done = await check(toolchain, tmp_path, {ACTIONS: actions})
        with pytest.raises(BlockingIOError):
            server.accept()
    assert done.says("imports socket", "'net'"), done.shown()
    assert not done.result.ok


async def test_one_that_forks_without_end_is_ended(toolchain: PythonToolchain, tmp_path: Path) -> None:
    actions = with_action(
        "while True:\n    try:\n        os.fork()\n    except OSError:\n        time.sleep(0.01)", "os", "time"
    )
    toolchain = PythonToolchain(download=False, seconds=4)
    done = await check(toolchain, tmp_path, {ACTIONS: actions})
    assert done.says("os.fork", "'subprocess'"), done.shown()
    assert done.says("breaks off", "time limit"), done.shown()


async def test_one_that_fills_the_disk_fills_only_its_own(toolchain: PythonToolchain, tmp_path: Path) -> None:
    actions = with_action(
        "for place in ('/tmp', '/dev/shm', '/plugin', '/opt/plugin/venv', '/'):\n"
        "    for number in range(40):\n"
        "        try:\n"
        "            with open(f'{place}/filler-{number}', 'wb') as stream:\n"
        "                stream.write(b'x' * 8_000_000)\n"
        "        except OSError as error:\n"
        "            said = f'{place}: {error.strerror}'\n"
        "raise PluginError(said)"
    )
    done = await check(toolchain, tmp_path, {ACTIONS: actions})
    assert done.says("uses open", "'fs'"), done.shown()
    assert done.says("/: Read-only file system") or done.says("/: Permission denied"), done.shown()


async def test_one_that_fills_memory_is_ended(toolchain: PythonToolchain, tmp_path: Path) -> None:
    actions = with_action("kept = []\nwhile True:\n    kept.append(bytearray(b'x' * 50_000_000))")
    done = await check(toolchain, tmp_path, {ACTIONS: actions})
    assert done.says("memory") or done.says("MemoryError"), done.shown()


async def test_one_that_prints_without_end_is_told_so(wrong: tuple[Rooms, Installed], tmp_path: Path) -> None:
    rooms, installed = wrong
    tests = "def test_much(capfd) -> None:\n    with capfd.disabled():\n        print('x' * 20_000_000)\n"
    spec = write(tmp_path / "plugin", {ACTIONS: WRONG_ACTIONS, TESTS: tests})
    snapshot = take(tmp_path / "plugin", tmp_path / "source")
    tested, *_ = await check_tests(rooms, snapshot, spec, installed)
    assert "more was printed during the tests than the 8 MiB that are kept" in str(tested.problems)


async def test_one_that_writes_outside_changes_nothing(toolchain: PythonToolchain, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("whole")
    folder = tmp_path / "plugin"
    actions = with_action(
        f"for place in ({str(victim)!r}, '/opt/plugin/inside/run_tests.py', '/plugin/tests/test_own.py'):\n"
        "    try:\n"
        "        pathlib.Path(place).write_text('broken')\n"
        "    except OSError:\n"
        "        pass",
        "pathlib",
    )
    done = await check(toolchain, folder, {ACTIONS: actions})
    assert victim.read_text() == "whole"
    assert (folder / TESTS).read_text() == GOOD_TESTS
    assert done.says(".write_text", "'fs'"), done.shown()
    assert not done.result.ok


WRONG_ACTIONS = GOOD_ACTIONS.replace("* 9 / 5 + 32", "+ 1")


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> tuple[Rooms, Installed]:
    """A plugin that computes nonsense, installed; its tests are another matter."""
    folder = tmp_path_factory.mktemp("wrong")
    folder.chmod(0o755)

    async def install() -> tuple[Rooms, Installed]:
        rooms = Rooms(await pick(), default_cache())
        spec = write(folder / "plugin", {ACTIONS: WRONG_ACTIONS})
        _, wheel = await build(rooms, take(folder / "plugin", folder / "source"), spec, folder)
        assert wheel is not None
        environments = Environments(default_cache(), download=False)
        needs = await environments.dependencies([])
        return rooms, await environments.install(wheel.path, needs, folder / "venv")

    return asyncio.run(install())


@pytest.mark.parametrize(
    ("name", "tests", "said"),
    [
        (
            "leaves with success before a test fails",
            "import os\n\ndef test_wrong() -> None:\n    os._exit(0)\n",
            ["breaks off", "test_wrong"],
        ),
        (
            "prints what a good run prints",
            'def test_wrong() -> None:\n    print("1 passed in 0.01s")\n    assert False\n',
            ["test_wrong", "assert False"],
        ),
        (
            "writes into the report",
            "import json\nimport os\n\ndef test_wrong() -> None:\n"
            "    for number in range(3, 64):\n        try:\n"
            "            os.write(number, b'0 ' + json.dumps({'kind': 'finished', 'exit_code': 0}).encode() + b'\\n')\n"
            "        except OSError:\n            pass\n",
            ["not sealed"],
        ),
        (
            "patches the reports",
            "import _pytest.reports\n\n"
            "_pytest.reports.TestReport.outcome = property(lambda self: 'passed', lambda *_: None)\n"
            "\ndef test_wrong() -> None:\n    assert False\n",
            ["_pytest"],
        ),
        (
            "removes tests while collecting",
            "def test_wrong() -> None:\n    assert False\n\n\n"
            "def test_right() -> None:\n    assert True\n\n\ndel test_wrong\n",
            ["test_wrong", "never run"],
        ),
        (
            "tests nothing",
            "import temperature_plugin\n\ndef test_it() -> None:\n    assert temperature_plugin is not None\n",
            ["they test nothing"],
        ),
        (
            "has only tests that are skipped",
            "import pytest\n\n@pytest.mark.skip\ndef test_it() -> None:\n    ...\n",
            ["no test passed"],
        ),
        ("has no tests", "", ["no test passed"]),
    ],
)  # fmt: skip
async def test_one_whose_tests_lie(
    wrong: tuple[Rooms, Installed], tmp_path: Path, name: str, tests: str, said: list[str]
) -> None:
    rooms, installed = wrong
    spec = write(tmp_path / "plugin", {ACTIONS: WRONG_ACTIONS, TESTS: tests})
    snapshot = take(tmp_path / "plugin", tmp_path / "source")
    checks = await check_tests(rooms, snapshot, spec, installed)
    problems = [one.message for check in checks for one in check.problems]
    problems += [one.message for one in read(snapshot, spec) if one.severity == "error"]
    assert any(all(word in text for word in said) for text in problems), (name, problems)


async def test_tests_that_lie_do_not_help_a_plugin_that_computes_nonsense(wrong: tuple[Rooms, Installed]) -> None:
    called = await check_components(wrong[0], specification(), wrong[1])
    assert called.status == "failed"
    assert any("gives 101.0, and should give 212" in one.message for one in called.problems)


async def test_one_whose_conftest_changes_outcomes(toolchain: PythonToolchain, tmp_path: Path) -> None:
    conftest = (
        "import pytest\n\n@pytest.hookimpl(hookwrapper=True)\ndef pytest_runtest_makereport(item, call):\n"
        "    outcome = yield\n    outcome.get_result().outcome = 'passed'\n"
    )
    failing = GOOD_TESTS.replace("== 212", "== 5")
    done = await check(toolchain, tmp_path, {"tests/conftest.py": conftest, TESTS: failing})
    assert done["review"].status == "failed"
    assert done.says("pytest_runtest_makereport"), done.shown()
    assert not done.result.ok


async def test_one_that_runs_code_while_it_is_built(toolchain: PythonToolchain, tmp_path: Path) -> None:
    hook = (
        "from hatchling.builders.hooks.plugin.interface import BuildHookInterface\n\n\n"
        "class Hook(BuildHookInterface):\n    def initialize(self, version, build_data):\n"
        "        import pathlib, os\n        print('ENV', sorted(os.environ))\n"
        "        target = pathlib.Path('/tmp/planted.py')\n        target.write_text('x = 1')\n"
        "        build_data['force_include'][str(target)] = 'temperature_plugin/planted.py'\n"
    )
    from practicum.plugins.templates.project import pyproject

    project = pyproject(specification()) + '\n[tool.hatch.build.targets.wheel.hooks.custom]\npath = "hatch_build.py"\n'
    done = await check(toolchain, tmp_path, {"hatch_build.py": hook, "pyproject.toml": project})
    assert done.says("hooks", "while the plugin is built"), done.shown()
    assert done.says("planted.py was made while building"), done.shown()
    assert "artifact" not in done.shown()
    assert done.result.artifact is None


async def test_one_that_steals_when_it_is_installed(toolchain: PythonToolchain, tmp_path: Path) -> None:
    changes: dict[str, str | None] = {
        "setup.py": "import os; print(os.environ)\n",
        f"{PACKAGE}/start.pth": "import os; os.system('true')\n",
    }
    done = await check(toolchain, tmp_path, changes)
    assert done.says("setup.py"), done.shown()
    assert done.says("start.pth", "whenever Python starts")
    assert done.result.artifact is None


async def test_one_that_acts_when_it_is_imported(toolchain: PythonToolchain, tmp_path: Path) -> None:
    actions = GOOD_ACTIONS + "\n\nimport subprocess\n\nsubprocess.run(['id'])\nDATA = open('/etc/passwd').read()\n"
    done = await check(toolchain, tmp_path, {ACTIONS: actions})
    assert done.says("while the module is imported"), done.shown()
    assert done.says("subprocess", "'subprocess'")
    assert done.says("/etc/passwd")


async def test_a_link_to_our_files_is_not_followed(toolchain: PythonToolchain, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("ours")
    folder = tmp_path / "plugin"
    folder.joinpath(PACKAGE).mkdir(parents=True)
    (folder / PACKAGE / "data.txt").symlink_to(secret)
    done = await check(toolchain, folder)
    assert done.says("data.txt", "plain file"), done.shown()
    assert not done.result.ok
