"""The lead: lays the ground, hands out the issues, reviews and merges every pull request."""

from __future__ import annotations

from _oracle.board import Board, Pull
from _oracle.plan import Plan
from _oracle.stages import CLONE, files
from _oracle.texts import CHOOSE, KEEP, LOOP, SHORTEN
from _oracle.work import Member
from practicum.agents.filters import message, news
from practicum.agents.tools.git import git_branch
from practicum.agents.tools.github import (
    assign_issue,
    merge_pull_request,
    pull_request_files,
    request_review,
    review_pull_request,
)
from practicum.agents.tools.shell import run_command
from practicum.agents.tools.team import send_message
from practicum.models.script import Pending, Turn

FEATURES = (SHORTEN, KEEP, CHOOSE)

_OWN_HOST = "127.0.0.1:8080"
_TRY_LOOP = f"""python3 -c '
from shortlink import features
from shortlink.links import Links
from shortlink.web import Request
body = b"{{\\"url\\": \\"http://{_OWN_HOST}/abc\\"}}"
request = Request("POST", "/links", body, frozenset({{"{_OWN_HOST}"}}))
print("own address:", features.router(Links()).answer(request).status)
'"""
"""What a reviewer tries by hand: does it take an address of its own?"""


async def lead(turn: Turn, plan: Plan) -> None:
    """The whole of the lead's work: the ground first, then whatever comes, until everything is in."""
    member = Member(turn, plan)
    await turn.until(message(member.one("product-manager")))
    desk = Desk(member)
    await desk.lay_ground()
    while not desk.done:
        desk.board.take(await turn.until(news()))
        await desk.work()


class Desk:
    """What lies before the lead, and what he does about it."""

    def __init__(self, member: Member) -> None:
        self.member, self.turn, self.plan = member, member.turn, member.plan
        self.board = Board()
        self.done = self.assigned = self.told = False
        self.head = ""
        """The last commit of main that a merge made."""

    async def lay_ground(self) -> None:
        """The design and a skeleton that runs, for everybody to build on."""
        member = self.member
        without = () if self.plan.all_tests else ("tests/test_router.py", "tests/test_links.py")
        await member.clone()
        await member.change("skeleton", files("skeleton", without=without), "Design, and a skeleton that answers")
        body = "The parts and how they fit (docs/design.md), a server that answers `GET /health`, and its tests."
        await self._own("skeleton", "Design and walking skeleton", body, self.turn.agents("developer")[0])
        if not self.plan.devops_commits:
            await member.change("checks", files("ci"), "Run the tests on every change")
            body = "Tests on every pull request and on main; a Procfile for the deploy target."
            await self._own("checks", "Checks and Procfile", body, self.turn.agents("developer")[-1])

    async def _own(self, branch: str, title: str, body: str, reviewer: str) -> None:
        pull = await self.member.propose(branch, title, body)
        self.board.add(pull)
        await self.turn.gather(
            Pending(request_review, {"number": pull.number, "reviewers": [reviewer]}),
            *self.member.slack(f"{title} in #{pull.number}. {reviewer}, would you review it?"),
        )

    async def work(self) -> None:
        """Do everything that can be done with what is known now."""
        for pull in [pull for pull in self.board.pulls.values() if not pull.merged]:
            await self._consider(pull)
        await self._assign()
        await self._tell()

    async def _consider(self, pull: Pull) -> None:
        if pull.author == self.member.me:
            if pull.approved and (pull.branch == "skeleton" or self._passed(pull)):
                await self._merge(pull)
            return
        if self._late_commit(pull):
            if pull.approvals and not pull.approved and self._passed(pull):
                await self._merge(pull)
            elif not pull.approvals and self._passed(pull):
                await self._approve(pull)
            return
        if pull.sha not in pull.seen:
            pull.seen[pull.sha] = await self._examine(pull)
        if pull.seen[pull.sha] and self._passed(pull):
            if not pull.approved_by(self.member.me):
                await self._approve(pull)
            seen_by_tester = not self._wants_tester(pull) or pull.approved_by(self.member.one("qa"))
            if seen_by_tester and self._is_its_turn(pull):
                await self._merge(pull)

    def _late_commit(self, pull: Pull) -> bool:
        """Whether this is the pull request that a careless team merges with a commit nobody looked at."""
        return not self.plan.approves_the_head and pull.branch == "documentation"

    def _wants_tester(self, pull: Pull) -> bool:
        """A fix is merged when the tester has seen it, too."""
        return pull.title.startswith("Refuse the service's own words")

    def _is_its_turn(self, pull: Pull) -> bool:
        """The first two features go in when both can be seen, so that each is reviewed beside the other."""
        first = {SHORTEN, KEEP}
        if not self.plan.in_parallel or pull.title not in first:
            return True
        return first <= {known.title for known in self.board.pulls.values()}

    def _passed(self, pull: Pull) -> bool:
        return self.board.passed(pull.sha) or not self.plan.has_checks

    async def _examine(self, pull: Pull) -> bool:
        """Read a change, run its tests, try what they may have forgotten; False when changes were asked for."""
        changes, _ = await self.turn.gather(
            Pending(pull_request_files, {"number": pull.number}),
            Pending(git_branch, {"path": CLONE, "name": pull.branch}),
        )
        paths = [change.path for change in changes]
        if not any(path.endswith(".py") for path in paths):
            return True
        done = await self.member.test()
        if done.exit_code:
            await self._refuse(pull, f"The tests fail for me:\n\n```\n{done.stderr[-1500:]}\n```")
            return False
        if any("shorten" in path or "loops" in path for path in paths):
            tried = await self.turn.call(run_command, command=_TRY_LOOP, cwd=CLONE)
            if "own address: 201" in tried.stdout:
                await self._refuse(pull, LOOP.format(host=_OWN_HOST))
                return False
        return True

    async def _refuse(self, pull: Pull, why: str) -> None:
        first = why.split(":")[0].split("\n")[0]
        await self.turn.gather(
            Pending(review_pull_request, {"number": pull.number, "event": "REQUEST_CHANGES", "body": why}),
            *self.member.slack(f"{pull.author}, one thing in #{pull.number}: {first}."),
        )

    async def _approve(self, pull: Pull) -> None:
        text = "Read it, ran its tests, its checks have passed." if self.plan.has_checks else "Read it, ran its tests."
        await self.turn.call(review_pull_request, number=pull.number, event="APPROVE", body=text)
        pull.approvals[self.member.me] = pull.sha

    async def _merge(self, pull: Pull) -> None:
        made = await self.turn.call(merge_pull_request, number=pull.number, sha=pull.sha)
        pull.merged, self.head = True, made.sha

    async def _assign(self) -> None:
        """Hand out the features when the ground is laid, and a defect when one is found."""
        first, *others = self.turn.agents("developer")
        owner = {SHORTEN: first, KEEP: (others or [first])[0], CHOOSE: (others or [first])[0]}
        if not self.assigned and self.board.merged("skeleton", "checks"):
            known = [issue for issue in self.board.issues.values() if issue.title in FEATURES]
            if len(known) == len(FEATURES):
                self.assigned = True
                known.sort(key=lambda issue: FEATURES.index(issue.title))
                said = ", ".join(f"{owner[issue.title]} #{issue.number}" for issue in known)
                await self.turn.gather(
                    *(
                        Pending(assign_issue, {"number": issue.number, "assignees": [owner[issue.title]]})
                        for issue in known
                    ),
                    *self.member.slack(f"The ground is laid. {said}: each in a module of its own, so go in parallel."),
                )
        for issue in self.board.issues.values():
            if "bug" in issue.labels and not issue.assigned:
                issue.assigned = True
                await self.turn.call(assign_issue, number=issue.number, assignees=[owner[CHOOSE]])

    def _features_merged(self) -> bool:
        merged = {pull.title for pull in self.board.pulls.values() if pull.merged}
        wanted = set(FEATURES) if self.plan.one_issue_a_pull_request else {SHORTEN, KEEP}
        return wanted <= merged

    async def _tell(self) -> None:
        """Let the others know when the features are in, and when everything is."""
        if not self.told and self._features_merged():
            self.told = True
            text = f"The features are in, main is at {self.head}."
            await self.turn.gather(
                *(
                    Pending(send_message, {"to": self.member.one(role), "text": text})
                    for role in ("qa", "product-manager")
                )
            )
        fix = next((pull for pull in self.board.pulls.values() if self._wants_tester(pull)), None)
        if self.told and fix and fix.merged and self.board.merged("quality", "documentation"):
            self.done = True
            text = f"Everything is in: main is at {self.head}. Over to you for the release."
            await self.turn.gather(
                Pending(send_message, {"to": self.member.one("devops"), "text": text}),
                *self.member.slack("Everything is merged, thank you all. The release is next."),
            )
