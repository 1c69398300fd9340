"""What can be written in a file, typed in a shell or read in a record is in the documentation."""

from __future__ import annotations

import re
from typing import Any, get_args

import pytest
from docs_pages import DOCS, ROOT, mentions, pages
from docs_reference import PARTS, commands, made_parts, renewed
from pydantic import BaseModel

from practicum.agents.kits import _KitFile, built_in_roles
from practicum.bus.address import check_token
from practicum.bus.events import DATA_TYPES
from practicum.proctor.charter import ACTS, GITHUB_PERMISSIONS
from practicum.proctor.vault.env import ADDRESS_VARIABLES, SECRET_VARIABLES
from practicum.scenarios.evaluators import REGISTRY, BaseEvaluator
from practicum.scenarios.schema import Scenario

EVERYTHING = "\n".join(page.read_text() for page in pages())


def models_in(model: type[BaseModel]) -> list[type[BaseModel]]:
    """A model and every model that its fields hold."""
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


def keys_of(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def words_of(model: type[BaseModel]) -> set[str]:
    """Every word that a field of the model may hold instead of free text."""
    found: set[str] = set()

    def walk(annotation: Any) -> None:
        for part in get_args(annotation):
            if isinstance(part, str):
                found.add(part)
            else:
                walk(part)

    for field in model.model_fields.values():
        walk(field.annotation)
    return found


@pytest.mark.parametrize("model", models_in(Scenario), ids=lambda model: model.__name__)
def test_every_key_of_a_scenario_is_told(model: type[BaseModel]) -> None:
    missing = [key for key in [*keys_of(model), *sorted(words_of(model))] if not mentions(EVERYTHING, key)]
    assert not missing


@pytest.mark.parametrize("model", models_in(_KitFile), ids=lambda model: model.__name__)
def test_every_key_of_a_charter_is_told(model: type[BaseModel]) -> None:
    text = (DOCS / "proctor.md").read_text()
    missing = [key for key in [*keys_of(model), *sorted(words_of(model))] if not mentions(text, key)]
    assert not missing


def test_every_act_and_permission_is_told() -> None:
    text = (DOCS / "proctor.md").read_text()
    acts = [act for service in ACTS.values() for act in service]
    assert not [name for name in [*acts, *GITHUB_PERMISSIONS] if not mentions(text, name)]


@pytest.mark.parametrize("kind", sorted(REGISTRY))
def test_every_evaluator_is_told_with_its_class_and_its_keys(kind: str) -> None:
    text = (DOCS / "evaluators.md").read_text()
    found = re.search(rf"^\| `{kind}` \|.*$", text, re.MULTILINE)
    assert found is not None
    evaluator = REGISTRY[kind]
    assert f"| {evaluator.evaluator_kind} |" in found[0]
    own = [key for key in keys_of(evaluator) if key not in keys_of(BaseEvaluator)]
    assert not [key for key in own if not mentions(found[0], key)]
    assert not [word for word in words_of(evaluator) if not mentions(text, word)]


def test_the_keys_that_all_evaluators_have_are_told() -> None:
    text = (DOCS / "evaluators.md").read_text()
    assert not [key for key in keys_of(BaseEvaluator) if not mentions(text, key)]


def test_no_evaluator_is_told_that_does_not_exist() -> None:
    text = (DOCS / "evaluators.md").read_text()
    table = re.findall(r"^\| `(\w+)` \| (?:effect|text|guard) \|", text, re.MULTILINE)
    assert sorted(table) == sorted(REGISTRY)


def test_every_role_kit_is_told() -> None:
    text = (DOCS / "scenarios.md").read_text()
    assert not [role for role in built_in_roles() if not mentions(text, check_token(role, "role"))]


@pytest.mark.parametrize("verb", [name for name, _ in commands()])
def test_every_command_and_option_is_told(verb: str) -> None:
    command = dict(commands())[verb]
    assert f"practicum {verb}" in EVERYTHING
    options = [name for item in command.params for name in item.opts if name.startswith("-") and name != "--help"]
    page = (DOCS / "cli.md").read_text()
    section = re.search(rf"^## practicum {re.escape(verb)}$.*?(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    assert section is not None
    assert not [name for name in options if f"`{name}`" not in section[0]]


def test_every_event_type_is_told() -> None:
    text = (DOCS / "record.md").read_text()
    assert not [name for name in DATA_TYPES if not mentions(text, name)]


def test_every_variable_that_the_code_reads_is_told() -> None:
    sources = "\n".join(path.read_text() for path in (ROOT / "practicum").rglob("*.py"))
    internal = {"PRACTICUM_NO_FORCE", "PRACTICUM_REFUSED", "PRACTICUM_RESULT"}  # between a git hook and its maker
    read = set(re.findall(r"\bPRACTICUM_[A-Z_]+\b", sources)) - internal
    assert not [name for name in [*read, *SECRET_VARIABLES, *ADDRESS_VARIABLES] if not mentions(EVERYTHING, name)]


def test_every_part_that_can_be_made_stands_in_one_page() -> None:
    assert sorted(made_parts()) == sorted(PARTS)


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_the_made_parts_are_as_the_code_is(page: Any) -> None:
    text = page.read_text()
    assert renewed(text) == text, "write them anew: .venv/bin/python tests/docs/docs_reference.py"
