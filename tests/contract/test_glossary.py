"""Every word of the contract and every table is in the glossary, and everything it names exists."""

import ast
import importlib
import json
import re

import pytest

from infra.database_schema import every_table
from tests.contract.code_index import dotted_name_exists, file_of_module, identifiers, tree_of
from tests.contract.docs_reader import ROOT, codes, page, rows, section

PAGE = page("docs/reference/glossary.md")
CONTRACT = json.loads((ROOT / "api_spec/openapi.json").read_text(encoding="utf-8"))
SCHEMAS = CONTRACT["components"]["schemas"]
TABLES = every_table().tables
AREAS = ("Who asks", "Definitions", "Interactions", "Judging and reviewing", "Reports", "Learning")
WORDS = [row for area in AREAS for row in rows(section(PAGE, area))]
VALUES = rows(section(PAGE, "Enumerated values"))
STORED = {
    "HoldoutEvaluation": "scorecards.automation.holdout_evaluation",
    "QuestionHeads": "scorecards.autoscore.models.serialization",
}


def column(number):
    return [name for row in WORDS for name in codes(row[number])]


def enumerations(node):
    """Return every list of words that the contract allows somewhere."""
    if isinstance(node, dict):
        words = frozenset(value for value in node.get("enum", ()) if isinstance(value, str))
        found = {words} - {frozenset()}
        return found.union(*map(enumerations, node.values())) if node else found
    return set().union(*map(enumerations, node)) if isinstance(node, list) else set()


def table_under(sentence):
    """Return the rows of the table that follows a sentence of the part on stored names."""
    text = section(PAGE, "Where code and stored names differ")
    return rows(re.search(r"^\|.*?(?=\n\n|\Z)", text[text.index(sentence) :], re.MULTILINE | re.DOTALL)[0])


def stored_names(module):
    for node in tree_of(file_of_module(module)).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "_STORED_NAMES":
            return ast.literal_eval(node.value)
    raise AssertionError(module)


def test_every_word_has_a_meaning_and_five_columns():
    assert len(WORDS) > 80
    assert [row for row in WORDS if len(row) != 5 or not (row[0] and row[1])] == []


def test_every_word_stands_once():
    words = [word.strip() for row in WORDS for word in row[0].split(",")]

    assert sorted(words) == sorted(set(words))


def test_every_schema_of_the_contract_is_in_the_glossary():
    named = {name for name in column(2) if "." not in name}

    assert SCHEMAS.keys() - named == set()
    assert named - SCHEMAS.keys() == set()


def test_every_field_the_glossary_names_is_in_the_contract():
    fields = [name.split(".") for name in column(2) if "." in name]

    assert [each for each in fields if each[1] not in SCHEMAS.get(each[0], {}).get("properties", {})] == []
    assert len(fields) > 30


def test_every_schema_is_a_class_of_the_code():
    assert [name for name in SCHEMAS if f"{name}Schema" not in identifiers()] == []


def test_every_name_of_the_code_exists():
    assert [name for name in column(3) if not dotted_name_exists(name)] == []
    assert len(column(3)) > 80


def test_every_table_is_in_the_glossary():
    named = {name.split(".")[0] for name in column(4)}

    assert TABLES.keys() - named == set()


def test_every_table_and_column_the_glossary_names_exists():
    missing = []
    for name in column(4):
        table, _, field = name.partition(".")
        if table not in TABLES or (field and field not in TABLES[table].columns):
            missing.append(name)

    assert missing == []


def test_every_path_segment_is_in_the_glossary_and_no_other():
    segments = {part for path in CONTRACT["paths"] for part in path.split("/") if part and "{" not in part}
    named = [name for row in rows(section(PAGE, "Paths")) for name in codes(row[0])]

    assert sorted(named) == sorted(segments)


def test_every_enumerated_value_is_in_the_glossary_and_no_other():
    named = {frozenset(codes(row[1])) for row in VALUES}

    assert enumerations(CONTRACT) - named == set()
    assert named - enumerations(CONTRACT) == set()


@pytest.mark.parametrize("row", [row for row in VALUES if row[2]], ids=lambda row: row[0])
def test_enumerated_values_are_those_of_the_constant(row):
    module, _, name = codes(row[2])[0].rpartition(".")

    assert set(getattr(importlib.import_module(module), name)) == set(codes(row[1]))


@pytest.mark.parametrize(
    ("sentence", "owner"),
    [("Of what a model proved", "HoldoutEvaluation"), ("In the artefact of", "QuestionHeads")],
)
def test_names_that_differ_are_those_of_the_code(sentence, owner):
    said = {codes(row[1])[0]: codes(row[0])[0] for row in table_under(sentence)}

    assert said == stored_names(STORED[owner])
