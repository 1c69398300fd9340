"""The protocol `a2a`: a program that is an agent server, and what its messages and tasks come to."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from outside_kit import boot_of, talk_with

from practicum.agents.outside.a2a_told import Told
from practicum.errors import ModelError

pb = pytest.importorskip("a2a.types.a2a_pb2")
pytest.importorskip("starlette")

SERVER = """
    import os
    import uvicorn
    from a2a.helpers import new_text_artifact, new_text_message, new_task
    from a2a.server.agent_execution import AgentExecutor
    from a2a.server.request_handlers import DefaultRequestHandler
    from a2a.server.routes import create_agent_card_routes, create_jsonrpc_routes
    from a2a.server.tasks import InMemoryTaskStore, TaskUpdater
    from a2a.types import AgentCapabilities, AgentCard, AgentInterface, TaskState
    from starlette.applications import Starlette

    class Own(AgentExecutor):
        contexts = set()

        async def execute(self, context, queue):
            text = context.get_user_input()
            if text == "die":
                os._exit(3)
            self.contexts.add(context.context_id)
            if text == "plain":
                said = f"{len(self.contexts)} context"
                await queue.enqueue_event(new_text_message(said, context_id=context.context_id))
                return
            if context.current_task is None:
                made = new_task(context.task_id, context.context_id, TaskState.TASK_STATE_SUBMITTED)
                await queue.enqueue_event(made)
            task = TaskUpdater(queue, context.task_id, context.context_id)
            await task.start_work(task.new_agent_message(new_text_message("on it").parts))
            if text == "ask":
                await task.requires_input(task.new_agent_message(new_text_message("which one?").parts))
                return
            await task.add_artifact(new_text_artifact("report", f"made of {text}").parts, name="report")
            await (task.failed if text == "fail" else task.complete)(
                task.new_agent_message(new_text_message("that is all").parts)
            )

        async def cancel(self, context, queue): ...

    card = AgentCard(
        name="own", description="own", version="1", capabilities=AgentCapabilities(streaming=STREAMS),
        supported_interfaces=[
            AgentInterface(url="http://agent.example:9/a2a", protocol_binding="JSONRPC", protocol_version="1.0")
        ],
        default_input_modes=["text/plain"], default_output_modes=["text/plain"],
    )
    handler = DefaultRequestHandler(agent_executor=Own(), task_store=InMemoryTaskStore(), agent_card=card)
    app = Starlette(routes=[*create_agent_card_routes(card), *create_jsonrpc_routes(handler, "/a2a")])
    uvicorn.run(app, host=os.environ["HOST"], port=int(os.environ["PORT"]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("streams", [True, False])
async def test_a_server_is_asked_in_one_context(tmp_path: Path, streams: bool) -> None:
    program = SERVER.replace("STREAMS", str(streams))
    async with talk_with(boot_of(tmp_path / "me", program, protocol="a2a")) as talk:
        assert await talk.give("plain") == "1 context"
        assert await talk.give("iron") == "made of iron"
        assert await talk.give("ask") == "which one?"
        assert await talk.give("the red one") == "made of the red one"
        assert await talk.give("plain") == "1 context"
        if streams:
            assert "ended with exit code 3" in await talk.give("die")
        else:
            assert await talk.give("fail") == "process/program.py: its task is failed: that is all"


async def test_a_program_that_ends_before_it_listens_is_an_agent_that_failed(tmp_path: Path) -> None:
    async with talk_with(boot_of(tmp_path / "me", "raise SystemExit('no port')", protocol="a2a")) as talk:
        assert "ended with exit code 1; it said last: no port" in await talk.give("Go")


HOSTILE = """
    import http.server, os, sys
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            try:
                {answer}
            except OSError:
                pass
    http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("self.wfile.write(b'<html>')", "Failed to parse JSON"),
        ("self.wfile.write(b'[1]')", "AgentCardResolutionError"),
        ('self.wfile.write(b\'{"name": "x"}\')', "no compatible transports found"),
        ("[self.wfile.write(b'x' * 1000000) for _ in range(1000)]", "an answer of over 16777216 bytes"),
    ],
)
async def test_a_server_that_answers_anything_is_an_agent_that_failed(tmp_path: Path, answer: str, said: str) -> None:
    program = HOSTILE.replace("{answer}", answer)
    async with talk_with(boot_of(tmp_path / "me", program, protocol="a2a")) as talk:
        assert said in await talk.give("Go")


@pytest.mark.skipif(os.geteuid() != 0, reason="takes a second uid")
async def test_a_port_that_somebody_else_listens_at_is_not_taken_for_the_programs() -> None:
    from practicum.agents.outside.a2a import _is_ours

    with socket.create_server(("127.0.0.1", 0)) as ours:
        assert _is_ours(ours.getsockname()[1])
    os.seteuid(12_345)
    try:
        theirs = socket.create_server(("127.0.0.1", 0))
    finally:
        os.seteuid(0)
    with theirs:
        assert not _is_ours(theirs.getsockname()[1])


def told(*events: object) -> Told:
    found = Told()
    for event in events:
        found.take(event)  # type: ignore[arg-type]
    return found


def status(state: str, text: str = "") -> object:
    message = {"message": pb.Message(parts=[pb.Part(text=text)])} if text else {}
    told_of = pb.TaskStatus(state=pb.TaskState.Value(f"TASK_STATE_{state}"), **message)
    return pb.StreamResponse(status_update=pb.TaskStatusUpdateEvent(task_id="t", context_id="c", status=told_of))


def artifact(text: str, *, append: bool = False, name: str = "a") -> object:
    made = pb.Artifact(artifact_id=name, parts=[pb.Part(text=text)])
    return pb.StreamResponse(artifact_update=pb.TaskArtifactUpdateEvent(artifact=made, append=append))


def test_an_answer_is_what_was_made_else_what_was_said() -> None:
    assert told(status("WORKING", "on it"), status("COMPLETED", "done")).text() == "done"
    assert told(artifact("one"), artifact(" two", append=True), status("COMPLETED", "done")).text() == "one two"
    assert told(artifact("draft"), artifact("final"), artifact("B", name="b"), status("COMPLETED")).text() == "final\nB"
    assert told(artifact("draft"), status("INPUT_REQUIRED", "which?")).text() == "which?"
    file = pb.Part(raw=b"\x00", filename="plan.pdf", media_type="application/pdf")
    said = pb.Message(parts=[pb.Part(text="see"), file])
    assert told(pb.StreamResponse(message=said)).text() == "see\n[plan.pdf]"


@pytest.mark.parametrize("state", ["FAILED", "CANCELED", "REJECTED", "AUTH_REQUIRED", "UNSPECIFIED"])
def test_a_task_without_a_good_end_is_a_failure(state: str) -> None:
    with pytest.raises(ModelError, match=f"its task is {state.lower().replace('_', ' ')}: no"):
        told(artifact("half"), status(state, "no")).text()
