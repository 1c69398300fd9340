"""A policy written as a plan: plain `async` Python that calls tools and reads their results.

    async def plan(turn: PlanTurn) -> str:
        issue = await turn.call("get_issue", number=1)
        files = await turn.gather(("read_file", {"path": "a.py"}), ("read_file", {"path": "b.py"}))
        if "bug" in issue["labels"]:
            await turn.call("comment", number=1, text="on it")
        answer = await turn.say("Shall I merge?")
        return "merged" if "yes" in answer else "left alone"

HTTP has no memory: with each request the plan runs again from its start, and what the conversation already holds
answers it until it comes to something new. So it must be deterministic, and one changed result changes its path.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from practicum.api.model import AssistantMessage, ToolMessage, UserMessage
from practicum.errors import PracticumError
from practicum.models.testing.conversation import Answer, Call, Conversation, Reply

Plan = Callable[["PlanTurn"], Awaitable[str | None]]
"""Returns the last words; None says `done`."""


class PlanFailedError(PracticumError):
    """A call that a plan made came back as an error; `content` is what a model would have read."""

    def __init__(self, tool: str, content: Any) -> None:
        super().__init__(f"{tool}: {content}")
        self.tool, self.content = tool, content


class _Reached(BaseException):
    """The plan has come to something that the conversation does not hold yet. Not an `Exception`: a plan that catches
    those must not catch this.
    """

    def __init__(self, reply: Reply) -> None:
        self.reply = reply


class PlanTurn:
    """What a plan holds in its hand."""

    def __init__(self, conversation: Conversation) -> None:
        self.system = conversation.system
        self.model = conversation.model
        self._messages = list(conversation.messages)
        self._at = 0
        self._unread: list[str] = []
        self._take_users()

    async def call(self, tool: str, **args: Any) -> Any:
        """Call one tool; its result, parsed where it is JSON.

        Raises:
            PlanFailedError: the call failed.
        """
        return (await self.gather((tool, args)))[0]

    async def attempt(self, tool: str, **args: Any) -> Any:
        """Like `call`, but hands a `PlanFailedError` back instead of raising it."""
        return self._ask(((tool, args),), "")[0]

    async def gather(self, *calls: tuple[str, dict[str, Any]], text: str = "") -> list[Any]:
        """Make several calls in one answer, with `text` before them; results in the order given.

        Raises:
            PlanFailedError: the first of them that failed.
        """
        results = self._ask(calls, text)
        for result in results:
            if isinstance(result, PlanFailedError):
                raise result
        return results

    async def say(self, text: str) -> str:
        """End a turn with `text`; what the user says to it."""
        self._answer(Reply(text=text))
        return self.heard()

    def heard(self) -> str:
        """What the user said that was not read yet, texts apart by an empty line."""
        texts, self._unread = self._unread, []
        return "\n\n".join(texts)

    def _ask(self, calls: tuple[tuple[str, dict[str, Any]], ...], text: str) -> list[Any]:
        made = self._answer(Reply(text=text, calls=tuple(Call(tool, args) for tool, args in calls)))
        wanted, called = [tool for tool, _ in calls], [call.tool for call in made.calls]
        if wanted != called:
            raise PracticumError(
                f"the plan calls {wanted} where it called {called} before",
                hint="a plan must be deterministic: it runs again with each request",
            )
        results = self._messages[self._at] if self._at < len(self._messages) else None
        if not isinstance(results, ToolMessage):
            raise PracticumError("the results of the plan's calls did not come")
        self._at += 1
        self._take_users()
        by_id = {result.call: result for result in results.results}
        given = [by_id[call.id] for call in made.calls]
        return [
            one.content if one.ok else PlanFailedError(call.tool, one.content)
            for call, one in zip(made.calls, given, strict=True)
        ]

    def _answer(self, reply: Reply) -> AssistantMessage:
        """The answer as the conversation holds it; where it does not, this is as far as the plan gets now."""
        if self._at >= len(self._messages):
            raise _Reached(reply)
        made = self._messages[self._at]
        if not isinstance(made, AssistantMessage):
            raise PracticumError(f"the conversation holds a {made.role} message where the plan answered")
        self._at += 1
        if not reply.calls:
            self._take_users()
        return made

    def _take_users(self) -> None:
        while self._at < len(self._messages):
            message = self._messages[self._at]
            if not isinstance(message, UserMessage):
                return
            self._unread.append(message.text)
            self._at += 1


class ScriptedPolicy:
    """Answers as a plan says. When the plan is over, further requests get its last words again."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    async def __call__(self, conversation: Conversation) -> Answer:
        """The plan's next answer."""
        try:
            last = await self._plan(PlanTurn(conversation))
        except _Reached as reached:
            return reached.reply
        return Reply(text=last or "done")
