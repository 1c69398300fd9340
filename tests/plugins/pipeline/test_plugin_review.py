"""What reading a plugin's code finds, without executing it."""

from __future__ import annotations

import secrets
import string

import pytest
from plugin_samples import GOOD_ACTIONS, GOOD_TESTS, specification

from practicum.plugins.review.keys import secrets_in
from practicum.plugins.review.own_tests import review_tests
from practicum.plugins.review.policy import review_code

FILE = "src/temperature_plugin/actions.py"


def found(code: str, **changes: object) -> str:
    return "\n".join(one.message for one in review_code(code, FILE, specification(**changes)))


def in_function(*lines: str, head: str = "") -> str:
    return head + "\n\ndef work() -> None:\n" + "".join(f"    {line}\n" for line in lines)


def test_ordinary_code_is_fine() -> None:
    code = (
        "from __future__ import annotations\nimport json\nimport math\nimport re\nfrom collections import Counter\n"
        "from datetime import UTC, datetime\nfrom importlib import resources\nfrom typing import TYPE_CHECKING\n"
        "from pydantic import BaseModel\nfrom practicum.api.plugin import Plugin, action\n"
        "from temperature_plugin import other\n\nif TYPE_CHECKING:\n    from collections.abc import Sequence\n\n"
        "WORD = re.compile(r'\\w+')\nTABLE = {str(one): one for one in range(3)}\n\n\nclass Kept(BaseModel):\n"
        "    name: str = 'x'\n\n\ndef read() -> str:\n    '''Read.'''\n"
        "    return resources.files(__package__).joinpath('x.txt').read_text()\n"
    )
    assert found(code) == ""
    assert found(GOOD_ACTIONS) == ""
    assert review_tests(GOOD_TESTS, "tests/test_own.py", specification()) == []


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import socket", "'net'"),
        ("from urllib import request", "'net'"),
        ("from urllib.request import urlopen as u", "'net'"),
        ("import http.client", "'net'"),
        (in_function("return asyncio.open_connection('x', 1)", head="import asyncio"), "'net'"),
        (in_function("loop.create_connection(None, 'x', 1)"), "'net'"),
        ("import subprocess as s", "'subprocess'"),
        (in_function("o.system('id')", head="import os as o"), "'subprocess'"),
        (in_function("run('id')", head="from os import popen as run"), "'subprocess'"),
        (in_function("run('id')", head="import os\nrun = os.system"), "'subprocess'"),
        (in_function("getattr(os, 'system')('id')", head="import os"), "'subprocess'"),
        (in_function("getattr(os, 'sys' + 'tem')('id')", head="import os"), "a name that is made up"),
        (in_function("os.execv('/bin/sh', [])", head="import os"), "'subprocess'"),
        (in_function("return os.environ['HOME']", head="import os"), "'env'"),
        (in_function("return e['HOME']", head="from os import environ as e"), "'env'"),
        (in_function("open('x')"), "'fs'"),
        (in_function("Path('x').write_text('y')", head="from pathlib import Path"), "'fs'"),
        (in_function("os.listdir('.')", head="import os"), "'fs'"),
        ("import shutil", "'fs'"),
        (in_function("eval('1')"), "uses eval"),
        (in_function("__import__('os').system('id')"), "uses __import__"),
        (in_function("importlib.import_module('socket')", head="import importlib"), "importlib.import_module"),
        (in_function("().__class__.__bases__[0].__subclasses__()"), ".__subclasses__"),
        (in_function("sys.modules['os'].system('id')", head="import sys"), "sys.modules"),
        (in_function("sys.exit(0)", head="import sys"), "sys.exit"),
        (in_function("operator.attrgetter('f_locals')(context)", head="import operator"), "f_locals"),
        (in_function("traceback.walk_stack(None)", head="import traceback"), "traceback.walk_stack"),
        (in_function("asyncio.current_task().get_stack()", head="import asyncio"), ".get_stack"),
        ("import ctypes", "imports ctypes"),
        ("import pickle", "imports pickle"),
        ("from practicum.runtime import launcher", "nothing else of Practicum"),
        ("import requests", "'net'"),
        ("import numpy", "not among the dependencies"),
        (in_function("return '/proc/self/environ'"), "/proc/"),
        (in_function("return '~/.ssh/config'"), ".ssh/"),
        (in_function(f"return '{'QUJD' * 300}'"), "not to be read"),
        ("print('hello')", "while the module is imported"),
        ("for one in range(3):\n    pass", "a statement (for)"),
        ("import os\nHOME = os.getcwd()", "calls os.getcwd while the module is imported"),
        ("# mypy: ignore-errors\nX = 1", "switches a check off"),
        ("def broken(:", "cannot be parsed"),
    ],
)
def test_what_no_plugin_may_do_without_leave_is_named(code: str, said: str) -> None:
    assert said in found(code)


def test_what_the_specification_grants_is_no_finding() -> None:
    code = in_function("socket.create_connection(('x', 1))", "open('x')", head="import socket")
    assert found(code, capabilities=["net", "fs"], hosts=["x"]) == ""


def test_granted_capabilities_are_still_not_for_import_time() -> None:
    assert "while the module is imported" in found("DATA = open('x').read()", capabilities=["fs"])


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import _pytest.runner", "_pytest"),
        (in_function("os._exit(0)", head="import os"), "os._exit"),
        (in_function("sys.exit(0)", head="import sys"), "sys.exit"),
        (in_function("pytest.exit('x', 0)", head="import pytest"), "pytest.exit"),
        ("def pytest_runtest_makereport(item, call):\n    ...", "pytest_runtest_makereport"),
        ("pytest_plugins = ['evil']", "pytest_plugins"),
        (in_function("monkeypatch.setattr(pytest, 'raises', None)", head="import pytest"), "changes pytest"),
        ("import pytest\npytest.raises = None", "changes pytest"),
        (in_function("gc.get_objects()", head="import gc"), "gc"),
        (in_function("socket.socket()", head="import socket"), "'net'"),
        (in_function("os.fork()", head="import os"), "'subprocess'"),
        (in_function("sys._getframe(3).f_locals", head="import sys"), "f_locals"),
        (in_function("open('/proc/self/mem', 'wb')"), "/proc"),
        ("pytest_runtest_makereport = print", "the hook pytest_runtest_makereport"),
        ("from helper import own as pytest_runtest_call", "the hook pytest_runtest_call"),
        ("globals()['pytest_pyfunc_call'] = print", "the hook pytest_pyfunc_call"),
        ("globals()['pytest_' + 'pyfunc_call'] = print", "globals"),
        ("Own = type('Own', (), dict(pytest_runtest_makereport=print))", "the hook pytest_runtest_makereport"),
        (in_function("pytestconfig.pluginmanager.register(object())"), ".pluginmanager"),
        (in_function("request.node.add_marker('xfail')"), ".add_marker"),
        (in_function("request.node.obj = print"), "changes .obj"),
        (in_function("item = request.node\nitem.runtest = print"), ".runtest"),
        (in_function("monkeypatch.setattr(request.node, 'runtest', print)"), ".runtest"),
    ],
)
def test_what_no_test_may_do_is_named(code: str, said: str) -> None:
    problems = review_tests(code, "tests/test_own.py", specification())
    assert any(said in one.message for one in problems), problems


def test_what_a_test_may_ask_of_its_runner_is_no_finding() -> None:
    code = (
        "import pytest\nimport pytest_asyncio\n\n\n@pytest_asyncio.fixture\nasync def one(request, pytestconfig):\n"
        "    yield request.node.name, pytestconfig.rootpath\n\n\n"
        "def pytest_generate_tests(metafunc):\n    metafunc.parametrize('x', [1])\n"
    )
    assert review_tests(code, "tests/conftest.py", specification()) == []


def _random(alphabet: str, length: int) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(length))


ALL = string.ascii_letters + string.digits


@pytest.mark.parametrize(
    ("begin", "alphabet", "length", "what"),
    [
        ("AK" + "IA", string.ascii_uppercase + string.digits, 16, "AWS"),
        ("gh" + "p_", ALL, 36, "GitHub"),
        ("xo" + "xb-", string.digits, 40, "Slack"),
        ("s" + "k-ant-", ALL, 60, "model vendor"),
        ("AI" + "za", ALL, 35, "Google"),
    ],
)
def test_what_looks_like_a_secret_is_named_and_not_repeated(begin: str, alphabet: str, length: int, what: str) -> None:
    key = begin + _random(alphabet, length)
    [problem] = list(secrets_in(f"first line\nX = '{key}'\n", "README.md"))
    assert what in problem.message
    assert problem.line == 2
    assert key not in problem.message


def test_an_unknown_secret_is_known_by_its_name_and_its_looks() -> None:
    value = _random(ALL, 18) + "7aQ"
    assert [one.line for one in secrets_in(f"\nAPI_KEY = {value!r}\n", "src/x.py")] == [2]
    assert list(secrets_in("API_KEY = 'the name of the variable'\nword = 'hello'\n", "src/x.py")) == []
