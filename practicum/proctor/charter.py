"""The charter compiler: what a role may do, as grants that the gateway compares each call with.

What holds in the end is the intersection of three: what the charter says, what the scenario has (an asked-for resource
beyond that is an error), and what the key can do. The last one needs no look here: simulated keys are made with exactly
the granted permissions, and a live service refuses its own key whatever that key may not do.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from practicum.api.charter import Charter
from practicum.errors import CharterError
from practicum.proctor.access import Grant, Level
from practicum.proctor.terms import parse_duration, parse_money, parse_rate

MODEL_SERVICES = ("anthropic", "openai")

MOCKS = "mocks"
"""Methods that the scenario's author mocked for services that nobody plays. No charter names them: what they answer is
the scenario's own, so every agent of a run that has some may call them."""

GITHUB_PERMISSIONS = frozenset(
    {
        *("actions", "administration", "checks", "contents", "deployments", "issues", "metadata", "pages"),
        *("pull_requests", "repository_hooks", "statuses", "workflows"),
    }
)
"""GitHub's names (docs.github.com, schema `app-permissions`)."""

_PERMISSION_ALIASES = {"webhooks": "repository_hooks"}

ACTS: dict[str, frozenset[str]] = {
    "github": frozenset(
        {
            *("merge", "approve", "push_default", "force_push", "release.create", "release.delete", "branch.delete"),
            *("tag.delete", "repository.create", "repository.delete", "collaborator.add"),
        }
    ),
    "slack": frozenset({"channel.create"}),
    "discord": frozenset({"channel.create", "channel.delete", "direct.create"}),
    "deploy": frozenset({"deploy", "rollback", "stop"}),
}
"""The named acts of each service that `cannot` and `approval` may speak of."""

_TEMPLATE = re.compile(r"\{\{\s*(.*?)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Terms:
    """How long and how much a lease of one service is good for."""

    ttl: timedelta
    max_calls: int | None = None
    rate_per_s: float | None = None
    budget_usd: float | None = None


@dataclass(frozen=True, slots=True)
class Compiled:
    """One agent's charter, compiled."""

    grants: dict[str, Grant]
    """Service to grant."""
    terms: dict[str, Terms]
    """Service to terms."""
    skipped: tuple[str, ...] = field(default=())
    """Services that the charter names and the scenario does not have."""


def compile_charter(
    charter: Charter, *, services: Collection[str], grantable: Mapping[str, Sequence[str]], model: str = ""
) -> Compiled:
    """Compile a charter for one agent.

    Args:
        charter: the role's policy.
        services: the services of this run. A charter that speaks of another is not wrong, that part has no effect.
        grantable: what the scenario has: service to repositories or channels.
        model: the agent's model, `anthropic/NAME`; `script/...` needs no lease.

    Raises:
        CharterError: it asks for a resource that the scenario does not have, or says something unknown. The message
            names the charter's line.
    """
    return _Compiler(charter, services, grantable, model).run()


class _Compiler:
    def __init__(
        self, charter: Charter, services: Collection[str], grantable: Mapping[str, Sequence[str]], model: str
    ) -> None:
        self.charter, self.services, self.grantable, self.model = charter, services, grantable, model
        self.role = charter.role

    def run(self) -> Compiled:
        forbidden, approval = self._forbidden(), self._approval()
        terms = self._terms()
        grants: dict[str, Grant] = {}
        skipped: list[str] = []
        for service, (resources, permissions) in self._wanted(skipped).items():
            acts = forbidden.get(service, frozenset()), approval.get(service, frozenset())
            rules = {"": self.role}
            rules |= {act: f"{self.role}: cannot.{service}.{act}" for act in acts[0]}
            rules |= {act: f"{self.role}: approval {service}.{act}" for act in acts[1] - acts[0]}
            grants[service] = Grant(service, frozenset(resources), permissions, *acts, rules)
        every = dict.fromkeys(grants, terms)
        if (service := self._model_service()) in grants:
            every[service] = self._model_terms(terms)
        return Compiled(grants, every, tuple(skipped))

    def _wanted(self, skipped: list[str]) -> dict[str, tuple[Iterable[str], dict[str, Level]]]:
        """Service to resources and permissions, for each service that is there."""
        can = self.charter.can
        found: dict[str, tuple[Iterable[str], dict[str, Level]]] = {}
        if can.github is not None:
            if "github" in self.services:
                repos = self._resources("github", can.github.repos, "repos")
                found["github"] = repos, self._github_permissions(can.github.permissions, bool(repos))
            else:
                skipped.append("github")
        for service, channels in (("slack", can.slack), ("discord", can.discord)):
            if channels is not None:
                if service in self.services:
                    resources = self._resources(service, channels.channels, "channels")
                    found[service] = resources, _levels(channels.actions)
                else:
                    skipped.append(service)
        if can.deploy is not None:
            if "deploy" in self.services:
                found["deploy"] = list(self.grantable.get("deploy", ())), _levels(can.deploy.actions)
            else:
                skipped.append("deploy")
        if MOCKS in self.services:
            found[MOCKS] = ("*",), {"call": "write"}
        if service := self._model_service():
            if can.model is None:
                raise self._error("can.model", f"is missing, but the agent's model is {self.model}")
            found[service] = can.model.names or (self.model.partition("/")[2],), {}
        return found

    def _model_service(self) -> str:
        vendor = self.model.partition("/")[0]
        return vendor if vendor in MODEL_SERVICES and vendor in self.services else ""

    def _resources(self, service: str, names: Sequence[str], key: str) -> list[str]:
        """The names filled in and held against what the scenario has; `*` is all of that."""
        has = list(self.grantable.get(service, ()))
        resources: list[str] = []
        for name in names:
            place = f"can.{service}.{key}"
            full = self._fill(name, place).removeprefix("#" if key == "channels" else "")
            if full == "*":
                resources += has
            elif full in has:
                resources.append(full)
            else:
                close = difflib.get_close_matches(full, has, 1)
                first = f'did you mean "{close[0]}"? ' if close else ""
                raise self._error(
                    place,
                    f"{full!r} is not in the scenario",
                    f"{first}world.{service} has: {', '.join(has) or 'none'}",
                )
        return resources

    def _fill(self, text: str, place: str) -> str:
        repos = list(self.grantable.get("github", ()))

        def value(match: re.Match[str]) -> str:
            if match[1] != "world.github.repo":
                raise self._error(place, f"{{{{ {match[1]} }}}} is unknown", "known: {{ world.github.repo }}")
            if len(repos) != 1:
                raise self._error(
                    place, f"{{{{ {match[1]} }}}}: the scenario has {len(repos)} repositories", "name them"
                )
            return repos[0]

        return _TEMPLATE.sub(value, text)

    def _github_permissions(self, given: Mapping[str, Level], any_repo: bool) -> dict[str, Level]:
        permissions: dict[str, Level] = {}
        for name, level in given.items():
            known = _PERMISSION_ALIASES.get(name, name)
            if known not in GITHUB_PERMISSIONS:
                raise self._unknown("can.github.permissions", name, GITHUB_PERMISSIONS)
            permissions[known] = level
        if any_repo:
            # GitHub gives it with every other permission, and no fine-grained token is without it.
            permissions.setdefault("metadata", "read")
        return permissions

    def _forbidden(self) -> dict[str, frozenset[str]]:
        found: dict[str, frozenset[str]] = {}
        for service, acts in self.charter.cannot.items():
            if service not in ACTS:
                raise self._unknown("cannot", service, ACTS)
            for act in acts:
                if act not in ACTS[service]:
                    raise self._unknown(f"cannot.{service}", act, ACTS[service])
            found[service] = frozenset(act for act, holds in acts.items() if holds)
        return found

    def _approval(self) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for line in self.charter.approval:
            service, _, act = line.partition(".")
            if act not in ACTS.get(service, ()):
                raise self._unknown("approval", line, [f"{name}.{act}" for name in ACTS for act in ACTS[name]])
            found.setdefault(service, set()).add(act)
        return {service: frozenset(acts) for service, acts in found.items()}

    def _terms(self) -> Terms:
        lease = self.charter.lease
        if lease.max_calls is not None and lease.max_calls < 1:
            raise self._error("lease.max_calls", f"{lease.max_calls} allows no call at all")
        return Terms(
            ttl=parse_duration(lease.ttl, f"charter of {self.role}: lease.ttl"),
            max_calls=lease.max_calls,
            rate_per_s=parse_rate(lease.rate, f"charter of {self.role}: lease.rate") if lease.rate else None,
        )

    def _model_terms(self, terms: Terms) -> Terms:
        model = self.charter.can.model
        assert model is not None
        budget = parse_money(model.budget, f"charter of {self.role}: can.model.budget") if model.budget else None
        calls = model.calls if model.calls is not None else terms.max_calls
        return Terms(terms.ttl, calls, terms.rate_per_s, budget)

    def _unknown(self, place: str, name: str, known: Iterable[str]) -> CharterError:
        choice = sorted(known)
        close = difflib.get_close_matches(name, choice, 1)
        first = f'did you mean "{close[0]}"? ' if close else ""
        return self._error(place, f"{name!r} is unknown", f"{first}known: {', '.join(choice)}")

    def _error(self, place: str, problem: str, hint: str = "") -> CharterError:
        return CharterError(f"charter of {self.role}: {place}: {problem}", hint=hint)


def _levels(actions: Iterable[str]) -> dict[str, Level]:
    return {action: "read" if action == "read" else "write" for action in actions}
