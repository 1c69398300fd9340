"""A scenario file is checked as a whole before anything starts, and each error names file, line and key."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from practicum.errors import InvalidFileError, UsageError
from practicum.scenarios.loader import Loaded, ManyErrors, load_scenario

GOOD = """\
name: small
description: One lead and one developer.
team:
  lead: {role: lead, owns_outcome: true}
  dev:
    role: developer
    temperature: 0.5
world:
  github: {repo: acme/small}
  slack:
    channels: [dev]
  deploy: {}
setup:
  virtual_fs:
    brief.md: ./brief.md
    note.md: Just text.
run:
  - input: Build what brief.md asks for.
    to: lead
  - say: {service: slack, channel: dev, user: ada, text: Hello}
    after: github.issue.opened
limits: {time: 10m, cost: $5}
evaluations:
  - {type: tests_pass, from: main}
  - type: pull_request_merged
    at_least: 1
  - {type: secret_not_leaked}
judgment: {strategy: all_pass}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "brief.md").write_text("Build a teapot.\n")
    path = tmp_path / "scenario.yaml"
    path.write_text(GOOD)
    return path


def edited(file: Path, old: str, new: str) -> int:
    """Change one place; the line on which it stands."""
    text = file.read_text()
    assert text.count(old) == 1, old
    file.write_text(text.replace(old, new))
    return text[: text.index(old)].count("\n") + 1


def errors(file: Path) -> list[InvalidFileError]:
    with pytest.raises(UsageError) as caught:
        load_scenario(file, strict=True)
    if isinstance(caught.value, ManyErrors):
        return caught.value.errors
    assert isinstance(caught.value, InvalidFileError)
    return [caught.value]


def test_a_good_file_loads(file: Path) -> None:
    loaded = load_scenario(file, strict=True)
    assert isinstance(loaded, Loaded)
    assert loaded.scenario.limits.time == 600
    assert loaded.scenario.limits.cost == 5
    assert [evaluator.type for evaluator in loaded.evaluators] == [
        "tests_pass",
        "pull_request_merged",
        "secret_not_leaked",
    ]
    assert loaded.scenario.owner() == "lead"


def test_one_step_may_stand_without_a_list(file: Path) -> None:
    text = file.read_text()
    start, end = text.index("run:"), text.index("limits:")
    file.write_text(f"{text[:start]}run: {{input: Build it.}}\n{text[end:]}")
    assert load_scenario(file).scenario.run[0].input == "Build it."


def test_a_misspelt_service_is_named_as_the_surface_says(file: Path) -> None:
    line = edited(file, "  github: {repo", "  githb: {repo")
    [error] = errors(file)
    assert str(error) == (
        f"{file}:{line}: world.githb: unknown service\n"
        '       did you mean "github"? known: github, slack, discord, deploy, clock'
    )


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        ("limits: {time", "limts: {time", "limts", 'did you mean "limits"'),
        (
            "  lead: {role: lead, owns_outcome",
            "  lead: {role: lead, own_outcome",
            "team.lead.own_outcome",
            'did you mean "owns_outcome"',
        ),
        ("    role: developer", "    rol: developer", "team.dev.rol", 'did you mean "role"'),
        ("    channels: [dev]", "    chanels: [dev]", "world.slack.chanels", 'did you mean "channels"'),
        ("  virtual_fs:", "  virtualfs:", "setup.virtualfs", 'did you mean "virtual_fs"'),
        ("  - input: Build", "  - inputs: Build", "run[0].inputs", 'did you mean "input"'),
        ("    after: github", "    aftr: github", "run[1].aftr", 'did you mean "after"'),
        ("user: ada", "usr: ada", "run[1].say.usr", 'did you mean "user"'),
        ("    at_least: 1", "    atleast: 1", "evaluations[1].atleast", 'did you mean "at_least"'),
        ("from: main", "form: main", "evaluations[0].form", 'did you mean "from"'),
        ("strategy: all_pass", "stratgy: all_pass", "judgment.stratgy", 'did you mean "strategy"'),
        (
            "  - type: pull_request_merged",
            "  - type: pull_requests_merged",
            "evaluations[1].type",
            'did you mean "pull_request_merged"',
        ),
        ("{type: secret_not_leaked}", "{name: nothing}", "evaluations[2].type", "is missing"),
        ("{type: secret_not_leaked}", "{type: [a]}", "evaluations[2].type", "unknown evaluator"),
        ("{type: secret_not_leaked}", "plain", "evaluations[2]", "a mapping is expected"),
        (
            "{type: secret_not_leaked}",
            "{type: regex_match, pattern: '('}",
            "evaluations[2].pattern",
            "not a regular expression",
        ),
        (
            "{type: secret_not_leaked}",
            "{type: release_published, tag: '['}",
            "evaluations[2].tag",
            "not a regular expression",
        ),
        ("{type: secret_not_leaked}", "{type: file_exists, path: ../x}", "evaluations[2].path", "inside the workspace"),
        (
            "{type: secret_not_leaked}",
            "{type: file_exists, path: ../etc/x}",
            "evaluations[2].path",
            "inside the workspace",
        ),
        (
            "{type: secret_not_leaked}",
            "{type: coverage_at_least, percent: 90}",
            "evaluations[2].packages",
            "is missing",
        ),
        (
            "{type: secret_not_leaked}",
            "{type: coverage_at_least, percent: 900, packages: [x]}",
            "evaluations[2].percent",
            "less than or equal to 100",
        ),
        ("    at_least: 1", "    at_least: 0", "evaluations[1].at_least", "greater than or equal to 1, got 0"),
        ("    temperature: 0.5", "    temperature: warm", "team.dev.temperature", "got 'warm'"),
        ("time: 10m", "time: soon", "limits.time", "'soon' is not a time; write such as 90s or 10m"),
        ("time: 10m", "time: .nan", "limits.time", "must have an end"),
        ("time: 10m", f"time: 1{'0' * 400}", "limits.time", "too large"),
        ("time: 10m", "time: 0", "limits.time", "more than nothing"),
        ("cost: $5", "cost: 5 Euro", "limits.cost", "'5 Euro' is not an amount; write such as $5"),
        ("cost: $5", "cost: .inf", "limits.cost", "must have an end"),
        ("cost: $5", "turns: -3", "limits.turns", "greater than 0, got -3"),
        ("name: small", "name: 5", "name", "valid string"),
        ("name: small", 'name: "a\\nb"', "name", "one line of text"),
        ("name: small", "name:", "name", "valid string"),
        ("  dev:", "  7:", "team.7", "put it in quotes"),
        ("  dev:", "  'd e':", "team.d e", "letters, digits"),
        ("repo: acme/small", "repo: small", "world.github.repo", "should match pattern"),
        ("repo: acme/small", "mode: simulated", "world.github.repo", "is missing"),
        ("repo: acme/small", "repo: acme/small, mode: real", "world.github.mode", "'simulated', 'live' or 'recorded'"),
        ("    to: lead", "    to: boss", "run[0].to", "there is no agent 'boss', there are: lead, dev"),
        ("channel: dev,", "channel: dve,", "run[1].say", "no channel 'dve'"),
        ("strategy: all_pass", "strategy: most", "judgment.strategy", "'weighted' or 'threshold'"),
        ("./brief.md", "./breif.md", "setup.virtual_fs.brief.md", "no such file"),
        ("./brief.md", "./../secret", "setup.virtual_fs.brief.md", "outside the scenario's folder"),
        ("./brief.md", "./", "setup.virtual_fs.brief.md", "outside the scenario's folder"),
        ("./brief.md", '"./a\\0b"', "setup.virtual_fs.brief.md", "cannot be read"),
        ("./brief.md", f"./{'x' * 400}", "setup.virtual_fs.brief.md", "cannot be read"),
        ("repo: acme/small", "repo: acme/small, files: {a: ./none}", "world.github.files.a", "no such file"),
        ("description: One", "name: again\ndescription: One", "name", "stands here twice"),
        ("    role: developer", "    role: qa\n    role: developer", "team.dev.role", "stands here twice"),
        (
            "  - type: pull_request_merged",
            "  - type: pull_request_merged\n    type: x",
            "evaluations[1].type",
            "stands here twice",
        ),
    ],
)
def test_what_is_wrong_is_named_with_file_line_and_key(file: Path, old: str, new: str, key: str, says: str) -> None:
    line = edited(file, old, new)
    found = errors(file)
    error = next((error for error in found if error.key == key), None)
    assert error is not None, [str(error) for error in found]
    assert error.path == str(file)
    where = file.read_text().splitlines()
    assert line <= error.line <= line + 1, (line, error.line)  # the second line where the new text has two
    assert key.rpartition(".")[2].partition("[")[0] in where[error.line - 1] or error.line == line
    assert says in str(error)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("team: [\n", 2, "not YAML"),
        ("name: x\n\tteam: y\n", 2, "not YAML"),
        ("a: b: c\n", 1, "not YAML: mapping values are not allowed here"),
        ("name: x\nteam: \x07\n", 2, "not YAML: the character '\\x07' is not allowed"),
        ("name: !!bool perhaps\n", 1, "does not fit its tag"),
        ("name: !!timestamp never\n", 1, "does not fit its tag"),
        ("name: !!python/object/apply:os.system [id]\n", 1, "could not determine a constructor"),
        ("name: *nowhere\n", 1, "undefined alias"),
        ("? [1]\n: 2\n", 1, "unhashable"),
        ("a: &a [*a]\n", 1, "nested too deeply, or holding itself"),
        (f"a: {'[' * 500}\n", 1, "nested too deeply"),
        ("---\na: 1\n---\nb: 2\n", 3, "not YAML: expected a single document in the stream, but found another document"),
        ("", 1, "not a scenario"),
        ("- a\n- b\n", 1, "not a scenario"),
        ("just words\n", 1, "not a scenario"),
    ],
)
def test_what_is_no_scenario_is_said_with_its_line(file: Path, text: str, line: int, says: str) -> None:
    file.write_text(text)
    [error] = errors(file)
    assert str(error).startswith(f"{file}:{line}: ")
    assert says in str(error)


def test_aliases_of_aliases_do_not_grow_without_end(file: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    file.write_text("\n".join(lines))
    [error] = errors(file)
    assert "more than 20000 keys" in str(error)


def test_bytes_that_are_no_text_are_refused(file: Path) -> None:
    file.write_bytes(b"name: \xff\xfe\n")
    with pytest.raises(UsageError, match=r"scenario\.yaml: cannot be read: 'utf-8'"):
        load_scenario(file, strict=True)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.yaml: no such file"):
        load_scenario(tmp_path / "none.yaml")
    with pytest.raises(UsageError, match="cannot be read"):
        load_scenario(tmp_path)


def test_a_link_out_of_the_folder_is_not_followed(file: Path) -> None:
    outside = file.parent.parent / f"{file.parent.name}-outside.md"
    outside.write_text("secret")
    (file.parent / "brief.md").unlink()
    (file.parent / "brief.md").symlink_to(outside)
    [error] = errors(file)
    assert "outside the scenario's folder" in str(error)


def test_a_workspace_takes_any_file_and_a_repository_s_first_commit_only_text(file: Path) -> None:
    (file.parent / "picture.png").write_bytes(b"\xff\xff")
    edited(file, "    brief.md: ./brief.md", "    brief.md: ./picture.png")
    assert load_scenario(file).scenario.setup.virtual_fs
    edited(file, "github: {repo: acme/small}", "github: {repo: acme/small, files: {p.png: ./picture.png}}")
    assert "cannot be read" in str(errors(file)[0])


def test_a_link_to_itself_is_refused(file: Path) -> None:
    (file.parent / "brief.md").unlink()
    os.symlink("brief.md", file.parent / "brief.md")
    assert errors(file)[0].key == "setup.virtual_fs.brief.md"


def test_all_that_is_wrong_is_said_at_once(file: Path) -> None:
    edited(file, "  github: {repo", "  githb: {repo")
    edited(file, "limits: {time: 10m", "limits: {time: soon")
    edited(file, "    role: developer", "    rol: developer")
    assert {error.key for error in errors(file)} == {"world.githb", "limits.time", "team.dev.rol", "team.dev.role"}


def test_all_evaluators_and_files_are_looked_at_before_the_first_is_complained_of(file: Path) -> None:
    edited(file, "from: main", "form: main")
    edited(file, "type: secret_not_leaked", "type: secret_not_leakd")
    edited(file, "./brief.md", "./none.md")
    keys = [error.key for error in errors(file)]
    assert keys == ["setup.virtual_fs.brief.md", "evaluations[0].form", "evaluations[2].type"]
    with pytest.raises(ManyErrors) as caught:
        load_scenario(file, strict=True)
    assert str(caught.value).count(f"{file}:") == 3


def test_a_second_owner_is_named(file: Path) -> None:
    edited(file, "    temperature: 0.5", "    owns_outcome: true")
    [error] = errors(file)
    assert str(error) == f"{file}:5: team.dev: only one may own the outcome, here do lead, dev"


def test_a_long_wrong_value_is_cut(file: Path) -> None:
    edited(file, "time: 10m", f"time: 10m, turns: {'x' * 5000}")
    [error] = errors(file)
    assert len(str(error)) < 400


def test_a_team_that_is_not_there_is_told_with_those_that_are(file: Path) -> None:
    (file.parent / "teams").mkdir()
    for name in ("oracle", "idle", "_shared"):
        (file.parent / "teams" / f"{name}.py").touch()
    loaded = load_scenario(file, strict=True)
    assert loaded.teams() == ["idle", "oracle"]
    assert loaded.team_file("oracle").name == "oracle.py"
    with pytest.raises(UsageError, match='did you mean "oracle"'):
        loaded.team_file("oracel")


def test_an_unknown_key_is_a_note_with_the_nearest_known_one_and_an_error_for_who_is_strict(file: Path) -> None:
    line = edited(file, "limits: {time", "limts: {time")
    [note] = load_scenario(file).notes
    assert (note.kind, note.line, note.key) == ("unknown", line, "limts")
    assert "no effect" in note.message
    assert 'did you mean "limits"' in note.hint


def test_unknown_keys_of_evaluators_and_inside_steps_are_notes_too(file: Path) -> None:
    edited(file, "    at_least: 1", "    at_last: 1")
    edited(file, "    to: lead", "    to: lead\n    priority: high")
    notes = {note.key: note.hint for note in load_scenario(file).notes}
    assert set(notes) == {"run[0].priority", "evaluations[1].at_last"}
    assert 'did you mean "at_least"' in notes["evaluations[1].at_last"]


def test_keys_that_differ_only_in_how_words_are_joined_are_read_and_that_is_said(file: Path) -> None:
    edited(file, "  virtual_fs:", "  virtualFs:")
    loaded = load_scenario(file)
    assert "brief.md" in loaded.scenario.setup.virtual_fs
    [note] = loaded.notes
    assert (note.kind, note.key, note.message) == ("reading", "setup.virtualFs", "is read as virtual_fs")


def test_an_unknown_service_is_always_an_error(file: Path) -> None:
    edited(file, "  github: {repo", "  githb: {repo")
    with pytest.raises(ManyErrors):
        load_scenario(file)


def test_an_unknown_key_is_told_with_what_is_missing_because_of_it(file: Path) -> None:
    edited(file, "  - input: Build", "  - inputs: Build")
    with pytest.raises(ManyErrors) as caught:
        load_scenario(file)
    said = str(caught.value)
    assert "run[0]: a step needs one of input, code or say" in said
    assert 'did you mean "input"' in said
