"""Paths in answers: what looks like one, and which are let through."""

from __future__ import annotations

import re

from practicum.text import printable

_ALLOWED = re.compile(r"[A-Za-z0-9._+@()\[\]$=, ~-]+")
_DRIVE = re.compile(r"[A-Za-z]:")
_LONGEST = 200
_DEEPEST = 12
_FORBIDDEN = frozenset({".git", ".hg", ".svn", ".cache", ".practicum", ".venv", "node_modules", "__pycache__", "dist"})
"""Folders that belong to tools: a file there could become a program of theirs."""

_NAMED = frozenset(
    {"makefile", "dockerfile", "license", "notice", "procfile", "changelog", "readme", ".gitignore", ".npmignore"}
)
"""Files that are known by their whole name."""

_LOOKS = re.compile(r"(?:[A-Za-z]:[\\/])?[\w.+@()\[\]$~\\/-]*[\w)\]-]\.[A-Za-z][A-Za-z0-9]{0,9}")


class PathRefusedError(ValueError):
    """A path that does not stay in the plugin's folder, or that no plugin needs."""


def checked_path(path: str) -> str:
    """The path with `/` between its parts and without `./`.

    Raises:
        PathRefusedError: it is absolute, goes up, names a drive, a tool's own folder, or holds what no path needs.
    """
    shown = repr(printable(path, 100))
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in path):
        raise PathRefusedError(f"the path {shown} holds control characters")
    text = path.strip().replace("\\", "/")
    if not text:
        raise PathRefusedError("a file without a path")
    if text.startswith(("/", "~")):
        raise PathRefusedError(
            f"the path {shown} is refused: it is absolute, paths are relative to the plugin's folder"
        )
    if _DRIVE.match(text) or ":" in text:
        raise PathRefusedError(f"the path {shown} is refused: it names a drive, a scheme or a stream")
    if text.endswith("/"):
        raise PathRefusedError(f"the path {shown} is a folder")
    parts = [part for part in text.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise PathRefusedError(f"the path {shown} is refused: it leaves the plugin's folder")
    if not parts:
        raise PathRefusedError(f"the path {shown} is a folder")
    if len(text) > _LONGEST or len(parts) > _DEEPEST:
        raise PathRefusedError(f"the path {shown} is refused: it is too long or too deep")
    for part in parts:
        if part.lower() in _FORBIDDEN:
            raise PathRefusedError(f"the path {shown} is refused: {part} belongs to a tool")
        if not _ALLOWED.fullmatch(part) or part != part.strip() or set(part) <= {"."}:
            raise PathRefusedError(f"the path {shown} is refused: {part!r} is not a plain name")
    return "/".join(parts)


def looks_like_path(text: str) -> bool:
    """Whether a word is a file's path and nothing else: `src/x.py`, `../x.py`, `Makefile`."""
    if not text or len(text) > _LONGEST or "://" in text:
        return False
    if text.lower() in _NAMED or text.rpartition("/")[2].lower() in _NAMED:
        return True
    if _LOOKS.fullmatch(text):
        return True
    # Without an extension only what is plainly a place: /etc/passwd, ../../x, .git/config.
    return " " not in text and bool(re.match(r"(?:/|\.{1,2}/|~/|\.git/|[A-Za-z]:[\\/])\S*[\w]$", text))
