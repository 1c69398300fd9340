"""Handing a workspace over to the uid that a sandbox runs as."""

from __future__ import annotations

import os
import stat

NOBODY = 65534
"""The uid (and gid) of a sandbox that asks for none, when we are root."""


def host_uid(asked: int | None) -> int | None:
    """The uid that a sandbox has on the host; None when we are not root, and it can only be our own."""
    if os.geteuid() != 0:
        return None
    return NOBODY if asked is None else asked


def hand_over(place: str, uid: int) -> None:
    """Make `uid` (and the gid of the same number) the owner of `place` and all below; blocks.

    Works by descriptors and never follows a link, so that what an agent left there cannot lead us elsewhere. A file
    with several names is left alone when it is not a directory: one of the names may be outside.
    """

    def change(name: str, directory: int | None, found: os.stat_result) -> None:
        if (found.st_uid, found.st_gid) == (uid, uid) or (found.st_nlink > 1 and not stat.S_ISDIR(found.st_mode)):
            return
        os.chown(name, uid, uid, dir_fd=directory, follow_symlinks=False)

    top = os.stat(place)
    if not stat.S_ISDIR(top.st_mode):
        os.chown(place, uid, uid)
        return
    change(place, None, top)
    for _, folders, files, directory in os.fwalk(place):
        for name in (*folders, *files):
            try:
                change(name, directory, os.stat(name, dir_fd=directory, follow_symlinks=False))
            except FileNotFoundError:
                continue  # removed since it was listed, by whoever works there already
