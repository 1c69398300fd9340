"""Languages of code steps."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from practicum.errors import UsageError
from practicum.scenarios.environments import LANGUAGES, check_lang
from practicum.scenarios.environments.languages import ALIASES, command_line, language
from practicum.scenarios.environments.programs import _known

HELLO = {
    "bash": "echo hello $((40 + 2))",
    "sh": "echo hello $((40 + 2))",
    "zsh": "echo hello $((40 + 2))",
    "fish": "echo hello (math 40 + 2)",
    "python": "print('hello', 40 + 2)",
    "javascript": "console.log('hello', 40 + 2)",
    "typescript": "const n: number = 40; console.log('hello', n + 2)",
    "ruby": "puts 'hello ' + (40 + 2).to_s",
    "perl": "print 'hello ', 40 + 2, \"\\n\"",
    "php": "<?php echo 'hello ', 40 + 2, \"\\n\";",
    "lua": "print('hello ' .. (40 + 2))",
    "r": "cat('hello', 40 + 2, '\\n')",
    "julia": 'println("hello ", 40 + 2)',
}


def test_every_language_has_an_example() -> None:
    assert HELLO.keys() == LANGUAGES.keys()


@pytest.mark.sandbox
@pytest.mark.parametrize("name", LANGUAGES)
async def test_each_language_that_is_here_runs_and_others_name_the_line_that_installs_them(opened, name: str) -> None:
    workspace = await opened("local")
    try:
        done = await workspace.run_code(name, HELLO[name], 30)
    except UsageError as error:
        missing = error
    else:
        assert (done.stdout.strip(), done.exit_code, done.created) == ("hello 42", 0, ()), done.stderr
        return
    assert name == "typescript" or not any(shutil.which(program) for program in LANGUAGES[name].programs)
    assert missing.hint == LANGUAGES[name].install


def test_names_are_what_people_write() -> None:
    for alias, name in ALIASES.items():
        assert language(alias) is LANGUAGES[name]
        assert check_lang(alias) is None
    assert language(" Python ") is LANGUAGES["python"]
    assert check_lang("pyhton") == check_lang("pyhton") is not None
    assert 'did you mean "python"?' in str(check_lang("pyhton"))
    assert "known: bash" in str(check_lang("cobol"))
    assert "did you mean" not in str(check_lang("cobol"))


def test_javascript_is_a_module_where_it_imports_one() -> None:
    node = LANGUAGES["javascript"]
    assert "--input-type=module" in command_line(node, "node", "/step/x.js", "import fs from 'fs'")
    assert "--input-type=module" in command_line(node, "node", "/step/x.js", "1", "mjs")
    assert command_line(node, "node", "/step/x.js", "const important = 1")[1:] == ["--eval=const important = 1"]
    assert command_line(node, "node", "/step/x.js", "//" + "x" * 200_000) == ["node", "/step/x.js"]


@pytest.mark.sandbox
@pytest.mark.parametrize("environment", ["local", "sandbox"])
async def test_what_cannot_run_is_said_at_the_start(
    opened, environment: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    _known.clear()
    with pytest.raises(UsageError, match=f"environment {environment}: julia needs julia, which is not there") as raised:
        await opened(environment, languages=["bash", "julia"])
    assert raised.value.hint
    with pytest.raises(UsageError, match="unknown language 'phyton'") as unknown:
        await opened(environment, languages=["phyton"])
    assert 'did you mean "python"?' in unknown.value.hint
    await opened(environment, languages=["bash", "python", "js"])


@pytest.mark.sandbox
async def test_an_interpreter_of_ones_own_path_runs_in_local(
    opened, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    julia = tmp_path / "julia"
    julia.write_text('#!/bin/sh\nshift\necho it is $(cat "$1")\n')
    julia.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    _known.clear()
    try:
        workspace = await opened("local")
        assert (await workspace.run_code("julia", "mine", 20)).stdout == "it is mine\n"
    finally:
        _known.clear()
