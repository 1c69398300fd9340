"""Answers that are data: JSON maps and lists of files."""

from __future__ import annotations

import json
import re

from pydantic import JsonValue

from practicum.plugins.answers.parsed import Collector
from practicum.plugins.answers.paths import looks_like_path

_PATH_KEYS = ("path", "file_path", "filepath", "filename", "file", "name")
_TEXT_KEYS = ("content", "contents", "text", "code", "source", "body")
_LIST_KEYS = ("files", "file_list", "changes", "artifacts", "output")
_LINK_KEYS = ("symlink", "link", "target", "linkTo")


def take_json(text: str, into: Collector) -> bool:
    """Read a JSON text as files. False, and nothing taken, when it is no JSON or holds no files."""
    value = load(text)
    return value is not None and take_value(value, into)


def load(text: str) -> JsonValue:
    """The JSON value; None when it is none."""
    try:
        value: JsonValue = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value


def begins_as_files(text: str) -> bool:
    """Whether a text that is not JSON looks like one that was cut: it begins as a map or list of files does."""
    head = text.lstrip()[:400]
    keys = "|".join((*_LIST_KEYS, *_PATH_KEYS))
    return bool(re.match(rf'^[{{\[]\s*(?:\{{\s*)?"(?:{keys}|[\w./-]+\.\w+)"\s*:', head))


def take_value(value: JsonValue, into: Collector) -> bool:
    """Files of a parsed value: `{"files": ...}`, `{path: text}`, `[{path, content}]`, `{path, content}`."""
    if isinstance(value, list):
        return _take_list(value, into)
    if not isinstance(value, dict):
        return False
    for key in _LIST_KEYS:
        inner = value.get(key)
        if isinstance(inner, list) and inner:
            return _take_list(inner, into)
        if isinstance(inner, dict) and inner:
            return _take_map(inner, into)
    return _take_list([value], into) or _take_map(value, into)


def _take_list(items: list[JsonValue], into: Collector) -> bool:
    found = []
    for item in items:
        if not isinstance(item, dict):
            return False
        path = next((item[key] for key in _PATH_KEYS if isinstance(item.get(key), str)), None)
        linked = any(key in item for key in _LINK_KEYS) or str(item.get("mode", "")).startswith("12")
        text = next((_text(item[key]) for key in _TEXT_KEYS if key in item), "" if linked else None)
        if not isinstance(path, str) or text is None:
            return False
        found.append((path, text, linked))
    for path, text, linked in found:
        into.add(path, text, link=linked)
    return bool(found)


def _take_map(items: dict[str, JsonValue], into: Collector) -> bool:
    found = []
    for path, value in items.items():
        text = _text(value)
        if text is None and isinstance(value, dict):
            linked = any(key in value for key in _LINK_KEYS)
            text = next((_text(value[key]) for key in _TEXT_KEYS if key in value), "" if linked else None)
            if linked and text is not None and looks_like_path(path):
                into.add(path, text, link=True)
                continue
        if text is None or not looks_like_path(path):
            return False
        found.append((path, text))
    for path, text in found:
        into.add(path, text)
    return bool(items)


def _text(value: JsonValue) -> str | None:
    """A text, or a list of lines."""
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\r", "\n")
    if isinstance(value, list) and value and all(isinstance(line, str) for line in value):
        return "\n".join(str(line).rstrip("\n") for line in value)
    return None
