"""One call of the REST API, and its answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlencode

from aiohttp import web

from practicum.bus.events import Json
from practicum.world.github.access import check_role, holds, role_of
from practicum.world.github.body import Body
from practicum.world.github.core import Cause, Core
from practicum.world.github.errors import ApiError, not_found
from practicum.world.github.permissions import Route
from practicum.world.github.state import Account, Issue, Pull, Repository
from practicum.world.service import Credential, cause_of

T = TypeVar("T")


@dataclass
class Reply:
    """An answer. `body` travels as JSON; `content`, where given, as it is."""

    body: Json | None = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes | None = None
    content_type: str = "application/json; charset=utf-8"


@dataclass
class Call:
    """What a handler is given: the caller is known, the repository is visible, the permission is there."""

    core: Core
    request: web.Request
    route: Route
    credential: Credential
    body: Body
    repository: Repository | None = None

    @property
    def repo(self) -> Repository:
        """The repository that the path names."""
        assert self.repository is not None
        return self.repository

    @property
    def login(self) -> str:
        return self.credential.login

    @property
    def account(self) -> Account:
        """The caller."""
        return self.core.person(self.credential.login)

    @property
    def by(self) -> Cause:
        """The caller, and the exchange that this call is."""
        return Cause(self.credential.login, cause_of(self.request))

    def arg(self, name: str) -> str:
        """A part of the path, decoded; empty where the path ends before it."""
        return self.request.match_info.get(name, "")

    def number(self, name: str) -> int:
        """A part of the path that is an integer."""
        return int(self.request.match_info[name])

    def query(self, name: str, default: str = "") -> str:
        """A query parameter."""
        return self.request.query.get(name, default)

    def need_role(self, role: str) -> None:
        """Refuse a caller whose role in the repository is too small."""
        check_role(self.credential, self.repo, role)

    def role(self) -> str:
        """The caller's role in the repository."""
        return role_of(self.repo, self.login)

    def issue(self) -> Issue:
        """The issue or pull request that the path names.

        Raises:
            ApiError: 404 when there is none; 403 when the token may see the one kind and this is the other.
        """
        found = self.repo.issues.get(self.number("issue_number"))
        if found is None:
            raise not_found()
        self.check_kind(found)
        return found

    def check_kind(self, issue: Issue) -> None:
        """Routes under `/issues` serve both kinds; a token needs the permission of the kind that it touches.

        Raises:
            ApiError: 403.
        """
        wanted = ("pull_requests", "issues") if issue.pull else ("issues",)
        if not any(holds(self.credential, permission, self.route.level) for permission in wanted):
            raise ApiError(
                403,
                "Resource not accessible by personal access token",
                headers={"X-Accepted-GitHub-Permissions": "; ".join(f"{p}={self.route.level}" for p in wanted)},
            )

    def pull(self) -> tuple[Issue, Pull]:
        """The pull request that the path names.

        Raises:
            ApiError: 404.
        """
        found = self.repo.issues.get(self.number("pull_number"))
        if found is None or found.pull is None:
            raise not_found()
        return found, found.pull

    def page(self, items: Sequence[T]) -> tuple[Sequence[T], dict[str, str]]:
        """The page that the query asks for, and the `Link` header that leads to the others.

        https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
        """
        size = min(max(_int(self.query("per_page"), 30), 1), 100)
        number = max(_int(self.query("page"), 1), 1)
        last = max((len(items) + size - 1) // size, 1)
        start = (number - 1) * size
        links = []
        if number < last:
            links += [("next", number + 1), ("last", last)]
        if number > 1:
            links += [("first", 1), ("prev", min(number - 1, last))]
        headers = {}
        if links:
            base = self.core.context.base_url + self.request.rel_url.raw_path
            query = self.request.rel_url.query
            headers["Link"] = ", ".join(
                f'<{base}?{_with_page(query, page)}>; rel="{relation}"' for relation, page in links
            )
        return items[start : start + size], headers

    def listing(self, items: Sequence[T], render: Callable[[T], Json]) -> Reply:
        """One page of a list, rendered."""
        page, headers = self.page(items)
        return Reply([render(each) for each in page], headers=headers)

    def counted(self, key: str, items: Sequence[T], render: Callable[[T], Json]) -> Reply:
        """One page of a list inside an object with `total_count`."""
        page, headers = self.page(items)
        return Reply({"total_count": len(items), key: [render(each) for each in page]}, headers=headers)


def _int(text: str, default: int) -> int:
    return int(text) if text.isdigit() and len(text) < 10 else default


def _with_page(query: Mapping[str, str], page: int) -> str:
    return urlencode([*((k, v) for k, v in query.items() if k != "page"), ("page", str(page))])


Handler = Callable[[Call], Awaitable[Reply]]

HANDLERS: dict[tuple[str, str], Handler] = {}
"""(method, template) to what answers it; filled as the modules of `routes` are imported."""


def handles(method: str, template: str) -> Callable[[Handler], Handler]:
    """Register a handler; `~` stands for `/repos/{owner}/{repo}`."""

    def register(handler: Handler) -> Handler:
        HANDLERS[method, template.replace("~", "/repos/{owner}/{repo}")] = handler
        return handler

    return register
