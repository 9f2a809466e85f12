"""The examples in the product's docstrings are run with the tests."""

import ast
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("tenants", "scorecards", "qm", "workers", "infra")
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def docstrings(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [ast.get_docstring(each) or "" for each in ast.walk(tree) if isinstance(each, DOCUMENTED)]


def items_below(collector):
    """Collect as a run of pytest does; a module that cannot be loaded fails."""
    report = collector.ihook.pytest_make_collect_report(collector=collector)
    assert report.passed, report.longrepr
    for each in report.result:
        if isinstance(each, pytest.Item):
            yield each
        else:
            yield from items_below(each)


def test_a_plain_run_looks_into_every_package(pytestconfig):
    assert set(PACKAGES) <= set(pytestconfig.getini("testpaths"))


@pytest.mark.parametrize("package", PACKAGES)
def test_every_example_of_a_package_is_run(request, package):
    folder = ROOT / package
    written = {path: sum(">>> " in said for said in docstrings(path)) for path in folder.rglob("*.py")}
    proxy = request.session.gethookproxy(folder)
    top = proxy.pytest_collect_directory(path=folder, parent=request.session)
    collected = Counter(each.path for each in items_below(top) if isinstance(each, pytest.DoctestItem))

    assert collected == Counter({path: number for path, number in written.items() if number})
    assert collected.total() > 0
