"""Each verb as a user types it."""

from __future__ import annotations

import json
import re

import pytest
from practicum_command import MINI, Practicum, Run, copy_scenario

from practicum import __version__
from practicum.cli.main import VERBS

ESCAPES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What a terminal would take for a command; a line break and a tab are none."""


def beside(run: Run) -> Practicum:
    return Practicum(run.path.parents[1], run.path.parents[2])


def test_bare_it_says_what_to_do_first(practicum: Practicum) -> None:
    done = practicum()
    assert done.returncode == 0
    assert "practicum demo" in done.stdout
    assert "practicum doctor" in done.stdout


def test_help_lists_every_verb_and_the_exit_codes(practicum: Practicum) -> None:
    done = practicum("--help")
    assert done.returncode == 0
    assert all(f"  {verb} " in done.stdout for verb in VERBS)
    assert "Exit codes" in done.stdout


def test_the_version_is_the_package_s(practicum: Practicum) -> None:
    assert practicum("--version").stdout == f"practicum {__version__}\n"


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_verb_explains_itself(practicum: Practicum, verb: str) -> None:
    done = practicum(verb, "--help")
    assert done.returncode == 0, done.stderr
    assert f"practicum {verb}" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_runs_without_a_run_says_how_to_make_one(practicum: Practicum) -> None:
    done = practicum("runs")
    assert (done.returncode, "practicum demo" in done.stdout) == (0, True)
    assert practicum("runs", "--json").stdout == ""


def test_runs_names_who_was_there_and_keeps_its_columns_apart(practicum: Practicum) -> None:
    long = "a scenario with rather a long name"
    (practicum.cwd / "long.scenario.yaml").write_text(f"name: {long}\nenvironment: local\nrun: [{{code: 'true'}}]\n")
    assert practicum("run", "long.scenario.yaml").returncode == 3
    [line] = practicum("runs").stdout.splitlines()
    assert re.search(r"inconclusive  +a scenario with rather …  code alone  ", line)


def test_list_names_the_library_with_its_teams(practicum: Practicum) -> None:
    done = practicum("list")
    assert done.returncode == 0, done.stderr
    assert "dev-team" in done.stdout
    assert "idle" in done.stdout


def test_validate_tells_right_from_wrong(practicum: Practicum) -> None:
    good = practicum("validate", str(MINI))
    assert good.returncode == 0, good.stdout + good.stderr
    assert "valid" in good.stdout
    assert "4 effect" in good.stdout or "3 effect" in good.stdout
    scenario = copy_scenario(practicum.cwd / "bad") / "scenario.yaml"
    scenario.write_text(scenario.read_text().replace("role: developer", "role: develper"))
    bad = practicum("validate", str(MINI), str(scenario))
    assert bad.returncode == 2
    assert 'did you mean "developer"' in bad.stdout


@pytest.mark.slow
@pytest.mark.sandbox
def test_doctor_speaks_json_and_says_what_can_be_isolated(practicum: Practicum) -> None:
    done = practicum("doctor", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    findings = {item["name"]: item for item in json.loads(done.stdout)}
    assert all({"ok", "found", "mend", "needed"} <= item.keys() for item in findings.values())
    assert any("sandbox" in name or "bubblewrap" in json.dumps(item) for name, item in findings.items())


@pytest.mark.slow
@pytest.mark.broker
@pytest.mark.sandbox
class TestOfARun:
    """Verbs that read a finished run."""

    def test_runs_lists_it(self, oracle_run: Run) -> None:
        listed = beside(oracle_run).runs()
        assert [(row["run"], row["outcome"]) for row in listed] == [(oracle_run.id, "passed")]

    def test_show_json_is_one_object_a_line_in_order(self, oracle_run: Run) -> None:
        done = beside(oracle_run)("show", "last", "--json")
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        assert [row["seq"] for row in rows] == list(range(1, len(oracle_run.events()) + 1))
        assert rows[0]["type"] == "run.started"
        assert rows[-1]["type"] == "run.finished"

    def test_show_tells_the_story(self, oracle_run: Run) -> None:
        done = beside(oracle_run)("show", oracle_run.id[:10])
        assert 'opened issue #1 "Serve the time"' in done.stdout
        assert 'approved #2: "It ticks."' in done.stdout

    def test_show_of_an_agent_tells_action_and_observation(self, oracle_run: Run) -> None:
        done = beside(oracle_run)("show", "last", "--agent", "dev")
        assert "action       git_clone" in done.stdout
        assert "observation" in done.stdout
        assert "action       deploy" not in done.stdout

    def test_show_of_an_unknown_agent_names_those_that_are_there(self, oracle_run: Run) -> None:
        done = beside(oracle_run)("show", "last", "--agent", "nobody")
        assert done.returncode == 2
        assert "agents: lead, dev, ops" in done.stderr

    def test_what_a_run_does_not_have_is_said(self, oracle_run: Run) -> None:
        ask = beside(oracle_run)
        watched = ask("watch", "last", "--agent", "nobody")
        assert (watched.returncode, "agents: lead, dev, ops" in watched.stderr, watched.stdout) == (2, True, "")
        event = ask("show", "last", "--event", "999999")
        assert (event.returncode, "numbered from 1 to" in event.stderr) == (2, True)
        kind = ask("show", "last", "--type", "tool.caled")
        assert (kind.returncode, 'did you mean "tool.called"?' in kind.stderr) == (2, True)
        assert ask("show", "last", "--type", "fault.injected").returncode == 0  # a type that this run has none of

    def test_show_of_one_event_is_whole(self, oracle_run: Run) -> None:
        done = beside(oracle_run)("show", "last", "--event", "1")
        assert json.loads(done.stdout)["type"] == "run.started"

    def test_watch_of_a_finished_run_ends_at_once(self, oracle_run: Run) -> None:
        done = beside(oracle_run)("watch")
        assert done.returncode == 0
        assert "merged #2" in done.stdout
        assert done.stdout.rstrip().endswith(f"{oracle_run.id} passed")

    def test_open_only_tells_the_path_when_asked(self, oracle_run: Run) -> None:
        done = beside(oracle_run)("open", "--path")
        assert done.stdout.strip() == str(oracle_run.path / "report.html")

    def test_no_output_holds_colour_when_nobody_looks(self, oracle_run: Run) -> None:
        for arguments in (["runs"], ["show", "last"], ["verify"], ["replay"], ["watch"]):
            assert "\x1b" not in beside(oracle_run)(*arguments).stdout

    def test_a_reader_that_leaves_early_is_no_error(self, oracle_run: Run) -> None:
        command = beside(oracle_run)
        with command.start("show", "last", "--json") as process:
            assert process.stdout is not None
            process.stdout.readline()
            process.stdout.close()
            assert process.stderr is not None
            said = process.stderr.read()
            assert process.wait(timeout=50) == 0, said
            assert said == ""


@pytest.mark.slow
@pytest.mark.broker
@pytest.mark.sandbox
@pytest.mark.timeout(240)
def test_watch_follows_a_live_run_and_ends_with_it(practicum: Practicum) -> None:
    with practicum.start("run", str(MINI)) as run:
        while not any((folder / "run.json").is_file() for folder in practicum.folders()):
            assert run.poll() is None
        with practicum.start("watch") as watch:
            stdout, stderr = watch.communicate(timeout=100)
        run.communicate(timeout=100)
    assert (run.returncode, watch.returncode) == (0, 0), stderr
    assert "merged #2" in stdout
    assert stdout.rstrip().endswith(" passed")


@pytest.mark.slow
@pytest.mark.broker
@pytest.mark.sandbox
def test_json_of_a_run_is_the_verdict_and_nothing_else(practicum: Practicum) -> None:
    done = practicum("run", str(MINI), "--team", "idle", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["outcome"] == "failed"


@pytest.fixture(scope="module")
def messy_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run whose agents write what terminals and browsers would obey."""
    folder = tmp_path_factory.mktemp("messy")
    command = Practicum(folder / "home", folder)
    done = command("run", str(MINI), "--team", "messy")
    assert done.returncode == 1, done.stdout + done.stderr
    return command.last(done)


@pytest.mark.slow
@pytest.mark.broker
@pytest.mark.sandbox
class TestOfHostileText:
    """What agents write stays text."""

    @pytest.mark.parametrize("arguments", [["show", "last", "--all"], ["show", "last", "--agent", "lead"], ["watch"],
                                           ["show", "last", "--type", "world.changed"], ["runs"]])  # fmt: skip
    def test_on_the_terminal(self, messy_run: Run, arguments: list[str]) -> None:
        done = beside(messy_run)(*arguments)
        assert done.returncode == 0, done.stderr
        assert not ESCAPES.search(done.stdout)

    def test_while_the_run_is_told(self, messy_run: Run) -> None:
        assert "onerror" in messy_run.stdout, "the text is shown"
        assert not ESCAPES.search(messy_run.stdout)

    def test_in_the_report(self, messy_run: Run) -> None:
        page = (messy_run.path / "report.html").read_text()
        assert "onerror" in page, "the text is shown"
        assert "<img" not in page
        assert "<b>bold" not in page
        assert page.count("<script") == page.count("</script>")
        assert not ESCAPES.search(page)
