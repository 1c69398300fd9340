"""A user's program as a model: the agent's loop asks it as it asks any other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from practicum.agents.boot import Boot
from practicum.agents.journal import Journal
from practicum.agents.outside.asking import Dialogue, Task, task_of
from practicum.agents.outside.environment import environment_of, secrets_of
from practicum.agents.outside.hiding import hiding
from practicum.agents.outside.offering import Offering
from practicum.agents.outside.running import Running
from practicum.agents.outside.stdio import StdioDialogue
from practicum.agents.outside.text import TextDialogue
from practicum.agents.toolbox import ToolRunner
from practicum.api.model import ModelRequest, ModelTurn
from practicum.errors import ModelError

_LONGEST_ERROR = 6000
"""Characters."""


class OutsideModel:
    """Starts the program with the first question, and asks it for each turn. It dies with us."""

    def __init__(self, boot: Boot, tools: ToolRunner, journal: Journal, cause: Callable[[], str]) -> None:
        """`cause` gives the id of the `model.requested` that is being answered.

        Raises:
            MissingExtraError: the protocol's SDK is not installed.
        """
        assert boot.program is not None
        self.name = boot.model
        self._boot, self._start, self._cause = boot, boot.program, cause
        self._offering = Offering(tools, journal) if boot.program.tools == "mcp" else None
        self._hide = hiding(secrets_of(boot))
        self._dialogue: Dialogue | None = None

    async def respond(self, request: ModelRequest) -> ModelTurn:
        """See `practicum.api.model.Model`.

        Raises:
            ModelError: the program ended, took too long, or said nothing that is an answer.
        """
        task = task_of(request)
        if self._offering is not None and task is not None:
            self._offering.open(task.turn, self._cause())
        turn: ModelTurn | None = None
        try:
            async with asyncio.timeout(self._start.timeout):
                turn = await self._ask(request, task)
        except TimeoutError as error:
            raise ModelError(
                f"{self.name}: the program gave no answer within {self._start.timeout:g} s; "
                f"what else it said stands in logs/agent-{self._boot.agent}.log"
            ) from error
        except (
            Exception
        ) as error:  # the outermost edge: whatever a stranger's words make an SDK raise is that program's
            cause = first_of(error)
            said = cause.message if isinstance(cause, ModelError) else f"{type(cause).__name__}: {cause}"
            hint = cause.hint if isinstance(cause, ModelError) else ""
            raise ModelError(f"{self.name}: {self._hide(said)[:_LONGEST_ERROR]}", hint=hint) from error
        finally:
            if self._offering is not None and (turn is None or not turn.calls):
                self._offering.shut()
            if turn is None:
                await self.close()  # it is not asked again
        return turn

    async def _ask(self, request: ModelRequest, task: Task | None) -> ModelTurn:
        if self._dialogue is None:
            url = await self._offering.start() if self._offering is not None else ""
            if url:
                self._hide = hiding([*secrets_of(self._boot), url])
            self._dialogue = self._make(environment_of(self._boot, mcp_url=url))
        return await self._dialogue.ask(request, task)

    def _make(self, env: dict[str, str]) -> Dialogue:
        boot, argv = self._boot, self._start.argv

        async def start() -> Running:
            return await Running.start(argv, env=env, cwd=boot.workspace, hide=self._hide)

        match self._start.protocol:
            case "stdio":
                return StdioDialogue(start, agent=boot.agent, role=boot.role, team=boot.team)
            case "text":
                return TextDialogue(argv, env=env, cwd=boot.workspace, hide=self._hide)
            case "mcp":
                from practicum.agents.outside.mcp import McpDialogue

                return McpDialogue(start)
            case "a2a":
                from practicum.agents.outside.a2a import A2ADialogue

                async def start_at(port: int) -> Running:
                    more = {"HOST": "127.0.0.1", "PORT": str(port)}
                    return await Running.start(argv, env={**env, **more}, cwd=boot.workspace, hide=self._hide)

                return A2ADialogue(start_at)

    async def close(self) -> None:
        """End the program and what it was offered."""
        dialogue, self._dialogue = self._dialogue, None
        if dialogue is not None:
            await dialogue.close()
        if self._offering is not None:
            await self._offering.close()


def first_of(error: BaseException) -> BaseException:
    """What went wrong first, out of the groups in which it comes."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
