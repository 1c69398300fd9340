"""The proctor and the world as the launcher talks to them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from practicum.proctor import control
from practicum.runtime.child import Child

M = TypeVar("M", bound=BaseModel)

_OPEN_S = 60.0


class ProctorClient:
    """Typed requests over the proctor's line. Every method raises what the proctor raised."""

    def __init__(self, child: Child) -> None:
        self.child = child

    async def _ask(self, method: str, params: BaseModel | None, result: type[M], timeout: float = 30.0) -> M:
        body = params.model_dump(mode="json") if params is not None else {}
        return result.model_validate(await self.child.line.request(method, body, timeout=timeout))

    async def open(self, params: control.Open) -> control.Opened:
        return await self._ask("open", params, control.Opened, _OPEN_S)

    async def identity(self, params: control.IdentityRequest) -> control.Identity:
        return await self._ask("identity", params, control.Identity)

    async def connect(self, url: str) -> control.Connected:
        return await self._ask("connect", control.Connect(url=url), control.Connected)

    async def plugin_values(self) -> dict[str, str]:
        """The values of the variables that the scenario's plugins declare, as far as the vault has them."""
        return (await self._ask("plugin_values", None, control.PluginValues)).values

    async def world(self, url: str) -> None:
        await self.child.line.request("world", control.WorldUp(url=url).model_dump())

    async def lease(self, agent: str) -> control.Leases:
        return await self._ask("lease", control.LeaseFor(agent=agent), control.Leases)

    async def inspector(self) -> control.Leases:
        return await self._ask("inspector", None, control.Leases)

    async def revoke(self, reason: str, agent: str = "", lease: str = "") -> None:
        await self.child.line.request("revoke", control.Revoke(lease=lease, agent=agent, reason=reason).model_dump())

    async def usage(self) -> control.Usage:
        return await self._ask("usage", None, control.Usage)

    async def search(self, paths: list[Path]) -> list[str]:
        """Where the run's credentials stand below some paths: `path: credential`."""
        params = control.Search(paths=[str(path) for path in paths])
        return (await self._ask("search", params, control.Found, 120.0)).places

    async def seal(self, head: str, count: int) -> control.Sealed:
        return await self._ask("seal", control.Seal(head=head, count=count), control.Sealed)

    async def close(self) -> None:
        """Revoke everything, clean up outside, end."""
        await self.child.line.request("close", timeout=30.0)
        await self.child.stop()


class WorldClient:
    """Requests over the world's line."""

    def __init__(self, child: Child) -> None:
        self.child = child

    async def boot(self, params: dict[str, Any]) -> str:
        """Start the services; their address."""
        await self.child.line.send(params)
        answer = await self.child.line.greeting(_OPEN_S)
        return str(answer["url"])

    async def say(self, service: str, channel: str, user: str, text: str) -> None:
        """Somebody outside the team writes in a channel."""
        params = {"service": service, "channel": channel, "user": user, "text": text}
        await self.child.line.request("say", params)

    async def inspect(self) -> dict[str, Any]:
        """The state of every service."""
        value: dict[str, Any] = await self.child.line.request("inspect", timeout=60.0)
        return value

    async def close(self) -> None:
        await self.child.stop()
