"""An agent that repeats the user passes nothing, and neither does one that says nothing."""

from __future__ import annotations

from typing import Any

import pytest
from evaluated_run import EvaluatedRun, FakeJudge

from practicum.api.evaluator import Evaluator, Evidence, Finding, UndecidedError
from practicum.bus.events import Data, EvaluationCompleted
from practicum.errors import InfrastructureError
from practicum.runtime.verdict import evaluate
from practicum.scenarios.echo import EMPTY, weak, weakness
from practicum.scenarios.evaluators import REGISTRY, BaseEvaluator, read_evaluator
from practicum.scenarios.judgment import Evaluated, judge
from practicum.scenarios.schema import Scenario

RETAINS = {"type": "context_retention", "test_memory_of": ["tea"], "measurement_method": "llm_judge"}


def contains(value: str, **keys: Any) -> Evaluator:
    return read_evaluator({"type": "string_contains", "value": value, **keys})


@pytest.mark.parametrize(
    ("entry", "words", "echoed"),
    [
        ({"type": "string_contains", "value": "hello"}, "Hello", True),
        ({"type": "string_contains", "value": "hello", "case_sensitive": True}, "Hello", False),
        ({"type": "string_contains", "value": "goodbye"}, "Hello", False),
        ({"type": "regex_match", "pattern": r"hel+o", "flags": "i"}, "Hello", True),
        ({"type": "regex_match", "pattern": r"hel+o"}, "Hello", False),
        ({"type": "regex_match", "pattern": r"^there$"}, "Hello\nthere", True),
        ({"type": "regex_match", "pattern": r"^there\Z"}, "Hello\n  there \n", True),
        ({"type": "regex_match", "pattern": r"Hello.there"}, "Hello\n  there\n", False),
        ({"type": "string_contains", "value": "hello there"}, "Hello\n  there", True),
        ({"type": "string_contains", "value": "caf\u00e9"}, "The cafe\u0301 is open", True),
        ({"type": "regex_match", "pattern": r"^$"}, "Hello", True),
        ({"type": "regex_match", "pattern": r".*"}, "", True),
        ({"type": "llm_judge", "prompt": "Hello?"}, "Hello?", False),
        ({"type": "llm_judge", "prompt": "Hello?", "expected": "no"}, "Hello?", False),
        ({"type": "llm_judge", "prompt": "Hello?", "expected": "fail"}, "", True),
        ({"type": "llm_judge", "prompt": "Hello?", "expected": "partial"}, "", False),
        ({"type": "llm_judge", "prompt": "Hello?", "expected": "0+"}, "", True),
        ({"type": "llm_judge", "prompt": "Hello?", "expected": "0 to 1"}, "", True),
        ({"type": "llm_judge", "prompt": "Hello?", "expected": ">0"}, "", False),
        ({"type": "llm_judge", "prompt": "Hello?", "expected": "fail", "capabilities": ["It greets"]}, "", False),
        ({"type": "user_satisfaction", "satisfaction_threshold": 0}, "", True),
        ({"type": "user_satisfaction"}, "", False),
        ({"type": "context_retention", "test_memory_of": ["tea"], "memory_accuracy_threshold": 0}, "", False),
        ({**RETAINS, "memory_accuracy_threshold": 0}, "", True),
        (RETAINS, "", False),
        ({"type": "file_exists", "path": "hello"}, "hello", False),
        ({"type": "trajectory_contains_action", "action": "reply"}, "reply", False),
    ],
)
def test_what_the_users_words_satisfy(entry: dict[str, Any], words: str, echoed: bool) -> None:
    assert bool(weakness(read_evaluator(entry), words)) is echoed


def test_the_places_of_weak_evaluations_are_found_before_the_run() -> None:
    scenario = Scenario.model_validate(
        {
            "name": "s",
            "run": [
                {"input": "Say hello"},
                {"code": "echo hello"},
                {"input": "Hi", "conversation": {"user_simulator": {"script": ["And milk?", "when /no/: hello"]}}},
            ],
        }
    )
    hello, milk, nothing = contains("hello"), contains("milk"), read_evaluator({"type": "regex_match", "pattern": ".*"})
    found = weak(
        scenario,
        [
            (("run", 0, "evaluations", 0), hello),
            (("run", 0, "evaluations", 1), milk),
            (("run", 1, "evaluations", 0), hello),
            (("run", 1, "evaluations", 1), nothing),
            (("run", 2, "evaluations", 0), hello),
            (("run", 2, "conversation", "final_evaluations", 0), milk),
            (("run", 2, "conversation", "turn_evaluations", 1), contains("sugar")),
            (("evaluations", 0), milk),
        ],
    )
    assert [item.keys for item in found] == [
        ("run", 0, "evaluations", 0),
        ("run", 1, "evaluations", 1),
        ("run", 2, "evaluations", 0),
        ("run", 2, "conversation", "final_evaluations", 0),
        ("evaluations", 0),
    ]
    assert found[1].why == EMPTY


async def looked(
    run: EvaluatedRun, evaluators: list[Evaluator], **keys: Any
) -> tuple[list[Evaluated], list[EvaluationCompleted]]:
    told: list[EvaluationCompleted] = []

    async def publish(data: Data) -> str:
        assert isinstance(data, EvaluationCompleted)
        told.append(data)
        return "id"

    return await evaluate(evaluators, run, publish, **keys), told


async def test_what_passes_by_echo_does_not_count_unless_it_is_allowed(team_run: EvaluatedRun) -> None:
    team_run.step("input", given="Say hello", text="hello, Grace")
    both = [contains("hello"), contains("Grace", weight=3)]
    places = ["run[0].evaluations[0]", "run[0].evaluations[1]"]
    found, told = await looked(team_run, both, step=0, first_index=5, words="Say hello", places=places)
    assert [(item.outcome, item.counts, item.place, item.weight) for item in found] == [
        ("passed", False, "run[0].evaluations[0]", 1),
        ("passed", True, "run[0].evaluations[1]", 3),
    ]
    assert "weak: the user's own words satisfy it (run[0].evaluations[0]); --allow-weak counts it" in found[0].summary
    assert [(item.index, item.step, item.turn, item.counts) for item in told] == [
        (5, 0, None, False),
        (6, 0, None, True),
    ]
    assert judge("all_pass", found[:1]).outcome == "inconclusive"
    assert "run[0].evaluations[0]" in judge("all_pass", found[:1]).summary
    assert judge("all_pass", found).outcome == "passed"
    found, _ = await looked(team_run, both[:1], words="Say hello", allow_weak=True)
    assert (found[0].counts, judge("all_pass", found).outcome) == (True, "passed")
    found, _ = await looked(team_run, [contains("absent hello")], words="absent hello")
    assert (found[0].outcome, found[0].counts) == ("failed", True)


async def test_an_agent_that_repeats_the_user_passes_no_text_check(team_run: EvaluatedRun) -> None:
    words = "List open issues for elizaOS/eliza, please. Hello! 42"
    team_run.step("input", given=words, text=words)
    team_run.judge = FakeJudge(['{"reason": "It only repeats.", "answer": "no"}'])
    checks = [
        contains("issues"),
        read_evaluator({"type": "regex_match", "pattern": r"\d+"}),
        read_evaluator({"type": "llm_judge", "prompt": "Were they listed?"}),
    ]
    found, _ = await looked(team_run, checks, words=words)
    assert not any(item.outcome == "passed" and item.counts for item in found)


async def test_what_was_so_before_does_not_count(team_run: EvaluatedRun, tmp_path: Any) -> None:
    team_run.workspace(tmp_path / "workspace").seed("a.txt", "tea")
    found, _ = await looked(team_run, [read_evaluator({"type": "file_exists", "path": "a.txt"})])
    assert (found[0].outcome, found[0].counts) == ("passed", False)
    assert judge("all_pass", found).outcome == "inconclusive"


class Stumbles(BaseEvaluator, type="stumbles"):
    """Breaks in the way that it is told to."""

    how: str

    async def evaluate(self, evidence: Evidence) -> Finding:
        match self.how:
            case "plain":
                raise ZeroDivisionError("by zero")
            case "known":
                raise InfrastructureError("the disk is full")
            case "undecided":
                raise UndecidedError("it is split", {"answers": ["a", "b"]})
        return Finding(True, "fine", details={"not json": object()})


del REGISTRY["stumbles"]


@pytest.mark.parametrize(
    ("how", "summary", "details"),
    [
        ("plain", "could not look: ZeroDivisionError: by zero", {}),
        ("known", "could not look: the disk is full", {}),
        ("undecided", "could not look: it is split", {"answers": ["a", "b"]}),
        ("details", "could not look: PydanticSerializationError", {}),
    ],
)
async def test_an_evaluator_that_stumbles_is_an_error_and_no_verdict(
    team_run: EvaluatedRun, how: str, summary: str, details: dict[str, Any]
) -> None:
    found, told = await looked(team_run, [Stumbles(type="stumbles", how=how)])
    assert (found[0].outcome, found[0].details) == ("error", details)
    assert found[0].summary.startswith(summary)
    assert told[0].details == details
    assert judge("all_pass", found).outcome == "inconclusive"
