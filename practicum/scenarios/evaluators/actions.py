"""Looking at what agents did: which tools they called, which services they reached, whether they answered."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import Field

from practicum.api.evaluator import Evidence, Finding, Kind
from practicum.bus.events import MockCalled, ToolCalled, ToolReturned
from practicum.scenarios.evaluators.base import BaseEvaluator
from practicum.scenarios.evaluators.scope import events_of, only_code, text_of

TOOLS = {
    "github": (
        *("git_clone", "git_branch", "git_commit", "git_push", "git_merge", "git_log", "git_diff"),
        *("open_issue", "get_issue", "list_issues", "assign_issue", "label_issue", "close_issue"),
        *("comment", "list_comments", "open_pull_request", "get_pull_request", "list_pull_requests"),
        *("pull_request_files", "merge_pull_request", "review_pull_request", "list_reviews", "request_review"),
        *("list_checks", "create_release"),
    ),
    "slack": ("slack_post", "slack_react", "slack_history", "slack_share_file"),
    "discord": ("discord_post", "discord_history"),
    "deploy": ("deploy", "deployment_status", "deployment_logs", "rollback", "probe"),
    "shell": ("run_command",),
    "plugins": (
        *("list_plugins", "use_plugin", "create_plugin", "create_plugin_from_description", "plugin_status"),
        *("cancel_plugin", "list_plugin_jobs"),
    ),
}
"""Service to its tools. Scenarios may not import the agents' room; a test holds this to the tools that there are."""

_SERVICE_OF = {tool: service for service, tools in TOOLS.items() for tool in tools}

REPLIES = frozenset({"reply", "message", "respond"})
"""Not tools: the agent wrote to the user."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_A-Za-z]+")
_FILLERS = frozenset({"service", "action"})
"""`github-service` is GitHub, `LIST_ISSUES_ACTION` lists issues."""


def words_of(name: str) -> Counter[str]:
    """The words of a name, in whatever way they are joined: `LIST_GITHUB_ISSUES`, `githubListIssues`."""
    found = Counter(word.lower() for word in _WORD.findall(name))
    bare = Counter({word: count for word, count in found.items() if word not in _FILLERS})
    return bare or found


@dataclass(frozen=True)
class Act:
    """Something that an agent did."""

    agent: str
    name: str
    names: tuple[Counter[str], ...]
    """What it may be called."""
    ok: bool
    event: str


def acts_of(evidence: Evidence) -> Iterator[Act]:
    """What agents did in what is looked at, in order. A call that never returned has failed."""
    events = events_of(evidence)
    good = {
        (event.source, event.body.call) for event in events if isinstance(event.body, ToolReturned) and event.body.ok
    }
    for event in events:
        body = event.body
        if isinstance(body, ToolCalled) and event.source in evidence.team:
            service = _SERVICE_OF.get(body.tool, "")
            bare = words_of(body.tool)
            names = (bare, bare + words_of(service)) if service else (bare,)
            yield Act(event.source, body.tool, names, (event.source, body.call) in good, event.id)
        elif isinstance(body, MockCalled) and event.source not in evidence.team and body.answered != "none":
            method, whole = words_of(body.method), words_of(f"{body.service} {body.method}")
            yield Act(body.agent, body.method, (method, whole), body.answered == "response", event.id)


class TrajectoryContainsAction(BaseEvaluator, type="trajectory_contains_action"):
    """An agent did something, by the name of a tool or of a mocked method."""

    action: str = Field(min_length=1, pattern=r"\w")
    include_failed: bool = False
    """One that failed, or never came to an end, counts too."""
    agent: str = ""

    @property
    def kind(self) -> Kind:
        """Answering is only words."""
        return "text" if self._is_reply else "effect"

    @property
    def _is_reply(self) -> bool:
        return self.action.strip().lower() in REPLIES

    async def evaluate(self, evidence: Evidence) -> Finding:
        if only_code(evidence):
            return Finding(False, f"{self.action} was not done: no agent acts in a step of code")
        if self._is_reply:
            wrote = bool(text_of(evidence, self.agent).strip())
            return Finding(wrote, "the agent answered" if wrote else "the agent answered nothing")
        wanted = words_of(self.action)
        acts = [act for act in acts_of(evidence) if not self.agent or act.agent == self.agent]
        fit = [act for act in acts if wanted in act.names]
        good = [act for act in fit if act.ok or self.include_failed]
        done = sorted({act.name for act in acts if act.ok})
        details = {"action": self.action, "times": len(good), "failed": sum(not act.ok for act in fit)}
        if good:
            times = "once" if len(good) == 1 else f"{len(good)} times"
            return Finding(True, f"{good[0].agent} did {good[0].name}, {times}", _ids(good), details)
        if fit:
            return Finding(False, f"{self.action} was tried and failed", _ids(fit), details)
        did = f"what was done: {', '.join(done[:12])}" if done else "nothing was done"
        return Finding(False, f"{self.action} was not done; {did}", details=details)


def _ids(acts: list[Act]) -> tuple[str, ...]:
    return tuple(act.event for act in acts[:20])
