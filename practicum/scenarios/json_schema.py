"""JSON Schemas of what people write and what programs read, for editors and validators (draft 2020-12).

Schemas of files are generous: an unknown key is a note to Practicum, so an editor does not complain of it; a time may
be `10m`, a word may stand for a mapping where the loader takes one. What a schema refuses, the loader refuses too.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from itertools import pairwise
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.alias_generators import to_camel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

Schema = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"

_LISTS = {"evaluations", "own_evaluations", "turn_evaluations", "final_evaluations"}


class _Generous(GenerateJsonSchema):
    """Takes what validators take: they turn text into values, and sometimes anything into something."""

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> JsonSchemaValue:
        inner = self.generate_inner(schema["schema"])
        kind = inner.get("type")
        if "$ref" in inner or kind in ("object", "array", "string") or not inner:
            return inner
        return {"anyOf": [inner, {"type": "string"}]}

    def function_plain_schema(self, schema: core_schema.PlainValidatorFunctionSchema) -> JsonSchemaValue:
        return {}

    def function_wrap_schema(self, schema: core_schema.WrapValidatorFunctionSchema) -> JsonSchemaValue:
        return {}


def published(model: type[BaseModel], *, written: bool = False) -> Schema:
    """The schema of a model; `written` is for files that people write, else it is what a program prints."""
    mode = "validation" if written else "serialization"
    found = model.model_json_schema(mode=mode, schema_generator=_Generous if written else GenerateJsonSchema)  # type: ignore[arg-type]
    definitions = found.get("$defs", {})
    for kind in {*_models(model)}:
        target = found if kind is model else definitions.get(kind.__name__)
        if target is not None:
            _describe(target, kind)
    if written:
        _open(found)
    return {"$schema": DRAFT, **found}


def scenario_schema() -> Schema:
    """The schema of a scenario file, with every evaluator that comes along or is installed."""
    from practicum.scenarios.evaluators import REGISTRY
    from practicum.scenarios.schema import Scenario

    found = published(Scenario, written=True)
    definitions = found["$defs"]
    for name, kind in sorted(REGISTRY.items()):
        own = published(kind, written=True)
        for key, value in own.pop("$defs", {}).items():
            definitions.setdefault(key, value)
        own.pop("$schema")
        own["properties"]["type"] = {"const": name}
        own["title"] = name
        own["required"] = [*dict.fromkeys(["type", *own.get("required", [])])]
        definitions[f"evaluator.{name}"] = _either_spelling(own)
    choices: list[Schema] = [{"$ref": f"#/$defs/evaluator.{name}"} for name in sorted(REGISTRY)]
    choices.append(
        {
            "title": "another",
            "description": "An older name of one of these, or the type of an installed package.",
            "type": "object",
            "required": ["type"],
            "properties": {"type": {"type": "string", "not": {"enum": sorted(REGISTRY)}}},
        }
    )
    definitions["Evaluation"] = {"title": "Evaluation", "oneOf": choices}
    for part in (found, *definitions.values()):
        for key in _LISTS & part.get("properties", {}).keys():
            part["properties"][key]["items"] = {"$ref": "#/$defs/Evaluation"}
    _shorthands(found)
    return found


def _shorthands(found: Schema) -> None:
    """What the loader reads in place of a mapping or a list."""
    word: Schema = {"type": "string"}
    definitions, properties = found["$defs"], found["properties"]
    for name in ("Environment", "Plugin"):
        definitions[name] = {"anyOf": [word, definitions[name]]}
    properties["run"] = {"anyOf": [properties["run"], {"$ref": "#/$defs/Step"}]}
    properties["judgment"] = {"anyOf": [word, {"$ref": "#/$defs/Judgment"}]}
    setup = definitions["Setup"]["properties"]
    setup["db_seed"] = {"anyOf": [word, {"type": "object"}, {"type": "null"}]}
    process = definitions["Member"]["properties"]["process"]
    definitions["Member"]["properties"]["process"] = {"anyOf": [word, process]}
    step = definitions["Step"]["properties"]["evaluations"]
    definitions["Step"]["properties"]["evaluations"] = {"anyOf": [step, {"type": "null"}]}


def _either_spelling(schema: Schema) -> Schema:
    """Required keys in Python's or JavaScript's spelling."""
    plain = [key for key in schema["required"] if to_camel(key) == key]
    choices = [
        {"anyOf": [{"required": [key]}, {"required": [to_camel(key)]}]}
        for key in schema["required"]
        if key not in plain
    ]
    return {**schema, "required": plain, **({"allOf": choices} if choices else {})}


def _open(value: Any) -> None:
    """Let unknown keys be, everywhere but in `world`: there one is an error."""
    if isinstance(value, dict):
        if value.get("additionalProperties") is False and value.get("title") != "World":
            del value["additionalProperties"]
        for one in value.values():
            _open(one)
    elif isinstance(value, list):
        for one in value:
            _open(one)


def _models(model: type[BaseModel]) -> list[type[BaseModel]]:
    found: list[type[BaseModel]] = []

    def walk(annotation: Any) -> None:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel) and annotation not in found:
            found.append(annotation)
            for field in annotation.model_fields.values():
                walk(field.annotation)
        for part in get_args(annotation):
            walk(part)

    walk(model)
    return found


def _describe(schema: Schema, model: type[BaseModel]) -> None:
    """Put the words that stand under a field into its schema."""
    words = _words(model)
    for name, field in model.model_fields.items():
        key = field.alias or name
        target = schema.get("properties", {}).get(key)
        if target is not None and name in words and "description" not in target:
            target["description"] = words[name]


def _words(model: type[BaseModel]) -> dict[str, str]:
    """Field to the string that stands under it, of a class and those it is made from.

    Read from the source when a schema is asked for: pydantic's own way does it at every start of every command.
    """
    found: dict[str, str] = {}
    for kind in reversed(model.__mro__):
        if kind is BaseModel or not issubclass(kind, BaseModel):
            continue
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(kind)))
        except (OSError, TypeError, SyntaxError):  # no source is there, as in a frozen program
            continue
        body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
        for field, text in pairwise(body):
            if (
                isinstance(field, ast.AnnAssign)
                and isinstance(field.target, ast.Name)
                and isinstance(text, ast.Expr)
                and isinstance(text.value, ast.Constant)
                and isinstance(text.value.value, str)
            ):
                found[field.target.id] = inspect.cleandoc(text.value.value)
    return found
