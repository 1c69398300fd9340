"""Older forms of a scenario file are read as what they mean, each with a note at its own line."""

from __future__ import annotations

from pathlib import Path

import pytest

from practicum.errors import UsageError
from practicum.scenarios.loader import Loaded, ManyErrors, load_scenario

HEAD = "name: older\ndescription: From elsewhere.\nenvironment: {type: local}\njudgment: {strategy: all_pass}\n"
STEP = "run:\n  - input: Hello\n    evaluations: [{type: string_contains, value: teapot}]\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "older.scenario.yaml"


def loaded(file: Path, text: str) -> Loaded:
    file.write_text(text)
    return load_scenario(file)


def readings(found: Loaded) -> list[tuple[int, str, str]]:
    """Line, key and what is said."""
    return [(note.line, note.key, note.message) for note in found.notes if note.kind == "reading"]


def errors(file: Path, text: str) -> list[tuple[int, str]]:
    with pytest.raises(ManyErrors) as caught:
        loaded(file, text)
    return [(error.line, error.key) for error in caught.value.errors]


def test_an_error_in_a_step_without_a_list_has_its_own_line(file: Path) -> None:
    text = f"{HEAD}run:\n  input: Hello\n  evaluations:\n    - type: file_exists\n    - type: strng_contains\n"
    assert errors(file, text) == [(8, "run[0].evaluations[0].path"), (9, "run[0].evaluations[1].type")]


@pytest.mark.parametrize(
    ("given", "read"), [("gpt-4-turbo", "openai/gpt-4-turbo"), ("claude-3-opus", "anthropic/claude-3-opus")]
)
def test_a_model_without_its_vendor_is_read_as_its_vendor_s(file: Path, given: str, read: str) -> None:
    found = loaded(file, f"{HEAD}character:\n  name: Ada\n  llm:\n    model: {given}\n{STEP}")
    assert found.scenario.character is not None
    assert found.scenario.character.model == read
    assert (8, "character.model", f"{given} is read as {read}") in readings(found)
    talk = f"{HEAD}run:\n  - input: Hi\n    conversation:\n      user_simulator: {{model: {given}}}\n"
    step = loaded(file, talk).scenario.run[0]
    assert step.conversation is not None
    assert step.conversation.user_simulator.model == read


def test_a_model_of_no_vendor_that_can_be_asked_chooses_none_and_that_is_said(file: Path) -> None:
    found = loaded(file, f"{HEAD}character:\n  llm: {{model: llama-3}}\n{STEP}")
    assert found.scenario.members()["agent"].model == ""
    said = "'llama-3' names no vendor, so it chooses no model: --model does"
    assert (6, "character.llm.model", said) in readings(found)


def test_a_model_that_is_none_is_refused_at_its_line(file: Path) -> None:
    text = f"{HEAD}character:\n  model: antropic/claude-3\njudge: {{model: opnai/x}}\n{STEP}"
    assert errors(file, text) == [(6, "character.model"), (7, "judge.model")]


def test_what_is_there_before_the_first_step_may_stand_at_the_top_or_in_the_environment(file: Path) -> None:
    text = f"""\
name: older
environment:
  type: local
  setup:
    cleanup: true
    virtual_fs:
      input.txt: Hello
mocks:
  - service: files
    method: read
    response: {{ok: true}}
{STEP}"""
    found = loaded(file, text)
    assert found.scenario.setup.virtual_fs == {"input.txt": "Hello"}
    assert [mock.method for mock in found.scenario.setup.mocks] == ["read"]
    assert {
        (8, "mocks", "is read as setup.mocks"),
        (6, "environment.setup.virtual_fs", "is read as setup.virtual_fs"),
    } <= {*readings(found)}
    assert [(note.line, note.key) for note in found.notes if note.kind == "unknown"] == [(4, "environment.setup")]
    wrong = errors(file, text.replace("method:", "methd:"))
    assert wrong[1:] == [(9, "setup.mocks[0].method"), (10, "setup.mocks[0].methd")]


def test_two_of_one_kind_are_not_put_together(file: Path) -> None:
    mock = "  - {service: files, method: read, response: 1}\n"
    found = loaded(file, f"{HEAD}setup:\n  mocks:\n  {mock}mocks:\n{mock}{mock}{STEP}")
    assert len(found.scenario.setup.mocks) == 1
    assert [note.key for note in found.notes if note.kind == "unknown"] == ["mocks"]


def test_a_condition_that_names_a_key_of_the_input_is_kept(file: Path) -> None:
    mocks = "setup:\n  mocks:\n    - method: readFile\n      when:\n        path: /docs/ROADMAP.md\n      response: 1\n"
    found = loaded(file, f"{HEAD}{mocks}{STEP}")
    when = found.scenario.setup.mocks[0].when
    assert when is not None
    assert when.input == {"path": "/docs/ROADMAP.md"}
    assert (9, "setup.mocks[0].when.path", "is read as when.input.path") in readings(found)
    misspelt = loaded(file, f"{HEAD}{mocks.replace('path:', 'matchr:')}{STEP}")
    assert [note.key for note in misspelt.notes if note.kind == "unknown"] == ["setup.mocks[0].when.matchr"]


def test_the_content_of_a_message_that_is_sent_is_the_input(file: Path) -> None:
    text = "name: older\nrun:\n  - action: send_message\n    content: Hello\n    evaluations: []\n"
    found = loaded(file, text)
    assert [step.input for step in found.scenario.run] == ["Hello"]
    assert readings(found) == [(4, "run[0].content", "is read as input")]
    with pytest.raises(UsageError, match="a step needs one of input, code or say"):
        loaded(file, text.replace("send_message", "open_door"))


def test_times_of_older_files_are_milliseconds(file: Path) -> None:
    talk = "    timeout: 30000\n    conversation: {timeout_per_turn: 20000, total_timeout: 300000}\n"
    found = loaded(file, f"{HEAD}run:\n  - input: Hello\n{talk}")
    step = found.scenario.run[0]
    assert step.conversation is not None
    assert (step.time_s, step.conversation.timeout_per_turn_ms, step.conversation.total_timeout_ms) == (30, 20, 300)
    assert [(line, key) for line, key, _ in readings(found)] == [
        (7, "run[0].timeout"),
        (8, "run[0].conversation.timeout_per_turn"),
        (8, "run[0].conversation.total_timeout"),
    ]
    assert loaded(file, f"{HEAD}run:\n  - input: Hello\n    timeout: 90\n").scenario.run[0].time_s == 90


@pytest.mark.parametrize(
    ("older", "today", "keys"),
    [
        ("llm_evaluation", "llm_judge", "prompt: '?'"),
        ("llm-judge", "llm_judge", "prompt: '?'"),
        ("llmJudge", "llm_judge", "prompt: '?'"),
        ("stringContains", "string_contains", "value: x"),
        ("stdout-contains", "string_contains", "value: x"),
        ("file-exists", "file_exists", "path: x"),
        ("exitCode", "step_exit_code", "expected_code: 0"),
    ],
)
def test_a_type_is_known_in_every_spelling(file: Path, older: str, today: str, keys: str) -> None:
    found = loaded(file, f"{HEAD}run:\n  - code: echo x\n    evaluations: [{{type: {older}, {keys}}}]\n")
    assert [evaluator.type for evaluator in found.every_evaluator()] == [today]
    assert [(line, key) for line, key, _ in readings(found)] == [(7, "run[0].evaluations[0].type")]


def test_the_output_that_a_pattern_is_looked_for_in(file: Path) -> None:
    text = f"{HEAD}run:\n  - code: echo x\n    evaluations: [{{type: regex_match, pattern: h.llo, output: stderr}}]\n"
    found = loaded(file, text)
    assert [getattr(evaluator, "of", "") for evaluator in found.every_evaluator()] == ["stderr"]
    assert readings(found) == [(7, "run[0].evaluations[0].output", "is read as of")]


def test_a_matrix_is_named_as_one(file: Path) -> None:
    with pytest.raises(UsageError, match=r":2: base_scenario: a matrix, not a scenario") as caught:
        loaded(file, "name: m\nbase_scenario: a.scenario.yaml\nmatrix: [{parameter: name, values: [a, b]}]\n")
    assert "practicum matrix" in caught.value.hint


def test_errors_say_what_is_expected_without_words_of_python(file: Path) -> None:
    with pytest.raises(ManyErrors) as caught:
        loaded(file, "name: x\nrun: not-a-list\nlimits: 5\nsetup: {mocks: [5]}\n")
    said = str(caught.value)
    assert "run: a list is expected" in said
    assert "limits: a mapping is expected" in said
    assert "setup.mocks[0]: a mapping is expected" in said


def test_what_is_left_empty_says_nothing(file: Path) -> None:
    empty = "name: older\ndescription:\nplugins:\ncharacter:\njudgment:\nsetup:\n  mocks:\n  virtual_fs:\n"
    step = "run:\n  - input: Hi\n    evaluations:\n    conversation: {termination_conditions: , final_evaluations: }\n"
    found = loaded(file, f"{empty}{step}")
    assert found.notes == ()
    assert loaded(file, "name: older\nsetup:\nrun: [{code: ls}]\n").notes == ()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("environment: [{type: local}]\nrun: [{code: ls}]\njudgment: all_pass\n", "environment"),
        ("environment: local\nsteps: [{code: ls}]\njudgment: all_pass\n", "steps"),
        ("environment: local\njudgment: {strategy: ALL-PASS}\nrun: [{code: ls}]\n", "judgment.strategy"),
        ("judgment: all_pass\nrun: [{code: ls, evaluations: {type: file_exists, path: x}}]\n", "run[0].evaluations"),
        ("setup: {mocks: [{method: m, delay: 5}]}\nrun: [{code: ls}]\n", "setup.mocks[0].delay"),
        ("run: [{code: ls, evaluations: [{type: execution_time, max: 9}]}]\n", "run[0].evaluations[0].max"),
    ],
)
def test_further_forms_are_read_and_that_is_said(file: Path, text: str, key: str) -> None:
    found = loaded(file, f"name: older\n{text}")
    assert [place for _, place, _ in readings(found)] == [key]
    assert [note for note in found.notes if note.kind == "unknown"] == []


def test_below_a_key_in_another_spelling_errors_have_their_own_lines(file: Path) -> None:
    talk = """\
run:
  - input: Hi
    conversation:
      userSimulator: {persona: Ada}
      finalEvaluations:
        - type: stdout_contains
          value: x
        - type: nonsense
setup:
  virtualFs:
    a.txt: x
    b.txt: 5
"""
    assert errors(file, HEAD + talk) == [(16, "setup.virtual_fs.b.txt")]
    assert errors(file, HEAD + talk.replace("5", "five")) == [(12, "run[0].conversation.final_evaluations[1].type")]
