from __future__ import annotations

import pytest

from practicum.scenarios.conversation.words import said_word


@pytest.mark.parametrize(
    ("text", "keyword"),
    [
        ("It is resolved.", "resolved"),
        ("RESOLVED!", "resolved"),
        ("thank   you\nso much", "Thank you"),
        ("It’s what I’ve needed", "I've needed"),
        ("not only resolved but explained", "resolved"),
        ("I cannot thank you enough", "thank you"),
        ("No, thank you, that is all", "thank you"),
        ("It was not easy. Now it is resolved", "resolved"),
        ("I was not sure but it is resolved", "resolved"),
        ("非常谢谢你", "谢谢"),
        ("C++ it is", "c++"),
        ("it was (finally) resolved", "resolved"),
        ("First not resolved, in the end resolved", "resolved"),
    ],
)
def test_a_word_is_found_whatever_its_case_and_spacing(text: str, keyword: str) -> None:
    assert said_word(text, ["never", keyword]) == keyword


@pytest.mark.parametrize(
    ("text", "keyword"),
    [
        ("It is unresolved", "resolved"),
        ("greatly", "great"),
        ("It is not resolved.", "resolved"),
        ("It isn't resolved", "resolved"),
        ("It isn’t really resolved", "resolved"),
        ("It is not yet fully resolved", "resolved"),
        ("That never helps", "helps"),
        ("There is no solution", "solution"),
        ("dont thank you me", "thank you"),
        ("No thank you", "thank you"),
        ("", "resolved"),
        ("resolved", ""),
    ],
)
def test_parts_of_words_and_denied_words_are_not_found(text: str, keyword: str) -> None:
    assert said_word(text, [keyword]) is None


@pytest.mark.parametrize(
    "text",
    [
        "I want this resolved now",
        "When will it be resolved?",
        "Is it resolved?",
        "and can you get it resolved?",
        "I am happy once it is resolved",
        "It should be resolved",
    ],
)
def test_what_is_only_wished_or_asked_did_not_happen(text: str) -> None:
    assert said_word(text, ["resolved"]) == "resolved"
    assert said_word(text, ["resolved"], happened=True) is None


@pytest.mark.parametrize(
    "text",
    ["It is resolved. When will the money come?", "I want to say it is resolved", "resolved, can you close it?"],
)
def test_what_happened_counts_beside_a_question(text: str) -> None:
    assert said_word(text, ["resolved"], happened=True) == "resolved"


def test_thanks_are_thanks_even_when_they_are_offered() -> None:
    assert said_word("I would like to thank you", ["thank you"], happened=True) == "thank you"


def test_a_long_text_is_searched_in_time_that_grows_with_it() -> None:
    assert said_word("not resolved " * 20_000, ["resolved"], happened=True) is None
