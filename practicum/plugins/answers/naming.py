"""Which file a block is: from its info string, the line above it, or its first comment."""

from __future__ import annotations

import re

from practicum.plugins.answers.paths import looks_like_path

_KEYED = re.compile(
    r"""(?:^|[\s{,])(?:path|file|filename|file_path|filepath|title|name)\s*[=:]\s*(?:"([^"]*)"|'([^']*)'|([^\s"'},]+))""",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"[*_`#>]+")
_LABEL = re.compile(
    r"^(?:(?:new|updated?|modified|create|add|edit|save(?:\s+as)?)\s+)?(?:the\s+)?"
    r"(?:file\s*(?:name|path)?|path|filename|filepath)\s*(?:\d+\s*)?[:=]\s*|^(?:create|update|add|edit|save\s+as)\s*:\s*",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"^(?:[-+*]\s+|\(?\d+[.)]\s+|\[\d+\]\s*)")
_TICKED = re.compile(r"`([^`\n]+)`")
_AFTER = re.compile(r"\s*(?:[:：]|\s[-–—]\s.*|\s\(.*\))\s*$")

_SHELL = frozenset({"bash", "sh", "shell", "console", "zsh", "powershell", "cmd", "terminal", "shellsession", "bat"})

_LANGUAGES: dict[str, tuple[str, ...]] = {
    "python": ("py", "pyi"), "py": ("py", "pyi"), "python3": ("py", "pyi"), "typescript": ("ts", "tsx", "mts"),
    "ts": ("ts", "mts"), "tsx": ("tsx",), "javascript": ("js", "mjs", "cjs", "jsx"), "js": ("js", "mjs", "cjs"),
    "json": ("json",), "jsonc": ("json",), "toml": ("toml",), "yaml": ("yaml", "yml"), "yml": ("yaml", "yml"),
    "markdown": ("md", "mdx"), "md": ("md", "mdx"), "html": ("html",), "css": ("css",), "ini": ("ini", "cfg"),
}  # fmt: skip

_COMMENTS = (
    re.compile(r"^\s*(?:\#|//|--|;|%)+\s*(?P<path>\S.*?)\s*$"),
    re.compile(r"^\s*/\*+\s*(?P<path>\S.*?)\s*\*/\s*$"),
    re.compile(r"^\s*<!--\s*(?P<path>\S.*?)\s*-->\s*$"),
)
_DOCSTRING = re.compile(r"^\s*(?:\"\"\"|''')\s*(?P<path>[^\s\"']+)\s*(?:\"\"\"|''')?\s*$")


def language_of(info: str) -> str:
    """The language of an info string, in lower case; empty when there is none."""
    word = re.split(r"[\s{:,=]", info.strip().lstrip("{."), maxsplit=1)[0]
    return "" if looks_like_path(word) else word.lower()


def from_info(info: str) -> str:
    """`python path=x.py`, `python:x.py`, `x.py`, `python title="x.py"`, `python x.py`, `{.python file="x.py"}`."""
    info = info.strip()
    keyed = _KEYED.search(info)
    if keyed:
        return next(part for part in keyed.groups() if part is not None)
    words = info.strip("{}").split()
    if not words:
        return ""
    head, colon, tail = words[0].partition(":")
    if colon and len(head) > 1 and tail and not tail.startswith(("//",)) and re.fullmatch(r"[\w+#-]+", head):
        return tail
    if looks_like_path(words[0]) and words[0].lower() not in _LANGUAGES:
        return words[0]
    if len(words) > 1 and looks_like_path(words[1].strip("()[]\"'")):
        return words[1].strip("()[]\"'")
    return ""


def from_line(line: str, language: str) -> str:
    """The path that the line above a fence gives: alone, marked up, behind `File:`, or as its only `word`."""
    bare: str = _NUMBER.sub("", _bare(_NUMBER.sub("", line.strip())))
    labelled = _LABEL.sub("", bare, count=1)
    whole = labelled.strip().strip("\"'").rstrip(":").strip()
    if labelled != bare and whole:
        first = _AFTER.sub("", labelled).strip().strip("\"'")
        return next((one for one in (whole, first) if looks_like_path(one)), "" if " " in whole else whole)
    if looks_like_path(whole):
        return whole
    first = _AFTER.sub("", bare).strip().rstrip(":").strip("\"'").strip()
    if looks_like_path(first):
        return first
    ticked = [one.strip() for one in _TICKED.findall(line) if looks_like_path(one.strip())]
    if len(set(ticked)) == 1 and fits(language, ticked[0]):
        return str(ticked[0])
    return ""


def is_header(line: str) -> bool:
    """Whether a line does nothing but name a file, whatever follows."""
    text = line.strip()
    return bool(text) and len(text) < 200 and bool(from_line(text, "-"))


def from_comment(text: str) -> tuple[str, str]:
    """The path in the first comment and the text without it; a docstring stays where it is. Two empty ones if none."""
    lines = text.split("\n")
    at = 1 if lines and lines[0].startswith("#!") and len(lines) > 1 else 0
    while at < len(lines) - 1 and not lines[at].strip():
        at += 1
    line = lines[at] if at < len(lines) else ""
    for pattern in _COMMENTS:
        found = pattern.match(line)
        if found:
            path = _LABEL.sub("", found["path"].strip("`*"), count=1).strip().strip("`\"'")
            path = path if looks_like_path(path) else _AFTER.sub("", path)
            if looks_like_path(path):
                return path, "\n".join([*lines[:at], *lines[at + 1 :]]).removeprefix("\n")
    found = _DOCSTRING.match(line)
    if found and looks_like_path(found["path"]):
        return found["path"], text
    return "", ""


def fits(language: str, path: str) -> bool:
    """Whether a block in that language may be this file; unknown languages are nobody's."""
    if language in _SHELL:
        return path.endswith((".sh", ".bash"))
    wanted = _LANGUAGES.get(language)
    return not language or (wanted is not None and path.rpartition(".")[2].lower() in wanted)


def _bare(text: str) -> str:
    """Without markup, but with the `__` of `__init__.py`."""
    ticked = _TICKED.search(text)
    if ticked and looks_like_path(ticked[1].strip()):
        before, after = text[: ticked.start()], text[ticked.end() :]
        return f"{re.sub(r'[*#>]+|__', '', before)}{ticked[1].strip()}{re.sub(r'[*#>]+|__', '', after)}".strip()
    text = re.sub(r"^[#>\s]+", "", text)
    text = re.sub(r"\*+|`+", "", text).strip()
    if text.startswith("__") and text.rstrip(":").endswith("__"):
        text = text.rstrip(":")[2:-2]
    return text.strip()
