"""The whole environment of a user's program: addresses and leases under the names that the vendors' SDKs look for."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from pathlib import Path

from practicum.agents.boot import Boot, ServiceAccess

_LONGEST = 100_000
"""Bytes of one variable; Linux takes 128 KiB (MAX_ARG_STRLEN, execve(2))."""


def environment_of(boot: Boot, *, mcp_url: str = "") -> dict[str, str]:
    """Variables for the program that `boot.program` names. What stands in the scenario gives way to what we set.

    No real key is in it: there is none in this process.
    """
    program = boot.program
    assert program is not None
    path = [str(Path(program.argv[0]).parent), "/usr/local/bin", "/usr/bin", "/bin"]
    found = {
        "HOME": os.environ.get("HOME", "/tmp"),
        "LANG": "C.UTF-8",
        "TMPDIR": os.environ.get("TMPDIR", "/tmp"),
        "PATH": ":".join(dict.fromkeys(path)),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "OPENAI_AGENTS_DISABLE_TRACING": "1",
        **program.env,
        "PRACTICUM_AGENT": boot.agent,
        "PRACTICUM_ROLE": boot.role,
        "PRACTICUM_WORKSPACE": boot.workspace,
    }
    if len(boot.system.encode()) <= _LONGEST:
        found["PRACTICUM_INSTRUCTIONS"] = boot.system
    if repo := boot.settings.get("repo"):
        found["PRACTICUM_REPO"] = str(repo)
    if mcp_url:
        found["PRACTICUM_MCP_URL"] = mcp_url
    for name, access in boot.services.items():
        found |= _of_service(name, access)
    if program.model:
        found["PRACTICUM_MODEL"] = program.model
        if "openai" in boot.services:
            found |= {"OPENAI_MODEL": program.model, "OPENAI_DEFAULT_MODEL": program.model}
        if "anthropic" in boot.services:
            found["ANTHROPIC_MODEL"] = program.model
    return {name: value.replace("\0", "") for name, value in found.items()}


def secrets_of(boot: Boot) -> list[str]:
    """What must not stand in anything that the program says."""
    leases = [access.token for access in boot.services.values()]
    return [*leases, *(_basic(access) for access in boot.services.values()), boot.bus.seed, boot.bus.jwt]


def _of_service(name: str, access: ServiceAccess) -> Mapping[str, str]:
    match name:
        case "openai":
            return {"OPENAI_BASE_URL": access.url, "OPENAI_API_KEY": access.token}
        case "anthropic":
            return {"ANTHROPIC_BASE_URL": access.url, "ANTHROPIC_API_KEY": access.token}
        case "github":
            return {
                "GITHUB_API_URL": access.url,
                "GITHUB_TOKEN": access.token,
                "GH_TOKEN": access.token,
                "GITHUB_SERVER_URL": access.git_url,
                "GITHUB_USER": access.login,
                **_git(access),
            }
        case "slack":
            # slack-sdk joins the method's name to its base: the last stroke belongs to it.
            return {"SLACK_API_URL": f"{access.url}/", "SLACK_BOT_TOKEN": access.token}
        case "discord":
            return {"DISCORD_API_URL": access.url, "DISCORD_TOKEN": access.token, "DISCORD_BOT_TOKEN": access.token}
        case _:
            upper = name.upper().replace("-", "_")
            return {f"{upper}_URL": access.url, f"{upper}_TOKEN": access.token}


def _git(access: ServiceAccess) -> Mapping[str, str]:
    """Git as this agent, by its environment (git-config(1), GIT_CONFIG_COUNT): its lease goes to our address only."""
    config = {
        f"http.{access.git_url}/.extraHeader": f"Authorization: Basic {_basic(access)}",
        f"url.{access.git_url}/.insteadOf": "https://github.com/",
        "credential.helper": "",
        "init.defaultBranch": "main",
        "core.hooksPath": "/dev/null",
    }
    return {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_NAME": access.name,
        "GIT_AUTHOR_EMAIL": access.email,
        "GIT_COMMITTER_NAME": access.name,
        "GIT_COMMITTER_EMAIL": access.email,
        "GIT_CONFIG_COUNT": str(len(config)),
        **{f"GIT_CONFIG_KEY_{index}": key for index, key in enumerate(config)},
        **{f"GIT_CONFIG_VALUE_{index}": value for index, value in enumerate(config.values())},
    }


def _basic(access: ServiceAccess) -> str:
    return base64.b64encode(f"{access.login}:{access.token}".encode()).decode()
