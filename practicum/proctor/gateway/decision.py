"""Whether a call may go through: from route to permission, with what only the service knows filled in."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import ModuleType

from practicum.proctor.access import Access, Refusal, decide
from practicum.proctor.gateway.body import MalformedBodyError
from practicum.proctor.gateway.call import Call, Family
from practicum.proctor.gateway.knowledge import Ask, DiscordChannels, Repositories, SlackChannels
from practicum.proctor.gateway.pack import MalformedPackError, leads_back, parents_in
from practicum.proctor.gateway.refusal import CallRefusedError
from practicum.proctor.gateway.routes import anthropic, deploy, discord, git, github, mocks, openai, slack, slack_files
from practicum.proctor.gateway.routes.table import Match, Parts
from practicum.proctor.lease import Lease

CLASSIFIERS: dict[Family, ModuleType] = {
    "github": github,
    "git": git,
    "slack": slack,
    "slack_files": slack_files,
    "discord": discord,
    "deploy": deploy,
    "anthropic": anthropic,
    "openai": openai,
    "mocks": mocks,
}

_MAXIMUM_PUSH_HEAD = 256 * 1024
_MAXIMUM_PACK = 256 * 1024 * 1024
"""Larger pushes of an agent that may not force are refused, since they cannot be looked through."""


class Decisions:
    """Compares calls with leases."""

    def __init__(self) -> None:
        self.slack = SlackChannels()
        self.discord = DiscordChannels()
        self.repositories = Repositories()

    async def prepare(self, call: Call) -> Match:
        """Find the route, and read the body where the decision needs it.

        Raises:
            CallRefusedError: unknown route, or a body that cannot be read in one way.
        """
        classifier = CLASSIFIERS.get(call.family)
        parts = Parts(call.request.method, call.segments, call.query)
        found: Match | None = classifier.match(parts) if classifier else None
        if found is None:
            where = f"{call.request.method} {parts.path}"
            raise CallRefusedError(
                Refusal("unknown_route", f"no rule for {call.service} {where}", f"unknown route {where}")
            )
        try:
            if found.route.reads_body:
                await call.body.read_fields(form=call.family == "slack")
                self._contradiction(call)
        except MalformedBodyError as error:
            raise CallRefusedError(Refusal("malformed", "a body must have one plain reading", error.message)) from error
        return found

    async def decide(self, call: Call, lease: Lease, found: Match, ask: Ask) -> Refusal | None:
        """Set `call.access`; None when the call may go through. An `approval` refusal means that a person may allow it.

        Raises:
            CallRefusedError: the head of a push cannot be understood.
        """
        parts = Parts(call.request.method, call.segments, call.query, call.body.fields, lease.identity)
        access: Access | None = CLASSIFIERS[call.family].classify(parts)
        if access is None:
            raise CallRefusedError(Refusal("unknown_route", "no rule for this route", "unknown route"))
        call.access = access
        acts = await self._acts(call, lease, parts, access, ask)
        call.access = access = await self._resolved(lease, access, ask)
        outcome = decide(replace(access, act=""), lease.grant)
        if outcome and outcome.kind == "permission" and await self._alternative(lease, access, found, ask):
            outcome = None
        for act in acts:
            if outcome is not None and outcome.kind != "approval":
                break
            refusal = decide(replace(access, act=act, permission=""), lease.grant)
            outcome = refusal if refusal is not None else outcome
        return outcome

    def _contradiction(self, call: Call) -> None:
        both = call.query.keys() & call.body.fields.keys() - {"token"}
        if any(call.query[name] != call.body.fields[name] for name in both):
            raise MalformedBodyError("query and body contradict each other")

    async def _resolved(self, lease: Lease, access: Access, ask: Ask) -> Access:
        """The access with a channel's name in place of its id. A lease for all channels needs no question."""
        if access.service not in ("slack", "discord") or access.resource in ("", "*"):
            return access
        channels = self.slack if access.service == "slack" else self.discord
        if "*" in lease.grant.resources:
            return replace(access, resource=channels.known(access.resource))
        return replace(access, resource=await channels.name_of(access.resource, ask))

    async def _alternative(self, lease: Lease, access: Access, found: Match, ask: Ask) -> bool:
        """Whether GitHub's other permission suffices: the number is a pull request's, or there is no number."""
        held = lease.grant.permissions.get(access.alternative)
        if not access.alternative or held is None or (access.level == "write" and held != "write"):
            return False
        number = found.values.get("number")
        if number is not None and not number.isdigit():
            return False
        return number is None or await self.repositories.is_pull(access.resource, number, ask)

    async def _acts(self, call: Call, lease: Lease, parts: Parts, access: Access, ask: Ask) -> list[str]:
        """Every named act of the call, asking for the default branch only where somebody cares about it."""
        acts = [access.act] if access.act else []
        cares = "push_default" in lease.grant.forbidden | lease.grant.approval
        if call.family == "git" and access.level == "write" and parts.method == "POST":
            updates = await self._updates(call)
            default = await self.repositories.default_branch(access.resource, ask) if cares and updates else ""
            if cares and updates and not default:
                acts.append("push_default")  # not known to be another branch
            acts += git.acts_of(updates, default)
            if "force_push" in lease.grant.forbidden | lease.grant.approval:
                acts += await self._forced(call, access, updates, ask)
        elif call.family == "github" and cares:
            branch = github.needs_default_branch(parts)
            if branch is not None and branch in ("", await self.repositories.default_branch(access.resource, ask)):
                acts.append("push_default")
        return list(dict.fromkeys(acts))

    async def _forced(self, call: Call, access: Access, updates: list[git.RefUpdate], ask: Ask) -> list[str]:
        """`force_push` when a branch would lose commits, or when it cannot be shown that it does not.

        The pack is read whole for it, which happens only where the charter cares.
        """
        moved = [each for each in updates if each.branch and not each.creates and not each.deletes]
        if not moved:
            return []
        try:
            pack = (await call.body.read(_MAXIMUM_PACK)).partition(b"0000PACK")[2]
            # commits are known by their hash, so a pack that somebody plants before the real one shows nothing false
            parents = await asyncio.to_thread(parents_in, b"PACK" + pack) if pack else {}
        except (MalformedBodyError, MalformedPackError) as error:
            message = f"the push cannot be checked: {error.message}"
            raise CallRefusedError(Refusal("act", f"cannot.{access.service}.force_push", message)) from error
        for update in moved:
            if leads_back(parents, update.new, update.old):
                continue
            if update.new in parents:
                return ["force_push"]
            answer = await ask(f"/repos/{access.resource}/compare/{update.old}...{update.new}")  # both are there
            if not isinstance(answer, dict) or answer.get("status") not in ("ahead", "identical"):
                return ["force_push"]
        return []

    async def _updates(self, call: Call) -> list[git.RefUpdate]:
        if call.request.headers.get("Content-Encoding", "identity").lower() not in ("identity", ""):
            raise CallRefusedError(Refusal("malformed", "a push is sent uncompressed", "a push must not be compressed"))
        try:
            while (updates := git.parse_push(call.body.head)) is None:
                if len(call.body.head) > _MAXIMUM_PUSH_HEAD or not await call.body.read_more():
                    raise git.MalformedPushError("the push ends before its list of refs does")
        except git.MalformedPushError as error:
            raise CallRefusedError(Refusal("malformed", "a push must be readable", error.message)) from error
        return updates
