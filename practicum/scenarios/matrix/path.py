"""Key paths as they are written: `run[0].input`, `team.dev-1.model`, `setup.virtual_fs["src/app.py"]`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from practicum.scenarios.lines import Keys

_PART = re.compile(
    r"""(?P<dot>\.)?(?P<name>[^.\[\]"'\s][^.\[\]"']*)
    | \[\s*(?P<number>\d{1,9})\s*\]
    | \[\s*(?P<quoted>"[^"]*"|'[^']*')\s*\]""",
    re.VERBOSE,
)


def parse_path(text: str) -> Keys:
    """The keys of a path. A number after a dot stays a word: only the value it leads into can tell what it is.

    Raises:
        ValueError: it is no path, with the place where it stops being one.
    """
    keys: Keys = ()
    at, text = 0, text.strip()
    while at < len(text):
        found = _PART.match(text, at)
        if found is None or (found["name"] and bool(found["dot"]) != bool(keys)):
            raise ValueError(f"{text!r} is not a path: {text[at:]!r} cannot follow; write such as run[0].input")
        if found["name"]:
            keys += (found["name"].rstrip(),)
        elif found["number"]:
            keys += (int(found["number"]),)
        else:
            keys += (found["quoted"][1:-1],)
        at = found.end()
    if not keys or isinstance(keys[0], int):
        raise ValueError(f"{text!r} is not a path: it begins with a key; write such as run[0].input")
    return keys


def written(keys: Keys) -> str:
    """A path as `parse_path` reads it."""
    text = ""
    for key in keys:
        if isinstance(key, int):
            text += f"[{key}]"
        elif not key or re.search(r"[.\[\]\"']|^\s|\s$", key):
            quote = "'" if '"' in key else '"'
            text += f"[{quote}{key}{quote}]"
        else:
            text += f".{key}" if text else key
    return text


def short_paths(paths: Iterable[str]) -> dict[str, str]:
    """Each path to the end of it that no other one has: `input` for `run[0].input` where no other input varies."""
    keys = {path: _keys(path) for path in paths}
    found = {}
    for path, own in keys.items():
        others = [other for name, other in keys.items() if name != path]
        for length in range(1, len(own) + 1):
            end = own[-length:]
            if not isinstance(end[0], int) and all(other[-length:] != end for other in others):
                found[path] = str(end[0]) if length == 1 else written(end)
                break
        else:
            found[path] = path
    return found


def _keys(path: str) -> Keys:
    try:
        return parse_path(path)
    except ValueError:
        return (path,)
