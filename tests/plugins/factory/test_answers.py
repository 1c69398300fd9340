"""Every form in which models write files, as a table; what is refused; and that nothing makes the parser raise."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from practicum.plugins.answers import parse

BODY = "value = 1\n"
FENCED = "```python\nvalue = 1\n```"
X = {"src/x.py": BODY}

SHAPES: dict[str, tuple[str, dict[str, str]]] = {
    "path alone above": (f"src/x.py\n{FENCED}", X),
    "path in bold": (f"**src/x.py**\n{FENCED}", X),
    "path in bold and backticks": (f"**`src/x.py`**\n{FENCED}", X),
    "path in backticks with a colon": (f"`src/x.py`:\n{FENCED}", X),
    "heading": (f"### src/x.py\n{FENCED}", X),
    "heading with File": (f"### File: src/x.py\n\n{FENCED}", X),
    "heading with backticks": (f"## `src/x.py`\n\n{FENCED}", X),
    "File: above": (f"File: src/x.py\n{FENCED}", X),
    "Filename: in bold": (f"**Filename:** `src/x.py`\n{FENCED}", X),
    "bold label around all": (f"**File: src/x.py**\n{FENCED}", X),
    "numbered": (f"1. `src/x.py`\n{FENCED}", X),
    "numbered heading": (f"### 2. src/x.py\n{FENCED}", X),
    "list item": (f"- src/x.py:\n{FENCED}", X),
    "heading with remark": (f"### `src/x.py` (new)\n{FENCED}", X),
    "heading with dash": (f"### src/x.py - the actions\n{FENCED}", X),
    "sentence": (f"Create the file `src/x.py` with this content:\n\n{FENCED}", X),
    "starts with ./": (f"./src/x.py\n{FENCED}", X),
    "backslashes": (f"src\\x.py\n{FENCED}", X),
    "info path=": ("```python path=src/x.py\nvalue = 1\n```", X),
    "info title": ('```python title="src/x.py"\nvalue = 1\n```', X),
    "info filename in braces": ('```{.python filename="src/x.py"}\nvalue = 1\n```', X),
    "info colon": ("```python:src/x.py\nvalue = 1\n```", X),
    "info is the path": ("```src/x.py\nvalue = 1\n```", X),
    "info language and path": ("```python src/x.py\nvalue = 1\n```", X),
    "info before above": ("tests/y.py\n```python path=src/x.py\nvalue = 1\n```", X),
    "hash comment": ("```python\n# src/x.py\nvalue = 1\n```", X),
    "hash comment with File": ("```python\n# File: src/x.py\nvalue = 1\n```", X),
    "slash comment": ("```ts\n// src/x.ts\nconst a = 1;\n```", {"src/x.ts": "const a = 1;\n"}),
    "block comment": ("```ts\n/* src/x.ts */\nconst a = 1;\n```", {"src/x.ts": "const a = 1;\n"}),
    "html comment": ("```markdown\n<!-- docs/x.md -->\n# Title\n```", {"docs/x.md": "# Title\n"}),
    "docstring": ('```python\n"""src/x.py"""\nvalue = 1\n```', {"src/x.py": '"""src/x.py"""\nvalue = 1\n'}),
    "comment below shebang": (
        "```python\n#!/usr/bin/env python3\n# src/x.py\nvalue = 1\n```",
        {"src/x.py": "#!/usr/bin/env python3\nvalue = 1\n"},
    ),
    "json map": (json.dumps({"files": {"src/x.py": BODY}}), X),
    "json list": (json.dumps([{"path": "src/x.py", "content": BODY}]), X),
    "json list under files": (json.dumps({"files": [{"filename": "src/x.py", "code": BODY}]}), X),
    "json bare map": (json.dumps({"src/x.py": BODY}), X),
    "json lines": (json.dumps({"files": {"src/x.py": ["value = 1"]}}), X),
    "json with nested objects": (json.dumps({"files": {"src/x.py": {"content": BODY}}}), X),
    "json fenced": (f"Here it is:\n\n```json\n{json.dumps({'files': {'src/x.py': BODY}})}\n```\nDone.", X),
    "json with prose after": (json.dumps({"files": {"src/x.py": BODY}}) + "\n\nThat is all.", X),
    "tag": (f'<file path="src/x.py">\n{BODY}</file>', X),
    "tag on one line": ('<file path="src/x.py">value = 1</file>', X),
    "tag with a fence inside": (f'<file name="src/x.py">\n{FENCED}\n</file>', X),
    "tag with cdata": (f"<file path='src/x.py'><![CDATA[\n{BODY}]]></file>", X),
    "tags in a fence": (f'```xml\n<files>\n<file path="src/x.py">\n{BODY}</file>\n</files>\n```', X),
    "empty tag": ('<file path="src/py.typed"/>\n', {"src/py.typed": ""}),
    "tildes": ("src/x.py\n~~~python\nvalue = 1\n~~~", X),
    "four backticks around three": (
        "README.md\n````markdown\n# T\n\n```bash\nls\n```\n````",
        {"README.md": "# T\n\n```bash\nls\n```\n"},
    ),
    "tildes around backticks": (
        "README.md\n~~~markdown\n# T\n```bash\nls\n```\n~~~",
        {"README.md": "# T\n```bash\nls\n```\n"},
    ),
    "three around three with language": (
        "README.md\n```markdown\n# T\n\n```bash\nls\n```\n\nEnd.\n```\n\n" + f"src/x.py\n{FENCED}",
        {"README.md": "# T\n\n```bash\nls\n```\n\nEnd.\n", **X},
    ),
    "three around bare three": (
        "README.md\n```md\n# T\n\n```\nls\n```\n\nEnd.\n```\n",
        {"README.md": "# T\n\n```\nls\n```\n\nEnd.\n"},
    ),
    "fence in a docstring": (
        'src/x.py\n```python\n"""Use:\n\n```python\nx()\n```\n"""\nvalue = 1\n```',
        {"src/x.py": '"""Use:\n\n```python\nx()\n```\n"""\nvalue = 1\n'},
    ),
    "crlf": (f"src/x.py\n{FENCED}".replace("\n", "\r\n"), X),
    "bom": (f"\ufeffsrc/x.py\n{FENCED}", X),
    "indented in a list": ("1. src/x.py\n\n   ```python\n   if 1:\n       x\n   ```", {"src/x.py": "if 1:\n    x\n"}),
    "prose between": (
        f"First the code.\n\nsrc/x.py\n{FENCED}\n\nNow its test:\n\n`tests/test_x.py`\n```python\nassert 1\n```\nBye.",
        {**X, "tests/test_x.py": "assert 1\n"},
    ),
    "shell block is no file": (f"src/x.py\n{FENCED}\n\nRun `tests/test_x.py`:\n```bash\npytest\n```", X),
    "identical twice": (f"src/x.py\n{FENCED}\n\nsrc/x.py\n{FENCED}", X),
    "init and py.typed may be empty": (
        "src/p/__init__.py\n```python\n```\nsrc/p/py.typed\n```\n```",
        {"src/p/__init__.py": "", "src/p/py.typed": ""},
    ),
    "dunder name in bold": ("**src/p/__init__.py**\n```python\nvalue = 1\n```", {"src/p/__init__.py": BODY}),
    "makefile": ("Makefile\n```make\nall:\n```", {"Makefile": "all:\n"}),
    "package.json above json": ('package.json\n```json\n{"name": "x"}\n```', {"package.json": '{"name": "x"}\n'}),
}


def test_there_are_at_least_forty_shapes() -> None:
    assert len(SHAPES) >= 40


@pytest.mark.parametrize("shape", SHAPES)
def test_files_are_found(shape: str) -> None:
    text, wanted = SHAPES[shape]
    found = parse(text)
    assert found.problems == []
    assert not found.truncated
    assert found.files == wanted
    assert found.usable


REFUSED = {
    "up": f"../x.py\n{FENCED}",
    "up in the middle": f"src/../../x.py\n{FENCED}",
    "up with backslashes": f"```python path=..\\..\\x.py\n{BODY}```",
    "absolute": f"/etc/cron.d/x.py\n{FENCED}",
    "absolute without extension": f"**/etc/passwd**\n{FENCED}",
    "home": f"~/x.py\n{FENCED}",
    "drive": f"```python path=C:\\x.py\n{BODY}```",
    "drive above": f"File: C:/x.py\n{FENCED}",
    "git hook": f"```sh path=.git/hooks/pre-commit\n{BODY}```",
    "git in the middle": f"File: src/.GIT/config\n{FENCED}",
    "cache": f"File: .cache/x.py\n{FENCED}",
    "nul in the path": json.dumps({"files": {"src/x\0.py": BODY}, "a": 1}),
    "nul in the text": json.dumps({"files": {"src/x.py": "a\0b"}}),
    "json up": json.dumps({"files": [{"path": "../../x.py", "content": BODY}]}),
    "json absolute": json.dumps([{"path": "/root/.bashrc", "content": BODY}]),
    "symbolic link": json.dumps([{"path": "src/x.py", "symlink": "/etc/passwd"}]),
    "link by mode": json.dumps([{"path": "src/x.py", "mode": "120000", "content": "/etc/passwd"}]),
    "arrow": f"File: src/x.py->/etc/passwd\n{FENCED}",
    "tag up": f'<file path="../x.py">\n{BODY}</file>',
    "file url": f"```python path=file:///x.py\n{BODY}```",
    "half a surrogate": '{"files": {"src/x.py": "\\ud800"}}',
    "direction marks": f"```python path=src/\u202ex.py\n{BODY}```",
    "folder": json.dumps([{"path": "src/", "content": BODY}]),
    "too deep": f"File: {'a/' * 30}x.py\n{FENCED}",
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_leaves_the_folder_is_refused(case: str) -> None:
    found = parse(REFUSED[case])
    assert found.files == {}
    assert len(found.problems) == 1
    assert "\0" not in found.problems[0]
    assert "\u202e" not in found.problems[0]


TRUNCATED = {
    "no closing fence": f"src/x.py\n```python\n{BODY}def f(",
    "second file cut": f"src/x.py\n{FENCED}\n\nsrc/y.py\n```python\nvalue",
    "first fence never closed": f"src/x.py\n```python\n{BODY}\nsrc/y.py\n{FENCED}",
    "json cut": '{"files": {"src/x.py": "value = 1\\nval',
    "json list cut": '[{"path": "src/x.py", "content": "val',
    "tag cut": f'<file path="src/x.py">\n{BODY}',
}


@pytest.mark.parametrize("case", TRUNCATED)
def test_an_answer_that_breaks_off_is_told(case: str) -> None:
    found = parse(TRUNCATED[case])
    assert found.truncated
    assert not found.usable
    assert any("breaks off" in problem for problem in found.problems)


def test_files_before_the_break_are_kept() -> None:
    assert parse(TRUNCATED["second file cut"]).files == X


@pytest.mark.parametrize(
    "text",
    [
        "diff --git a/src/x.py b/src/x.py\n--- a/src/x.py\n+++ b/src/x.py\n@@ -1 +1 @@\n-a\n+b\n",
        "```diff\n--- a/src/x.py\n+++ b/src/x.py\n@@ -1 +1 @@\n-a\n+b\n```",
        "src/x.py\n```\n--- a/src/x.py\n+++ b/src/x.py\n@@ -1 +1 @@\n-a\n+b\n```",
    ],
)
def test_a_diff_is_refused_with_the_reason(text: str) -> None:
    found = parse(text)
    assert found.files == {}
    assert "whole" in found.problems[0]


def test_different_contents_for_one_file_are_a_problem() -> None:
    found = parse(f"src/x.py\n{FENCED}\n\nsrc/x.py\n```python\nvalue = 2\n```")
    assert "twice" in found.problems[0]
    assert not found.usable


def test_an_empty_file_is_a_problem() -> None:
    assert "src/x.py is empty" in parse("src/x.py\n```python\n```").problems


def test_a_file_cannot_be_a_folder_too() -> None:
    assert "folder" in parse(f"src/x.py\n{FENCED}\n\nsrc/x.py/y.py\n{FENCED}").problems[0]


@pytest.mark.parametrize("line", ["# ... rest of the code unchanged", "# existing code here", "// (rest of the file)"])
def test_a_comment_that_stands_for_code_is_a_problem(line: str) -> None:
    assert "whole file" in parse(f"src/x.py\n```python\n{line}\n```").problems[0]


def test_code_without_a_path_is_told_only_when_nothing_else_came() -> None:
    assert "without a path" in parse(FENCED).problems[0]
    beside = parse(f"src/x.py\n{FENCED}\n\nUse it so. Like this\n\n\n{FENCED}")
    assert beside.usable
    assert beside.ignored == ["python"]


def test_prose_alone_is_no_answer() -> None:
    assert parse("I am sorry, I cannot do that.").problems
    assert parse("").problems


_PIECES = st.sampled_from(
    [
        *("```", "````", "~~~", "```python", "```json", "```json path=../x", "--- a", "+++ b", "text:", "**", "  "),
        *("src/x.py", "../x", "/etc/x.y", "# x.py", "<file path='x.py'>", "</file>", "{", "}", '{"files":', "["),
        *("\0", "\r", "\ufeff", "\ud800"),
    ]
)


@given(st.lists(st.one_of(_PIECES, st.text(max_size=12)), max_size=30).flatmap(
    lambda parts: st.sampled_from(["\n", "\r\n", " ", ""]).map(lambda glue: glue.join(parts))
))  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_it_never_raises_and_never_leaves_the_folder(text: str) -> None:
    found = parse(text)
    for path, content in found.files.items():
        assert not path.startswith(("/", "~", ".")) or path.startswith(".g")
        assert ".." not in path.split("/")
        content.encode()
        assert "\0" not in content
    assert found.files or found.problems


def test_deep_and_long_texts_are_read_in_reasonable_time() -> None:
    assert parse("[" * 100_000).problems
    assert parse('{"a":' * 50_000).problems
    parse("```a\n" * 20_000)
    parse("```\n" * 20_001)
