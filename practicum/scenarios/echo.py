"""The echo guard: text checks that an agent would pass by repeating the user, or by saying nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from practicum.api.evaluator import Evaluator
from practicum.errors import PracticumError
from practicum.scenarios.lines import Keys
from practicum.scenarios.schema import Scenario, Step

ECHOED = "the user's own words satisfy it"
EMPTY = "no words at all satisfy it"


@dataclass(frozen=True)
class Weak:
    """An evaluation that shows nothing when it passes."""

    keys: Keys
    """Where it stands in the file: `("run", 0, "evaluations", 1)`."""
    evaluator: Evaluator
    why: str


def weakness(evaluator: Evaluator, words: str) -> str:
    """Why a check shows nothing beside these words of the user's; empty when it does show something.

    Raises:
        PracticumError: that could not be found out, such as of a pattern that is tried for too long.
    """
    if evaluator.kind != "text":
        return ""
    if evaluator.echoed_by(""):
        return EMPTY
    return ECHOED if words and evaluator.echoed_by(words) else ""


def weak(scenario: Scenario, evaluators: Iterable[tuple[Keys, Evaluator]]) -> list[Weak]:
    """Those of a scenario's evaluations that the user's words satisfy, as far as they are known before the run.

    Each comes with its place in the file, which says whose words are beside it: those of its step, or for the whole
    run's those of all steps. What code prints is not the user's.
    """
    found = []
    for keys, evaluator in evaluators:
        try:
            why = weakness(evaluator, _words(scenario, keys))
        except PracticumError:
            continue  # when it is looked at, it will say so itself
        if why:
            found.append(Weak(keys, evaluator, why))
    return found


def _words(scenario: Scenario, keys: Keys) -> str:
    if len(keys) > 1 and keys[0] == "run" and isinstance(keys[1], int):
        return words_of(scenario.run[keys[1]])
    return "\n".join(filter(None, map(words_of, scenario.run)))


def words_of(step: Step) -> str:
    """The words of the user or of the scenario in a step, as far as the file has them."""
    if step.kind == "code":
        return ""
    if step.say is not None:
        return step.say.text
    if step.conversation is None:
        return step.input
    from practicum.scenarios.conversation import foreseen_words

    return f"{step.input}\n{foreseen_words(step.conversation.user_simulator)}"
