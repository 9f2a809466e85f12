"""The benchmarks still fit the product: no other test runs them, so a rename could break them unseen."""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = (ROOT / "loadtests", ROOT / "loadtests" / "drivers")
SCRIPTS = sorted(path for folder in FOLDERS for path in folder.glob("*.py"))
# Imports each script in a fork, prints what it uses of a module or class that does not exist there, and shows
# the help of those that have one; the libraries that most of them need are imported once.
CHECK = """
import ast, os, runpy, sys
from importlib import import_module
from pathlib import Path

import flask, marshmallow, numpy, scipy.special, sqlalchemy

def check(script):
    text = script.read_text(encoding="utf-8")
    names = vars(import_module(script.stem))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            owner = names.get(node.value.id)
            if isinstance(owner, (type(sys), type)) and not hasattr(owner, node.attr):
                print(f"{script.name}:{node.lineno} {node.value.id}.{node.attr}")
    if "ArgumentParser(" in text:
        sys.argv = [str(script), "--help"]
        runpy.run_path(str(script), run_name="__main__")

said, folders, scripts = Path(sys.argv[1]), sys.argv[2].split(","), sys.argv[3:]
sys.path[:0] = folders
for script in map(Path, scripts):
    child = os.fork()
    if child:
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        (said / f"{script.stem}.status").write_text(str(status))
        continue
    for number, ending in ((1, "out"), (2, "err")):
        os.dup2(os.open(said / f"{script.stem}.{ending}", os.O_WRONLY | os.O_CREAT), number)
    check(script)
    sys.exit()
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """The folder of what every script said, and how it ended."""
    folder = tmp_path_factory.mktemp("loadtests")
    scripts = [script for script in SCRIPTS if is_installed(script)]
    command = [sys.executable, "-c", CHECK, folder, ",".join(map(str, FOLDERS)), *scripts]
    done = subprocess.run(list(map(str, command)), cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def is_installed(script):
    return script.stem != "minilm_speed" or find_spec("onnxruntime") is not None


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_loadtest_script_uses_only_names_that_exist_and_prints_its_help(script, said):
    if not is_installed(script):
        pytest.skip("onnxruntime is not installed")
    printed = (said / f"{script.stem}.out").read_text()

    assert (said / f"{script.stem}.status").read_text() == "0", (said / f"{script.stem}.err").read_text()
    if "ArgumentParser(" in script.read_text(encoding="utf-8"):
        assert printed.startswith("usage: ")
    else:
        assert printed == ""


def test_drivers_that_benchmarks_start_exist():
    text = "".join(path.read_text(encoding="utf-8") for path in FOLDERS[0].glob("*.py"))
    started = set(re.findall(r'"((?:\w+_(?:judge|speed|rollups)))"', text))

    assert {"bare_judge", "judge_speed", "rebuild_rollups"} <= started
    assert started <= {path.stem for path in FOLDERS[1].glob("*.py")}
