"""What the source code defines, found without importing it: modules, and the names inside them."""

import ast
import re
from functools import cache
from pathlib import Path

from tests.contract.docs_reader import ROOT

PACKAGES = ("tenants", "scorecards", "qm", "workers", "infra")
FOLDERS = (*PACKAGES, "tests", "loadtests")
_DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@cache
def source_files():
    return tuple(sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")))


@cache
def tree_of(path: Path):
    return ast.parse(path.read_text(encoding="utf-8"))


def file_of_module(dotted):
    """Return the file of a module or the folder of a package; None when there is none."""
    place = ROOT.joinpath(*dotted.split("."))
    if place.with_suffix(".py").is_file():
        return place.with_suffix(".py")
    return place / "__init__.py" if (place / "__init__.py").is_file() else None


def defined_in(node):
    """Return what a module or class defines or imports at its own level, each with the node it stands for."""
    found = {}
    for each in ast.walk(node) if isinstance(node, ast.Module) else node.body:
        if isinstance(each, _DEFINITIONS):
            found.setdefault(each.name, each)
        elif isinstance(each, ast.Assign):
            found |= {target.id: each for target in each.targets if isinstance(target, ast.Name)}
        elif isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
            found[each.target.id] = each
        elif isinstance(each, ast.Import | ast.ImportFrom):
            found |= {alias.asname or alias.name: each for alias in each.names}
    return found


def dotted_name_exists(dotted):
    """Tell whether `package.module.Class.method` leads to something."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        file = file_of_module(".".join(parts[:length]))
        if file is not None:
            return _leads_somewhere(tree_of(file), parts[length:])
    return False


def _leads_somewhere(node, names):
    for name in names:
        if not isinstance(node, ast.Module | ast.ClassDef) or name not in (known := defined_in(node)):
            return False
        node = known[name]
    return True


@cache
def identifiers():
    """Return every word that stands in a source file outside of comments and texts."""
    found = set()
    for path in source_files():
        for node in ast.walk(tree_of(path)):
            if isinstance(node, _DEFINITIONS):
                found.add(node.name)
            elif isinstance(node, ast.Name):
                found.add(node.id)
            elif isinstance(node, ast.Attribute):
                found.add(node.attr)
            elif isinstance(node, ast.alias):
                found.update(re.split(r"\.", node.asname or node.name))
    return frozenset(found)
