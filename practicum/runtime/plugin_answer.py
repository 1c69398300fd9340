"""How the desks for plugins answer what agents ask them over the bus."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json, to_json

from practicum.errors import PracticumError

Asked = TypeVar("Asked", bound=BaseModel)


async def answered(question: type[Asked], body: bytes, answer: Callable[[Asked], Awaitable[Any]]) -> bytes:
    """Read a question, and `{"result"}` with its answer, or `{"error"}` with what is wrong."""
    try:
        return to_json({"result": await answer(question.model_validate(from_json(body)))})
    except ValidationError as error:
        return to_json({"error": f"not a question about plugins: {error.errors()[0]['msg']}"})
    except PracticumError as error:
        return to_json({"error": str(error)})
    except ValueError as error:
        return to_json({"error": f"not JSON: {error}"})
