"""Every example of the documentation runs, and every link leads somewhere."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from docs_pages import ROOT, Example, all_pages, anchors, examples, links, marks, pages

from practicum.agents.kits import load_kit
from practicum.api.sandbox import Isolation
from practicum.models.script import load_scripts
from practicum.proctor.charter import compile_charter
from practicum.sandbox.detect import describe
from practicum.scenarios.evaluators import read_evaluator
from practicum.scenarios.loader import load_scenario
from practicum.world.actions.workflow import parse

KINDS = {"scenario", "evaluations", "charter", "script", "python", "workflow", "file", "run"}


def names(found: list[Example]) -> dict[str, list[str]]:
    return {"ids": [str(example) for example in found]}


def test_every_mark_is_followed_by_an_example_of_a_known_kind() -> None:
    assert set(marks()) <= KINDS
    assert len(marks()) == len(examples(*KINDS))


@pytest.mark.parametrize("example", examples("scenario"), **names(examples("scenario")))  # type: ignore[arg-type]
def test_a_scenario_is_valid(example: Example, tmp_path: Path) -> None:
    for name in re.findall(r"\./([\w./-]+)", example.text):
        (tmp_path / name).write_text("Build it.\n")
    (tmp_path / "scenario.yaml").write_text(example.text)
    loaded = load_scenario(tmp_path / "scenario.yaml")
    for member in loaded.scenario.team.values():
        load_kit(member.role, tmp_path)


@pytest.mark.parametrize("example", examples("evaluations"), **names(examples("evaluations")))  # type: ignore[arg-type]
def test_evaluations_are_valid(example: Example) -> None:
    entries = yaml.safe_load(example.text)
    assert [read_evaluator(entry).type for entry in entries]


@pytest.mark.parametrize("example", examples("charter"), **names(examples("charter")))  # type: ignore[arg-type]
def test_a_charter_compiles(example: Example, tmp_path: Path) -> None:
    role = str(yaml.safe_load(example.text)["role"])
    place = tmp_path / "roles" / role
    place.mkdir(parents=True)
    (place / "charter.yaml").write_text(example.text)
    kit = load_kit(role, tmp_path)
    has = {"github": ["acme/shortlink"], "slack": ["dev", "standup"], "discord": ["announcements"], "deploy": ["app"]}
    compiled = compile_charter(kit.charter, services=[*has, "anthropic"], grantable=has, model="anthropic/NAME")
    assert compiled.grants


@pytest.mark.parametrize("example", examples("script"), **names(examples("script")))  # type: ignore[arg-type]
def test_scripts_load(example: Example, tmp_path: Path) -> None:
    (tmp_path / "team.py").write_text(example.text)
    assert load_scripts(tmp_path / "team.py")


@pytest.mark.parametrize("example", examples("workflow"), **names(examples("workflow")))  # type: ignore[arg-type]
def test_a_workflow_is_within_the_subset(example: Example) -> None:
    assert parse(".github/workflows/ci.yml", example.text).jobs


@pytest.mark.parametrize("example", examples("python"), **names(examples("python")))  # type: ignore[arg-type]
def test_python_runs(example: Example, tmp_path: Path) -> None:
    (tmp_path / "example.py").write_text(example.text)
    audioop = "ignore:'audioop' is deprecated:DeprecationWarning"  # discord.py's own, as in pyproject.toml
    done = run([sys.executable, "-W", "error", "-W", audioop, "example.py"], tmp_path)
    assert done.returncode == 0, done.stderr
    for line in re.findall(r"#> (.*)$", example.text, re.MULTILINE):
        assert line in done.stdout


@pytest.mark.parametrize("example", examples("run"), **names(examples("run")))  # type: ignore[arg-type]
def test_a_scenario_comes_to_its_outcome(example: Example, tmp_path: Path) -> None:
    (tmp_path / "scenario.yaml").write_text(example.text)
    command = str(Path(sys.executable).with_name("practicum"))
    done = run([command, "run", "scenario.yaml", "--json"], tmp_path)
    assert json.loads(done.stdout)["outcome"] == example.argument, done.stdout + done.stderr


@pytest.mark.broker
@pytest.mark.sandbox
def test_the_scenario_that_is_written_out_in_files_passes_and_its_idle_team_fails(tmp_path: Path) -> None:
    files = examples("file")
    for example in files:
        path = tmp_path / example.argument
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(example.text)
    command = str(Path(sys.executable).with_name("practicum"))
    assert run([command, "validate", "hello"], tmp_path).returncode == 0
    done = run([command, "run", "hello"], tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert run([command, "run", "hello", "--team", "idle"], tmp_path).returncode == 1


@pytest.mark.parametrize("page", all_pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_resolve(page: Path) -> None:
    for target in links(page):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        found = (page.parent / name).resolve() if name else page
        assert found.exists(), f"{page.name}: {target}"
        assert not anchor or anchor in anchors(found), f"{page.name}: {target}"


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, todo = set[Path](), [ROOT / "README.md"]
    while todo:
        page = todo.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        todo += [(page.parent / target.partition("#")[0]).resolve() for target in links(page) if "://" not in target]
    assert set(pages()) <= reached


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(path.name[:4]) for path in sorted((ROOT / "docs" / "adr").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))
    for path in (ROOT / "docs" / "adr").glob("*.md"):
        assert path.read_text().startswith(f"# {int(path.name[:4])}. ")


def test_the_isolation_that_the_pages_speak_of_is_the_one_that_is_reported() -> None:
    text = (ROOT / "docs" / "sandbox.md").read_text()
    assert all(f"`{name}`" in text for name in Isolation("local").as_dict())


async def test_exactly_the_tiers_that_there_are_are_told() -> None:
    section = (ROOT / "docs" / "sandbox.md").read_text().partition("\n## Tiers\n")[2].partition("\n## ")[0]
    told = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    assert told == [report.isolation.tier for report in await describe()]


def run(argv: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "PRACTICUM_SANDBOX_ALLOW_UNSAFE") if name in os.environ}
    environment = {**kept, "HOME": str(folder), "PRACTICUM_HOME": str(folder / "home")}
    return subprocess.run(
        argv, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=55
    )
