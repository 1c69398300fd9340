"""The evidence of a run, made by hand.

The repository is a real one. The services' answers are given here, since an evaluator that asks for them alone is what
is tested; the full runs of `dev_team` ask the real simulated services.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from practicum.api.evaluator import Counsel, Finding, StepView, TurnView
from practicum.api.sandbox import ExecResult, Limits
from practicum.bus.event import Event, make_event
from practicum.bus.events import ConversationTurned, Data, ModelAnswered
from practicum.errors import InfrastructureError
from practicum.runtime.evidence import SandboxWorkbench
from practicum.sandbox.detect import pick
from practicum.scenarios.evaluators import read_evaluator

REPO = "acme/shortlink"
TEAM = {
    "pm": "product-manager",
    "lead": "lead",
    "dev-1": "developer",
    "dev-2": "developer",
    "qa": "qa",
    "devops": "devops",
}
ZERO = "0" * 40


def begin_repository(folder: Path) -> None:
    """A bare repository with one commit by nobody of the team, and a clone to work in."""
    repository = Repository(folder)
    for place, arguments in ((repository.mirror, ["--bare"]), (repository.work, [])):
        place.mkdir()
        repository.run(place, "init", "--quiet", "--initial-branch=main", *arguments)
    repository.commit("owner", {"README.md": "# Shortlink\n"}, "Begin")


class Repository:
    """A bare repository, and a clone to work in."""

    def __init__(self, folder: Path) -> None:
        self.mirror, self.work = folder / "mirror.git", folder / "work"

    def commit(self, login: str, files: dict[str, str | None], subject: str = "Work", name: str = "") -> str:
        """Commit files (None removes one) as somebody on the branch that is checked out, and publish it; its id."""
        for path, text in files.items():
            target = self.work / path
            if text is None:
                target.unlink()
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", subject, login=login, name=name)
        return self._publish()

    def branch(self, name: str, start: str = "main") -> None:
        self.git("checkout", "--quiet", "-B", name, start)

    def merge(self, branch: str, login: str = "lead") -> str:
        """Merge a branch into main, as GitHub does it; the merge commit."""
        self.git("checkout", "--quiet", "main")
        self.git("merge", "--quiet", "--no-ff", "-m", f"Merge {branch}", branch, login=login)
        return self._publish()

    def squash(self, branch: str, author: str) -> str:
        self.git("checkout", "--quiet", "main")
        self.git("merge", "--quiet", "--squash", branch)
        self.git("commit", "--quiet", "-m", f"{branch} (#1)", login=author)
        return self._publish()

    def rebase(self, branch: str) -> str:
        """What a merge by rebasing leaves: the same commits with the same authors and other ids."""
        self.git("checkout", "--quiet", "main")
        self.git("cherry-pick", f"main..{branch}", login="lead", author=False)
        return self._publish()

    def tree(self, ref: str) -> str:
        return self.git("rev-parse", f"{ref}^{{tree}}").strip()

    def git(self, *args: str, login: str = "nobody", name: str = "", author: bool = True) -> str:
        return self.run(self.work, *args, login=login, name=name, author=author)

    def _publish(self) -> str:
        self.git(
            "push",
            "--quiet",
            "--force",
            str(self.mirror),
            "HEAD:refs/heads/" + self.git("branch", "--show-current").strip(),
        )
        return self.git("rev-parse", "HEAD").strip()

    @staticmethod
    def run(folder: Path, *args: str, login: str = "nobody", name: str = "", author: bool = True) -> str:
        person = {"GIT_COMMITTER_NAME": name or login, "GIT_COMMITTER_EMAIL": f"{login}@team.invalid"}
        if author:
            person |= {"GIT_AUTHOR_NAME": name or login, "GIT_AUTHOR_EMAIL": f"{login}@team.invalid"}
        env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", **person}
        done = subprocess.run(["git", *args], cwd=folder, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout


@dataclass
class GitHubAnswers:
    """What GitHub would say of the repository, in the fields that its documentation names."""

    pulls: dict[int, dict[str, Any]] = field(default_factory=dict)
    reviews: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    issues: list[dict[str, Any]] = field(default_factory=list)
    releases: list[dict[str, Any]] = field(default_factory=list)
    artifacts: list[dict[str, Any]] = field(default_factory=list)
    contents: dict[str, bytes] = field(default_factory=dict)
    """Path below the repository to the file that is served there."""
    activity: list[dict[str, Any]] = field(default_factory=list)
    checks: list[dict[str, Any]] = field(default_factory=list)
    branches: list[str] = field(default_factory=lambda: ["main"])
    broken: int = 0
    """A status to answer everything with."""

    def pull(self, number: int, author: str, head: str, base: str = ZERO, *, opened: int = 0, merged: int | None = 9,
             title: str = "A change", body: str | None = None, merged_at_head: str = "") -> None:  # fmt: skip
        """A pull request, opened and merged at seconds of one minute; not merged with None."""
        self.pulls[number] = {
            "number": number, "title": title, "body": body, "user": {"login": author},
            "state": "open" if merged is None else "closed", "created_at": _stamp(opened),
            "merged_at": None if merged is None else _stamp(merged), "head": {"sha": head},
            "base": {"ref": "main", "sha": base, "repo": {"full_name": REPO}},
        }  # fmt: skip

    def review(self, number: int, login: str | None, state: str, commit: str | None, at: int = 0) -> None:
        user = None if login is None else {"login": login}
        review = {"user": user, "state": state, "commit_id": commit, "submitted_at": _stamp(at), "body": ""}
        self.reviews.setdefault(number, []).append(review)

    def issue(self, number: int, state: str = "closed", *, labels: Sequence[str] = (), title: str = "Do it",
              author: str = "pm", pull: bool = False) -> None:  # fmt: skip
        item: dict[str, Any] = {"number": number, "state": state, "title": title, "user": {"login": author},
                                "labels": [{"name": name} for name in labels]}  # fmt: skip
        self.issues.append({**item, "pull_request": {}} if pull else item)

    def push(self, actor: str | None, after: str, before: str = ZERO, kind: str = "push", branch: str = "main") -> None:
        at = len(self.activity)
        who = None if actor is None else {"login": actor}
        entry = {
            "id": at,
            "before": before,
            "after": after,
            "timestamp": _stamp(at),
            "activity_type": kind,
            "ref": f"refs/heads/{branch}",
            "actor": who,
        }
        self.activity.append(entry)

    def check(self, conclusion: str | None, name: str = "test") -> None:
        self.checks.append({"name": name, "conclusion": conclusion})

    def answer(self, path: str, params: dict[str, str]) -> tuple[int, Any]:
        if self.broken:
            return self.broken, {"message": "broken"}
        parts = path.removeprefix(f"/repos/{REPO}/").split("/")
        match parts:
            case ["pulls"]:
                return 200, [pull for pull in self.pulls.values() if params["state"] in (pull["state"], "all")]
            case ["pulls", number]:
                return 200, dict(self.pulls[int(number)])
            case ["pulls", number, "reviews"]:
                return 200, self.reviews.get(int(number), [])
            case ["issues"]:
                wanted = {name for name in params.get("labels", "").split(",") if name}
                fit = [item for item in self.issues if params["state"] in (item["state"], "all")]
                return 200, [item for item in fit if wanted <= {label["name"] for label in item["labels"]}]
            case ["releases"]:
                return 200, self.releases
            case ["actions", "artifacts"]:
                return 200, {"total_count": len(self.artifacts), "artifacts": self.artifacts}
            case ["activity"]:
                return 200, self.activity
            case ["branches"]:
                return 200, [{"name": name} for name in self.branches]
            case ["commits", _, "check-runs"]:
                size, page = int(params["per_page"]), int(params["page"])
                return 200, {"total_count": len(self.checks), "check_runs": self.checks[(page - 1) * size :][:size]}
        return 404, {"message": "Not Found"}


def _stamp(second: int) -> str:
    return f"2026-11-20T12:{second // 60:02}:{second % 60:02}Z"


class World:
    """The services' answers, and a real repository."""

    def __init__(self, repository: Repository, github: GitHubAnswers) -> None:
        self.repository, self.github = repository, github
        self.app: dict[str, Any] | None = None
        self.pages: dict[str, tuple[int, Any]] = {}

    def has(self, service: str) -> bool:
        return service in ("github", "deploy")

    async def get(self, service: str, path: str, params: dict[str, str] | None = None) -> tuple[int, Any]:
        if service == "github":
            return self.github.answer(path, params or {})
        assert service == "deploy"
        if "/http/" in path:
            return self.pages.get("/" + path.partition("/http/")[2], (404, "no such page"))
        return (404, {"error": "no such app"}) if self.app is None else (200, self.app)

    async def download(self, service: str, path: str) -> tuple[int, bytes]:
        assert service == "github"
        content = self.github.contents.get(path.removeprefix(f"/repos/{REPO}"))
        return (404, b"Not Found") if content is None else (200, content)

    async def clone(self, repo: str) -> Path:
        assert repo == REPO
        return self.repository.mirror


class Workbench:
    """Opens the real one when something is to be executed."""

    def __init__(self, world: World, scratch: Path) -> None:
        self._world, self._scratch = world, scratch
        self._real: SandboxWorkbench | None = None

    async def _bench(self) -> SandboxWorkbench:
        if self._real is None:
            self._scratch.mkdir()
            self._real = SandboxWorkbench(self._world, await pick(("fs", "net", "pid")), self._scratch)  # type: ignore[arg-type]
        return self._real

    async def checkout(self, repo: str, ref: str) -> Path:
        return await (await self._bench()).checkout(repo, ref)

    async def run(self, folder: Path, argv: Sequence[str], limits: Limits | None = None) -> ExecResult:
        return await (await self._bench()).run(folder, argv, limits)


class Workspace:
    """The scenario's workspace, a real folder; commands run in the sandbox that there is."""

    def __init__(self, folder: Path, workbench: Workbench) -> None:
        self.root, self._workbench = folder, workbench
        self.seeded: frozenset[str] = frozenset()
        folder.mkdir()

    def seed(self, path: str, text: str) -> None:
        self.write(path, text)
        self.seeded |= {path}

    def write(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def find(self, path: str) -> Path | None:
        target = (self.root / path).resolve()
        inside = self.root.resolve() in target.parents
        return target if inside and (target.is_file() or target.is_dir()) else None

    async def run(self, command: str, timeout_s: float) -> ExecResult:
        return await self._workbench.run(self.root, ["bash", "-c", command], Limits(wall_s=timeout_s))


@dataclass
class FakeJudge:
    """Answers with texts in their order, the last one again and again; keeps what it was asked."""

    answers: list[str]
    model: str = "anthropic/judge"
    is_actor: bool = False
    asked: list[dict[str, Any]] = field(default_factory=list)

    def name(self, model: str = "") -> str:
        return model or self.model

    async def ask(self, system: str, prompt: str, **settings: Any) -> Counsel:
        text = self.answers[min(len(self.asked), len(self.answers) - 1)]
        self.asked.append({"system": system, "prompt": prompt, **settings})
        name = self.name(settings["model"])
        return Counsel(text, name, 0.1, self.is_actor, f"answer-{len(self.asked)}")


class EvaluatedRun:
    """All that an evaluator may look at."""

    run = "TEST"

    def __init__(self, folder: Path) -> None:
        self.directory = folder / "run"
        for agent in TEAM:
            (self.directory / "agents" / agent).mkdir(parents=True)
        self.repository = Repository(folder)
        self.github = GitHubAnswers()
        self.world = World(self.repository, self.github)
        self.workbench = Workbench(self.world, folder / "scratch")
        self.events: list[Event] = []
        self.team = dict(TEAM)
        self.settings: dict[str, Any] = {"repo": REPO, "app": "shortlink"}
        self.places: list[str] = []
        self.steps: list[StepView] = []
        self.scope: StepView | None = None
        self.turn: TurnView | None = None
        self.files: Workspace | None = None
        self.judge: FakeJudge | None = None

    def workspace(self, folder: Path) -> Workspace:
        """Give the run a workspace of the scenario's own."""
        self.files = Workspace(folder, self.workbench)
        return self.files

    def step(self, kind: str, **facts: Any) -> StepView:
        """A step that is over now, with the events since the last one; it is what is looked at from here on."""
        first = self.steps[-1].last if self.steps else 0
        now = datetime(2026, 11, 20, tzinfo=UTC)
        seconds = facts.pop("seconds", 1.0)
        view = StepView(
            index=len(self.steps), name="", kind=kind, started=now, ended=now + timedelta(seconds=seconds),  # type: ignore[arg-type]
            seconds=seconds, first=first, last=len(self.events), **facts,
        )  # fmt: skip
        self.steps.append(view)
        self.scope = view
        return view

    def talk(self, *said: tuple[str, str], player: str = "anthropic/user") -> StepView:
        """A conversation that is over: what the user said and the agent answered, turn by turn."""
        turns = []
        for number, (user, agent) in enumerate(said, 1):
            first = len(self.events)
            self.happened("pm", ModelAnswered(turn=number, request=number, text=agent, calls=(), stop="end"))
            turned = ConversationTurned(step=len(self.steps), turn=number, user=user, agent=agent, seconds=1,
                                        simulator="scenario" if number == 1 else player)  # fmt: skip
            self.happened("launcher", turned)
            turns.append(TurnView(number, user, agent, 1.0, first, len(self.events)))
        given, text = "\n".join(user for user, _ in said), "\n".join(agent for _, agent in said)
        return self.step("conversation", given=given, text=text, turns=tuple(turns))

    def happened(self, source: str, data: Data) -> str:
        """Record an event; its id."""
        event = make_event(data, run=self.run, source=source)
        self.events.append(event)
        return event.id

    async def leaks(self) -> list[str]:
        return self.places

    async def look(self, type: str, **keys: Any) -> Finding:
        """Evaluate, as an entry of a scenario file says it."""
        return await read_evaluator(
            {"type": type, **{key.removesuffix("_"): value for key, value in keys.items()}}
        ).evaluate(self)

    async def blind(self, type: str, **keys: Any) -> str:
        """Why an evaluator could not look."""
        try:
            found = await self.look(type, **keys)
        except InfrastructureError as error:
            return str(error)
        raise AssertionError(f"it looked: {found}")
