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
