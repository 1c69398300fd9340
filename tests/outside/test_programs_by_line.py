"""The protocols `stdio` and `text`: what a program is told, what it may say, and how it may go wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from outside_kit import LEASE, SEED, boot_of, talk_with

from practicum.agents.outside.asking import LONGEST_ANSWER
from practicum.bus.events import AgentFailed, AgentIdled, AgentJoined, ModelAnswered, ToolCalled, ToolReturned


def patience(said: str) -> int:
    """Seconds that a program has: few only where their end is what is looked at. A busy machine starts Python late."""
    return 1 if "within 1 s" in said else 30


ECHO = """
    import json, sys
    for line in sys.stdin:
        task = json.loads(line)
        print(json.dumps({"type": "answer", "text": json.dumps(task)}), flush=True)
"""


async def test_a_program_is_told_who_it_is_once_and_each_task_in_words(tmp_path: Path) -> None:
    async with talk_with(boot_of(tmp_path / "me", ECHO)) as talk:
        first = json.loads(await talk.give("Say moin"))
        second = json.loads(await talk.give("Say it\nagain"))
    assert (first["turn"], first["text"]) == (1, "Say moin")
    assert first["events"] == [{"event": "task", "text": "Say moin"}]
    assert (first["agent"], first["role"], first["team"]) == ("me", "general", {"me": "general", "you": "lead"})
    assert first["instructions"] == "Be brief."
    assert {"name", "description", "parameters"} == set(first["tools"][0])
    assert (second["turn"], second["text"]) == (2, "Say it\nagain")
    assert "tools" not in second
    assert talk.of(AgentJoined)[0].model == "process/program.py"
    assert len(talk.of(AgentIdled)) == 2


async def test_it_calls_the_tools_of_its_role_and_they_are_on_record(tmp_path: Path) -> None:
    program = """
        import json, sys
        def say(**value): print(json.dumps(value), flush=True)
        def read(): return json.loads(sys.stdin.readline())
        read()
        say(type="call", id="a", tool="write_file", args={"path": "moin.txt", "content": "moin"})
        made = read()
        say(type="call", id={"odd": 1}, tool="read_file", args={"path": "../secret"})
        refused = read()
        say(type="call", tool="read_file", args=["moin.txt"])
        wrong = read()
        say(type="answer", text=json.dumps([made, refused, wrong]))
        read()
    """
    async with talk_with(boot_of(tmp_path / "me", program)) as talk:
        made, refused, wrong = json.loads(await talk.give("Write"))
    assert made == {"type": "result", "id": "a", "ok": True, "result": 4}
    assert refused == {
        "type": "result",
        "id": {"odd": 1},
        "ok": False,
        "error": "../secret leads outside the workspace",
    }
    assert wrong["error"] == "args must be an object"
    assert (tmp_path / "me" / "moin.txt").read_text() == "moin"
    assert [called.tool for called in talk.of(ToolCalled)] == ["write_file", "read_file", "read_file"]
    assert [returned.ok for returned in talk.of(ToolReturned)] == [True, False, False]


async def test_what_is_no_answer_is_taken_as_talk_and_lines_without_an_end_are_dropped(tmp_path: Path) -> None:
    program = """
        import json, sys
        sys.stdin.readline()
        talk = ["loading", "[1, 2", "null", '{"type": "answer"}', '{"type": "answer", "text": 7}', "\\x00\\xff"]
        for line in [*talk, "[" * 9999]:
            print(line)
        sys.stdout.write('{"type": "answer", "text": "' + "x" * 3_000_000 + '"}\\n')
        sys.stderr.write("e" * 3_000_000)
        print(json.dumps({"type": "answer", "text": "here"}), flush=True)
        sys.stdin.readline()
    """
    async with talk_with(boot_of(tmp_path / "me", program)) as talk:
        assert await talk.give("Go") == "here"


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import sys; sys.exit('no such thing')", "ended with exit code 1; it said last: no such thing"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "was killed by signal 11"),
        ("print('an answer in words')", "ended with exit code 0; it said last: an answer in words"),
        ("import time; time.sleep(60)", "gave no answer within 1 s; what else it said stands in logs/agent-me.log"),
    ],
)
async def test_a_program_that_ends_or_hangs_is_an_agent_that_failed(tmp_path: Path, program: str, said: str) -> None:
    async with talk_with(boot_of(tmp_path / "me", program, timeout=patience(said))) as talk:
        assert said in await talk.give("Go")
    assert [failed.kind for failed in talk.of(AgentFailed)] == ["process"]
    assert talk.of(ModelAnswered)[0].stop == "error"


async def test_no_lease_and_no_word_of_the_bus_stands_in_what_is_told_of_its_end(tmp_path: Path) -> None:
    program = f"""
        import os, sys
        print("my key is", os.environ["OPENAI_API_KEY"])
        print("and yours", {SEED!r}, "a-token-of-the-bus", file=sys.stderr)
        sys.exit(3)
    """
    async with talk_with(boot_of(tmp_path / "me", program, services=("openai",))) as talk:
        said = await talk.give("Go")
    assert "my key is [hidden]" in said
    assert "and yours [hidden] [hidden]" in said
    assert not any(secret in str(talk.events) for secret in (LEASE, SEED, "a-token-of-the-bus"))


async def test_a_program_that_ended_well_starts_again_for_the_next_task(tmp_path: Path) -> None:
    program = """
        import json, os, sys
        task = json.loads(sys.stdin.readline())
        print(json.dumps({"type": "answer", "text": f"{task['turn']} {'tools' in task} {os.getpid()}"}), flush=True)
    """
    async with talk_with(boot_of(tmp_path / "me", program)) as talk:
        one, two = await talk.give("a"), await talk.give("b")
    assert (one.split()[:2], two.split()[:2]) == (["1", "True"], ["2", "True"])
    assert one.split()[2] != two.split()[2]


TEXT = """
    import os, sys
    print(os.environ["PRACTICUM_TURN"], sys.argv[1:], repr(sys.stdin.read()), os.getcwd())
"""


async def test_a_plain_program_reads_the_words_and_prints_the_answer(tmp_path: Path) -> None:
    async with talk_with(boot_of(tmp_path / "me", TEXT, protocol="text", words=("--once",))) as talk:
        assert await talk.give("Grüße\n'; rm -rf /") == f"1 ['--once'] \"Grüße\\n'; rm -rf /\" {tmp_path / 'me'}"
        assert (await talk.give("more")).startswith("2 ")


async def test_the_words_may_come_by_argument(tmp_path: Path) -> None:
    words = ("--ask", "Q: {input}")
    async with talk_with(boot_of(tmp_path / "me", TEXT, protocol="text", words=words)) as talk:
        assert "['--ask', 'Q: $(id) {input}'] ''" in await talk.give("$(id) {input}")
        assert "too long for {input}" in await talk.give("x" * 200_000)


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import sys; print('half'); sys.exit('broken')", "ended with exit code 1; it said last: broken"),
        ("import sys; print('half'); sys.exit(4)", "ended with exit code 4; it said last: half"),
        ("import time; time.sleep(60)", "gave no answer within 1 s"),
    ],
)
async def test_a_plain_program_that_fails_is_an_agent_that_failed(tmp_path: Path, program: str, said: str) -> None:
    async with talk_with(boot_of(tmp_path / "me", program, protocol="text", timeout=patience(said))) as talk:
        assert said in await talk.give("Go")


async def test_an_answer_has_an_end_and_needs_no_other_process_to_end(tmp_path: Path) -> None:
    program = """
        import subprocess, sys
        subprocess.Popen(["sleep", "60"])  # holds our output open
        print("x" * 1_000_000)
    """
    async with talk_with(boot_of(tmp_path / "me", program, protocol="text")) as talk:
        answer = await talk.give("Go")
    assert answer.startswith("x" * LONGEST_ANSWER + "\n[")
    assert answer.endswith("more characters]")


async def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    boot = boot_of(tmp_path / "me", "")
    assert boot.program is not None
    missing = boot.program.model_copy(update={"argv": ("/no/such/program",)})
    async with talk_with(boot.model_copy(update={"program": missing})) as talk:
        assert "/no/such/program" in await talk.give("Go")
