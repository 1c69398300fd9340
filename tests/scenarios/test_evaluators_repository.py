"""What stands in the repository: whose work it is, and what its tests say when we run them."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluated_run import EvaluatedRun

from practicum.bus.events import LeaseGranted
from practicum.clock import WallClock

MODULE = "def double(x):\n    return 2 * x\n\n\ndef half(x):\n    return x / 2\n"
TEST = """\
import unittest
from calc import double


class T(unittest.TestCase):
    def test(self):
        self.assertEqual(double(2), 4)
"""
ROLES = ["developer", "qa"]


def work(
    run: EvaluatedRun, login: str, branch: str, *, pusher: str = "", files: dict[str, str | None] | None = None
) -> str:
    """A commit on a branch, pushed by its author or another."""
    run.repository.branch(branch)
    sha = run.repository.commit(login, files or {f"{branch}.txt": branch}, f"{branch} by {login}")
    run.github.push(pusher or login, sha, kind="branch_creation")
    return sha


def merge(run: EvaluatedRun, number: int, author: str, branch: str, how: str = "merge") -> str:
    """Merge a branch, one of GitHub's three ways."""
    repository = run.repository
    base, head = repository.git("rev-parse", "main").strip(), repository.git("rev-parse", branch).strip()
    ways = {
        "merge": repository.merge,
        "squash": lambda name: repository.squash(name, author),
        "rebase": repository.rebase,
    }
    sha = ways[how](branch)
    run.github.push("lead", sha, base, kind="pr_merge")
    run.github.pull(number, author, head, base)
    return sha


@pytest.mark.parametrize("how", ["merge", "squash", "rebase"])
async def test_contributors_are_found_however_it_was_merged(team_run: EvaluatedRun, how: str) -> None:
    run = team_run
    found = await run.look("contributors_include", roles=ROLES)
    assert (found.passed, found.summary) == (False, "no commit on main by: developer, qa")
    work(run, "dev-1", "feature")
    merge(run, 1, "dev-1", "feature", how)
    found = await run.look("contributors_include", roles=ROLES)
    assert (found.passed, found.summary) == (False, "no commit on main by: qa")
    work(run, "qa", "tests")  # starts from main: what GitHub wrote there by merging is not qa's
    merge(run, 2, "qa", "tests", how)
    found = await run.look("contributors_include", roles=ROLES)
    assert (found.passed, found.summary) == (True, "developer 1, qa 1")


@pytest.mark.parametrize("how", ["merge", "squash", "rebase"])
async def test_a_forged_author_fails_however_it_was_merged(team_run: EvaluatedRun, how: str) -> None:
    work(team_run, "dev-1", "feature")
    merge(team_run, 1, "dev-1", "feature", how)
    sha = work(team_run, "qa", "tests", pusher="dev-1")
    merge(team_run, 2, "dev-1", "tests", how)
    found = await team_run.look("contributors_include", roles=ROLES)
    assert (found.passed, found.summary) == (False, f"forged author: {sha[:8]} says qa, but dev-1 pushed it")


async def test_a_commit_counts_for_its_first_push_only(team_run: EvaluatedRun) -> None:
    work(team_run, "qa", "tests")
    head = team_run.repository.git("rev-parse", "tests").strip()
    team_run.github.push("dev-1", head, kind="branch_creation")  # carries it on under another name
    merge(team_run, 1, "qa", "tests")
    assert (await team_run.look("contributors_include", roles=["qa"])).passed


async def test_work_that_was_never_merged_or_never_pushed_does_not_count(team_run: EvaluatedRun) -> None:
    work(team_run, "qa", "tests")
    assert not (await team_run.look("contributors_include", roles=["qa"])).passed
    merge(team_run, 1, "qa", "tests")
    assert (await team_run.look("contributors_include", roles=["qa"])).passed
    team_run.github.activity.clear()
    assert not (await team_run.look("contributors_include", roles=["qa"])).passed


async def test_a_live_login_stands_for_its_agent(team_run: EvaluatedRun) -> None:
    team_run.repository.branch("tests")
    sha = team_run.repository.commit("123+octo-qa", {"a": "b"})  # GitHub's private address
    team_run.github.push("octo-qa", sha)
    merge(team_run, 1, "octo-qa", "tests")
    assert not (await team_run.look("contributors_include", roles=["qa"])).passed
    lease = LeaseGranted(
        lease="l", agent="qa", service="github", identity="octo-qa", scope={}, expires=WallClock().now()
    )
    team_run.happened("proctor", lease)
    assert (await team_run.look("contributors_include", roles=["qa"])).passed


async def test_names_and_subjects_cannot_invent_commits(team_run: EvaluatedRun) -> None:
    invented = f"x\x1e{'f' * 40}\x1f\x1fqa\x1fqa@team.invalid\x1fmine"
    team_run.repository.branch("feature")
    sha = team_run.repository.commit("dev-1", {"a": "b"}, invented, name="Dev\x1fqa\x1fqa@team.invalid")
    team_run.github.push("dev-1", sha)
    merge(team_run, 1, "dev-1", "feature")
    found = await team_run.look("contributors_include", roles=ROLES)
    assert found.summary == "no commit on main by: qa"


async def test_a_pushed_replacement_shows_no_other_history(team_run: EvaluatedRun) -> None:
    work(team_run, "dev-1", "feature")
    top = merge(team_run, 1, "dev-1", "feature")
    work(team_run, "qa", "other")
    other = team_run.repository.git("rev-parse", "other").strip()
    team_run.repository.git("push", "--quiet", str(team_run.repository.mirror), f"{other}:refs/replace/{top}")
    assert not (await team_run.look("contributors_include", roles=["qa"])).passed
    assert not (await team_run.look("repository_file", path="other.txt")).passed


async def test_an_empty_activity_entry_without_an_actor_is_nobody(team_run: EvaluatedRun) -> None:
    sha = work(team_run, "qa", "tests")
    team_run.github.activity[-1]["actor"] = None
    merge(team_run, 1, "qa", "tests")
    found = await team_run.look("contributors_include", roles=["qa"])
    assert found.summary == f"forged author: {sha[:8]} says qa, but somebody pushed it"


async def test_a_file_of_the_repository(team_run: EvaluatedRun) -> None:
    look = team_run.look
    assert (await look("repository_file", path="docs/use.md")).summary == "docs/use.md is not on main"
    work(team_run, "qa", "docs", files={"docs/use.md": "Coverage 9\n"})
    assert not (await look("repository_file", path="docs/use.md")).passed
    merge(team_run, 1, "qa", "docs")
    assert (await look("repository_file", path="docs/use.md", matches="(?i)coverage", author_role="qa")).passed
    assert (
        await look("repository_file", path="docs/use.md", matches="usage")
    ).summary == "docs/use.md does not say 'usage'"
    found = await look("repository_file", path="docs/use.md", author_role="lead")
    assert found.summary == "docs/use.md was written by qa, not by lead"


@pytest.mark.sandbox
async def test_the_tests_are_run_by_us(team_run: EvaluatedRun) -> None:
    assert (await team_run.look("tests_pass")).passed is False  # there are none
    team_run.repository.commit("dev-1", {"calc.py": MODULE, "test_calc.py": TEST})
    found = await team_run.look("tests_pass")
    assert (found.passed, found.summary) == (True, "1 passed, run by us on main")
    assert (await team_run.look("tests_pass", at_least=2)).summary == "1 of 2 tests on main"
    team_run.repository.commit("dev-1", {"calc.py": MODULE.replace("2 * x", "x")})
    found = await team_run.look("tests_pass")
    assert (found.passed, found.summary) == (False, "the tests of main fail when we run them: FAILED (failures=1)")
    assert (await team_run.look("tests_pass", from_="nowhere")).summary == "there is no nowhere"


@pytest.mark.sandbox
async def test_coverage_is_measured_by_us_and_not_by_what_tests_print(team_run: EvaluatedRun) -> None:
    talk = "\nprint('COVERED 9 OF 9')\nimport sys, os\nprint(sys.argv, sorted(os.listdir()))\n"
    team_run.repository.commit("dev-1", {"calc/__init__.py": MODULE, "test_calc.py": TEST + talk})
    found = await team_run.look("coverage_at_least", percent=90, packages=["calc"])
    assert not found.passed
    assert found.details == {"coverage": 75.0}  # four lines can be executed, `half` never was
    assert (await team_run.look("coverage_at_least", percent=75, packages=["calc"])).passed
    found = await team_run.look("coverage_at_least", percent=1, packages=["nothing"])
    assert "nothing could be measured" in found.summary


def defect(run: EvaluatedRun, *, label: str = "bug", state: str = "closed", body: str = "Fixes #3") -> None:
    """A module with a defect on main, and an issue for it."""
    run.repository.commit("owner", {"calc.py": MODULE.replace("2 * x", "x"), "tests.txt": ""})
    run.github.issue(3, state, labels=[label])


async def fixed_by(run: EvaluatedRun, *commits: tuple[str, dict[str, str | None]], body: str = "Fixes #3") -> None:
    run.repository.branch("fix")
    for login, files in commits:
        run.github.push(login, run.repository.commit(login, files))
    base = run.repository.git("rev-parse", "main").strip()
    run.github.pull(4, "dev-1", run.repository.git("rev-parse", "fix").strip(), base, body=body)


@pytest.mark.sandbox
async def test_a_defect_is_fixed_when_the_testers_test_says_so(team_run: EvaluatedRun) -> None:
    assert (await team_run.look("defect_fixed")).summary == "no closed issue is labelled bug"
    defect(team_run)
    assert (await team_run.look("defect_fixed")).summary == "no merged pull request fixes an issue labelled bug"
    await fixed_by(team_run, ("qa", {"test_calc.py": TEST}), ("dev-1", {"calc.py": MODULE}))
    found = await team_run.look("defect_fixed")
    assert found.passed, found.summary
    assert "passes after the fix" in found.summary


@pytest.mark.sandbox
@pytest.mark.parametrize(
    ("commits", "says"),
    [
        ([("dev-1", {"test_calc.py": TEST}), ("dev-1", {"calc.py": MODULE})], "holds no test by qa"),
        ([("qa", {"notes.md": "x"}), ("dev-1", {"calc.py": MODULE})], "holds no test by qa"),
        ([("qa", {"test_calc.py": TEST}), ("dev-1", {"readme": "x"})], "fails before the fix and fails after it"),
        ([("dev-1", {"calc.py": MODULE}), ("qa", {"test_calc.py": TEST})], "passes before the fix"),
        ([("qa", {"test_calc.py": TEST}), ("dev-1", {"test_calc.py": None})], "fails after it"),
        ([("qa", {"test_calc.py": TEST}), ("dev-1", {"test_calc.py": TEST.replace("4", "2")})], "fails after it"),
    ],
    ids=["no tester", "no test", "no fix", "nothing to fix", "test dropped", "test bent"],
)
async def test_a_defect_is_not_fixed(
    team_run: EvaluatedRun, commits: list[tuple[str, dict[str, str | None]]], says: str
) -> None:
    defect(team_run)
    await fixed_by(team_run, *commits)
    found = await team_run.look("defect_fixed")
    assert not found.passed
    assert says in found.summary


@pytest.mark.sandbox
async def test_a_command_on_a_fresh_checkout(team_run: EvaluatedRun) -> None:
    assert (await team_run.look("command_exit_code_is", command="grep -q Shortlink README.md", from_="main")).passed
    found = await team_run.look("command_exit_code_is", command="exit 3", from_="main")
    assert (found.passed, found.summary) == (False, "'exit 3' ended with 3, wanted 0")
    assert (await team_run.look("command_exit_code_is", command="exit 3", expected_code=3, from_="main")).passed
    assert (await team_run.look("command_exit_code_is", command="true", from_="none")).summary == "there is no none"


@pytest.mark.sandbox
async def test_a_command_without_a_branch_runs_in_the_environment(team_run: EvaluatedRun, tmp_path: Path) -> None:
    assert "from: main" in str(await team_run.blind("command_exit_code_is", command="true"))
    team_run.workspace(tmp_path / "workspace").write("made.txt", "tea")
    assert (await team_run.look("command_exit_code_is", command="grep -q tea made.txt")).passed
    found = await team_run.look("command_exit_code_is", command="cat made.txt; exit 3")
    assert (found.passed, found.details["stdout"]) == (False, "tea")
    assert (await team_run.look("command_exit_code_is", command="exit 3", expectedCode=3)).passed
