"""Opens websockets for agents: whose lease, where to, and what is recorded of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import aiohttp
from aiohttp import web
from yarl import URL

from practicum.bus.events import Json
from practicum.clock import Clock
from practicum.errors import LeaseError
from practicum.proctor.access import Access, Refusal
from practicum.proctor.gateway.body import MalformedBodyError
from practicum.proctor.gateway.call import Call
from practicum.proctor.gateway.cutoff import WhileGood
from practicum.proctor.gateway.decision import Decisions
from practicum.proctor.gateway.destinations import Destinations
from practicum.proctor.gateway.filter import SecretFilter
from practicum.proctor.gateway.forward import Forwarder
from practicum.proctor.gateway.limits import Limits
from practicum.proctor.gateway.refusal import CallRefusedError
from practicum.proctor.gateway.sockets import (
    AUTHENTICATION_FAILED,
    HEARTBEAT_S,
    IDENTIFY_TIMEOUT_S,
    MAXIMUM_FRAME,
    POLICY_VIOLATION,
    DiscordRules,
    Relay,
    Rules,
    SlackRules,
)
from practicum.proctor.gateway.tickets import Tickets
from practicum.proctor.lease import Lease, LeaseBook

EXCHANGE_HEADER = "X-Practicum-Exchange"
"""Tells a simulated service which event its changes answer; a live one never sees it."""


class Websockets:
    """The websockets of a run. Each is one exchange, recorded when it closes."""

    def __init__(
        self,
        leases: LeaseBook,
        destinations: Destinations,
        forwarder: Forwarder,
        decisions: Decisions,
        limits: Limits,
        tickets: Tickets,
        filter: SecretFilter,
        clock: Clock,
    ) -> None:
        self._leases = leases
        self._destinations = destinations
        self._forwarder = forwarder
        self._decisions = decisions
        self._limits = limits
        self._tickets = tickets
        self._filter = filter
        self._clock = clock

    async def serve(
        self, call: Call, ask: Callable[[Lease], Callable[[str], Awaitable[Json]]]
    ) -> web.WebSocketResponse:
        """Serve one websocket until it closes.

        Raises:
            CallRefusedError: no websocket is served there, or the ticket's lease is over.
            aiohttp.ClientError: the service cannot be reached.
        """
        if call.family == "discord_socket":
            return await self._discord(call)
        ticket = self._tickets.find(call.segments[1]) if call.segments[:1] == ("ticket",) else None
        if ticket is None or ticket.kind != "websocket" or ticket.lease.service != call.service:
            raise CallRefusedError(Refusal("unknown_route", "no websocket here", "unknown route"))
        lease = call.lease = ticket.lease
        call.access = Access(call.service, "WEBSOCKET socket-mode", permission="read")
        if lease.revoked or lease.expires <= self._clock.now():
            raise CallRefusedError(Refusal("lease", f"{lease.id} is over", f"{lease.id} is over"))
        self._limits.count(lease)
        channels = self._decisions.slack
        rules = SlackRules(lease, channels, lambda channel: channels.name_of(channel, ask(lease)))
        return await self._relay(call, URL(ticket.url, encoded=True), rules, lease)

    async def _discord(self, call: Call) -> web.WebSocketResponse:
        if call.query.get("encoding", "json") != "json":
            raise CallRefusedError(Refusal("malformed", "encoding=json", "only encoding=json is understood here"))
        links = self._destinations.links("discord")

        def identify(token: str) -> tuple[Lease, str]:
            call.lease = self._leases.find(token.removeprefix("Bot ").strip())
            try:
                lease = self._leases.check(token.removeprefix("Bot ").strip(), "discord")
            except LeaseError as error:
                raise CallRefusedError(Refusal("lease", error.message, error.message)) from error
            if "read" not in lease.grant.permissions:
                raise CallRefusedError(Refusal("permission", "can.discord lacks read", "read is not granted"))
            self._limits.count(lease)
            return lease, self._destinations.secret(lease).reveal()

        call.access = Access("discord", "WEBSOCKET gateway", permission="read")
        rules = DiscordRules(identify, self._decisions.discord, links.in_json if links else lambda frame: frame)
        address = URL(call.upstream.server_url, encoded=True).with_query(v=call.query.get("v", "10"), encoding="json")
        return await self._relay(call, address, rules, None)

    async def _relay(self, call: Call, address: URL, rules: Rules, lease: Lease | None) -> web.WebSocketResponse:
        headers = {EXCHANGE_HEADER: call.id} if call.upstream.mode == "simulated" else {}
        async with self._forwarder.session.ws_connect(
            address,
            headers=headers,
            max_msg_size=MAXIMUM_FRAME,
            heartbeat=HEARTBEAT_S,
            timeout=aiohttp.ClientWSTimeout(ws_close=2.0),
        ) as service:
            agent = web.WebSocketResponse(max_msg_size=MAXIMUM_FRAME, timeout=2.0, compress=False)
            await agent.prepare(call.request)
            call.reached, call.status, call.response = True, 101, agent
            try:
                await self._carry(call, agent, service, rules, lease)
            except CallRefusedError as refused:
                call.refused = f"{refused.refusal.kind}: {refused.refusal.message} ({refused.refusal.rule})"
                if call.lease is not None:
                    call.lease.refused += 1
                await agent.close(code=AUTHENTICATION_FAILED, message=b"Authentication failed.")
            except (MalformedBodyError, ValueError, RecursionError) as error:
                call.refused = f"malformed: {self._filter.clean_text(str(error))}"
                await agent.close(code=POLICY_VIOLATION, message=b"malformed frame")
            except (aiohttp.ClientError, ConnectionError):
                await agent.close(code=1011, message=b"the service broke off")
        return agent

    async def _carry(
        self,
        call: Call,
        agent: web.WebSocketResponse,
        service: aiohttp.ClientWebSocketResponse,
        rules: Rules,
        lease: Lease | None,
    ) -> None:
        relay = asyncio.create_task(Relay(self._filter, call).run(agent, service, rules))
        try:
            if isinstance(rules, DiscordRules):
                lease = await self._identified(rules, relay)
            if lease is None:
                await relay
                return
            async with WhileGood(lease, self._clock) as cutoff:
                await asyncio.shield(relay)
                return
        finally:
            relay.cancel()
            await asyncio.gather(relay, return_exceptions=True)
        call.refused = f"lease: {cutoff.reason}"
        await agent.close(code=POLICY_VIOLATION, message=b"the lease is over")

    async def _identified(self, rules: DiscordRules, relay: asyncio.Task[None]) -> Lease | None:
        """Wait until the agent said who it is, or went away.

        Raises:
            CallRefusedError: it did not say in time.
        """
        waiting = asyncio.create_task(rules.identified.wait())
        try:
            await asyncio.wait({waiting, relay}, timeout=IDENTIFY_TIMEOUT_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
        if rules.lease is None and not relay.done():
            raise CallRefusedError(Refusal("lease", "no lease was presented", "no IDENTIFY in time"))
        return rules.lease
