"""`practicum report`, `open`, `show --step` and the published schemas, over runs of code that take no time."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest
from practicum_command import Practicum

from practicum.scenarios.statistics import Row, summarise
from practicum.scenarios.suite import SuiteResult, row_of
from practicum.scenarios.verdict import Verdict

SCENARIO = """name: counting
environment: {type: local}
run:
  - name: count
    lang: bash
    code: |
      printf 'one\\ntwo\\n\\033[31mred </script><img src=x onerror=alert(1)>\\n'
      echo made > out.txt
    evaluations:
      - {type: string_contains, value: two}
      - {type: file_exists, path: out.txt}
  - code: exit WANTED
    evaluations:
      - {type: step_exit_code}
"""


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Practicum:
    """A run that passed and, after it, one that failed."""
    folder = tmp_path_factory.mktemp("reported")
    command = Practicum(folder / "home", folder)
    for wanted, code in (("0", 0), ("3", 1)):
        (folder / "counting.scenario.yaml").write_text(SCENARIO.replace("WANTED", wanted))
        done = command("run", "counting.scenario.yaml")
        assert done.returncode == code, done.stdout + done.stderr
    return command


def ids(command: Practicum) -> list[str]:
    return [folder.name for folder in command.folders()]


def test_a_page_is_written_when_somebody_asks_for_it(ran: Practicum) -> None:
    first, last = ran.folders()
    assert not (first / "report.html").exists()  # a run of code alone writes none
    done = ran("open", first.name, "--path")
    assert (done.returncode, done.stdout.strip()) == (0, str(first / "report.html"))
    done = ran("report")
    assert (done.returncode, done.stdout.strip()) == (0, str(last / "report.html"))
    page = (last / "report.html").read_text()
    assert "exit code 3" in page
    assert "<img" not in page
    assert "\\x1b[31mred &lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;" in page
    assert "\x1b" not in page


def test_several_runs_make_one_page_with_links_to_theirs(ran: Practicum) -> None:
    done = ran("report", *ids(ran), "--output", "out/all.html")
    assert done.returncode == 0, done.stderr
    page = (ran.cwd / "out" / "all.html").read_text()
    assert "1 of 2 passed, 50%" in page
    for name in ids(ran):
        assert f'href="../home/runs/{name}/report.html"' in page
        assert (ran.cwd / "out" / f"../home/runs/{name}/report.html").is_file()


def test_markdown_and_data_go_to_stdout(ran: Practicum) -> None:
    text = ran("report", "--format", "md").stdout
    assert text.startswith("### ❌ `counting`: failed\n")
    assert '| `file_exists` | `step 1 "count"` | passed |' in text
    data = json.loads(ran("report", *ids(ran), "--format", "json").stdout)
    assert [row["outcome"] for row in data["rows"]] == ["passed", "failed"]
    assert data["summary"]["overall"]["outcomes"]["counted"] == 2


def test_a_document_is_written_beside_the_run(ran: Practicum) -> None:
    done = ran("report", "--format", "pdf")
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).read_bytes().startswith(b"%PDF-")


def test_a_suite_is_reported_on_as_a_whole(ran: Practicum, tmp_path: Path) -> None:
    """The runs of a suite, and one that never came to be a run."""
    verdicts = [Verdict.model_validate_json((folder / "verdict.json").read_bytes()) for folder in ran.folders()]
    rows = [row_of(verdict, str(place)) for place, verdict in enumerate(verdicts)]
    for row, value in zip(rows, ("</script>", 2), strict=True):
        row.parameters = {"run[0].input": value}
    rows.append(Row(key="2", scenario="counting", outcome="infrastructure", reason="no docker"))
    home = tmp_path / "home"
    shutil.copytree(ran.home, home)
    result = SuiteResult(
        suite="01SUITE", name="inputs", kind="matrix", started=datetime.now(UTC), seconds=1, complete=True, planned=3,
        parallel=1, rows=rows, summary=summarise(rows),
    )  # fmt: skip
    folder = home / "suites" / "01SUITE"
    folder.mkdir(parents=True)
    (folder / "suite.json").write_text(result.model_dump_json())
    command = Practicum(home, tmp_path)
    for name in ("01suite", str(folder), str(folder / "suite.json")):
        done = command("report", name)
        assert (done.returncode, done.stdout.strip()) == (0, str(folder / "report.html")), done.stderr
    page = (folder / "report.html").read_text()
    assert "inputs: 1 of 2 passed" in page
    assert "Success by run[0].input" in page
    assert "no docker" in page
    assert "&lt;/script&gt;" in page
    for run in ids(command):
        assert f'href="../../runs/{run}/' in page
    assert "`inputs`: 1 of 2 passed" in command("report", "01SUITE", "--format", "md").stdout
    assert command("open", "01SUITE", "--path").stdout.strip() == str(folder / "report.html")


def test_what_there_is_none_of_is_said(ran: Practicum, practicum: Practicum) -> None:
    assert "no run is named" in ran("report", "nothing").stderr
    done = practicum("report")
    assert (done.returncode, "no run" in done.stderr) == (2, True)


def test_a_folder_is_no_place_for_a_report(ran: Practicum) -> None:
    done = ran("report", "last", "--format", "md", "--output", ".")
    assert (done.returncode, "it is a folder" in done.stderr) == (2, True)
    assert not list(ran.cwd.glob(".*.partial"))


def test_a_step_is_shown_by_number_and_name(ran: Practicum) -> None:
    for step in ("1", "count"):
        done = ran("show", "last", "--step", step)
        assert done.returncode == 0, done.stderr
        assert "action" in done.stdout
        assert "printf" in done.stdout
        assert "observation" in done.stdout
        assert "\\x1b[31mred" in done.stdout
        assert "\x1b" not in done.stdout
    rows = [json.loads(line) for line in ran("show", "last", "--step", "2", "--json").stdout.splitlines()]
    assert [(row["kind"], row["ok"]) for row in rows] == [("action", True), ("observation", False)]
    done = ran("show", "last", "--step", "build")
    assert done.returncode == 2
    assert "steps: 1 (count), 2" in done.stderr
    assert "no step 9" in ran("show", "last", "--step", "9").stderr


def test_verdicts_are_as_the_published_schema_says(ran: Practicum) -> None:
    schema = json.loads(ran("schema", "verdict").stdout)
    validator = jsonschema.Draft202012Validator(schema)
    for folder in ran.folders():
        verdict = json.loads((folder / "verdict.json").read_text())
        assert list(validator.iter_errors(verdict)) == []
        assert list(validator.iter_errors({**verdict, "outcome": "nearly"})) != []


@pytest.mark.parametrize("what", ["scenario", "matrix", "verdict", "suite", "charter"])
def test_every_schema_is_one(practicum: Practicum, what: str) -> None:
    schema = json.loads(practicum("schema", what).stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"].endswith("2020-12/schema")


def test_an_unknown_schema_is_refused(practicum: Practicum) -> None:
    assert practicum("schema", "nothing").returncode == 2
