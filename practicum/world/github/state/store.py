"""All accounts and repositories, and the counter that names things."""

from __future__ import annotations

from practicum.world.github.state.account import Account
from practicum.world.github.state.repository import Repository


class Store:
    """The root of the state."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        """By lower-case login."""
        self.repositories: dict[str, Repository] = {}
        """By lower-case full name."""
        self._last_id = 1000

    def next_id(self) -> int:
        """An integer that nothing else here is named by."""
        self._last_id += 1
        return self._last_id

    def account(self, login: str) -> Account | None:
        return self.accounts.get(login.lower())

    def repository(self, full_name: str) -> Repository | None:
        return self.repositories.get(full_name.lower())
