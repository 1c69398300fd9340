"""The arguments of a Web API call, however they came: query, form, multipart or JSON.

Slack takes all of these and in each of them lists either as JSON or separated by commas
(docs.slack.dev/apis/web-api, "Request format").
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from aiohttp import web

from practicum.bus.events import Json
from practicum.world.slack.errors import InvalidArgumentError, SlackError

_TRUE = {"1", "true", "t", "yes"}
_FALSE = {"", "0", "false", "f", "no"}


class Arguments:
    """Typed access to the arguments of one call."""

    def __init__(self, values: Mapping[str, Json]) -> None:
        self._values = values

    def __contains__(self, name: str) -> bool:
        return self._values.get(name) is not None

    def text(self, name: str, default: str = "") -> str:
        """A string; numbers are accepted, as Slack accepts them."""
        value = self._values.get(name)
        if value is None:
            return default
        if isinstance(value, str):
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        raise InvalidArgumentError(f"must be a string [json-pointer:/{name}]")

    def require(self, name: str, error: str = "") -> str:
        """A string that must not be empty.

        Raises:
            SlackError: `error` where the method has its own code for the lack, else `invalid_arguments`.
        """
        value = self.text(name)
        if not value:
            raise SlackError(error) if error else InvalidArgumentError(f"missing required field: {name}")
        return value

    def integer(self, name: str, default: int) -> int:
        """A whole number, given as such or as digits."""
        text = self.text(name)
        if not text:
            return default
        try:
            return int(float(text))
        except ValueError as error:
            raise InvalidArgumentError(f"must be a number [json-pointer:/{name}]") from error

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean in one of the forms Slack takes: true, "true", 1, "1"."""
        value = self._values.get(name)
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        word = str(value).lower()
        if word in _TRUE or word in _FALSE:
            return word in _TRUE
        raise InvalidArgumentError(f"must be a boolean [json-pointer:/{name}]")

    def words(self, name: str) -> list[str]:
        """A list of strings: a JSON list, or separated by commas."""
        value = self._values.get(name)
        if value is None:
            return []
        if isinstance(value, str):
            if value.startswith("["):
                value = self._decode(name, value)
            else:
                return [word.strip() for word in value.split(",") if word.strip()]
        if isinstance(value, list):
            return [str(word) for word in value]
        raise InvalidArgumentError(f"must be a list [json-pointer:/{name}]")

    def items(self, name: str, error: str) -> list[Json]:
        """A list of anything, such as `blocks`; a string is read as JSON.

        Raises:
            SlackError: `error` when it is not a list.
        """
        value = self._values.get(name)
        if value is None or value == "":
            return []
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except json.JSONDecodeError as problem:
                raise SlackError(error) from problem
        if not isinstance(value, list):
            raise SlackError(error)
        return value

    def mapping(self, name: str, error: str) -> dict[str, Json]:
        """An object, such as `metadata`; a string is read as JSON.

        Raises:
            SlackError: `error` when it is not an object.
        """
        value = self._values.get(name)
        if value is None or value == "":
            return {}
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except json.JSONDecodeError as problem:
                raise SlackError(error) from problem
        if not isinstance(value, dict):
            raise SlackError(error)
        return value

    def _decode(self, name: str, text: str) -> Json:
        try:
            value: Json = json.loads(text)
        except json.JSONDecodeError as error:
            raise InvalidArgumentError(f"is not JSON [json-pointer:/{name}]") from error
        return value


async def read_arguments(request: web.Request) -> Arguments:
    """Every argument of a request; the body wins over the query.

    Raises:
        SlackError: `invalid_json`, `json_not_object` or `invalid_form_data` when the body is not what it says it is.
    """
    values: dict[str, Json] = dict(request.query)
    if request.method == "POST" and request.body_exists:
        if request.content_type == "application/json":
            values.update(await _json_body(request))
        else:
            try:
                form = await request.post()
            except ValueError as error:
                raise SlackError("invalid_form_data") from error
            values.update({key: value for key, value in form.items() if isinstance(value, str)})
    return Arguments(values)


async def _json_body(request: web.Request) -> dict[str, Json]:
    try:
        body = await request.json()
    except ValueError as error:
        raise SlackError("invalid_json") from error
    if not isinstance(body, dict):
        raise SlackError("json_not_object")
    return body


def read_token(request: web.Request, arguments: Arguments) -> str:
    """The token of a call: the Authorization header, or the argument `token`; empty when there is none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else arguments.text("token")
