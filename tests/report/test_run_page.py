"""The page of one run: its steps, conversations, mocks, what was evaluated on what, and how the file was read."""

from __future__ import annotations

from told_run import Page, ToldRun, read
from told_verdict import evaluation, hostile_verdict, step, verdict

from practicum.bus.events import (
    AgentIdled,
    AgentWoke,
    InputGiven,
    ModelAnswered,
    StepFinished,
    StepStarted,
    ToolCalled,
    ToolReturned,
)
from practicum.report.page import render
from practicum.scenarios.verdict import Verdict


def shown(made: Verdict) -> Page:
    return read(render(made, []))


def test_code_steps_are_told_with_their_end_output_and_files() -> None:
    page = shown(
        verdict(
            steps=[
                step(name="build", given="make", stdout="ok\n  indented\x1b[31m\n", exit_code=0, created=["out.bin"]),
                step(1, stderr="no such file", exit_code=3, ended="timeout", changed=["a"], deleted=["b"]),
            ]
        )
    )
    assert {"step-0", "step-1"} <= page.ids
    for text in (
        "build",
        "exit code 0",
        "exit code 3",
        "timeout",
        "ok\n  indented\\x1b[31m",
        "no such file",
        "out.bin",
    ):
        assert text in page.text


def test_a_run_of_code_alone_has_no_lanes_no_leases_and_no_agents() -> None:
    page = shown(verdict(evaluation("e", step=0), steps=[step(exit_code=0)]))
    assert page.all("svg") == []
    for heading in ("Leases", "Who did what when", "Agents", "practicum replay"):
        assert heading not in page.text


def test_user_and_agent_are_told_apart_in_a_conversation() -> None:
    turns = [
        {"turn": 1, "user": "Charged twice!", "agent": "Which invoice?", "seconds": 1, "simulator": "scenario"},
        {"turn": 2, "user": "4711", "agent": "", "seconds": 9, "simulator": "script", "timed_out": True},
    ]
    page = shown(
        verdict(
            evaluation("polite", step=0, turn=2),
            steps=[step(0, "conversation", turns=turns, ended="terminated", reason="stuck")],
        )
    )
    assert len(page.all("div", class_="said user")) == len(page.all("div", class_="said agent")) == 2
    assert "#turn-0-2" in page.links
    assert "turn-0-2" in page.ids
    for text in ("user (script)", "no answer in time", "ended by a condition", "stuck"):
        assert text in page.text


def test_evaluations_stand_under_what_they_looked_at() -> None:
    page = shown(
        verdict(
            evaluation("first", step=0), evaluation("second", step=1, weight=3), evaluation("last"),
            steps=[step(name="build"), step(1)], strategy="weighted",
        )
    )  # fmt: skip
    heads = ['step 1 "build"', "first", "step 2", "second", "the whole run", "last"]
    table = page.text[page.text.index("\nEvaluations") :]
    places = [table.index(head) for head in heads]
    assert places == sorted(places)
    assert "judged by weighted" in page.text
    assert "weight" in page.text
    assert {"#step-0", "#step-1"} <= page.links


def test_what_passed_and_shows_nothing_is_weak_and_says_why() -> None:
    why = "the user's own words satisfy it"
    page = shown(verdict(evaluation("e", counts=False, weak=why, summary=f"there ({why})")))
    assert len(page.all("td", class_="weak")) == 1
    assert page.text.count(why) == 1
    assert "does not count toward a pass" in page.text


def test_what_a_judge_was_asked_and_answered_can_be_read() -> None:
    details = {
        "score": 0.4,
        "prompt": "Is it good?\nReally?",
        "answers": ['{"score": 0.4,\n "reason": "no"}', "x"],
        "empty": None,
    }
    page = shown(verdict(evaluation("llm_judge", "failed", details=details)))
    assert "score\xa00.4" in page.text
    assert "Is it good?\nReally?" in page.text
    assert '{"score": 0.4,\n "reason": "no"}' in page.text
    assert len(page.all("summary")) == 3  # the prompt, the answer of two lines, the events


def test_mocks_tell_their_calls_and_what_is_wrong_with_them() -> None:
    call = {"service": "s", "method": "m", "agent": "bot", "step": 0, "mock": 0, "why": "args fit", "args": ["x"]}
    lost = {**call, "mock": None}
    page = shown(
        verdict(
            mocks=[
                {"mock": 0, "service": "s", "method": "m", "calls": 1, "log": [{**call, "answered": "response"}]},
                {"mock": 1, "service": "s", "method": "n", "calls": 0, "flag": "unused"},
                {"mock": None, "service": "s", "method": "o", "calls": 1, "flag": "unmatched", "log": [lost]},
            ]
        )
    )  # fmt: skip
    for text in ("unused", "unmatched", "args fit", '"x"', "not answered", "never called"):
        assert text in page.text


def test_notes_parameters_trial_and_environment_are_told() -> None:
    page = shown(verdict(notes=["a.yaml:3: read as a list"], parameters={"run[0].input": "hi"}, trial=4))
    for text in ("a.yaml:3: read as a list", "run[0].input", "hi", "trial 4", "environment local"):
        assert text in page.text


def test_thoughts_actions_and_observations_of_a_step_link_to_their_events(told: ToldRun) -> None:
    told.at(0, "launcher", StepStarted(step=0, name="", kind="input"))
    told.at(0, "launcher", InputGiven(step=0, to="dev", text="List them"))
    told.at(1, "dev", AgentWoke(turn=1, events=()))
    told.at(
        1,
        "dev",
        ModelAnswered(
            turn=1, request=1, text="Let me look", calls=({"id": "c", "tool": "list", "args": {}},), stop="tools"
        ),
    )
    told.at(1, "dev", ToolCalled(turn=1, call="c", tool="list", args={"a": 1}, effect="read"))
    told.at(2, "dev", ToolReturned(turn=1, call="c", tool="list", ok=False, error="no such thing"))
    told.at(3.5, "dev", AgentIdled(turn=1, consumed=1))
    told.at(4, "launcher", StepFinished(step=0, name="", kind="input", ended="quiet", seconds=4))
    told.verdict["steps"] = [step(0, "input", given="List them")]
    page = told.page()
    assert "4 thoughts, actions, observations and answers" in page.text
    assert {"#event-4", "#event-5", "#event-6"} <= page.links
    assert {link[1:] for link in page.links} <= page.ids
    assert "2.5" in page.text  # seconds of dev's turns


def test_hostile_text_stays_text_in_every_new_place() -> None:
    page = shown(hostile_verdict())
    names = {name for name, _ in page.tags}
    assert not names & {"img", "script", "iframe", "object", "embed", "form", "base", "link", "image", "foreignobject"}
    assert [attribute for _, found in page.tags for attribute in found if attribute.startswith("on")] == []
    assert page.text.count("<img src=x onerror=alert(1)>") > 20
    shown_letters = set(page.html) - {"\n"}
    assert not {c for c in shown_letters if ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c in "\u200b\u202e\u2066\u2067"}
    assert {link[1:] for link in page.links} <= page.ids
