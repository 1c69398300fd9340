"""Specification files, with the line of what is wrong; and descriptions that become specifications."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from factory_kit import SPEC, Said
from hypothesis import given, settings
from hypothesis import strategies as st

from practicum.errors import InvalidFileError, ModelError, UsageError
from practicum.plugins.describing import describe, specification_by_keywords
from practicum.plugins.reading import parse_specification, read_specification

HEAD = "name: x\ndescription: d\n"

WRONG = {
    "missing": ("name: x\nactions:\n  - {name: a, description: b}\n", 1, "description", "is missing"),
    "unknown": (
        f"{HEAD}actions:\n  - name: a\n    description: b\n    paramters: []\n",
        6, "actions[0].paramters", "unknown",
    ),
    "bad name": ("name: X Y\ndescription: d\n", 1, "name", "lower-case words"),
    "bad type": (
        f"{HEAD}actions:\n  - name: a\n    description: b\n    parameters:\n      - name: p\n        type: floats\n",
        8, "actions[0].parameters[0].type", "floats",
    ),
    "twice": (f"{HEAD}name: y\n", 3, "name", "twice"),
    "twice within": (f"{HEAD}actions:\n  - name: a\n    name: b\n", 5, "actions[0].name", "twice"),
    "no mapping": ("- 1\n", 1, "", "not a specification"),
    "not yaml": ("name: [\n", 2, "", "not YAML"),
    "nothing": (HEAD, 1, "", "at least one action"),
    "formula": (
        f"{HEAD}actions:\n  - name: a\n    description: b\n    formula: open('x')\n",
        6, "actions[0].formula", "unknown function 'open'",
    ),
    "task without action": (
        f"{HEAD}tasks:\n  - {{name: t, description: d, schedule: every 5s, calls: z}}\n", 1, "", "no action",
    ),
    "task with arguments": (
        f"{HEAD}actions:\n  - {{name: a, description: b, parameters: [{{name: p}}]}}\n"
        "tasks:\n  - {name: t, description: d, schedule: every 5s, calls: a}\n",
        1, "", "a wants p",
    ),
    "no schedule": (
        f"{HEAD}tasks:\n  - name: t\n    description: d\n    schedule: sometimes\n",
        6, "tasks[0].schedule", "is not a schedule",
    ),
    "pattern": (
        f"{HEAD}evaluators:\n  - name: t\n    description: d\n    pattern: '('\n",
        6, "evaluators[0].pattern", "not a regular expression",
    ),
    "default not among choices": (
        f"{HEAD}actions:\n  - name: a\n    description: b\n    parameters:\n"
        "      - {name: p, choices: [x], default: y}\n",
        7, "actions[0].parameters[0]", "not among the choices",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_with_its_line_and_key(case: str) -> None:
    text, line, key, message = WRONG[case]
    with pytest.raises(InvalidFileError) as caught:
        parse_specification(text, "x.yaml")
    assert (caught.value.line, caught.value.key) == (line, key)
    assert message in str(caught.value)


def test_the_nearest_key_is_offered() -> None:
    with pytest.raises(InvalidFileError, match='did you mean "parameters"'):
        parse_specification(WRONG["unknown"][0])


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("\ufeff" + json.dumps(SPEC.model_dump(mode="json")))
    assert read_specification(path) == SPEC
    with pytest.raises(UsageError, match="no such file"):
        read_specification(tmp_path / "y.yaml")
    path.write_bytes(b"\xff\xff")
    with pytest.raises(UsageError, match="no text in UTF-8"):
        read_specification(path)
    path.write_text("name: a\n---\nname: b\n")
    with pytest.raises(UsageError, match="expected a single document in the stream but found another document"):
        read_specification(path)


def test_aliases_of_aliases_do_not_take_forever() -> None:
    lines = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40))]
    with pytest.raises(InvalidFileError):
        parse_specification("\n".join(lines))


@given(st.text(max_size=200))
@settings(max_examples=50, deadline=None)
def test_any_text_is_a_specification_or_an_error_with_its_place(text: str) -> None:
    with pytest.raises(InvalidFileError):
        parse_specification(text)


def test_a_parameter_with_a_default_is_not_required() -> None:
    spec = parse_specification(
        f"{HEAD}actions:\n  - {{name: a, description: b, parameters: [{{name: p, default: 3, type: integer}}]}}\n"
    )
    assert not spec.actions[0].parameters[0].required


def test_keywords_find_what_there_should_be_and_say_what_is_missing() -> None:
    spec, notes = specification_by_keywords(
        "Fetch the weather from api.weather.example every 30 minutes with a weather API key, and post a summary."
    )
    assert [one.effect for one in spec.actions] == ["read", "once"]
    assert [one.name.partition("_")[0] for one in spec.actions] == ["fetch", "post"]
    assert [(one.schedule, one.calls) for one in spec.tasks] == [("every 30m", spec.actions[0].name)]
    assert [(one.name, one.required, one.sensitive) for one in spec.environment] == [("WEATHER_API_KEY", True, True)]
    assert spec.hosts == ("api.weather.example",)
    assert set(spec.capabilities) == {"net", "env", "secrets"}
    assert all(not one.formula and not one.examples for one in spec.actions)
    assert any("a formula or examples" in note for note in notes)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Keep a queue of tickets.", "services"),
        ("Tell agents the house rules.", "providers"),
        ("Scores how polite a reply is.", "evaluators"),
        ("Every day, list the oldest tickets.", "tasks"),
        ("Converts miles to kilometers", "actions"),
    ],
)
def test_words_that_stand_for_a_kind_of_component(text: str, kind: str) -> None:
    spec, _ = specification_by_keywords(text, name="given-name")
    assert getattr(spec, kind)
    assert spec.name == "given-name"


@pytest.mark.parametrize("text", ["", "   ", "Hmm."])
def test_a_description_without_any_such_word_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        specification_by_keywords(text)


@given(st.text(max_size=300))
@settings(max_examples=50, deadline=None)
def test_any_description_is_a_specification_or_refused(text: str) -> None:
    try:
        specification_by_keywords(text)
    except UsageError:
        return


GOOD = json.dumps(SPEC.model_dump(mode="json", exclude_defaults=True))


@pytest.mark.parametrize("shape", ["GOOD", "Here {it} is:\n```json\nGOOD\n```\nDone."])
async def test_a_model_gives_a_specification(shape: str) -> None:
    model = Said(shape.replace("GOOD", GOOD))
    described = await describe("Doubles numbers", model)
    assert (described.spec, described.source) == (SPEC, "model")
    assert "Doubles numbers" in model.prompts[0]
    assert described.usage.input_tokens == 100


async def test_an_answer_that_is_none_is_asked_for_once_more_with_the_reason() -> None:
    model = Said('{"name": "Bad Name", "description": "d"}', GOOD)
    described = await describe("Doubles numbers", model, name="doubler")
    assert described.spec == SPEC
    assert described.usage.input_tokens == 200
    assert "actions" in model.prompts[1] or "at least one action" in model.prompts[1]
    with pytest.raises(ModelError, match="twice"):
        await describe("Doubles numbers", Said("no", "no"))


async def test_without_a_model_it_is_by_keywords_and_says_so() -> None:
    described = await describe("Converts miles to kilometers", None)
    assert described.source == "keywords"
    assert described.notes
