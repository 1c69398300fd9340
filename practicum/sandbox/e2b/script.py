"""What runs in an E2B sandbox around each command, by bash and GNU coreutils, findutils and tar."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from practicum.api.sandbox import Limits
from practicum.sandbox.rlimits import rlimits

FOLDER = "/tmp/.practicum"
"""Of ours in the sandbox: what is sent to it, and what came of a command."""

_BLOCK = 512
_KIB = 1024

PREPARE = "mkdir -p {places} && chown user {places} && chmod 0755 {places}"
"""Run once, as root."""

_AROUND = r"""
d=$1 cap=$2 wall=$3 cpu=$4 file=$5 data=$6 cwd=$7; shift 7
for place in "$d"/in.*; do
  [ -e "$place/to" ] || continue
  to=$(cat "$place/to")
  [ ! -e "$place/gone" ] || (cd "$to" && xargs -0 -r rm -rf -- < "$place/gone")
  [ ! -e "$place/tar" ] || tar -xf "$place/tar" -C "$to" --no-same-owner
  rm -rf "$place"
done
[ -e "$d/stdin" ] || : > "$d/stdin"
touch -d '1 second ago' "$d/mark"
( cd "$cwd" && ulimit -t "$cpu" -f "$file" -d "$data" && exec timeout -s KILL "$wall" "$@" ) \
  < "$d/stdin" > "$d/out" 2> "$d/err"
code=$?
kill -9 -1 2>/dev/null
rm -f "$d/stdin"
number=0
while [ -n "$WRITABLE" ]; do
  place=${WRITABLE%%:*}; WRITABLE=${WRITABLE#"$place"}; WRITABLE=${WRITABLE#:}
  cd "$place" && find . -mindepth 1 -cnewer "$d/mark" \( -type f -o -type d -o -type l \) -print0 |
    tar --null --no-recursion -cf "$d/new.$number" -T -
  { stat -c %s "$d/new.$number" | tr '\n' '\0'; find . -mindepth 1 -printf '%P\0'; } > "$d/names.$number"
  number=$((number + 1))
done
head -c "$cap" "$d/out"
head -c "$cap" "$d/err" >&2
exit $code
"""
# Changes are told by the time of the inode (ctime), which nobody inside can set back.


def command(argv: Sequence[str], *, cwd: str, limits: Limits) -> str:
    """The command line that E2B is asked to run for `argv`."""
    data, _ = rlimits(limits, whole_tree=False, count_processes=False)["data"]
    around = [
        FOLDER,
        limits.output_bytes + 1,
        limits.wall_s,
        limits.cpu_s,
        max(1, limits.file_bytes // _BLOCK),
        data // _KIB,
        cwd,
    ]
    # "exec", or the shell that E2B starts it in is ended with what the command left behind.
    return "exec " + shlex.join(["bash", "-c", _AROUND, "bash", *map(str, around), *argv])


PROBE = r"""
cat "$SECRET" >/dev/null 2>&1 && echo reads_host
timeout 3 bash -c 'exec 3<>/dev/tcp/1.1.1.1/443' 2>/dev/null && echo reaches
echo done
"""
