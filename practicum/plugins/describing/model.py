"""A model turns a description into a specification; its answer is checked, and asked for once more when it is none."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from practicum.api.model import ModelUsage
from practicum.errors import InvalidFileError, ModelError
from practicum.plugins.asking import Answered, AskModel
from practicum.plugins.describing.keywords import specification_by_keywords
from practicum.plugins.prompts.blocks import fenced
from practicum.plugins.reading import parse_specification
from practicum.plugins.specification import PluginSpecification

SYSTEM = """\
You turn a description of a plugin into its specification: one JSON object, and nothing else.

Say only what the description says or plainly implies. Give each action examples (exact inputs with the outputs that the
description demands) wherever you can be certain of them, since examples become tests; leave out examples that you would
have to guess. Give a `formula` only where the whole result is that one expression over the parameters. Secrets are
variables with `sensitive`, never values. Declare `net` with the `hosts` only when the description needs an outside
service.
"""


@dataclass(frozen=True, slots=True)
class Described:
    """A specification that was made from words."""

    spec: PluginSpecification
    source: str
    """`model` or `keywords`: who made it."""
    notes: tuple[str, ...] = ()
    """What it does not say and somebody has to fill in."""
    usage: ModelUsage = field(default_factory=ModelUsage)


async def describe(text: str, model: AskModel | None, *, name: str = "") -> Described:
    """A specification for a description; by `model` where there is one. `name` is the plugin's, when that is fixed.

    Raises:
        ModelError: the model gave no specification, twice.
        UsageError: the description has no words to go by.
    """
    if model is None:
        spec, notes = specification_by_keywords(text, name=name)
        return Described(spec, "keywords", tuple(notes))
    return await specification_by_model(text, model, name=name)


async def specification_by_model(text: str, model: AskModel, *, name: str = "") -> Described:
    """The same by a model.

    Raises:
        ModelError: no answer, or no specification, twice.
    """
    schema = json.dumps(PluginSpecification.model_json_schema(), separators=(",", ":"))
    named = f"Its `name` is {name}.\n\n" if name else ""
    prompt = f"# Description\n\n{fenced(text)}\n\n{named}# JSON Schema of the answer\n\n{fenced(schema, 'json')}\n"
    answers = [await model.ask(SYSTEM, prompt)]
    try:
        return Described(_read(answers[0].text, name), "model", usage=answers[0].usage)
    except InvalidFileError as error:
        wrong = f"{error.key}: {error.problem}" if error.key else error.problem
    again = (
        f"{prompt}\n# Your last answer\n\n{fenced(answers[0].text)}\n\nIt is no specification: {wrong}\n"
        "Give the whole object again, right.\n"
    )
    answers.append(await model.ask(SYSTEM, again))
    try:
        return Described(_read(answers[1].text, name), "model", usage=_sum(answers))
    except InvalidFileError as error:
        raise ModelError(
            f"{model.name} gave no specification, twice: {error.problem}",
            hint="write it by hand: docs/plugins-making.md",
        ) from error


def _read(answer: str, name: str) -> PluginSpecification:
    """The object in an answer, with prose or a fence around it or not."""
    start = answer.find("{")
    decoder = json.JSONDecoder()
    problem = "it holds no JSON object"
    while start >= 0:
        try:
            value, _ = decoder.raw_decode(answer, start)
        except RecursionError:
            break
        except ValueError as error:
            problem = f"it is not JSON: {error}"
            start = answer.find("{", start + 1) if answer.count("{", 0, start) < _MOST_TRIES else -1
            continue
        if isinstance(value, dict) and ("name" in value or "description" in value):
            text = json.dumps({**value, "name": name} if name else value)
            return parse_specification(text, "the model's answer")
        start = answer.find("{", start + 1) if answer.count("{", 0, start) < _MOST_TRIES else -1
    raise InvalidFileError("the model's answer", 0, "", problem)


_MOST_TRIES = 50
"""Braces in prose before the object."""


def _sum(answers: list[Answered]) -> ModelUsage:
    usages = [answer.usage for answer in answers]
    return ModelUsage(
        input_tokens=sum(one.input_tokens for one in usages),
        output_tokens=sum(one.output_tokens for one in usages),
        cache_read_tokens=sum(one.cache_read_tokens for one in usages),
        cache_write_tokens=sum(one.cache_write_tokens for one in usages),
        cost_usd=sum(one.cost_usd for one in usages),
    )
