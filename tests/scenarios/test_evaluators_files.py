"""Files: made, changed, or there before anybody did anything."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluated_run import EvaluatedRun, Workspace


@pytest.fixture
def workspace(team_run: EvaluatedRun, tmp_path: Path) -> Workspace:
    made = team_run.workspace(tmp_path / "workspace")
    made.seed("seed.txt", "tea")
    return made


async def test_a_file_that_was_made_counts_and_one_that_was_there_before_does_not(
    team_run: EvaluatedRun, workspace: Workspace
) -> None:
    workspace.write("out/made.txt", "coffee")
    team_run.step("code", created=("out/made.txt",))
    made = await team_run.look("file_exists", path="out/made.txt")
    assert (made.passed, made.counts, made.summary) == (True, True, "out/made.txt is there")
    seeded = await team_run.look("file_exists", path="seed.txt")
    assert (seeded.passed, seeded.counts, seeded.summary) == (True, False, "seed.txt was there before")
    assert not (await team_run.look("file_contains", path="seed.txt", value="tea")).counts
    assert (await team_run.look("file_contains", path="out/made.txt", value="coffee")).counts
    assert not (await team_run.look("file_exists", path="absent.txt")).passed


async def test_a_folder_is_no_file_and_counts_where_the_path_says_that_one_is_meant(
    team_run: EvaluatedRun, workspace: Workspace
) -> None:
    workspace.seed("data/seed.csv", "1,2")
    workspace.write("out/made.txt", "coffee")
    (workspace.root / "report.md").mkdir()
    (team_run.directory / "agents" / "qa" / "own").mkdir()
    assert not (await team_run.look("file_exists", path="report.md")).passed
    for path in ("data", "out", "report.md"):
        assert not (await team_run.look("file_contains", path=path, value="1")).passed
    for path, counts in {"out/": True, "own/": True, "data/": False, "out": False, "data": False}.items():
        found = await team_run.look("file_exists", path=path)
        assert (found.passed, found.counts) == (True, counts), path
    for path in ("out/made.txt/", "absent/", "absent"):
        assert not (await team_run.look("file_exists", path=path)).passed


async def test_a_seeded_file_counts_from_when_a_step_changed_it(team_run: EvaluatedRun, workspace: Workspace) -> None:
    workspace.write("seed.txt", "tea with milk")
    team_run.step("code", changed=("seed.txt",))
    assert (await team_run.look("file_contains", path="./seed.txt", value="milk")).counts
    team_run.step("code")
    assert (await team_run.look("file_exists", path="seed.txt")).counts, "it was changed in an earlier step"


async def test_an_agents_untouched_copy_of_a_seeded_file_does_not_count(
    team_run: EvaluatedRun, workspace: Workspace
) -> None:
    own = team_run.directory / "agents" / "qa"
    (own / "seed.txt").write_text("tea")
    assert not (await team_run.look("file_exists", path="seed.txt", agent="qa")).counts
    (own / "seed.txt").write_text("pot")
    assert (await team_run.look("file_contains", path="seed.txt", value="pot", agent="qa")).counts
    (own / "report.md").write_text("done")
    assert (await team_run.look("file_exists", path="report.md")).counts, "it is looked for in the agents' folders too"
    assert not (await team_run.look("file_exists", path="seed.txt", agent="lead")).passed


async def test_no_link_leads_out_of_the_workspace(team_run: EvaluatedRun, workspace: Workspace) -> None:
    (workspace.root / "passwd").symlink_to("/etc/passwd")
    assert not (await team_run.look("file_contains", path="passwd", value="root")).passed
    assert not (await team_run.look("file_exists", path="/etc/passwd")).passed
    assert (await team_run.look("file_exists", path="/seed.txt")).passed, "an absolute path begins at the workspace"
    for path in ("../seed.txt", "/../etc/passwd", "a/../../b"):
        with pytest.raises(ValueError, match="not a path inside"):
            await team_run.look("file_exists", path=path)


async def test_case_matters_in_a_file_unless_it_is_said_not_to(team_run: EvaluatedRun, workspace: Workspace) -> None:
    workspace.write("made.txt", "Coffee")
    assert not (await team_run.look("file_contains", path="made.txt", value="coffee")).passed
    assert (await team_run.look("file_contains", path="made.txt", value="coffee", case_sensitive=False)).passed
