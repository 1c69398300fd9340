"""What differs from run to run disappears; what a model means stays."""

from __future__ import annotations

import random
import time
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_kit import DEPLOY, READ_FILE

from practicum.api.model import AssistantMessage, Message, ToolMessage, ToolRequest, ToolResult, UserMessage
from practicum.ids import new_event_id, new_lease_id, new_lease_token, new_run_id
from practicum.models.canonical import Canonical, ContextDigest, canonical, digest_context, digest_tools


def text(value: str) -> str:
    return Canonical().text(value)


SHA = "9f2d1c0b8a7e6f5d4c3b2a1908f7e6d5c4b3a291"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("event 0199a2b4-1c2d-7e3f-8a4b-0123456789ab.", "event <id:1>."),
        ("0199A2B4-1C2D-7E3F-8A4B-0123456789AB", "<id:1>"),
        ("(lease-0123456789ab)", "(<lease:1>)"),
        (f"HEAD is {SHA}", "HEAD is <sha:1>"),
        (f"{SHA[:7]} then {SHA}", "<sha:1> then <sha:1>"),
        ("index 1234567..7654321 100644", "index <sha:1>..<sha:2> 100644"),
        ("[main 1234567] Add links", "[main <sha:1>] Add links"),
        ("[main (root-commit) 1234567] Add", "[main (root-commit) <sha:1>] Add"),
        ("HEAD is now at 1234567 Add", "HEAD is now at <sha:1> Add"),
        ("message 1184392018473926656 posted", "message <id:1> posted"),
        ("thread 1712345678.123456", "thread <ts:1>"),
        ("http://127.0.0.1:43117/git", "http://127.0.0.1:<port:1>/git"),
        ("localhost:8080 and [::1]:8080", "localhost:<port:1> and [::1]:<port:1>"),
        ("toolu_01A09q90qw90lq917835lq9 failed", "<id:1> failed"),
        ("call_abcDEF1234567890abcdef12", "<id:1>"),
        ("node I_kwDOAbc123_x", "node <id:1>"),
        ("/tmp/tmp8x_2kq/repo/a.py", "/tmp/<tmp:1>/repo/a.py"),
        ("2026-01-02T03:04:05Z", "<time>"),
        ("at 2026-01-02 03:04:05.123456+00:00!", "at <time>!"),
        ("Date:   Thu Jan  2 03:04:05 2026 +0100", "Date:   <time>"),
        ("Fri, 02 Jan 2026 03:04:05 GMT", "<time>"),
        ("[03:04:05] started", "[<time>] started"),
        ("reset at 1712345678", "reset at <time>"),
        ("reset at 1712345678901.", "reset at <time>."),
        ("since 2026-01-02, not 2026-01-03", "since <date:1>, not <date:2>"),
        ("14 passed in 0.12s", "14 passed in <duration>"),
        ("14 tests, 1.2 s", "14 tests, <duration>"),
        ("took 12 ms (12ms)", "took <duration> (<duration>)"),
        ("finished in 3 seconds", "finished in <duration>"),
        ("https://x.test/cb?state=Zx9_-abcdefghij12&n=1", "https://x.test/cb?state=<token:1>&n=1"),
    ],
)
def test_what_differs_each_time_becomes_a_placeholder(before: str, after: str) -> None:
    assert text(before) == after


@pytest.mark.parametrize(
    "kept",
    [
        "issue #12, pull request #5, 14 tests",
        "v1.0.1 and 3.11.9 and 10.0.0",
        "sleep 50s, timeout 10m, wait 30 seconds",
        "retry 3 times, 512M, 94 %, $5",
        "deadbee is a word here, as is facade, and 1234567 a number",
        "issue-1 -> main, dev-1, release-candidate-2",
        "port 8080 of example.test:8080",
        "test_internationalization_of_everything_and_more",
        "0.1700000000 of 1.1712345678",
        "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "12:30 lunch, ratio 3:2:1",
        "phone 0170000000, id 42, 999999999",
        "",
        "näïve «text» 🎉 <b>html</b>",
    ],
)
def test_what_is_meant_stays(kept: str) -> None:
    assert text(kept) == kept


def test_our_own_identifiers_are_known() -> None:
    for make, placeholder in (
        (new_event_id, "<id:1>"),
        (new_run_id, "<run:1>"),
        (new_lease_id, "<lease:1>"),
        (new_lease_token, "<token:1>"),
    ):
        for _ in range(50):
            assert text(f"a {make()} b") == f"a {placeholder} b"
            assert text(make()) == placeholder


def test_secrets_of_the_services_are_known() -> None:
    def made(alphabet: str, length: int) -> str:
        return "".join(random.choices(alphabet, k=length))

    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    for prefix, length in (("ghp_", 36), ("github_pat_", 60), ("xoxb-", 40), ("xapp-", 40), ("sk-", 48)):
        assert text(f"key={prefix}{made(letters, length)}.") == "key=<token:1>."


def test_one_thing_keeps_its_number_and_another_gets_its_own() -> None:
    first, second = str(uuid.uuid4()), str(uuid.uuid4())
    table = Canonical()
    assert table.text(f"{first} {second} {first}") == "<id:1> <id:2> <id:1>"
    assert canonical({"id": second, "n": [first]}, table) == {"id": "<id:2>", "n": ["<id:1>"]}


def test_a_commit_id_of_digits_only_is_known_once_its_long_form_was_seen() -> None:
    sha = "1234567" + "a" * 33
    assert text("1234567 links") == "1234567 links"
    assert text(f"{sha}\n1234567 links") == "<sha:1>\n<sha:1> links"


def test_numbers_that_are_times_or_snowflakes_are_replaced_and_others_are_not() -> None:
    value = {"created": time.time(), "ms": 12.5, "number": 12, "id": 1184392018473926656, "bytes": 4096, "ok": True}
    assert canonical(value, Canonical()) == {
        "bytes": 4096,
        "created": "<time>",
        "id": "<id:1>",
        "ms": "<duration>",
        "number": 12,
        "ok": True,
    }
    assert canonical({"seconds": 30, "limit": 1.5}, Canonical()) == {"limit": 1.5, "seconds": 30}
    assert canonical({"seconds": 30.25}, Canonical()) == {"seconds": "<duration>"}


def test_the_same_number_as_text_is_the_same_thing() -> None:
    assert canonical([1184392018473926656, "1184392018473926656"], Canonical()) == ["<id:1>", "<id:1>"]


def test_names_of_members_are_replaced_too_and_their_order_does_not_count() -> None:
    one, two = sorted(str(uuid.uuid4()) for _ in range(2))
    assert canonical({"b": 1, one: 2, two: 3, "a": 4}, Canonical()) == {"<id:1>": 2, "<id:2>": 3, "a": 4, "b": 1}
    left, right = {"b": one, "a": two}, {"a": two, "b": one}
    assert canonical(left, Canonical()) == canonical(right, Canonical())  # type: ignore[arg-type]


def test_known_texts_are_replaced_longest_first() -> None:
    table = Canonical({"/home/me/runs": "runs", "/home/me/runs/one": "run"})
    assert table.text("/home/me/runs/one/a.py /home/me/runs/two") == "<run>/a.py <runs>/two"


WORDS = st.text(alphabet="abc XYZ.,:;-_/()[]{}=\"'\n", max_size=30)


@given(st.lists(st.tuples(WORDS, st.integers(0, 3)), max_size=12))
def test_two_runs_that_differ_in_identifiers_only_are_equal(parts: list[tuple[str, int]]) -> None:
    def rendered() -> str:
        names = [str(uuid.uuid4()) for _ in range(4)]
        return " ".join(f"{words} {names[which]} {words}" for words, which in parts)

    assert text(rendered()) == text(rendered())


@given(st.text(max_size=200))
def test_canonical_text_is_canonical_already(value: str) -> None:
    once = text(value)
    assert text(once) == once


def context(number: int = 1) -> list[Message]:
    run, sha, call = new_event_id(), f"{random.getrandbits(160):040x}", f"toolu_{random.getrandbits(96):024x}"
    return [
        UserMessage(f"{run}: issue #{number} was opened at {time.time_ns() / 1e9:.6f}", ({"id": run},)),
        AssistantMessage("", (ToolRequest(call, "read_file", {"path": "a.py"}),), opaque={"x": random.random()}),
        ToolMessage((ToolResult(call, True, {"sha": sha, "ms": random.random()}),)),
    ]


def test_the_same_context_of_two_runs_has_one_digest() -> None:
    assert digest_context(context(), [READ_FILE], "s") == digest_context(context(), [READ_FILE], "s")


def test_any_difference_that_is_meant_changes_the_digest() -> None:
    base = digest_context(context(), [READ_FILE], "system")
    call, results = context()[1:]
    assert isinstance(call, AssistantMessage)
    assert isinstance(results, ToolMessage)
    failed = ToolMessage((ToolResult(results.results[0].call, False, results.results[0].content),))
    others = [
        digest_context(context(2), [READ_FILE], "system"),
        digest_context(context(), [READ_FILE, DEPLOY], "system"),
        digest_context(context(), [READ_FILE], "another"),
        digest_context(context()[:2], [READ_FILE], "system"),
        digest_context([context()[0], call, failed], [READ_FILE], "system"),
        digest_context([*context(), UserMessage("more")], [READ_FILE], "system"),
    ]
    assert len({base, *others}) == 1 + len(others)
    assert digest_tools([READ_FILE]) != digest_tools([READ_FILE, DEPLOY])


def test_a_running_digest_equals_the_one_computed_at_once() -> None:
    messages = [message for number in range(5) for message in context(number)]
    running = ContextDigest()
    for end in range(len(messages) + 1):
        assert running.of(messages[:end], [READ_FILE], "s") == digest_context(messages[:end], [READ_FILE], "s")


def test_a_running_digest_starts_again_when_the_context_was_rewritten() -> None:
    messages = context()
    running = ContextDigest()
    running.of(messages, [READ_FILE], "s")
    shorter = [UserMessage("summary"), *messages[1:]]
    assert running.of(shorter, [READ_FILE], "s") == digest_context(shorter, [READ_FILE], "s")
    assert running.of(messages[:1], [READ_FILE], "s") == digest_context(messages[:1], [READ_FILE], "s")
    assert running.of(messages[:1], [DEPLOY], "s") == digest_context(messages[:1], [DEPLOY], "s")


def test_a_running_digest_looks_at_new_messages_only() -> None:
    long = [UserMessage("word " * 20_000) for _ in range(40)]
    running = ContextDigest()
    started = time.process_time()
    running.of(long, [])
    first = time.process_time() - started
    started = time.process_time()
    for number in range(20):
        long.append(UserMessage(f"issue {number}"))
        running.of(long, [])
    assert (time.process_time() - started) / 20 < first / 20
