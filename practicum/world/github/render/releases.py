"""Releases and tags."""

from __future__ import annotations

from urllib.parse import quote

from practicum.world.github.core import Core
from practicum.world.github.render.basics import Object, node_id, simple_user, stamp, stamp_or_none, user
from practicum.world.github.render.repositories import api_url, html_url
from practicum.world.github.state import Asset, Release, Repository


def asset(core: Core, repo: Repository, release_: Release, given: Asset) -> Object:
    """The schema `release-asset`."""
    return {
        "url": f"{api_url(core, repo)}/releases/assets/{given.id}",
        "id": given.id,
        "node_id": node_id("ReleaseAsset", given.id),
        "name": given.name,
        "label": given.label,
        "uploader": user(core, given.uploader),
        "content_type": given.content_type,
        "state": "uploaded",
        "size": len(given.content),
        "digest": None,
        "download_count": given.downloads,
        "created_at": stamp(given.created_at),
        "updated_at": stamp(given.created_at),
        "browser_download_url": (
            f"{html_url(core, repo)}/releases/download/{quote(release_.tag_name)}/{quote(given.name)}"
        ),
    }


def release(core: Core, repo: Repository, given: Release) -> Object:
    """The schema `release`."""
    api, html = api_url(core, repo), html_url(core, repo)
    url, tag = f"{api}/releases/{given.id}", quote(given.tag_name)
    return {
        "url": url,
        "assets_url": f"{url}/assets",
        "upload_url": f"{url}/assets{{?name,label}}",
        "html_url": f"{html}/releases/tag/{tag}",
        "id": given.id,
        "author": simple_user(core, core.person(given.author)),
        "node_id": node_id("Release", given.id),
        "tag_name": given.tag_name,
        "target_commitish": given.target,
        "name": given.name,
        "draft": given.draft,
        "prerelease": given.prerelease,
        "created_at": stamp(given.created_at),
        "published_at": stamp_or_none(given.published_at),
        "assets": [asset(core, repo, given, each) for each in given.assets],
        "tarball_url": f"{api}/tarball/{tag}",
        "zipball_url": f"{api}/zipball/{tag}",
        "body": given.body,
    }


def tag(core: Core, repo: Repository, name: str, sha: str) -> Object:
    """The schema `tag`; `sha` is the commit."""
    api = api_url(core, repo)
    return {
        "name": name,
        "zipball_url": f"{api}/zipball/refs/tags/{quote(name)}",
        "tarball_url": f"{api}/tarball/refs/tags/{quote(name)}",
        "commit": {"sha": sha, "url": f"{api}/commits/{sha}"},
        "node_id": node_id("Ref", f"{repo.id}:refs/tags/{name}"),
    }
