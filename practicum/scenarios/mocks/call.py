"""A call that mocks are asked about, and what they answer."""

from __future__ import annotations

from dataclasses import dataclass, field

from practicum.bus.events import Json, MockCalled
from practicum.scenarios.schema import MockError


@dataclass(frozen=True)
class MockCall:
    """One call of a service's method, by name or over its wire protocol."""

    service: str
    """As the caller names it: `github-service`, `github`; see `same_service`."""
    method: str
    """`searchIssues`; for a call over HTTP any name of it, `http` decides then."""
    args: tuple[Json, ...] = ()
    """Positional arguments. Over HTTP empty: the path parameters of a mock's pattern take their place."""
    input: dict[str, Json] = field(default_factory=dict)
    """Named arguments; over HTTP the query and the JSON body, merged."""
    context: dict[str, Json] = field(default_factory=dict)
    """`agent`, `role`, `step` (from 0), `turn`. The book adds `call`: how often the method was called before."""
    http: tuple[str, str] | None = None
    """Verb and path (no query), such as `("GET", "/repos/acme/shop/issues")`."""


@dataclass(frozen=True)
class MockAnswer:
    """What a mock says in a service's place."""

    mock: int
    """Its place in `setup.mocks`, from 0; -1 for the empty success of a service that nobody plays."""
    value: Json
    """The answer. Over HTTP the body, for an error too, in the shape that the service's clients expect."""
    error: MockError | None
    """The call fails like this. A caller by name raises it; over HTTP `status` and `value` say it already."""
    status: int
    """HTTP only."""
    delay_s: float
    """Seconds that the caller lets pass before it hands the answer on."""


@dataclass(frozen=True)
class Answered:
    """What came of asking, and the event that the caller publishes."""

    answer: MockAnswer | None
    """None: no mock answers, the service itself does."""
    event: MockCalled
