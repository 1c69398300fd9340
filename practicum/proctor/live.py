"""Asking a live service who a key belongs to, before the run begins."""

from __future__ import annotations

from dataclasses import replace

import aiohttp
from pydantic_core import from_json

from practicum.errors import InfrastructureError, VaultError
from practicum.proctor.accounts import Account
from practicum.proctor.gateway.upstream import Upstream

_TIMEOUT = aiohttp.ClientTimeout(total=15)


async def identify(account: Account, upstream: Upstream) -> Account:
    """The account with its true login, name and address. Only GitHub is asked; others come back as they are.

    An installation token belongs to an app and has no user (GitHub answers 403): it keeps the agent's name.

    Raises:
        VaultError: the service does not take the key; the message says which key, and where it came from.
        InfrastructureError: the service does not answer.
    """
    if account.service != "github":
        return account
    url = upstream.resolved("github", "").url
    headers = {"Authorization": f"Bearer {account.secret.reveal()}", "Accept": "application/vnd.github+json"}
    try:
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT, headers=headers) as session,
            session.get(f"{url}/user", allow_redirects=False) as answer,
        ):
            status, body = answer.status, await answer.read()
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise InfrastructureError(f"{url} does not answer: {type(error).__name__}") from None
    if status == 401:
        raise VaultError(
            f"{url} does not take the key {account.credential} (from {account.origin}): expired, revoked or mistyped",
            hint=f"practicum secrets set {account.credential}",
        )
    if status != 200:
        return account
    try:
        user = from_json(body)
        login, number = str(user["login"]), int(user["id"])
    except (ValueError, KeyError, TypeError):
        raise InfrastructureError(f"{url}/user did not answer as GitHub does") from None
    # GitHub's own private address for commits (docs.github.com, "Setting your commit email address").
    return replace(
        account, login=login, name=str(user.get("name") or login), email=f"{number}+{login}@users.noreply.github.com"
    )
