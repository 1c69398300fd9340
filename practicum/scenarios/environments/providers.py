"""Which sandboxes an environment of a scenario file means. Never the host in place of something else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib.metadata import entry_points
from inspect import signature

from practicum.api.sandbox import Isolation, SandboxProvider
from practicum.errors import InfrastructureError, UsageError
from practicum.sandbox.detect import ENTRY_POINTS, pick, select
from practicum.sandbox.local import LocalProvider
from practicum.scenarios.schema.environment import ENVIRONMENTS, Environment

Secrets = Callable[[str], str | None]
"""Name to value, or None where nobody knows it."""

_picked: SandboxProvider | None = None
_found: dict[str, Isolation] = {}
_dockers: dict[str, SandboxProvider] = {}
_one_at_a_time: dict[asyncio.AbstractEventLoop, asyncio.Lock] = {}


def known_environments() -> list[str]:
    """Everything that `environment.type` may be here, packages' own included."""
    return [*ENVIRONMENTS, *sorted(point.name for point in entry_points(group=ENTRY_POINTS))]


async def provider_of(
    environment: Environment, *, secrets: Secrets, sandboxes: SandboxProvider | None
) -> SandboxProvider:
    """The provider that `environment.type` names.

    `sandboxes`, where given, stands for `sandbox` and also for `local`: what an agent wrote is executed nowhere else.

    Raises:
        IsolationError: `sandbox`, and no tier of this machine isolates.
        MissingExtraError: `docker` or `e2b`, and its library is not installed.
        InfrastructureError: the type is unknown, or cannot be used here; the hint mends it.
    """
    match environment.type:
        case "local":
            return sandboxes or LocalProvider()
        case "sandbox":
            return sandboxes or await _strongest()
        case "docker":
            return _docker(environment.image)
        case "e2b":
            return _e2b(environment.image, secrets)
        case "bubblewrap" | "namespaces":
            return await select(environment.type)
    return _foreign(environment)


def _docker(image: str) -> SandboxProvider:
    if image not in _dockers:
        # Imported late, as what follows: few scenarios have containers.
        from practicum.sandbox.docker import DockerProvider

        _dockers[image] = DockerProvider(image)
    return _dockers[image]


def _e2b(template: str, secrets: Secrets) -> SandboxProvider:
    from practicum.sandbox.e2b import E2BProvider

    key = secrets("e2b") or secrets("E2B_API_KEY")
    return E2BProvider(
        template, api_key=key, api_url=secrets("E2B_API_URL") or None, sandbox_url=secrets("E2B_SANDBOX_URL") or None
    )


def _foreign(environment: Environment) -> SandboxProvider:
    """A provider that a package brought along. It is given the image where it takes one."""
    installed = {point.name: point for point in entry_points(group=ENTRY_POINTS)}
    if environment.type not in installed:
        raise InfrastructureError(
            f"unknown environment {environment.type!r}",
            hint=f"known: {', '.join(known_environments())}; another comes with a package that registers "
            f"it under the entry point {ENTRY_POINTS}",
        )
    try:
        make: Callable[..., SandboxProvider] = installed[environment.type].load()
    except (ImportError, AttributeError) as error:
        raise InfrastructureError(f"environment {environment.type} cannot be loaded: {error}") from error
    if not environment.image:
        return make()
    if "image" not in signature(make).parameters:
        raise UsageError(f"environment {environment.type} takes no image", hint="leave environment.image out")
    return make(image=environment.image)


async def isolation_of(provider: SandboxProvider, image: str = "") -> Isolation:
    """What it was seen to enforce; tried once in a process.

    Raises:
        SandboxError: it cannot be used here; the hint mends it.
    """
    if isinstance(provider, LocalProvider):
        return await provider.detect()
    key = f"{provider.name} {image}"
    if key not in _found:
        async with _lock():
            if key not in _found:
                _found[key] = await provider.detect()
    return _found[key]


async def _strongest() -> SandboxProvider:
    global _picked
    if _picked is None:
        async with _lock():
            if _picked is None:
                _picked = await pick()
    return _picked


def _lock() -> asyncio.Lock:
    """One for each event loop: a probe is not tried by a hundred scenarios at once."""
    loop = asyncio.get_running_loop()
    for old in [old for old in _one_at_a_time if old.is_closed()]:
        del _one_at_a_time[old]
    return _one_at_a_time.setdefault(loop, asyncio.Lock())
