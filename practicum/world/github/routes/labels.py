"""Labels of a repository."""

from __future__ import annotations

import re

from practicum.world.github.call import Call, Reply, handles
from practicum.world.github.errors import invalid, not_found
from practicum.world.github.render.issues import label as render
from practicum.world.github.state import Label


def _label(call: Call) -> Label:
    found = call.repo.labels.get(call.arg("name").lower())
    if found is None:
        raise not_found()
    return found


def _color(call: Call, default: str) -> str:
    color = (call.body.text("color") or default).lower()
    if not re.fullmatch(r"[0-9a-f]{6}|[0-9a-f]{3}", color):
        raise invalid("Label", "color")
    return color


@handles("GET", "~/labels")
async def labels(call: Call) -> Reply:
    return call.listing(list(call.repo.labels.values()), lambda each: render(call.core, call.repo, each))


@handles("POST", "~/labels")
async def create(call: Call) -> Reply:
    name, color = call.body.need("name", "Label"), _color(call, "ededed")
    if name.lower() in call.repo.labels:
        raise invalid("Label", "name", "already_exists")
    label = Label(call.core.next_id(), name, color, call.body.text("description"))
    call.repo.labels[name.lower()] = label
    facts = {"label": name, "color": label.color, "description": label.description}
    await call.core.changed("label.created", call.repo, call.by, facts)
    shown = render(call.core, call.repo, label)
    return Reply(shown, 201, {"Location": str(shown["url"])})


@handles("GET", "~/labels/{name}")
async def get(call: Call) -> Reply:
    return Reply(render(call.core, call.repo, _label(call)))


@handles("PATCH", "~/labels/{name}")
async def edit(call: Call) -> Reply:
    label, repo = _label(call), call.repo
    new = call.body.text("new_name") or call.body.text("name") or label.name
    if new.lower() != label.name.lower() and new.lower() in repo.labels:
        raise invalid("Label", "name", "already_exists")
    label.color = _color(call, label.color)
    if "description" in call.body:
        label.description = call.body.text("description")
    for issue in repo.issues.values():
        issue.labels = [new if name == label.name else name for name in issue.labels]
    del repo.labels[label.name.lower()]
    label.name = new
    repo.labels[new.lower()] = label
    return Reply(render(call.core, repo, label))


@handles("DELETE", "~/labels/{name}")
async def delete(call: Call) -> Reply:
    label = _label(call)
    del call.repo.labels[label.name.lower()]
    for issue in call.repo.issues.values():
        issue.labels = [name for name in issue.labels if name != label.name]
    return Reply(status=204)
