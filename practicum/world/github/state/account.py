"""Accounts: people, bots and organisations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass
class Account:
    """Whoever can own a repository or act in one."""

    id: int
    login: str
    name: str
    email: str
    kind: Literal["User", "Bot", "Organization"]
    created_at: datetime
