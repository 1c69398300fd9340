"""Files attached to releases."""

from __future__ import annotations

from practicum.world.github.body import LARGEST, read_all
from practicum.world.github.call import Call, Reply, handles
from practicum.world.github.errors import invalid, not_found
from practicum.world.github.render.releases import asset as render
from practicum.world.github.routes.releases import need_release
from practicum.world.github.state import Asset, Release


def _asset(call: Call) -> tuple[Release, Asset]:
    for release in call.repo.releases.values():
        for asset in release.assets:
            if asset.id == call.number("asset_id"):
                return release, asset
    raise not_found()


@handles("GET", "~/releases/{release_id}/assets")
async def assets(call: Call) -> Reply:
    release = need_release(call)
    return call.listing(release.assets, lambda each: render(call.core, call.repo, release, each))


@handles("POST", "~/releases/{release_id}/assets")
async def upload(call: Call) -> Reply:
    """The body is the file; on the true GitHub this operation has a host of its own, the one in `upload_url`."""
    release, name = need_release(call), call.query("name")
    if not name:
        raise invalid("ReleaseAsset", "name", "missing_field")
    if any(each.name == name for each in release.assets):
        raise invalid("ReleaseAsset", "name", "already_exists")
    kind = call.request.headers.get("Content-Type", "application/octet-stream")
    content = await read_all(call.request, LARGEST)
    asset = Asset(call.core.next_id(), name, call.query("label") or None, kind, content, call.login, call.core.now())
    release.assets.append(asset)
    return Reply(render(call.core, call.repo, release, asset), 201)


@handles("GET", "~/releases/assets/{asset_id}")
async def get(call: Call) -> Reply:
    release, asset = _asset(call)
    if "octet-stream" in call.request.headers.get("Accept", ""):
        asset.downloads += 1
        return Reply(content=asset.content, content_type=asset.content_type)
    return Reply(render(call.core, call.repo, release, asset))


@handles("PATCH", "~/releases/assets/{asset_id}")
async def edit(call: Call) -> Reply:
    release, asset = _asset(call)
    asset.name = call.body.text("name") or asset.name
    asset.label = call.body.text("label") or asset.label
    return Reply(render(call.core, call.repo, release, asset))


@handles("DELETE", "~/releases/assets/{asset_id}")
async def delete(call: Call) -> Reply:
    release, asset = _asset(call)
    release.assets.remove(asset)
    return Reply(status=204)
