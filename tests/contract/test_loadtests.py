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
with_command_line = pytest.mark.parametrize(
    "script",
    [each for each in SCRIPTS if "ArgumentParser(" in each.read_text(encoding="utf-8")],
    ids=lambda script: script.stem,
)
# Imports a script, and prints what it uses of a module or class that does not exist there.
CHECK = """
import ast, sys
from importlib import import_module
from pathlib import Path

script = Path(sys.argv[1])
sys.path[:0] = sys.argv[2:]
names = vars(import_module(script.stem))
for node in ast.walk(ast.parse(script.read_text(encoding="utf-8"))):
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        owner = names.get(node.value.id)
        if isinstance(owner, (type(sys), type)) and not hasattr(owner, node.attr):
            print(f"{script.name}:{node.lineno} {node.value.id}.{node.attr}")
"""


def run(*arguments):
    return subprocess.run(
        [sys.executable, *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, check=False
    )


def skip_if_not_installed(script):
    if script.stem == "minilm_speed" and find_spec("onnxruntime") is None:
        pytest.skip("onnxruntime is not installed")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_loadtest_script_uses_only_names_that_exist(script):
    skip_if_not_installed(script)
    checked = run("-c", CHECK, script, *FOLDERS)

    assert checked.returncode == 0, checked.stderr
    assert checked.stdout == ""


@with_command_line
def test_loadtest_script_prints_its_help(script):
    skip_if_not_installed(script)
    shown = run(script, "--help")

    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.startswith("usage: ")


def test_drivers_that_benchmarks_start_exist():
    text = "".join(path.read_text(encoding="utf-8") for path in FOLDERS[0].glob("*.py"))
    started = set(re.findall(r'"((?:\w+_(?:judge|speed|rollups)))"', text))

    assert {"bare_judge", "judge_speed", "rebuild_rollups"} <= started
    assert started <= {path.stem for path in FOLDERS[1].glob("*.py")}
