"""Application commands: list, overwrite, create, delete. Nobody in the world invokes them."""

from __future__ import annotations

import re

from practicum.world.discord.backend import NOTHING, Answer, Body, Call, route
from practicum.world.discord.body import integer, objects, string
from practicum.world.discord.errors import DiscordError, invalid_form, missing_access, required, unknown
from practicum.world.discord.routes.guilds import check_guild

_GLOBAL = "/applications/{application_id}/commands"
_GUILD = "/applications/{application_id}/guilds/{guild_id}/commands"
_NAME = re.compile(r"^[-_'\w]{1,32}$")
COMMAND_LIMIT = 100


@route(f"GET {_GLOBAL}", f"GET {_GUILD}")
async def list_commands(call: Call) -> Answer:
    """The commands of one scope."""
    return Answer([*_scope(call).values()])


@route(f"PUT {_GLOBAL}", f"PUT {_GUILD}")
async def overwrite(call: Call) -> Answer:
    """Replace all commands of one scope."""
    scope = _scope(call)
    body = await call.request.json()
    wanted = [_command(call, one) for one in objects({"commands": body}, "commands", most=COMMAND_LIMIT)]
    by_name = {(one["name"], one["type"]): one for one in scope.values()}
    scope.clear()
    for command in wanted:
        known = by_name.get((command["name"], command["type"]))
        command["id"] = known["id"] if known else command["id"]
        scope[str(command["id"])] = command
    return Answer([*scope.values()])


@route(f"POST {_GLOBAL}", f"POST {_GUILD}")
async def create(call: Call) -> Answer:
    """Add a command, or replace the one of the same name."""
    scope = _scope(call)
    body, _ = await call.body()
    command = _command(call, body)
    for known in list(scope.values()):
        if (known["name"], known["type"]) == (command["name"], command["type"]):
            command["id"] = known["id"]
            scope[str(known["id"])] = command
            return Answer(command)
    if len(scope) >= COMMAND_LIMIT:
        raise DiscordError(400, 30032, f"Maximum number of application commands reached ({COMMAND_LIMIT})")
    scope[str(command["id"])] = command
    return Answer(command, 201)


@route(f"GET {_GLOBAL}/{{command_id}}", f"GET {_GUILD}/{{command_id}}")
async def get(call: Call) -> Answer:
    """One command."""
    return Answer(_one(call))


@route(f"DELETE {_GLOBAL}/{{command_id}}", f"DELETE {_GUILD}/{{command_id}}")
async def delete(call: Call) -> Answer:
    """Remove a command."""
    del _scope(call)[str(_one(call)["id"])]
    return NOTHING


def _scope(call: Call) -> dict[str, Body]:
    if call.parameter("application_id") != call.user.id:
        raise missing_access()
    key = call.user.id
    if "guild_id" in call.request.match_info:
        check_guild(call)
        key += f"/{call.place.guild}"
    return call.backend.commands.setdefault(key, {})


def _one(call: Call) -> Body:
    found = _scope(call).get(call.parameter("command_id"))
    if found is None:
        raise unknown("Application Command")
    return found


def _command(call: Call, body: Body) -> Body:
    kind = integer(body, "type", 1)
    name = string(body, "name")
    if not name:
        raise required("name")
    if kind == 1 and (not _NAME.match(name) or name != name.lower()):
        raise invalid_form("name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
    description = string(body, "description", limit=100)
    if kind == 1 and not description:
        raise required("description")
    command: Body = {
        "id": call.place.ids.next(),
        "application_id": call.user.id,
        "version": call.place.ids.next(),
        "default_member_permissions": body.get("default_member_permissions"),
        "type": kind,
        "name": name,
        "name_localizations": body.get("name_localizations"),
        "description": description,
        "description_localizations": body.get("description_localizations"),
        "dm_permission": body.get("dm_permission") is not False,
        "contexts": body.get("contexts"),
        "integration_types": body.get("integration_types") or [0],
        "nsfw": body.get("nsfw") is True,
    }
    if body.get("options"):
        command["options"] = [*objects(body, "options", most=25)]
    if "guild_id" in call.request.match_info:
        command["guild_id"] = call.place.guild
    return command
