"""Choosing a tier by what it was seen to enforce on this machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points

from practicum.api.sandbox import Isolation, SandboxProvider
from practicum.errors import IsolationError, SandboxError, UsageError
from practicum.sandbox.bubblewrap import BubblewrapProvider
from practicum.sandbox.local import LocalProvider
from practicum.sandbox.namespaces import NamespacesProvider
from practicum.sandbox.programs import INSTALL_BUBBLEWRAP

ENTRY_POINTS = "practicum.sandboxes"
"""Where third parties' providers register: a callable without arguments that returns one."""

ALLOW_UNSAFE = "PRACTICUM_SANDBOX_ALLOW_UNSAFE"

_TIERS: tuple[Callable[..., SandboxProvider], ...] = (BubblewrapProvider, NamespacesProvider)
"""Strongest first."""


@dataclass(frozen=True, slots=True)
class TierReport:
    """One line of `practicum doctor`."""

    isolation: Isolation
    works: bool
    problem: str = ""
    """Why it does not work here."""
    mend: str = ""
    """The line that mends it."""


async def describe() -> list[TierReport]:
    """Every tier, strongest first: what it enforces here, or why it does not work and the line that mends it."""
    reports = [await _report(make) for make in _TIERS]
    return [*reports, TierReport(await LocalProvider().detect(), works=True)]


async def detect_all() -> list[Isolation]:
    """What each tier enforces here, strongest first; one that does not work enforces nothing and says why."""
    return [report.isolation for report in await describe()]


async def pick(required: Sequence[str] = ("fs", "net", "pid"), *, allow_unsafe: bool = False) -> SandboxProvider:
    """The strongest tier that enforces all of `required` (names of `Isolation`'s dimensions).

    With `allow_unsafe`, or PRACTICUM_SANDBOX_ALLOW_UNSAFE=1 in our environment, it is instead the strongest that works,
    if need be the host itself; the first of its `Isolation.remarks` then says so.

    Raises:
        IsolationError: no tier enforces all of it; names what is missing where, and the line that mends it.
        UsageError: a name in `required` is not one of a dimension.
    """
    _check(required)
    reports: list[TierReport] = []
    for make in _TIERS:
        report = await _report(make)
        if report.works and not report.isolation.missing(required):
            return make()
        reports.append(report)
    if allow_unsafe or os.environ.get(ALLOW_UNSAFE) == "1":
        for make, report in zip(_TIERS, reports, strict=True):
            if report.works:
                return make(remarks=(_unsafe(report.isolation.missing(required)),))
        return LocalProvider(remarks=(_unsafe(required),))
    mend = next((report.mend for report in reports if report.mend), INSTALL_BUBBLEWRAP)
    raise IsolationError(
        "\n".join([f"no sandbox here enforces {', '.join(required)}", *(_why(report, required) for report in reports)]),
        hint=f"{mend}   (or, to run without: {ALLOW_UNSAFE}=1)",
    )


async def select(name: str) -> SandboxProvider:
    """The tier of that name, whatever it enforces: `bubblewrap`, `namespaces`, `local`, or a third party's.

    Raises:
        UsageError: nothing has that name.
    """
    known: dict[str, Callable[..., SandboxProvider]] = {
        "bubblewrap": BubblewrapProvider,
        "namespaces": NamespacesProvider,
        "local": LocalProvider,
    }
    if name in known:
        return known[name]()
    foreign = {point.name: point for point in entry_points(group=ENTRY_POINTS)}
    if name in foreign:
        provider: SandboxProvider = foreign[name].load()()
        return provider
    raise UsageError(f"unknown sandbox {name!r}", hint=f"known: {', '.join([*known, *sorted(foreign)])}")


async def _report(make: Callable[..., SandboxProvider]) -> TierReport:
    provider = make()
    try:
        return TierReport(await provider.detect(), works=True)
    except SandboxError as error:
        return TierReport(
            Isolation(provider.name, remarks=(error.message,)), works=False, problem=error.message, mend=error.hint
        )


def _why(report: TierReport, required: Sequence[str]) -> str:
    missing = ", ".join(report.isolation.missing(required))
    return f"       {report.isolation.tier}: {report.problem or f'does not enforce {missing}'}"


def _unsafe(missing: Sequence[str]) -> str:
    return f"UNSAFE by {ALLOW_UNSAFE}: {', '.join(missing)} not enforced"


def _check(required: Sequence[str]) -> None:
    dimensions = [name for name in Isolation("").as_dict() if name != "tier"]
    for name in required:
        if name not in dimensions:
            raise UsageError(f"unknown dimension of isolation {name!r}", hint=f"known: {', '.join(dimensions)}")
