"""The links, in memory, told to a store when they change."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Protocol

ALPHABET = "23456789bcdfghjkmnpqrstvwxyz"
"""For the codes that we make: without vowels there are no words, without 0, 1 and l nothing to misread."""

LENGTH = 6


@dataclass(frozen=True)
class Link:
    """One short link."""

    code: str
    url: str
    made: str
    """ISO 8601, UTC."""
    followed: int = 0


class Store(Protocol):
    """Keeps links beyond the life of the process."""

    def load(self) -> Iterable[Link]:
        """Every link that was saved, as it was saved last."""

    def save(self, link: Link) -> None:
        """Keep a link that is new or has changed."""


class Links:
    """All links, safe to use from several threads."""

    def __init__(self, store: Store | None = None) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._by_code: dict[str, Link] = {}
        self._by_url: dict[str, str] = {}
        for link in store.load() if store else ():
            self._remember(link)

    def add(self, url: str) -> Link:
        """The link of an address: the one that it has, or a new one."""
        with self._lock:
            if url in self._by_url:
                return self._by_code[self._by_url[url]]
            code = self._free_code()
            return self._keep(Link(code, url, datetime.now(timezone.utc).isoformat(timespec="seconds")))

    def claim(self, code: str, url: str) -> Link | None:
        """The link of an address under a code of somebody's choice; None when another address has that code."""
        with self._lock:
            known = self._by_code.get(code)
            if known is not None:
                return known if known.url == url else None
            return self._keep(Link(code, url, datetime.now(timezone.utc).isoformat(timespec="seconds")))

    def find(self, code: str) -> Link | None:
        """The link of a code, or None."""
        with self._lock:
            return self._by_code.get(code)

    def follow(self, code: str) -> Link | None:
        """Like `find`, and counts."""
        with self._lock:
            link = self._by_code.get(code)
            return self._keep(replace(link, followed=link.followed + 1)) if link else None

    def _free_code(self) -> str:
        while True:
            code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
            if code not in self._by_code:
                return code

    def _keep(self, link: Link) -> Link:
        self._remember(link)
        if self._store:
            self._store.save(link)
        return link

    def _remember(self, link: Link) -> None:
        self._by_code[link.code] = link
        self._by_url.setdefault(link.url, link.code)
