"""How a conversation went, by what was really said in it; and nothing for an agent that repeats the user."""

from __future__ import annotations

from typing import Any

import pytest
from evaluated_run import EvaluatedRun, FakeJudge

BILLING = (
    ("I was charged twice this month! My name is Sarah.", "I am so sorry about that. Which card did you use?"),
    ("The blue one. Can you fix it?", "I understand. I have refunded the second charge, it takes three days."),
    ("And next month?", "Sarah, I will escalate the duplicate charges to my manager as well."),
    ("Thank you, that helps a lot!", "You are welcome."),
)


@pytest.mark.parametrize(
    ("keys", "passes", "summary"),
    [
        ({"min_turns": 3, "max_turns": 8, "optimal_turns": 5}, True, "4 turns (best would be 5)"),
        ({"max_turns": 3}, False, "4 turns, more than 3"),
        ({"min_turns": 5}, False, "4 turns, less than 5"),
        ({"target_range": [4, 6]}, True, "4 turns"),
        ({"target_range": [5, 6]}, False, "4 turns, less than 5"),
        ({"min_turns": 1, "target_range": [5, 6]}, True, "4 turns"),
        ({"optimal_turns": 4}, True, "4 turns (best would be 4)"),
    ],
)
async def test_how_long_it_was(team_run: EvaluatedRun, keys: dict[str, Any], passes: bool, summary: str) -> None:
    team_run.talk(*BILLING)
    found = await team_run.look("conversation_length", **keys)
    assert (found.passed, found.summary, found.details["turns"]) == (passes, summary, 4)


async def test_one_input_and_its_answer_are_one_turn(team_run: EvaluatedRun) -> None:
    team_run.step("input", given="Hello?", text="Good day to you.")
    assert (await team_run.look("conversation_length", max_turns=1)).passed
    assert (await team_run.look("conversation_flow", required_patterns=["question_then_answer"])).passed


@pytest.mark.parametrize(
    ("pattern", "turn"),
    [
        ("question_then_answer", 2),
        ("problem_then_solution", 2),
        ("clarification_cycle", 2),
        ("empathy_then_solution", 2),
        ("escalation_pattern", 3),
    ],
)
async def test_each_pattern_is_found_in_the_turn_that_completes_it(
    team_run: EvaluatedRun, pattern: str, turn: int
) -> None:
    team_run.talk(*BILLING)
    found = await team_run.look("conversation_flow", required_patterns=[pattern])
    assert (found.passed, found.details["found_in_turn"]) == (True, {pattern: turn})


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("question_then_answer", [("What is it?", "Why do you ask?")]),
        ("question_then_answer", [("What is it?", "")]),
        ("problem_then_solution", [("It is broken.", "I cannot fix that.")]),
        ("problem_then_solution", [("Good day.", "I have fixed it.")]),
        ("clarification_cycle", [("It is broken.", "Which one?")]),
        ("clarification_cycle", [("It is broken.", "Which one?"), ("The blue one.", "Which blue one?")]),
        ("empathy_then_solution", [("It is broken.", "I have fixed it. I am sorry.")]),
        ("escalation_pattern", [("It is broken.", "I will not escalate this.")]),
        ("escalation_pattern", [("Good day.", "My manager says hello.")]),
    ],
)
async def test_what_only_looks_like_a_pattern_is_none(
    team_run: EvaluatedRun, pattern: str, said: list[tuple[str, str]]
) -> None:
    team_run.talk(*said)
    assert not (await team_run.look("conversation_flow", required_patterns=[pattern])).passed


async def test_the_share_of_the_patterns_decides(team_run: EvaluatedRun) -> None:
    team_run.talk(("Where is it?", "It is in the drawer over there."))
    keys = {"required_patterns": ["question_then_answer", "escalation_pattern"]}
    assert (await team_run.look("conversation_flow", **keys, flow_quality_threshold=0.5)).passed
    found = await team_run.look("conversation_flow", **keys)
    assert (found.passed, found.summary) == (False, "1 of 2 patterns, missing: escalation_pattern")


@pytest.mark.parametrize(
    ("type", "keys"),
    [
        ("conversation_flow", {"required_patterns": ["question_then_answer"], "flow_quality_threshold": 0}),
        ("conversation_flow", {"required_patterns": ["problem_then_solution", "empathy_then_solution"]}),
        ("conversation_flow", {"required_patterns": ["escalation_pattern", "clarification_cycle"]}),
        ("context_retention", {"test_memory_of": ["Sarah", "refund"], "memory_accuracy_threshold": 0}),
    ],
)
async def test_an_agent_that_repeats_the_user_passes_none(
    team_run: EvaluatedRun, type: str, keys: dict[str, Any]
) -> None:
    words = [
        "I am Sarah. I was charged twice! I am sorry to ask, can you fix it?",
        "I want a refund, or your manager. You can refund it. Do you understand?",
        "Sarah wants a refund. I will escalate this.",
    ]
    team_run.talk(*((text, text) for text in words))
    assert not (await team_run.look(type, **keys)).passed


async def test_what_came_up_is_remembered_when_it_is_said_later_by_the_agent_alone(team_run: EvaluatedRun) -> None:
    team_run.talk(*BILLING)
    found = await team_run.look("context_retention", test_memory_of=["Sarah", "duplicate charge"])
    assert found.details["remembered_in_turn"] == {"Sarah": 3, "duplicate charge": 0}
    assert (found.passed, found.summary) == (False, "1 of 2 remembered, not: duplicate charge")
    assert (await team_run.look("context_retention", test_memory_of=["sarah"], retention_turns=2)).passed
    assert not (await team_run.look("context_retention", test_memory_of=["sarah"], retention_turns=1)).passed
    half = {"test_memory_of": ["Sarah", "loyal customer"], "memory_accuracy_threshold": 0.5}
    assert (await team_run.look("context_retention", **half)).passed


async def test_the_judge_may_say_how_much_was_remembered(team_run: EvaluatedRun) -> None:
    team_run.talk(*BILLING)
    keys: dict[str, Any] = {"test_memory_of": ["Sarah"], "measurement_method": "llm_judge"}
    team_run.judge = FakeJudge(['{"reason": "It did.", "score": 0.9}'])
    found = await team_run.look("context_retention", **keys)
    assert (found.passed, found.details["score"]) == (True, 0.9)
    team_run.judge = FakeJudge(['{"reason": "No.", "score": 0.2}'])
    assert not (await team_run.look("context_retention", **keys)).passed


async def test_how_content_the_user_is_shows_in_his_own_later_words(team_run: EvaluatedRun) -> None:
    team_run.talk(*BILLING)
    found = await team_run.look("user_satisfaction")
    assert (found.passed, found.counts, found.details["score"]) == (True, True, 1.0)


@pytest.mark.parametrize(
    ("last", "content"),
    [
        ("Thank you, great!", True),
        ("That is not helpful. I am still frustrated.", False),
        ("I am not angry any more, thanks.", True),
        ("This is not resolved.", False),
        ("The sky is blue.", False),
    ],
)
async def test_words_of_feeling_are_weighed_and_denials_heard(team_run: EvaluatedRun, last: str, content: bool) -> None:
    team_run.talk(("I am angry and frustrated!", "I see."), (last, "Thank you, great, perfect, wonderful!"))
    assert (await team_run.look("user_satisfaction")).passed is content


async def test_keywords_are_those_of_the_scenario(team_run: EvaluatedRun) -> None:
    team_run.talk(("Hello.", "Hello."), ("Splendid. Thanks.", "Good."), ("Dreadful.", "Oh."))
    keys = {
        "measurement_method": "keyword_analysis",
        "indicators": {"positive": ["splendid"], "negative": ["dreadful"]},
    }
    found = await team_run.look("user_satisfaction", **keys)
    assert (found.passed, found.details["score"]) == (False, round(1 / 3, 3)), "the later turn weighs more"
    assert (await team_run.look("user_satisfaction", **keys, satisfaction_threshold=0.3)).passed


async def test_a_user_whose_lines_are_written_down_shows_nothing(team_run: EvaluatedRun) -> None:
    team_run.talk(("Help!", "No."), ("Thank you, perfect!", "What?"), player="script")
    found = await team_run.look("user_satisfaction")
    assert (found.passed, found.counts) == (True, False)
    assert "whatever the agent does" in found.summary


async def test_nobody_is_content_with_silence(team_run: EvaluatedRun) -> None:
    team_run.talk(("Help!", ""), ("Thank you, perfect!", " "))
    assert (await team_run.look("user_satisfaction")).summary.startswith("the agent said nothing")


async def test_the_judge_may_say_how_content_the_user_is(team_run: EvaluatedRun) -> None:
    team_run.talk(*BILLING)
    team_run.judge = FakeJudge(['{"reason": "He thanks.", "score": 0.8}'], is_actor=True)
    keys: dict[str, Any] = {"measurement_method": "llm_judge", "indicators": {"positive": ["cheers"]}}
    found = await team_run.look("user_satisfaction", **keys)
    assert found.passed
    assert "the judge is a model that it judges" in found.summary
    assert "cheers" in team_run.judge.asked[0]["prompt"]


async def test_a_user_who_says_nothing_of_it_shows_no_content(team_run: EvaluatedRun) -> None:
    team_run.talk(("Where is it?", "On its way."), ("By when?", "By Monday."))
    found = await team_run.look("user_satisfaction", satisfaction_threshold=0.5)
    assert (found.passed, found.counts) == (True, False)
    team_run.talk(("Where is it?", "On its way."), ("Thanks, that helps.", "You are welcome."))
    found = await team_run.look("user_satisfaction", satisfaction_threshold=0.5)
    assert (found.passed, found.counts) == (True, True)
