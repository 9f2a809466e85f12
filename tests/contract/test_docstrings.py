"""Examples in docstrings of the code are run: pytest itself looks for them only below `tests`."""

import doctest
import importlib

import pytest

from tests.contract.code_index import PACKAGES, source_files
from tests.contract.docs_reader import ROOT


def modules_with_examples():
    found = [path.relative_to(ROOT) for path in source_files() if ">>> " in path.read_text(encoding="utf-8")]
    return [".".join(path.with_suffix("").parts) for path in found if path.parts[0] in PACKAGES]


@pytest.mark.parametrize("name", modules_with_examples())
def test_docstring_examples_of_a_module_hold(name):
    said = []
    runner = doctest.DocTestRunner()
    for example in doctest.DocTestFinder().find(importlib.import_module(name)):
        runner.run(example, out=said.append)

    assert runner.failures == 0, "".join(said)
    assert runner.tries > 0
