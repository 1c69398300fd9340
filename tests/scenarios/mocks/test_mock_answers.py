"""What a mock answers: values, errors, delays, chances."""

from __future__ import annotations

import pytest
from mock_kit import answer, ask, book, mocks, request
from pydantic import ValidationError

from practicum.scenarios.schema import MockError


def test_an_answer_is_a_copy() -> None:
    answers = book("- {method: f, response: {list: [1]}}")
    first = answer(answers, "s", "f").value
    assert isinstance(first, dict)
    first["list"] = "changed"
    assert answer(answers, "s", "f").value == {"list": [1]}


def test_an_answer_can_be_worked_out() -> None:
    answers = book(
        """
        - method: f
          responseFn: |
            return {
              address: args[0],
              last_updated: new Date().toISOString(),
              call: context.call
            }
        """
    )
    assert answer(answers, "s", "f", "0x1").value == {
        "address": "0x1",
        "last_updated": "2026-03-01T12:00:00.000Z",
        "call": 0,
    }


def test_an_answer_that_cannot_be_worked_out_is_an_error_that_says_where() -> None:
    done = ask(book("- {method: f, responseFn: 'return input.a.b'}"), "s", "f")
    assert done.answer is not None
    assert done.answer.error == MockError(
        code="MOCK_FAILED",
        message="setup.mocks[0].responseFn: line 1, column 15: cannot read 'b' of undefined",
        status=500,
    )
    assert done.event.answered == "error"


def test_an_answer_that_throws_is_the_error_that_it_throws() -> None:
    answers = book(
        "- {method: f, responseFn: \"if (!input.id) throw Object.assign(new Error('no id'), {status: 422}); return 1\"}"
    )
    assert answer(answers, "s", "f").error == MockError(code="Error", message="no id", status=422)
    assert answer(answers, "s", "f", id=5).value == 1


def test_errors_have_code_message_and_status() -> None:
    found = answer(book("- {method: f, error: {code: NOPE, message: Not this, status: 402}}"), "s", "f")
    assert (found.error, found.status) == (MockError(code="NOPE", message="Not this", status=402), 402)
    assert answer(book("- {method: f, error: Broken}"), "s", "f").error == MockError(message="Broken")


@pytest.mark.parametrize(
    ("delay", "seconds"), [("0", 0), ("250", 0.25), ("2s", 2), ("0ms", 0), ("'0'", 0), ("1.5s", 1.5), ("0.0", 0)]
)
def test_a_delay_is_milliseconds_unless_it_says_its_unit(delay: str, seconds: float) -> None:
    found = ask(book(f"- {{method: f, response: 1, metadata: {{delay: {delay}}}}}"), "s", "f")
    assert found.answer is not None
    assert (found.answer.delay_s, found.event.delay_ms) == (seconds, seconds * 1000)


@pytest.mark.parametrize("delay", ["-1", ".inf", "soon", "true", "m", "[]"])
def test_other_delays_are_refused(delay: str) -> None:
    with pytest.raises(ValidationError, match=r"metadata\.delay"):
        mocks(f"- {{method: f, response: 1, metadata: {{delay: {delay}}}}}")


FLAKY = "- {service: bank, method: pay, error: {code: FAILED}, metadata: {probability: 0.3}}"


def test_a_chance_comes_as_often_as_it_says_and_the_same_for_a_seed() -> None:
    def run(seed: int) -> list[bool]:
        answers = book(FLAKY, seed=seed)
        return [answer(answers, "bank", "pay").error is not None for _ in range(400)]

    assert run(1) == run(1) != run(2)
    assert 90 < sum(run(1)) < 150


def test_chances_of_other_mocks_and_other_calls_change_nothing() -> None:
    other = "- {service: x, method: y, error: {code: FAILED}, metadata: {probability: 0.5}}"
    alone, among = book(FLAKY), book(FLAKY + "\n" + other)
    for _ in range(50):
        ask(among, "x", "y")
        assert answer(alone, "bank", "pay").error == answer(among, "bank", "pay").error


def test_a_seed_of_its_own_goes_before_the_run_s() -> None:
    own = FLAKY.replace("0.3", "0.3, seed: 7")
    said = [[answer(answers, "bank", "pay").error for _ in range(40)] for answers in (book(own, 1), book(own, 2))]
    assert said[0] == said[1]


def test_a_mock_whose_chance_does_not_come_lets_the_next_one_answer() -> None:
    answers = book(
        "[{method: f, when: {args: [1]}, error: {code: X}, metadata: {probability: 0}}, {method: f, response: next}]"
    )
    done = ask(answers, "s", "f", 1)
    assert done.answer is not None
    assert done.answer.value == "next"
    assert "mock 0 fits, but the chance did not come" in done.event.why


def test_where_no_chance_comes_a_service_that_is_played_answers_itself_and_one_that_is_not_says_null() -> None:
    text = "- {service: github, method: getRepository, error: {code: X}, metadata: {probability: 0}}"
    assert request(book(text, real=frozenset({"github"})), "github", "GET", "/repos/a/b") is None
    done = ask(book(text), "github", "getRepository")
    assert done.answer is not None
    assert (done.answer.mock, done.answer.value, done.answer.error) == (-1, None, None)
    assert "it got null" in done.event.why


def test_an_error_and_an_answer_in_one_mock_share_its_probability() -> None:
    text = "- {method: f, response: fine, error: {code: X}, metadata: {probability: 0.5}}"
    answers = book(text)
    said = [answer(answers, "s", "f") for _ in range(100)]
    assert 30 < sum(one.error is not None for one in said) < 70
    assert {one.value for one in said if one.error is None} == {"fine"}
    assert answer(book(text.replace("0.5", "1")), "s", "f").error is not None


def test_chance_in_an_answer_is_the_same_for_a_seed() -> None:
    text = "- {method: f, responseFn: 'Math.random()'}"
    assert answer(book(text, 1), "s", "f").value == answer(book(text, 1), "s", "f").value
    assert answer(book(text, 1), "s", "f").value != answer(book(text, 2), "s", "f").value


def test_nulls_in_a_file_say_nothing() -> None:
    answers = book("- {service: , method: f, when: , responseFn: , error: , metadata: , response: }")
    assert answer(answers, "s", "f").value is None
