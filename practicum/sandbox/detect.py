"""Which tiers this machine has, what each really enforces, and the one to take."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from practicum import __version__
from practicum.api.sandbox import Isolation, SandboxProvider
from practicum.errors import IsolationError, UsageError
from practicum.sandbox.bubblewrap import BubblewrapProvider
from practicum.sandbox.local import LocalProvider

REQUIRED = ("fs", "net", "pid")
"""What must be enforced unless a caller asks for more or less."""

UNSAFE = "PRACTICUM_SANDBOX_ALLOW_UNSAFE"
"""Set to 1, a machine that isolates less is used all the same, and every report says so."""

INSTALL = "apt-get install -y bubblewrap"

_known: dict[str, Isolation] = {}


class Detected:
    """A tier with what it was seen to enforce; otherwise the tier itself."""

    def __init__(self, provider: SandboxProvider, isolation: Isolation) -> None:
        self._provider, self._isolation = provider, isolation
        self.name = provider.name
        self.open = provider.open

    async def detect(self) -> Isolation:
        return self._isolation


def tiers() -> tuple[SandboxProvider, ...]:
    """Every tier that isolates, the strongest first."""
    return (BubblewrapProvider(),)


async def detect_all() -> list[Isolation]:
    """Each tier as it is here; one that cannot be used enforces nothing and says why in its remarks."""
    found = []
    for tier in tiers():
        try:
            found.append(await _look(tier))
        except IsolationError as error:
            mend = f"{error.message}; {error.hint}" if error.hint else error.message
            found.append(Isolation(tier.name, remarks=(mend,)))
    return found


async def pick(required: Sequence[str] = REQUIRED, *, allow_unsafe: bool = False) -> SandboxProvider:
    """The strongest tier that enforces all of `required`.

    With `allow_unsafe`, or the variable PRACTICUM_SANDBOX_ALLOW_UNSAFE=1, the best there is, its remarks saying so.

    Raises:
        IsolationError: none does; the message says what is missing, the hint how to mend it.
    """
    unsafe = allow_unsafe or os.environ.get(UNSAFE) == "1"
    missing: list[str] = []
    weaker: list[Detected] = []
    for tier in tiers():
        try:
            isolation = await _look(tier)
        except IsolationError as error:
            missing.append(error.message)
            continue
        lacking = isolation.missing(required)
        if not lacking:
            return Detected(tier, isolation)
        missing.append(f"{tier.name} does not enforce {', '.join(lacking)}")
        weaker.append(Detected(tier, replace(isolation, remarks=(*isolation.remarks, _unsafe(lacking)))))
    if not unsafe:
        raise IsolationError(
            f"this machine cannot isolate {', '.join(required)}: {'; '.join(missing)}",
            hint=f"{INSTALL}   (practicum doctor says more; {UNSAFE}=1 runs without, and every report says so)",
        )
    if weaker:
        return weaker[0]
    local = LocalProvider()
    return Detected(local, replace(await local.detect(), remarks=(_unsafe(required),)))


async def select(name: str) -> SandboxProvider:
    """A tier by name; `local` is the host itself, without isolation.

    Raises:
        UsageError: there is no such tier.
        IsolationError: it cannot be used here.
    """
    every: tuple[SandboxProvider, ...] = (*tiers(), LocalProvider())
    for tier in every:
        if tier.name == name:
            return Detected(tier, await _look(tier))
    raise UsageError(f"there is no sandbox {name!r}", hint=f"known: auto, {', '.join(tier.name for tier in every)}")


def _unsafe(lacking: Sequence[str]) -> str:
    return f"UNSAFE: {', '.join(lacking)} not enforced, allowed by {UNSAFE}=1"


async def _look(tier: SandboxProvider) -> Isolation:
    """What a tier enforces; tried once for each boot of the machine, then remembered."""
    key = _key(tier.name)
    if key not in _known:
        kept = _read(key)
        _known[key] = kept if kept is not None else await tier.detect()
        if kept is None:
            _keep(key, _known[key])
    return _known[key]


def _key(tier: str) -> str:
    """What a finding depends on: the boot, the kernel, who we are, our version, and the tool's file."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        boot = ""
    tool = Path("/usr/bin/bwrap")
    stamp = str(tool.stat().st_mtime_ns) if tool.exists() else "none"
    return "|".join((tier, boot, platform.release(), str(os.geteuid()), __version__, stamp))


def _store() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or str(Path(os.environ.get("HOME") or "/nonexistent") / ".cache")
    return Path(base) / "practicum" / "sandbox.json"


def _read(key: str) -> Isolation | None:
    try:
        found = json.loads(_store().read_text()).get(key)
        return Isolation(**{**found, "remarks": tuple(found["remarks"])}) if found else None
    except (OSError, ValueError, TypeError, KeyError):
        return None  # no cache, or one of another version: try again


def _keep(key: str, isolation: Isolation) -> None:
    path = _store()
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps({key: asdict(isolation)}))
        partial.replace(path)
    except OSError:
        return  # a machine without a home still runs, it only looks again next time
