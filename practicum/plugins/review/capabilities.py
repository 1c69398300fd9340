"""Which module and which function needs which capability of a plugin (`practicum.api.plugin.Capability`)."""

from __future__ import annotations

import sys

Need = str
"""A capability; `never` for what no plugin may do; empty for what needs nothing."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MODULES: dict[Need, frozenset[str]] = {
    "net": _words(
        "aiohttp anthropic boto3 botocore ftplib grpc http.client http.server httpx imaplib nntplib openai paramiko "
        "poplib pycurl requests smtplib socket socketserver ssl telnetlib tornado urllib.request urllib3 "
        "websocket websockets xmlrpc zmq"
    ),
    "fs": _words("dbm fileinput filecmp glob mmap shelve shutil sqlite3 tarfile tempfile zipfile"),
    "env": _words("getpass grp platform pwd dotenv"),
    "subprocess": _words("multiprocessing pexpect psutil pty sh signal subprocess"),
    "never": _words(
        "builtins cffi code codeop ctypes dis fcntl gc importlib.machinery importlib.util inspect marshal pdb "
        "pickle pip pkgutil posix pytest resource runpy select selectors setuptools site sysconfig termios "
        "tracemalloc unittest venv _thread atexit faulthandler trace zipimport"
    ),
}

_PURE = _words(
    "__future__ abc argparse array ast asyncio base64 binascii bisect bz2 calendar cmath codecs collections "
    "colorsys concurrent configparser contextlib contextvars copy csv dataclasses datetime decimal difflib "
    "email enum errno fnmatch fractions functools graphlib gzip hashlib heapq hmac html http importlib io "
    "ipaddress itertools json keyword locale logging lzma math mimetypes numbers operator os pathlib posixpath "
    "pprint queue quopri random re reprlib sched secrets shlex statistics string stringprep struct sys "
    "textwrap threading time token tokenize tomllib traceback types typing unicodedata urllib uuid warnings "
    "weakref xml zlib zoneinfo"
)
"""Modules of the standard library that a plugin may import; what is in them may still need a capability."""

_CALLS: dict[Need, frozenset[str]] = {
    "net": _words(
        "asyncio.open_connection asyncio.start_server asyncio.open_unix_connection asyncio.start_unix_server"
    ),
    "fs": _words("builtins.open io.open io.open_code io.FileIO bz2.open gzip.open lzma.open codecs.open"),
    "env": _words(
        "os.environ os.environb os.getenv os.getenvb os.putenv os.unsetenv os.uname os.getlogin os.path.expandvars "
        "os.path.expanduser pathlib.Path.home"
    ),
    "subprocess": _words(
        "os.system os.popen os.fork os.forkpty os.kill os.killpg os.posix_spawn os.posix_spawnp os.wait os.waitpid "
        "os.startfile os.pidfd_open os.setsid os.nice "
        "asyncio.create_subprocess_exec asyncio.create_subprocess_shell asyncio.subprocess "
        "concurrent.futures.ProcessPoolExecutor concurrent.futures.process"
    ),
    "never": _words(
        "builtins.eval builtins.exec builtins.compile builtins.__import__ builtins.breakpoint builtins.input "
        "builtins.exit builtins.quit builtins.globals builtins.vars builtins.__builtins__ builtins.__loader__ "
        "importlib.import_module importlib.reload os._exit os.abort os.setuid os.setgid os.ptrace "
        "sys.exit sys.modules sys.path sys.meta_path sys.path_hooks sys.settrace sys.setprofile sys._getframe "
        "sys._current_frames sys.stdin sys.addaudithook sys.setrecursionlimit threading.settrace threading.setprofile "
        "types.CodeType types.FunctionType traceback.walk_stack traceback.walk_tb codecs.register logging.config"
    ),
}

_OS_FREE = _words(
    "path sep altsep linesep extsep pathsep curdir pardir devnull fspath PathLike fsencode fsdecode urandom cpu_count "
    "getpid name strerror error times"
)

METHODS: dict[str, Need] = {
    **dict.fromkeys(("create_connection", "create_server", "create_datagram_endpoint", "sock_connect"), "net"),
    **dict.fromkeys(("subprocess_exec", "subprocess_shell"), "subprocess"),
    "get_stack": "never",
}
"""Methods whose names say enough."""

PATH_METHODS = _words(
    "write_text write_bytes unlink mkdir touch rmdir symlink_to hardlink_to chmod iterdir rglob read_text read_bytes "
    "open"
)
"""Methods of paths that touch the disk: counted where a file imports `pathlib`."""

REACHING = _words(
    "__globals__ __builtins__ __subclasses__ __bases__ __mro__ __code__ __closure__ __loader__ __import__ f_globals "
    "f_locals f_back gi_frame cr_frame tb_frame"
)
"""Attributes by which code leaves what it was given."""


def of_module(name: str) -> Need | None:
    """What importing a module needs; None for one that is not of the standard library and not known."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        part = ".".join(parts[:length])
        for need, modules in _MODULES.items():
            if part in modules:
                return need
    if parts[0] in _PURE:
        return ""
    return "never" if parts[0] in sys.stdlib_module_names else None


def of_name(name: str) -> Need:
    """What using a dotted name needs."""
    for need, names in _CALLS.items():
        if any(name == one or name.startswith(f"{one}.") for one in names):
            return need
    top, _, rest = name.partition(".")
    if top == "os" and rest:
        first = rest.partition(".")[0]
        if first.startswith(("exec", "spawn")):
            return "subprocess"
        return "" if first in _OS_FREE else "fs"
    return ""
