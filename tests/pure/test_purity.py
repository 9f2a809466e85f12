"""A module that calls itself pure imports no web framework, table, database or queue."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
IMPURE = frozenset({"flask", "marshmallow", "psycopg", "redis", "rq", "sqlalchemy", "yaml"})
PACKAGES = ("tenants", "scorecards", "qm", "workers", "infra")


def is_declared_pure(path):
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return "(pure)" in docstring.split("\n\n", maxsplit=1)[0]


MODULES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
DECLARED = [path for path in MODULES if is_declared_pure(path)]


def imported_modules(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{each.name}" for each in node.names)


def test_some_modules_are_declared_pure():
    assert len(DECLARED) >= 20


@pytest.mark.parametrize("path", DECLARED, ids=lambda path: str(path.relative_to(ROOT)))
def test_declared_pure_module_imports_nothing_impure(path):
    found = set(imported_modules(path))
    assert not {name.split(".", maxsplit=1)[0] for name in found} & IMPURE
    assert not {name for name in found if name.endswith((".models", ".routes", ".schemas"))} - {
        name for name in found if name.startswith("scorecards.autoscore.models")
    }
