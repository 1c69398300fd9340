"""Releases and their files."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class Asset:
    """A file attached to a release."""

    id: int
    name: str
    label: str | None
    content_type: str
    content: bytes
    uploader: str
    created_at: datetime
    downloads: int = 0


@dataclass
class Release:
    """A named, described tag."""

    id: int
    tag_name: str
    target: str
    name: str | None
    body: str | None
    author: str
    created_at: datetime
    draft: bool = False
    prerelease: bool = False
    published_at: datetime | None = None
    assets: list[Asset] = field(default_factory=list)
