"""Where a call goes, and with which credential: decided by the resolved destination, never by the client."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import quote, urlencode

from yarl import URL

from practicum.errors import VaultError
from practicum.proctor.gateway.call import Call, Family
from practicum.proctor.gateway.credentials import authorization
from practicum.proctor.gateway.filter import SecretFilter
from practicum.proctor.gateway.links import Links
from practicum.proctor.gateway.paths import encoded
from practicum.proctor.gateway.tokens import CREDENTIAL_FIELDS
from practicum.proctor.gateway.upstream import GATEWAY_API, GATEWAY_SERVER, VENDOR_API, Upstream
from practicum.proctor.lease import Lease
from practicum.proctor.secret import Secret

_UPLOADS = "https://uploads.github.com"
"""Release assets are uploaded to a host of their own (docs.github.com/rest/releases/assets)."""

_SERVER_FAMILIES: frozenset[Family] = frozenset({"git", "slack_files"})


class Destinations:
    """Addresses and credentials of one run."""

    def __init__(
        self,
        upstreams: Mapping[str, Upstream],
        credentials: Callable[[str], Secret],
        filter: SecretFilter,
        admin_token: Secret | None,
    ) -> None:
        self._given = dict(upstreams)
        self._credentials = credentials
        self._filter = filter
        self._admin_token = admin_token
        self.base = ""
        """The gateway's own address."""
        self.world = ""
        """The simulated services' address."""
        self._upstreams: dict[str, Upstream] = {}
        self._links: dict[str, Links] = {}

    def resolve(self, base: str, world: str) -> None:
        """Set the gateway's and the world's addresses, and everything that follows from them."""
        self.base, self.world = base, world
        services = {**dict.fromkeys(GATEWAY_API, Upstream()), **self._given}
        self._upstreams = {name: upstream.resolved(name, world) for name, upstream in services.items()}
        self._links = {name: Links.between(self._pairs(name, up)) for name, up in self._upstreams.items()}
        live = [pair for name, up in self._upstreams.items() if up.mode == "live" for pair in self._pairs(name, up)]
        self.outward = Links.between([pair for pair in live if pair[0] != _UPLOADS])

    def upstream(self, service: str) -> Upstream:
        """How a service is reached."""
        return self._upstreams.get(service, Upstream())

    def links(self, service: str) -> Links | None:
        """How a service's links are turned; None for those whose answers hold none (models)."""
        return None if service in ("anthropic", "openai", "inspect") else self._links.get(service)

    def vendor_links(self, service: str) -> Links:
        """How the vendor's own addresses are turned towards the gateway; they stand in what a mock's author wrote."""
        return Links.between(self._pairs(service, Upstream("live").resolved(service, "")))

    def target(self, call: Call) -> URL:
        """The address of a call, built again from its decoded parts.

        Raises:
            VaultError: the service has no address in this run.
        """
        upstream = call.upstream
        base = upstream.server_url if call.family in _SERVER_FAMILIES else upstream.url
        if base == VENDOR_API["github"] and call.request.method == "POST" and call.segments[-1:] == ("assets",):
            base = _UPLOADS
        if not base:
            raise VaultError(f"{call.service} has no address in this run")
        query = {name: value for name, value in call.query.items() if name not in CREDENTIAL_FIELDS}
        tail = "?" + urlencode(query, quote_via=quote) if query else ""
        path = (encoded(call.segments) if call.segments else "") + ("/" if call.trailing_slash else "")
        return URL(base + path + tail, encoded=True)

    def authorization(self, family: Family, lease: Lease, *, app: bool = False) -> dict[str, str]:
        """The headers with the real credential; the filter knows it from now on.

        `app`: Slack's app-level token (Socket Mode), kept as `slack-app`, `slack-app@dev-1`; the bot's where there is
        none.

        Raises:
            VaultError: the vault does not hold it.
        """
        secret = self.secret(lease, app=app) if family != "inspect" else self._admin()
        headers = authorization(family, secret)
        self._filter.add(secret)
        return headers

    def secret(self, lease: Lease, *, app: bool = False) -> Secret:
        """The real credential behind a lease; the filter knows it from now on."""
        if app:
            try:
                secret = self._credentials(lease.credential.replace("slack", "slack-app", 1))
            except VaultError:
                secret = self._credentials(lease.credential)
        else:
            secret = self._credentials(lease.credential)
        self._filter.add(secret)
        return secret

    def _admin(self) -> Secret:
        if self._admin_token is None:
            raise VaultError("this run has no inspection key")
        return self._admin_token

    def _pairs(self, service: str, upstream: Upstream) -> list[tuple[str, str]]:
        pairs = [(upstream.url, self.base + GATEWAY_API.get(service, "/" + service))]
        if service in GATEWAY_SERVER:
            here = self.base.replace("http", "ws", 1) if service == "discord" else self.base
            pairs.append((upstream.server_url, here + GATEWAY_SERVER[service]))
        if upstream.url == VENDOR_API["github"]:
            pairs.append((_UPLOADS, self.base + GATEWAY_API["github"]))
        return [(old, new) for old, new in pairs if old]
