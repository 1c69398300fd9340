"""For each rule of a charter, the request that must be refused. `practicum validate` and the tests send them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from practicum.api.charter import Charter
from practicum.bus.address import EVERYONE, ask_subject, event_subject, to_agent
from practicum.bus.events import Json
from practicum.proctor.access import Grant

NOWHERE = "practicum-negative/not-granted"
"""A repository that no charter names."""
NOBODY = "practicum-negative"
"""A channel or application that no charter names."""


@dataclass(frozen=True, slots=True)
class NegativeCase:
    """A request with an agent's own lease that the gateway must refuse before it reaches the service."""

    line: str
    """The charter's line that is put to the test: `developer: cannot.github.merge`."""
    service: str
    method: str
    path: str
    """Below the service's address as its lease has it."""
    status: int
    """How the service itself would refuse."""
    rule: str = ""
    """What the header `X-Practicum-Rule` must say; empty where more than one rule forbids it."""
    body: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NegativePublish:
    """A publish with an agent's own bus identity that the broker must refuse."""

    line: str
    subject: str


_GITHUB: dict[str, tuple[tuple[str, str, dict[str, Json]], tuple[str, str, dict[str, Json]]]] = {
    "contents": (("GET", "/contents/README.md", {}), ("POST", "/git/blobs", {"content": "x"})),
    "issues": (("GET", "/issues", {}), ("POST", "/issues", {"title": "x"})),
    "pull_requests": (("GET", "/pulls", {}), ("POST", "/pulls", {"title": "x", "head": "x", "base": "main"})),
    "checks": (("GET", "/commits/main/check-runs", {}), ("POST", "/check-runs", {"name": "x", "head_sha": "0" * 40})),
    "statuses": (("GET", "/commits/main/statuses", {}), ("POST", f"/statuses/{'0' * 40}", {"state": "success"})),
    "actions": (("GET", "/actions/workflows", {}), ("POST", "/actions/runs/1/rerun", {})),
    "administration": (("GET", "/branches/main/protection", {}), ("DELETE", "/branches/main/protection", {})),
    "repository_hooks": (("GET", "/hooks", {}), ("POST", "/hooks", {"config": {"url": "http://localhost"}})),
    "deployments": (("GET", "/deployments", {}), ("POST", "/deployments", {"ref": "main"})),
}
"""Permission to a request that reads with it, and one that writes (below the repository)."""

_GITHUB_ACTS: dict[str, tuple[str, str, str, dict[str, Json]]] = {
    "merge": ("contents", "PUT", "/pulls/1/merge", {}),
    "approve": ("pull_requests", "POST", "/pulls/1/reviews", {"event": "APPROVE"}),
    "release.create": ("contents", "POST", "/releases", {"tag_name": "v0"}),
    "release.delete": ("contents", "DELETE", "/releases/1", {}),
    "branch.delete": ("contents", "DELETE", "/git/refs/heads/x", {}),
    "tag.delete": ("contents", "DELETE", "/git/refs/tags/x", {}),
    "force_push": ("contents", "PATCH", "/git/refs/heads/x", {"sha": "0" * 40, "force": True}),
    "push_default": ("contents", "PUT", "/contents/x", {"message": "x", "content": "eA=="}),
    "repository.delete": ("administration", "DELETE", "", {}),
    "collaborator.add": ("administration", "PUT", "/collaborators/x", {}),
}
"""Act to the permission that it takes besides, and a request that is it."""

_SLACK: dict[str, tuple[str, dict[str, Json]]] = {
    "read": ("conversations.history", {}),
    "post": ("chat.postMessage", {"text": "x"}),
    "react": ("reactions.add", {"name": "eyes", "timestamp": "1.1"}),
    "edit": ("chat.update", {"ts": "1.1", "text": "x"}),
    "delete": ("chat.delete", {"ts": "1.1"}),
    "manage": ("conversations.archive", {}),
}
_DISCORD = {
    "read": ("GET", "/messages"),
    "post": ("POST", "/messages"),
    "react": ("PUT", "/messages/1/reactions/x/@me"),
    "edit": ("PATCH", "/messages/1"),
    "delete": ("DELETE", "/messages/1"),
    "manage": ("PATCH", ""),
}
_DEPLOY = {
    "read": ("GET", ""),
    "deploy": ("POST", "/deployments"),
    "rollback": ("POST", "/rollback"),
    "stop": ("DELETE", ""),
    "probe": ("GET", "/http"),
}


def negative_cases(charter: Charter, grants: Mapping[str, Grant]) -> list[NegativeCase]:
    """One or more requests for each line of `can` and `cannot`, and for each permission that is not granted.

    `grants` are the charter's, from `compile_charter`.
    """
    made = {"github": _github, "slack": _slack, "discord": _discord, "deploy": _deploy}
    return [case for service, grant in grants.items() if service in made for case in made[service](charter.role, grant)]


def negative_publishes(run: str, agent: str, others: Iterable[str], stream: str) -> list[NegativePublish]:
    """What an agent must not publish on the bus: as others, to administer JetStream, to read others' mail."""
    cases: list[NegativePublish] = []
    for other in others:
        line = f"{agent} is not {other}"
        cases += (
            NegativePublish(line, event_subject(run, other, EVERYONE, "message.posted")),
            NegativePublish(line, event_subject(run, other, to_agent(agent), "message.posted")),
            NegativePublish(line, ask_subject(run, other, "launcher", "exec")),
            NegativePublish(line, f"_INBOX.{other}.x"),
            NegativePublish(line, f"$JS.API.CONSUMER.MSG.NEXT.{stream}.mailbox-{other}"),
        )
    line = f"{agent} does not administer the stream"
    for what in ("STREAM.DELETE", "STREAM.PURGE", "STREAM.UPDATE", "STREAM.MSG.GET", "CONSUMER.CREATE"):
        cases.append(NegativePublish(line, f"$JS.API.{what}.{stream}"))
    return cases


def _github(role: str, grant: Grant) -> Iterator[NegativeCase]:
    if not grant.resources:
        return
    repo = f"/repos/{min(grant.resources)}"
    for permission, requests in _GITHUB.items():
        held = grant.permissions.get(permission)
        for level, (method, path, body) in zip(("read", "write"), requests, strict=True):
            if held == "write" or held == level:
                rule = f"{role}: can.github does not name {NOWHERE}"
                yield NegativeCase(
                    f"{role}: can.github.repos", "github", method, f"/repos/{NOWHERE}{path}", 404, rule, body
                )
            elif level == "read" and permission == "issues" and "pull_requests" in grant.permissions:
                continue  # GitHub lists issues for either permission: pull requests are issues
            else:
                rule = f"{role}: can.github lacks {permission}: {level}"
                yield NegativeCase(rule, "github", method, repo + path, 403, rule, body)
    for act in sorted(grant.forbidden & _GITHUB_ACTS.keys()):
        permission, method, path, body = _GITHUB_ACTS[act]
        line = f"{role}: cannot.github.{act}"
        rule = line if grant.permissions.get(permission) == "write" else ""
        yield NegativeCase(line, "github", method, repo + path, 403, rule, body)


def _slack(role: str, grant: Grant) -> Iterator[NegativeCase]:
    # Slack answers 200 and says in the body that it did not go well.
    for action, (method, arguments) in _SLACK.items():
        outside = {**arguments, "channel": NOBODY}
        if action in grant.permissions:
            rule = f"{role}: can.slack does not name {NOBODY}"
            yield NegativeCase(f"{role}: can.slack.channels", "slack", "POST", f"/{method}", 200, rule, outside)
        elif grant.resources:
            inside = {**arguments, "channel": min(grant.resources)}
            rule = f"{role}: can.slack lacks {action}: {'read' if action == 'read' else 'write'}"
            yield NegativeCase(rule, "slack", "POST", f"/{method}", 200, rule, inside)
    if "channel.create" in grant.forbidden:
        line = f"{role}: cannot.slack.channel.create"
        yield NegativeCase(line, "slack", "POST", "/conversations.create", 200, body={"name": "x"})


def _discord(role: str, grant: Grant) -> Iterator[NegativeCase]:
    for action, (method, path) in _DISCORD.items():
        if action in grant.permissions:
            rule = f"{role}: can.discord does not name 1"
            yield NegativeCase(f"{role}: can.discord.channels", "discord", method, f"/channels/1{path}", 403, rule)
        else:
            yield NegativeCase(f"{role}: can.discord lacks {action}", "discord", method, f"/channels/1{path}", 403)
    if "channel.create" in grant.forbidden:
        line = f"{role}: cannot.discord.channel.create"
        yield NegativeCase(line, "discord", "POST", "/guilds/1/channels", 403, body={"name": "x"})


def _deploy(role: str, grant: Grant) -> Iterator[NegativeCase]:
    if not grant.resources:
        return
    for action, (method, path) in _DEPLOY.items():
        if action in grant.forbidden:
            line = rule = f"{role}: cannot.deploy.{action}"
            if action not in grant.permissions:
                rule = ""
        elif action not in grant.permissions:
            line = rule = f"{role}: can.deploy lacks {action}: {'read' if action == 'read' else 'write'}"
        else:
            continue
        yield NegativeCase(line, "deploy", method, f"/v1/apps/{min(grant.resources)}{path}", 403, rule)
    if "read" in grant.permissions:
        rule = f"{role}: can.deploy does not name {NOBODY}"
        yield NegativeCase(f"{role}: can.deploy", "deploy", "GET", f"/v1/apps/{NOBODY}", 404, rule)
