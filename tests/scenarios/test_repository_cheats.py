"""A repository that is made to look otherwise than the branch that is asked for."""

from __future__ import annotations

import pytest
from evaluated_run import EvaluatedRun


def push(run: EvaluatedRun, commit: str, ref: str) -> None:
    run.repository.git("push", "--quiet", str(run.repository.mirror), f"{commit}:{ref}")


@pytest.mark.sandbox
async def test_a_tag_of_the_branchs_name_is_not_looked_at_in_its_place(team_run: EvaluatedRun) -> None:
    team_run.repository.branch("unreviewed")
    commit = team_run.repository.commit("dev-1", {"docs.md": "all of it\n"}, "Do it all")
    team_run.github.push("dev-1", commit, branch="unreviewed")
    push(team_run, commit, "refs/tags/main")
    assert not (await team_run.look("repository_file", path="docs.md")).passed
    assert not (await team_run.look("git_history", matches="Do it all")).passed
    assert not (await team_run.look("contributors_include", roles=["developer"])).passed
    assert not (await team_run.look("command_exit_code_is", command="test -f docs.md", from_="main")).passed
    push(team_run, commit, "refs/tags/v1.0")
    assert (await team_run.look("command_exit_code_is", command="test -f docs.md", from_="v1.0")).passed
    assert (await team_run.look("command_exit_code_is", command="test -f docs.md", from_=commit)).passed


@pytest.mark.sandbox
async def test_a_checkout_holds_every_file_as_it_stands_in_the_repository(team_run: EvaluatedRun) -> None:
    files = {
        ".gitattributes": "test_broken.py export-ignore\nversion.txt export-subst\n",
        "test_fine.py": "import unittest\n\nclass Fine(unittest.TestCase):\n    def test(self): pass\n",
        "test_broken.py": "import unittest\n\nclass Broken(unittest.TestCase):\n    def test(self): self.fail()\n",
        "version.txt": "$Format:%s$\n",
    }
    team_run.repository.commit("dev-1", dict(files), "done")
    assert not (await team_run.look("tests_pass")).passed
    assert not (await team_run.look("command_exit_code_is", command="grep done version.txt", from_="main")).passed


@pytest.mark.parametrize("how", ["merge", "squash", "rebase"])
async def test_a_file_that_somebody_else_pushed_under_an_authors_name_is_not_the_authors(
    team_run: EvaluatedRun, how: str
) -> None:
    repository, github = team_run.repository, team_run.github
    for number, (name, pusher) in enumerate((("bücher.md", "dev-1"), ("own.md", "qa")), 1):
        base = repository.git("rev-parse", "main").strip()
        repository.branch(f"work-{number}")
        head = repository.commit("qa", {name: "all of it\n"}, "Write it")
        github.push(pusher, head, kind="branch_creation", branch=f"work-{number}")
        ways = {"merge": repository.merge, "rebase": repository.rebase}
        merged = repository.squash(f"work-{number}", "qa") if how == "squash" else ways[how](f"work-{number}")
        github.push("lead", merged, base, kind="pr_merge")
        github.pull(number, pusher, head, base)
    found = await team_run.look("repository_file", path="bücher.md", author_role="qa")
    assert (found.passed, found.summary) == (False, "forged author: bücher.md says qa, but dev-1 pushed it")
    assert (await team_run.look("repository_file", path="own.md", author_role="qa")).passed


@pytest.mark.sandbox
async def test_a_test_that_a_developer_pushed_in_the_testers_name_is_not_the_testers(team_run: EvaluatedRun) -> None:
    repository, github = team_run.repository, team_run.github
    test = "import unittest\nimport calc\n\nclass T(unittest.TestCase):\n    def test(self): assert calc.GOOD\n"
    base = repository.commit("owner", {"calc.py": "GOOD = False\n"})
    github.issue(3, "closed", labels=["bug"])
    repository.branch("fix")
    written = repository.commit("qa", {"test_calc.py": test})
    head = repository.commit("dev-1", {"calc.py": "GOOD = True\n"})
    github.push("dev-1", head)
    github.pull(4, "dev-1", head, base, body="Fixes #3")
    assert (await team_run.look("defect_fixed")).summary == "#4 holds no test by qa"
    github.activity.clear()
    github.push("qa", written)
    github.push("dev-1", head, written)
    assert (await team_run.look("defect_fixed")).passed
