"""The log of each mock, and what is flagged."""

from __future__ import annotations

from mock_kit import StillClock, ask, book, request

TEXT = """
- {service: bank, method: pay, when: {args: [5]}, response: paid}
- {service: bank, method: refund, response: never}
- {service: shop, method: order, error: {code: X}, metadata: {probability: 0}}
"""


def test_every_call_is_in_the_log_of_its_mock_with_which_why_args_and_when() -> None:
    answers = book(TEXT)
    event = ask(answers, "Bank", "pay", 5).event
    assert (event.mock, event.why, event.args, event.agent, event.step) == (
        0,
        "its condition holds: args",
        (5,),
        "dev-1",
        0,
    )
    assert event.at == StillClock().now()
    assert event.answered == "response"
    assert answers.uses()[0].log == [event]
    assert answers.uses()[0].calls == 1


def test_mocks_that_never_answered_and_calls_that_none_fits_are_flagged() -> None:
    answers = book(TEXT)
    ask(answers, "bank", "pay", 5)
    ask(answers, "bank", "pay", 6)
    ask(answers, "shop", "order")
    ask(answers, "post", "send")
    told = [(use.mock, use.service, use.method, use.calls, use.flag) for use in answers.uses()]
    assert told == [
        (0, "bank", "pay", 1, ""),
        (1, "bank", "refund", 0, "unused"),
        (2, "shop", "order", 0, "unused"),
        (None, "bank", "pay", 1, "unmatched"),
        (None, "shop", "order", 1, ""),
        (None, "post", "send", 1, "unmatched"),
    ]
    assert answers.uses()[3].log[0].why == "mock 0: when.args is [5], the call has [6]"


def test_an_answer_says_which_more_specific_ones_did_not_fit() -> None:
    answers = book("[{method: f, response: any}, {method: f, when: {input: {a: 1}}, response: one}]")
    why = ask(answers, "s", "f", a=2).event.why
    assert why == "it has no conditions; more specific and not fitting: mock 1: when.input.a is 1, the call has 2"


def test_calls_over_http_are_logged_by_their_request() -> None:
    answers = book("- {service: github, method: listIssues, when: {input: {state: open}}, response: []}")
    request(answers, "github", "GET", "/repos/a/b/issues", state="open")
    request(answers, "github", "GET", "/repos/a/b/issues", state="closed")
    uses = answers.uses()
    assert uses[0].log[0].method == "GET /repos/a/b/issues"
    assert uses[0].log[0].args == ("a", "b")
    assert (uses[1].method, uses[1].flag) == ("listIssues", "unmatched")


def test_a_long_log_is_counted_and_long_texts_are_cut() -> None:
    answers = book("- {method: f, response: 1}")
    for _ in range(300):
        ask(answers, "s", "f", "x" * 5000)
    use = answers.uses()[0]
    assert use.calls == 300
    assert len(use.log) == 200
    assert use.log[0].args == ("x" * 1000 + "… (5000 characters)",)
