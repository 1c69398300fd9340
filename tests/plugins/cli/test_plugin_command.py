"""`practicum plugin` as a user types it: made once, and then looked at from all sides."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from practicum_command import Practicum

from practicum.plugins.registry.provenance import ENDING, read_provenance, specification_digest
from practicum.plugins.store import Store
from practicum.plugins.uv import uv_program

pytestmark = [pytest.mark.sandbox, pytest.mark.slow, pytest.mark.timeout(150)]

EXAMPLES = Path(__file__).parents[3] / "examples" / "plugins"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Practicum, subprocess.CompletedProcess[str]]:
    """A project in which temperature was made and installed, and weather could not be."""
    folder = tmp_path_factory.mktemp("made")
    command = Practicum(folder / "home", folder)
    specs = [str(EXAMPLES / name) for name in ("temperature.yaml", "weather.yaml")]
    return command, command("plugin", "create", *specs, "--install", timeout=120)


Made = tuple[Practicum, subprocess.CompletedProcess[str]]


def jobs(command: Practicum) -> dict[str, dict[str, object]]:
    done = command("plugin", "status", "--json")
    return {line["name"]: line for line in map(json.loads, done.stdout.splitlines())}


def test_progress_is_a_line_a_phase_and_a_failure_is_told_in_words(made: Made) -> None:
    command, done = made
    assert done.returncode == 1, done.stdout + done.stderr
    said = done.stdout
    phases = ("is being written", "is built", "is linted and type-checked", "runs its tests", "is ready")
    places = [said.index(f"temperature {phase}") for phase in phases]
    assert places == sorted(places)
    assert "weather failed: what the templates give fails at" in said
    assert "not implemented" in said
    assert "temperature: model_review skipped" in said
    found = jobs(command)
    assert (found["temperature"]["state"], found["weather"]["state"]) == ("succeeded", "failed")
    assert found["temperature"]["source"] == "template"


def test_status_logs_and_list_tell_of_what_was_made(made: Made) -> None:
    command, _ = made
    shown = command("plugin", "status", str(jobs(command)["weather"]["job"]))
    assert shown.returncode == 1
    assert "Written by templates, without a model" in shown.stdout
    assert "Iteration 1: failed at" in shown.stdout
    log = command("plugin", "logs", str(jobs(command)["weather"]["job"]))
    assert "forecast" in log.stdout
    unknown = command("plugin", "status", "no-such-job")
    assert (unknown.returncode, unknown.stderr.splitlines()[0]) == (2, "error: there is no job 'no-such-job'")
    [line] = [json.loads(line) for line in command("plugin", "list", "--json").stdout.splitlines()]
    assert (line["name"], line["version"], line["host"]) == ("temperature", "0.1.0", "isolated")
    assert line["job"] == jobs(command)["temperature"]["job"]


def test_what_is_there_already_is_not_made_again(made: Made, tmp_path: Path) -> None:
    command, _ = made
    again = command("plugin", "create", str(EXAMPLES / "temperature.yaml"))
    assert again.returncode == 2
    assert "temperature is there already: temperature 0.1.0 is installed" in again.stdout
    assert "--force" in again.stderr
    other = tmp_path / "kelvin.yaml"
    text = (EXAMPLES / "temperature.yaml").read_text().replace("name: temperature\n", "name: kelvin\n")
    other.write_text(text)
    doubled = command("plugin", "create", str(other))
    assert doubled.returncode == 2
    assert "with celsius_to_fahrenheit, celsius_to_kelvin" in doubled.stderr


def test_publishing_wants_a_yes_and_leaves_wheel_and_provenance(made: Made) -> None:
    command, _ = made
    refused = command("plugin", "publish", "temperature")
    assert refused.returncode == 2
    assert "wants a person's yes" in refused.stderr
    assert not (command.home / "plugin-index").exists()
    done = command("plugin", "publish", "temperature", "--yes", "--json")
    assert done.returncode == 0, done.stderr
    told = read_provenance(Path(json.loads(done.stdout)["provenance"]))
    assert told is not None
    assert told.job == jobs(command)["temperature"]["job"]
    assert (told.source, told.verifier["pytest"]) == ("template", "passed")
    assert told.specification_sha256 == specification_digest(told.specification)
    manifest = Store(command.home / "plugins").installed("temperature").manifest
    assert f"sha256:{told.sha256}" == manifest.digest
    target = command.cwd / "elsewhere"
    index = (command.home / "plugin-index").as_uri()
    uv = [
        uv_program(),
        "pip",
        "install",
        "--no-deps",
        "--index-url",
        index,
        "--target",
        str(target),
        "temperature-plugin",
    ]
    installed = subprocess.run(uv, capture_output=True, text=True, env={**os.environ, "UV_NO_CACHE": "1"}, timeout=60)
    assert installed.returncode == 0, installed.stderr
    assert (target / "temperature_plugin" / "__init__.py").is_file()


def test_a_wheel_that_nobody_verified_is_not_published(made: Made, tmp_path: Path) -> None:
    command, _ = made
    wheel = Path(str(jobs(command)["temperature"]["artifact"]))
    stranger = tmp_path / wheel.name
    stranger.write_bytes(wheel.read_bytes() + b"more")
    done = command("plugin", "publish", str(stranger), "--yes")
    assert done.returncode == 2
    assert "was made by no job that is here" in done.stderr
    failed = command("plugin", "publish", str(jobs(command)["weather"]["job"]), "--yes")
    assert (failed.returncode, "is failed" in failed.stderr) == (2, True)


def test_the_verifier_is_not_talked_into_a_changed_wheel(made: Made, tmp_path: Path) -> None:
    command, _ = made
    home = tmp_path / "home"
    shutil.copytree(command.home, home)
    job = jobs(command)["temperature"]
    wheel = home / Path(str(job["artifact"])).relative_to(command.home)
    tests = home / "plugin-jobs" / "jobs" / str(job["job"]) / "source" / "tests"
    arguments = ["--spec", str(EXAMPLES / "temperature.yaml"), "--tests", str(tests)]
    wheel.write_bytes(wheel.read_bytes()[:-20])
    done = command("plugin", "verify", str(wheel), *arguments)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "NOT VERIFIED" in done.stdout


def test_words_become_a_specification(practicum: Practicum) -> None:
    done = practicum("plugin", "from-description", "Convert miles to kilometres.", "--show")
    assert done.returncode == 0, done.stderr
    assert "name: convert-miles-kilometres" in done.stdout


def test_a_wrong_file_is_said_with_its_line(practicum: Practicum) -> None:
    (practicum.cwd / "bad.yaml").write_text("name: x\ndescription: y\nactions:\n  - {name: Bad Name, description: z}\n")
    done = practicum("plugin", "create", "bad.yaml")
    assert done.returncode == 2
    assert "bad.yaml:4: actions[0].name" in done.stderr
    assert ENDING not in done.stdout


def test_removing_wants_a_yes(made: Made, tmp_path: Path) -> None:
    command, _ = made
    home = tmp_path / "home"
    shutil.copytree(command.home, home)
    other = Practicum(home, tmp_path)
    assert other("plugin", "remove", "temperature").returncode == 2
    assert other("plugin", "remove", "temperature", "--yes").returncode == 0
    assert not Store(home / "plugins").names()


def test_what_is_not_there_is_a_mistake_and_no_failure(made: Made, tmp_path: Path) -> None:
    command, _ = made
    spec, tests = str(EXAMPLES / "temperature.yaml"), str(tmp_path)
    job = str(jobs(command)["temperature"]["job"])
    for words, said in (
        (("verify", "nope.whl", "--spec", spec, "--tests", tests), "nope.whl: no such file"),
        (("verify", spec, "--spec", spec, "--tests", "nope"), "nope: no such folder"),
        (("publish", "temperature", "--yes", "--index", f"{spec}/index"), "cannot be written: Not a directory"),
        (("logs", job, "--iteration", "7"), f"{job} has no iteration 7"),
        (("create", tests), f"{tests}: cannot be read: Is a directory"),
    ):
        done = command("plugin", *words)
        assert (done.returncode, said in done.stderr) == (2, True), done.stderr


def test_a_folder_that_is_no_plugin_is_a_mistake_and_one_that_does_not_load_a_failure(
    made: Made, tmp_path: Path
) -> None:
    command, _ = made
    job = jobs(command)["temperature"]
    folder = tmp_path / "plugin"
    shutil.copytree(command.home / "plugin-jobs" / "jobs" / str(job["job"]) / "source", folder)
    command = Practicum(tmp_path / "home", tmp_path)
    os.mkfifo(folder / "pipe")
    done = command("plugin", "install", str(folder))
    assert (done.returncode, "pipe cannot be built into a wheel: " in done.stderr) == (2, True), done.stderr
    (folder / "pipe").unlink()
    other = command("plugin", "install", str(folder), "--spec", str(EXAMPLES / "loan.yaml"))
    assert (other.returncode, "does not bring the action" in other.stderr) == (1, True), other.stderr
    (folder / "pyproject.toml").write_text("x = [")
    done = command("plugin", "install", str(folder))
    assert (done.returncode, "pyproject.toml: is no TOML: " in done.stderr) == (2, True), done.stderr
    assert command("plugin", "list").stdout.startswith("no plugin is installed")
