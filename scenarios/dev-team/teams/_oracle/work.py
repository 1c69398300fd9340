"""What every member does the same way: get a clone, put a change on a branch, open a pull request, talk."""

from __future__ import annotations

from _oracle.plan import Plan
from _oracle.stages import CLONE, REPO, RUN_TESTS, is_test, writing
from practicum.agents.tools.git import git_branch, git_clone, git_commit, git_push
from practicum.agents.tools.github import PullRequest, open_pull_request
from practicum.agents.tools.shell import Executed, run_command
from practicum.agents.tools.slack import slack_post
from practicum.models.script import Pending, Turn


class Member:
    """One agent of the team at work."""

    def __init__(self, turn: Turn, plan: Plan) -> None:
        self.turn, self.plan = turn, plan
        self.waited = False
        """Whether a developer of a team that does not work in parallel has waited for the first."""

    @property
    def me(self) -> str:
        """This agent's name, which is its account's, too."""
        return self.turn.me

    def one(self, role: str) -> str:
        """The first agent with a role."""
        return self.turn.agents(role)[0]

    def slack(self, text: str) -> list[Pending[object]]:
        """A message to the team on Slack, to be made along with other calls."""
        return [Pending(slack_post, {"channel": "dev", "text": text})] if self.plan.talks else []

    async def clone(self) -> None:
        """Get the repository, or what is new in it."""
        await self.turn.call(git_clone, repo=REPO, path=CLONE)

    async def test(self) -> Executed:
        """Run the repository's tests as they are in the clone."""
        return await self.turn.call(run_command, command=RUN_TESTS, cwd=CLONE)

    async def change(self, branch: str, content: dict[str, str], message: str, *, tests: str = "") -> None:
        """Write files on a branch, run all tests, commit the code, then its tests, and push.

        Raises:
            RuntimeError: the tests fail; nothing is pushed then.
        """
        await self.turn.call(git_branch, path=CLONE, name=branch)
        await self.commit(content, message, tests=tests)
        await self.turn.call(git_push, path=CLONE)

    async def commit(self, content: dict[str, str], message: str, *, tests: str = "") -> None:
        """Write, test and commit on the present branch; `tests` is the message of the tests' own commit."""
        await self.turn.gather(*writing(content))
        await self.must_pass()
        code = [name for name in content if not tests or not is_test(name)]
        if code:
            await self.turn.call(git_commit, path=CLONE, message=message, files=code)
        if len(code) < len(content):
            await self.turn.call(git_commit, path=CLONE, message=tests)

    async def must_pass(self) -> None:
        """Run the tests.

        Raises:
            RuntimeError: they fail.
        """
        done = await self.test()
        if done.exit_code:
            raise RuntimeError(f"the tests of {self.me} fail: {done.stderr[-2000:]}")

    async def propose(self, branch: str, title: str, body: str, said: str = "") -> PullRequest:
        """Open a pull request for a pushed branch and tell the team; `{}` in `said` becomes its number."""
        pull = await self.turn.call(open_pull_request, title=title, head=branch, body=body)
        if said and self.plan.talks:
            await self.turn.gather(*self.slack(said.format(pull.number)))
        return pull
