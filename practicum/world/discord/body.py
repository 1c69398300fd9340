"""The body of a request: JSON, or multipart with `payload_json` and `files[n]` (docs/reference#uploading-files)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from aiohttp import web

from practicum.bus.events import Json
from practicum.world.discord.errors import DiscordError, invalid_form

Body = dict[str, Json]

_FILE = re.compile(r"^files\[(\d+)\]$")


@dataclass(frozen=True)
class Upload:
    """One file of a multipart body; `index` connects it with its entry in `attachments`."""

    index: int
    filename: str
    content_type: str
    content: bytes


async def read_body(request: web.Request) -> tuple[Body, list[Upload]]:
    """The fields and the files of a request.

    Raises:
        DiscordError: 50109 when the JSON is not JSON, 50035 when it is not an object.
    """
    if not request.body_exists:
        return {}, []
    if request.content_type != "multipart/form-data":
        return parse(await request.text()), []
    form = await request.post()
    payload = form.get("payload_json")
    uploads = []
    for key, value in form.items():
        matched = _FILE.match(key) or re.match(r"^file(\d*)$", key)
        if matched and isinstance(value, web.FileField):
            index = int(matched.group(1) or 0)
            uploads.append(Upload(index, value.filename, value.content_type, value.file.read()))
    if isinstance(payload, str):
        return parse(payload), uploads
    return {key: value for key, value in form.items() if isinstance(value, str)}, uploads


def parse(text: str) -> Body:
    """A JSON object.

    Raises:
        DiscordError: 50109 or 50035.
    """
    try:
        body: Json = json.loads(text) if text else {}
    except json.JSONDecodeError as error:
        raise DiscordError(400, 50109, "The request body contains invalid JSON.") from error
    if not isinstance(body, dict):
        raise invalid_form("_root", "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
    return body


def string(body: Body, name: str, default: str = "", *, limit: int = 0) -> str:
    """A text of the body, null counting as absent.

    Raises:
        DiscordError: 50035 when it is something else or longer than `limit`.
    """
    value = body.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise invalid_form(name, "STRING_TYPE_CONVERT", "Could not interpret value as string.")
    text = str(value)
    if limit and len(text) > limit:
        raise invalid_form(name, "BASE_TYPE_MAX_LENGTH", f"Must be {limit} or fewer in length.")
    return text


def integer(body: Body, name: str, default: int) -> int:
    """A whole number of the body, null counting as absent.

    Raises:
        DiscordError: 50035.
    """
    value = body.get(name)
    if value is None:
        return default
    try:
        return int(value if isinstance(value, str | int) and not isinstance(value, bool) else "")
    except ValueError as error:
        raise invalid_form(name, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.') from error


def objects(body: Body, name: str, *, most: int) -> list[Body]:
    """A list of objects of the body, null counting as empty.

    Raises:
        DiscordError: 50035 when it is something else or has more than `most` entries.
    """
    value = body.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise invalid_form(name, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
    if len(value) > most:
        raise invalid_form(name, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")
    found: list[Body] = []
    for index, one in enumerate(value):
        if not isinstance(one, dict):
            raise invalid_form(f"{name}.{index}", "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
        found.append(one)
    return found


def query_number(request: web.Request, name: str, default: int, low: int, high: int) -> int:
    """A number of the query between `low` and `high`.

    Raises:
        DiscordError: 50035.
    """
    text = request.query.get(name)
    if text is None:
        return default
    try:
        number = int(text)
    except ValueError as error:
        raise invalid_form(name, "NUMBER_TYPE_COERCE", f'Value "{text}" is not int.') from error
    if not low <= number <= high:
        raise invalid_form(name, "NUMBER_TYPE_MAX", f"int value should be between {low} and {high}.")
    return number
