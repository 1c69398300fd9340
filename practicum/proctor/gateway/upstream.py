"""Where each service really is."""

from __future__ import annotations

from dataclasses import dataclass

from practicum.proctor.control import Mode

VENDOR_API: dict[str, str] = {
    "github": "https://api.github.com",
    "slack": "https://slack.com/api",
    "discord": "https://discord.com/api/v10",
    "anthropic": "https://api.anthropic.com",
    "openai": "https://api.openai.com/v1",
}
"""Base address of each vendor's API, as its own documentation gives it."""

VENDOR_SERVER: dict[str, str] = {
    "github": "https://github.com",
    "slack": "https://files.slack.com",
    "discord": "wss://gateway.discord.gg",
}
"""The second address of a service: git and web pages, private files, the websocket gateway."""

GATEWAY_API: dict[str, str] = {
    "github": "/github",
    "slack": "/slack/api",
    "discord": "/discord/api/v10",
    "deploy": "/deploy",
    "anthropic": "/anthropic",
    "openai": "/openai/v1",
    "mocks": "/mocks",
    "inspect": "/inspect",
}
"""Where each API is under the gateway's own address, and under the world's."""

GATEWAY_SERVER: dict[str, str] = {
    "github": "/git",
    "slack": "/slack/files",
    "discord": "/discord/gateway",
}
"""Where the second address is under the gateway's own address, and under the world's."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """How one service is reached: `url` and `server_url` are empty for the vendor's own addresses."""

    mode: Mode = "simulated"
    url: str = ""
    """The API's base address, without a slash at its end."""
    server_url: str = ""
    """GitHub: git and web pages. Slack: private files. Discord: the websocket."""

    def resolved(self, service: str, world: str) -> Upstream:
        """The same with every address filled in: the vendor's when live, under `world` when simulated.

        A recorded service has none but its own `url`: it must never be reached by accident.
        """
        if self.mode == "live":
            api, server = VENDOR_API.get(service, ""), VENDOR_SERVER.get(service, "")
        elif world and self.mode == "simulated":
            api = world + GATEWAY_API.get(service, "/" + service)
            server = world + GATEWAY_SERVER[service] if service in GATEWAY_SERVER else ""
            if service == "discord":
                server = server.replace("http", "ws", 1)
        else:
            api = server = ""
        if self.mode == "simulated":
            return Upstream(self.mode, api, server)
        return Upstream(self.mode, (self.url or api).rstrip("/"), (self.server_url or server).rstrip("/"))
