"""Every file, module, test, class and function that a page names exists, so renames reach the pages."""

import json
import re
from collections.abc import Iterator

import pytest

from tests.contract.code_index import (
    FOLDERS,
    PACKAGES,
    defined_in,
    dotted_name_exists,
    file_of_module,
    identifiers,
    source_files,
    tree_of,
)
from tests.contract.docs_reader import PAGES, ROOT, prose

SUFFIXES = "py|yaml|json|toml|sql|svg|txt|md|mako"
TOP_FOLDERS = "|".join((*FOLDERS, "docs", "api_spec"))
PATH = re.compile(rf"[\w.-]+(?:/[\w.-]+)*\.(?:{SUFFIXES})|(?:{TOP_FOLDERS})(?:/[\w.-]+)*/?")
DOTTED = re.compile(rf"(?:{'|'.join((*PACKAGES, 'tests'))})(?:\.\w+)+")
CALL = re.compile(r"(?:\w+\.)*(\w+)\((?:[^()]|\([^()]*\))*\)")
TYPE = re.compile(r"[A-Z][a-z]+(?:[A-Z][a-z]*)+|[A-Z]{2,}(?:_[A-Z]+)+")
# Names of other people's things, and of things that are not Python.
FOREIGN = {"README.md", "northwind.yaml", "draft.json", "answers.json", "review.json"}
SCHEMAS = json.loads((ROOT / "api_spec/openapi.json").read_text(encoding="utf-8"))["components"][
    "schemas"
].keys()
NOT_IN_CODE = re.compile(r"QM_[A-Z_]+|[A-Z_]+=.*")


def spans(path) -> Iterator[str]:
    """Return what stands in backticks in a page, outside of its blocks."""
    return iter(re.findall(r"`([^`\n]+)`", prose(path)))


def words(path):
    return [word for span in spans(path) for word in span.split()]


def exists(name, page):
    place = name.rstrip("/")
    known = {each.name for each in source_files()}
    return (ROOT / place).exists() or (page.parent / place).exists() or place in known or place in FOREIGN


def missing_files(page):
    found = [word.partition("::")[0] for word in words(page)]
    return {name for name in found if PATH.fullmatch(name) and not exists(name, page)}


def missing_tests(page):
    found = re.findall(r"([\w/]+\.py)::(\w+)", page.read_text(encoding="utf-8"))
    return {
        f"{file}::{test}"
        for file, test in found
        if not (ROOT / file).is_file() or test not in defined_in(tree_of(ROOT / file))
    }


def missing_modules(page):
    found = [word for word in words(page) if DOTTED.fullmatch(word) and not PATH.fullmatch(word)]
    started = re.findall(r"-m ((?:infra|workers|qm)(?:\.\w+)+)", page.read_text(encoding="utf-8"))
    return {name for name in found if not dotted_name_exists(name)} | {
        name for name in started if file_of_module(name) is None
    }


def missing_names(page):
    whole = list(spans(page))
    called = {call[1] for span in whole if (call := CALL.fullmatch(span)) and re.search("[a-z]", call[1])}
    types = {span for span in whole if TYPE.fullmatch(span) and not NOT_IN_CODE.fullmatch(span)}
    return (called | types) - identifiers() - SCHEMAS


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_module_and_name_of_a_page_exists(path):
    assert missing_files(path) == set()
    assert missing_tests(path) == set()
    assert missing_modules(path) == set()
    assert missing_names(path) == set()


@pytest.mark.parametrize(
    ("text", "find"),
    [
        ("`qm/reviews/showing.py`", missing_files),
        ("`showing.py`", missing_files),
        ("`scorecards/templates/`", missing_files),
        ("`tests/pure/test_docs.py`", missing_files),
        ("`tests/contract/test_docs.py::test_nothing`", missing_tests),
        ("`workers.rulebook`", missing_modules),
        ("`qm.jobs.rouse`", missing_modules),
        ("`python -m infra.clockwork`", missing_modules),
        ("`prove(cases, limit=0.1)`", missing_names),
        ("`HoldoutProof`", missing_names),
        ("`MOST_ATTEMPTS_EVER`", missing_names),
    ],
)
def test_a_name_that_does_not_exist_is_found(tmp_path, text, find):
    page = tmp_path / "page.md"
    page.write_text(f"# A page\n\nIt names {text}.\n")

    assert len(find(page)) == 1
