"""Package indexes that plugins are published to: a folder, or a server that takes uploads.

A folder has the layout of PEP 503, so that installers read it: `NAME/index.html` links the wheels that lie beside it.

    uv pip install --index-url file:///PATH weather-plugin
"""

from __future__ import annotations

import asyncio
import hashlib
import html
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from practicum.errors import UsageError
from practicum.plugins.uv import run_uv

_UPLOAD_S = 120.0


class Index(Protocol):
    """Somewhere that wheels are published to."""

    place: str
    """How messages call it."""

    async def add(self, wheel: Path) -> Path:
        """Publish a wheel; the file beside which its provenance is to lie.

        Raises:
            UsageError: the index has that version already with other content, or refuses.
            InfrastructureError: it cannot be reached, or did not answer.
        """
        ...


class FolderIndex:
    """An index in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.place = str(folder)

    async def add(self, wheel: Path) -> Path:
        try:
            return await asyncio.to_thread(self._add, wheel)
        except OSError as error:
            raise UsageError(
                f"{self.place}: cannot be written: {error.strerror}", hint="--index names another folder"
            ) from error

    def _add(self, wheel: Path) -> Path:
        target = self.folder / _normalised(wheel.name.partition("-")[0]) / wheel.name
        if target.is_file():
            if target.read_bytes() != wheel.read_bytes():
                raise UsageError(
                    f"{self.place} has another {wheel.name}", hint="what is published never changes: raise the version"
                )
            return target
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f".{target.name}")
        shutil.copyfile(wheel, draft)
        draft.replace(target)
        _page(target.parent, sorted(target.parent.glob("*.whl")))
        _page(self.folder, sorted(item for item in self.folder.iterdir() if item.is_dir()))
        return target


class UploadIndex:
    """An index that takes uploads over HTTP, as the Python Package Index does; `uv publish` speaks to it."""

    def __init__(self, url: str, *, username: str = "", secret: str = "") -> None:
        """`secret` is a token, or with `username` a password; it goes to uv in its environment and nowhere else."""
        self.url, self.place = url, url
        self._username, self._secret = username, secret

    def __repr__(self) -> str:
        return f"UploadIndex({self.url!r})"

    async def add(self, wheel: Path) -> Path:
        arguments = [
            "publish", "--trusted-publishing", "never", "--keyring-provider", "disabled", "--publish-url", self.url,
            str(wheel),
        ]  # fmt: skip
        code, said = await run_uv(arguments, environment=self._credentials(), within_s=_UPLOAD_S)
        if code != 0:
            told = said.replace(self._secret, "[secret]") if self._secret else said
            raise UsageError(
                f"{self.place} did not take {wheel.name}: {told.strip()[-500:]}",
                hint="practicum secrets set PACKAGE_INDEX_TOKEN   if it wants a key",
            )
        return wheel

    def _credentials(self) -> Mapping[str, str]:
        if not self._secret:
            return {}
        if self._username:
            return {"UV_PUBLISH_USERNAME": self._username, "UV_PUBLISH_PASSWORD": self._secret}
        return {"UV_PUBLISH_TOKEN": self._secret}


def _normalised(name: str) -> str:
    """PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _page(folder: Path, items: list[Path]) -> None:
    links = []
    for item in items:
        address = html.escape(item.name)
        if item.is_file():
            links.append(
                f'<a href="{address}#sha256={hashlib.sha256(item.read_bytes()).hexdigest()}">{address}</a><br>'
            )
        else:
            links.append(f'<a href="{address}/">{address}</a><br>')
    draft = folder / ".index.html"
    draft.write_text("<!DOCTYPE html>\n<html><body>\n" + "\n".join(links) + "\n</body></html>\n", encoding="utf-8")
    draft.replace(folder / "index.html")
