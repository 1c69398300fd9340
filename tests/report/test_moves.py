"""A step as thought, action and observation."""

from __future__ import annotations

import pytest
from told_run import ToldRun

from practicum.bus.events import (
    ConversationTurned,
    InputGiven,
    MockCalled,
    ModelAnswered,
    StepFinished,
    StepStarted,
    StepTaken,
    ToolCalled,
    ToolReturned,
    WorkEnded,
)
from practicum.errors import UsageError
from practicum.report.moves import moves


def asked(told: ToldRun) -> None:
    """A step in which an agent looks something up and answers."""
    told.at(0, "launcher", StepStarted(step=0, name="", kind="input"))
    told.at(0, "launcher", InputGiven(step=0, to="dev", text="Which issues?"))
    calls = ({"id": "c", "tool": "search", "args": {}},)
    told.at(1, "dev", ModelAnswered(turn=1, request=1, text="I look", calls=calls, stop="tools"))
    told.at(1, "dev", ToolCalled(turn=1, call="c", tool="search", args={"q": "a"}, effect="read"))
    told.at(
        1.5, "proctor", MockCalled(service="s", method="search", agent="dev", mock=2, why="q is a", answered="error")
    )
    told.at(2, "dev", ToolReturned(turn=1, call="c", tool="search", ok=False, error="gone"))
    told.at(3, "dev", ModelAnswered(turn=1, request=2, text="None.", calls=(), stop="end"))
    told.at(4, "launcher", StepFinished(step=0, name="", kind="input", ended="quiet", seconds=4))


def test_what_an_agent_thought_did_saw_and_answered(told: ToldRun) -> None:
    asked(told)
    told.at(5, "dev", ModelAnswered(turn=2, request=3, text="after the step", calls=(), stop="end"))
    found = moves(told.recorded, 0)
    assert [(move.kind, move.who, move.tool, move.text, move.ok) for move in found] == [
        ("given", "scenario", "", "Which issues?", True),
        ("thought", "dev", "", "I look", True),
        ("action", "dev", "search", '{"q":"a"}', True),
        ("observation", "dev", "", "s.search: mock 2 answered (error): q is a", True),
        ("observation", "dev", "search", "gone", False),
        ("answer", "dev", "", "None.", True),
    ]
    assert [move.at for move in found] == [0, 1, 1, 1.5, 2, 3]


def test_a_code_step_is_its_code_and_its_output(told: ToldRun) -> None:
    told.at(0, "launcher", StepStarted(step=1, name="", kind="code"))
    told.at(
        1,
        "launcher",
        StepFinished(
            step=1, name="", kind="code", ended="exited", seconds=1, exit_code=3, stdout="out\n", stderr="err"
        ),
    )
    found = moves(told.recorded, 1, code="ls")
    assert [(move.kind, move.text, move.ok) for move in found] == [
        ("action", "ls", True),
        ("observation", "out\nerr\nexit code 3", False),
    ]


def test_the_users_words_and_silence_are_told(told: ToldRun) -> None:
    told.at(0, "launcher", StepStarted(step=0, name="", kind="conversation"))
    told.at(0, "launcher", InputGiven(step=0, to="dev", text="Hello?"))
    told.at(1, "launcher", InputGiven(step=0, to="dev", text="Anyone?", turn=2))
    told.at(9, "launcher", ConversationTurned(step=0, turn=2, user="Anyone?", agent="", seconds=8, timed_out=True))
    assert [(move.kind, move.who, move.text, move.ok) for move in moves(told.recorded, 0)] == [
        ("given", "scenario", "Hello?", True),
        ("given", "user", "Anyone?", True),
        ("answer", "agent", "(no answer in time)", False),
    ]


def test_older_records_end_a_step_where_the_next_begins(told: ToldRun) -> None:
    for index, word in enumerate(("one", "two")):
        told.at(index, "launcher", InputGiven(step=index, to="dev", text=word))
        told.at(index, "launcher", StepTaken(step=index, kind="input"))
        told.at(index + 0.5, "dev", ModelAnswered(turn=1, request=1, text=f"done {word}", calls=(), stop="end"))
    told.at(2, "launcher", WorkEnded(reason="quiet"))
    assert [move.text for move in moves(told.recorded, 1)] == ["two", "done two"]


def test_a_step_that_was_not_begun_is_refused(told: ToldRun) -> None:
    asked(told)
    with pytest.raises(UsageError, match="no step 2") as caught:
        moves(told.recorded, 1)
    assert "1" in caught.value.hint
