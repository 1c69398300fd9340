"""The gateway: the only way from an agent to a service.

For each call: which service, whose lease, what it asks for, whether that is granted; then the real credential is put on
by the resolved destination, the call goes on, and the answer is filtered, turned towards the gateway and recorded.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack

import aiohttp
import structlog
from aiohttp import web
from yarl import URL

from practicum.bus.events import ExchangeCompleted, Json
from practicum.clock import Clock
from practicum.errors import LeaseError, VaultError
from practicum.ids import new_event_id
from practicum.proctor.access import Refusal
from practicum.proctor.gateway.answers import adapter, learner
from practicum.proctor.gateway.approvals import Approvals
from practicum.proctor.gateway.body import MalformedBodyError
from practicum.proctor.gateway.call import Call, read_call
from practicum.proctor.gateway.cutoff import WhileGood
from practicum.proctor.gateway.decision import Decisions
from practicum.proctor.gateway.destinations import Destinations
from practicum.proctor.gateway.filter import SecretFilter
from practicum.proctor.gateway.forward import Forwarder, Plan
from practicum.proctor.gateway.limits import Limits
from practicum.proctor.gateway.metering import Meter, estimate
from practicum.proctor.gateway.mocked import AskLauncher, Mocks
from practicum.proctor.gateway.refusal import Answer, CallRefusedError, answer_to, unreachable
from practicum.proctor.gateway.tickets import Ticket, Tickets
from practicum.proctor.gateway.tokens import forwarded_headers, recorded_path, token_of
from practicum.proctor.gateway.upstream import Upstream
from practicum.proctor.gateway.webhooks import HOOKS_PREFIX, Publish, Webhooks
from practicum.proctor.gateway.websocket import EXCHANGE_HEADER, Websockets
from practicum.proctor.lease import Lease, LeaseBook
from practicum.proctor.secret import Secret
from practicum.proctor.voice import SOURCE

_MODELS = frozenset({"anthropic", "openai"})
_PEOPLE_READ = frozenset({"github", "slack", "discord"})
_log = structlog.get_logger(__name__)


class Gateway:
    """One listener on the loopback interface for every service of a run.

    `credentials` gives the real credential of a vault name and raises `VaultError` where there is none. `budget_usd`
    is for all model calls of the run together; a call that needs approval is held for `approval_hold_s` seconds before
    it is refused for the time being. Calls of the services in `mocked` are put to the scenario's mocks first, by
    `ask_launcher`.
    """

    def __init__(
        self,
        run: str,
        leases: LeaseBook,
        credentials: Callable[[str], Secret],
        upstreams: Mapping[str, Upstream],
        publish: Publish,
        clock: Clock,
        admin_token: Secret | None = None,
        *,
        budget_usd: float | None = None,
        approval_hold_s: float = 10.0,
        mocked: frozenset[str] = frozenset(),
        ask_launcher: AskLauncher | None = None,
    ) -> None:
        self.run = run
        self.filter = SecretFilter()
        self._leases = leases
        self._publish = publish
        self._clock = clock
        self._destinations = Destinations(upstreams, credentials, self.filter, admin_token)
        self._forwarder = Forwarder(self.filter)
        self._decisions = Decisions()
        self._tickets = Tickets()
        self._limits = Limits(clock, leases, budget_usd)
        self._approvals = Approvals(publish, approval_hold_s)
        self._websockets = Websockets(
            leases,
            self._destinations,
            self._forwarder,
            self._decisions,
            self._limits,
            self._tickets,
            self.filter,
            clock,
        )
        self._mocks = Mocks(mocked, ask_launcher, self.filter, self._destinations.vendor_links)
        self._hooks = Webhooks(self._destinations, self._forwarder, self.filter, publish, credentials)
        self._runner: web.ServerRunner | None = None

    async def start(self) -> str:
        """Listen on 127.0.0.1 and return `http://127.0.0.1:PORT`."""
        await self._forwarder.open()
        server = web.Server(self._handle, handler_cancellation=True)
        self._runner = web.ServerRunner(server, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._destinations.resolve(f"http://127.0.0.1:{self._runner.addresses[0][1]}", "")
        return self.url

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`; empty before `start`."""
        return self._destinations.base

    def set_world(self, url: str) -> None:
        """Where the simulated services listen: `http://127.0.0.1:PORT`, with the gateway's own path prefixes."""
        self._destinations.resolve(self.url, url.rstrip("/"))

    async def decide_approval(self, approval: str, approved: bool, by: str, comment: str = "") -> None:
        """A person's word on an act that waits.

        Raises:
            UsageError: no such approval waits.
        """
        await self._approvals.decide(approval, approved, by, comment)

    async def close(self) -> None:
        """Remove webhooks, stop listening, break off what still runs."""
        await self._hooks.close()
        if self._runner is not None:
            await self._runner.cleanup()
        await self._forwarder.close()

    async def listen_to_github(self, repository: str, credential: str) -> None:
        """Register a webhook on a live repository, so that its changes wake agents; `close` removes it again.

        `credential` is the vault's name of a key that may administer the repository's webhooks.

        Raises:
            InfrastructureError: GitHub did not take it.
            VaultError: the vault does not hold the key.
        """
        await self._hooks.register(repository, credential)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.raw_path.startswith(HOOKS_PREFIX):
            return await self._hooks.receive(request)
        call, problem = read_call(request)
        call.upstream = self._destinations.upstream(call.service)
        try:
            if problem:
                raise CallRefusedError(Refusal("malformed", "a request must have one plain reading", problem))
            return await self._serve(call)
        except CallRefusedError as refused:
            return await self._refuse(call, refused)
        except (aiohttp.ClientError, TimeoutError, VaultError) as error:
            return await self._break_off(call, error)
        except asyncio.CancelledError:
            call.status = call.status or 499  # the client went away, as nginx writes it
            await self._tell(call)
            raise
        except Exception as error:
            _log.error("gateway.failed", exchange=call.id, error=self.filter.clean_text(repr(error)))
            return await self._break_off(call, error)

    async def _serve(self, call: Call) -> web.StreamResponse:
        if call.request.headers.get("Upgrade", "").lower() == "websocket":
            socket = await self._websockets.serve(call, lambda lease: self._asker(call, lease))
            await self._tell(call)
            return socket
        if len(call.segments) == 2 and call.segments[0] == "ticket":
            return await self._serve_ticket(call)
        lease = await self._lease(call)
        self._limits.count(lease)
        async with WhileGood(lease, self._clock) as cutoff:
            if call.family == "inspect":
                return await self._forward(call, lease)
            await self._permit(call, lease)
            if (answer := await self._mocks.answer(call, lease)) is not None:
                return await self._answer(call, answer)
            async with AsyncExitStack() as held:
                if call.family in _MODELS:
                    await held.enter_async_context(
                        self._limits.money(lease, estimate(call.service, call.body.fields, call.body.size))
                    )
                try:
                    return await self._forward(call, lease)
                finally:
                    lease.cost_usd += call.cost_usd
        return await self._cut_off(call, cutoff.reason)

    async def _lease(self, call: Call) -> Lease:
        """The good lease that the call was made with.

        Raises:
            CallRefusedError: there is none.
        """
        token = token_of(call.request.headers, call.query, {})
        if not token and call.family == "slack":
            try:
                await call.body.read_fields(form=True)
            except MalformedBodyError as error:
                raise CallRefusedError(Refusal("lease", "no lease was presented", error.message)) from error
            token = token_of(call.request.headers, call.query, call.body.fields)
        try:
            call.lease = self._leases.find(token)
            return self._leases.check(token, call.service)
        except LeaseError as error:
            raise CallRefusedError(Refusal("lease", error.message, error.message)) from error

    async def _permit(self, call: Call, lease: Lease) -> None:
        """Decide, and wait for a person where the charter says so.

        Raises:
            CallRefusedError: the call may not go through.
        """
        found = await self._decisions.prepare(call)
        refusal = await self._decisions.decide(call, lease, found, self._asker(call, lease))
        access = call.access
        if access is None:
            raise CallRefusedError(Refusal("unknown_route", "no rule for this route", "unknown route"))
        if refusal is not None and refusal.kind == "approval":
            if call.family != "git":
                await call.body.read()
            refusal = await self._approvals.wait(lease, access, refusal, call.body.digest, call.cause)
        if refusal is not None:
            raise CallRefusedError(refusal)
        key = f"{access.permission or access.service}:{access.level}"
        lease.used[key] = lease.used.get(key, 0) + 1

    def _asker(self, call: Call, lease: Lease) -> Callable[[str], Awaitable[Json]]:
        """The proctor's own questions to the service, with the credential behind the lease.

        Recorded like an agent's calls, under the proctor's name: every request that reaches a service has its event.
        """

        async def ask(path: str) -> Json:
            family = call.family if call.family != "git" else "github"
            headers = self._destinations.authorization(family, lease)
            id, start = new_event_id(), time.perf_counter()
            if call.upstream.mode == "simulated":
                headers = {**headers, EXCHANGE_HEADER: id}
            status, answer = await self._forwarder.ask(URL(call.upstream.url + path, encoded=True), headers)
            record = ExchangeCompleted(
                lease=lease.id,
                agent=SOURCE,
                service=call.service,
                method="GET",
                route="asked by the proctor",
                path=self.filter.clean_text(f"/{family}{path}"),
                status=status,
                ms=round((time.perf_counter() - start) * 1000, 3),
            )
            await self._publish(record, call.cause, id, call.provenance)
            return answer

        return ask

    async def _forward(self, call: Call, lease: Lease) -> web.StreamResponse:
        target = self._destinations.target(call)
        app = call.segments == ("apps.connections.open",)
        headers = forwarded_headers(call.request.headers)
        headers.setdefault("user-agent", "practicum")
        headers["Accept-Encoding"] = "identity"
        headers |= self._destinations.authorization(call.family, lease, app=app)
        if call.upstream.mode == "simulated":
            headers[EXCHANGE_HEADER] = call.id
        call.body.without_credentials()
        if (
            call.upstream.mode == "live"
            and call.family in _PEOPLE_READ
            and call.request.content_type == "application/json"
        ):
            await call.body.read_small()
            if call.body.complete:
                call.body.head = self._destinations.outward.outward(call.body.head)
        plan = Plan(
            method=call.request.method,
            url=target,
            headers=headers,
            links=self._destinations.links(call.service),
            meter=Meter(call.service, call.body.text("model"), call.body.size) if call.family in _MODELS else None,
            learn=learner(call, self._decisions),
            adapt=adapter(call, lease, self._tickets, self.url),
            location=self._location(call, lease),
        )
        return await self._forwarder.send(call, plan, lambda: self._tell(call))

    def _location(self, call: Call, lease: Lease) -> Callable[[str], str] | None:
        """Where a redirect leads: within the service back through the gateway, from live GitHub elsewhere by a ticket.

        Only the vendor is believed: an application that an agent deployed must not send the proctor anywhere.
        """
        links, access = self._destinations.links(call.service), call.access
        if links is None or access is None:
            return None
        trusted = call.upstream.mode == "live" and call.family == "github"

        def turned(location: str) -> str:
            inside = links.in_header(location)
            if inside != location or not trusted or not location.startswith(("http://", "https://")):
                return inside
            ticket = self._tickets.issue(Ticket(lease, location, access, "http"))
            return f"{self.url}/{call.service}/ticket/{ticket}"

        return turned

    async def _serve_ticket(self, call: Call) -> web.StreamResponse:
        """An address that a service gave out with its own secret in it: nothing but the client's body goes there."""
        ticket = self._tickets.find(call.segments[1])
        if ticket is None or ticket.lease.service != call.service or ticket.kind != "http":
            raise CallRefusedError(Refusal("unknown_route", "no such ticket", "unknown ticket"))
        call.lease, call.access = ticket.lease, ticket.access
        if ticket.lease.revoked or ticket.lease.expires <= self._clock.now():
            raise CallRefusedError(Refusal("lease", f"{ticket.lease.id} is over", f"{ticket.lease.id} is over"))
        if call.request.method not in ("GET", "HEAD", "POST", "PUT"):
            raise CallRefusedError(Refusal("unknown_route", "a ticket is for GET, POST and PUT", "unknown route"))
        self._limits.count(ticket.lease)
        headers = forwarded_headers(call.request.headers) | {"Accept-Encoding": "identity"}
        if call.upstream.mode == "simulated":
            headers[EXCHANGE_HEADER] = call.id
        location = self._location(call, ticket.lease)
        plan = Plan(call.request.method, URL(ticket.url, encoded=True), headers, location=location)
        async with WhileGood(ticket.lease, self._clock) as cutoff:
            return await self._forwarder.send(call, plan, lambda: self._tell(call))
        return await self._cut_off(call, cutoff.reason)

    async def _refuse(self, call: Call, refused: CallRefusedError) -> web.StreamResponse:
        refusal = refused.refusal
        call.refused = f"{refusal.kind}: {refusal.message} ({refusal.rule})"
        if call.lease is not None:
            call.lease.refused += 1
        return await self._answer(call, answer_to(call.family, refusal, retry_after=refused.retry_after))

    async def _cut_off(self, call: Call, reason: str) -> web.StreamResponse:
        """The lease ended under a running call."""
        if call.response is None:
            return await self._refuse(call, CallRefusedError(Refusal("lease", reason, reason)))
        call.refused = f"lease: {reason}"
        return await self._abort(call, call.response)

    async def _break_off(self, call: Call, error: Exception) -> web.StreamResponse:
        """The service, or the gateway itself, failed under a running call."""
        problem = self.filter.clean_text(str(error) or type(error).__name__)
        if call.response is not None:
            return await self._abort(call, call.response)
        return await self._answer(call, unreachable(call.family, problem))

    async def _abort(self, call: Call, response: web.StreamResponse) -> web.StreamResponse:
        """Break the connection, so that the client cannot take half an answer for a whole one."""
        await self._tell(call)
        if call.request.transport is not None:
            call.request.transport.abort()
        return response

    async def _answer(self, call: Call, answer: Answer) -> web.StreamResponse:
        body = self.filter.clean(answer.body)
        call.status = answer.status
        call.response_bytes = len(body)
        if call.family in _MODELS:  # kept for replay, like what the vendor answers
            call.response_body = body.decode(errors="replace")
        await self._tell(call)
        headers = {name: self.filter.clean_text(value) for name, value in answer.headers.items()}
        response = web.Response(status=answer.status, headers=headers, body=body)
        if not call.body.complete:
            response.force_close()  # what the client still sends is not read
        return response

    async def _tell(self, call: Call) -> None:
        """Publish the call's event, once. Looks that the launcher takes into the world are no exchange of an agent."""
        if call.told or (call.family == "inspect" and not call.refused and call.lease is not None):
            return
        call.told = True
        clean = self.filter.clean_text
        record = call.completed(clean(recorded_path(call.request.raw_path)))
        record = record.model_copy(update={"refused": clean(record.refused), "resource": clean(record.resource)})
        await self._publish(record, call.cause, call.id, call.provenance)
        while self._limits.fresh:
            await self._publish(self._limits.fresh.pop(0), call.id)
