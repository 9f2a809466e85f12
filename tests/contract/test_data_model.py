"""The page of the data model is what the code and the database say, and names everything that writes."""

import ast
import re

import pytest
from sqlalchemy import text

from infra import data_model_page
from infra.data_model_page import RESTRICTED, WRITERS, policies
from infra.database_schema import every_table
from tenants.isolation import Base
from tests.contract.code_index import PACKAGES, file_of_module, source_files, tree_of
from tests.contract.docs_reader import ROOT, page
from tests.database.scratch import owner_engine

TABLES = every_table().tables
TABLE_OF = {each.class_.__name__: str(each.local_table) for each in Base.registry.mappers}
WRITES = {"insert", "update", "delete", "insert_rows"}
SQL_WRITE = re.compile(r"\b(?:insert into|update|delete from)\s+(\w+)")


@pytest.fixture(scope="module")
def ask(services):
    engine = owner_engine(services)

    def rows(question):
        with engine.connect() as connection:
            return connection.execute(text(question)).all()

    yield rows
    engine.dispose()


def module_of(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def models_imported(tree):
    """Return the tables whose classes a module imports, or defines, by the name they have there."""
    return {
        alias.asname or alias.name: TABLE_OF[alias.name]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith("models")
        for alias in node.names
        if alias.name in TABLE_OF
    }


def written_by(node, models):
    """Return the tables that a call or a text writes to."""
    if isinstance(node, ast.Call):
        called = getattr(node.func, "id", getattr(node.func, "attr", None))
        if called in models:
            return {models[called]}
        if called in WRITES:
            return {models[each.id] for each in node.args if isinstance(each, ast.Name) and each.id in models}
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return set(SQL_WRITE.findall(node.value)) & TABLES.keys()
    return set()


def writes():
    found = set()
    for path in source_files():
        parts = path.relative_to(ROOT).parts
        if parts[0] in PACKAGES and "migrations" not in parts:
            tree = tree_of(path)
            models = models_imported(tree)
            found |= {(t, module_of(path)) for node in ast.walk(tree) for t in written_by(node, models)}
    return found


def test_the_committed_page_equals_the_generated_one():
    committed = page("docs/reference/data-model.md").read_text(encoding="utf-8")

    assert committed == data_model_page.page(), "run `make data-model`"


def test_every_module_that_writes_to_a_table_is_named():
    named = {(table, module) for table, modules in WRITERS.items() for module in modules}

    assert writes() - named == set()
    assert len(writes()) > 25


def test_every_named_writer_knows_its_table():
    for table, modules in WRITERS.items():
        for module in modules:
            file = file_of_module(module)
            assert file is not None, module
            known = set(models_imported(tree_of(file)).values()) | set(
                re.findall(r"\w+", file.read_text("utf-8"))
            )
            assert table in known, (table, module)


def test_the_policies_are_those_of_the_database(ask):
    found = {}
    for row in ask("select tablename, policyname from pg_policies where schemaname = 'public'"):
        found.setdefault(row.tablename, []).append(row.policyname)

    assert {name: tuple(sorted(each)) for name, each in found.items()} == {
        name: policies(table) for name, table in TABLES.items()
    }


def test_privileges_of_the_application_are_those_of_the_database(ask):
    found = {}
    for row in ask(
        "select table_name, lower(privilege_type) as privilege from information_schema.role_table_grants"
        " where grantee = 'qm_app' and table_schema = 'public'"
    ):
        found.setdefault(row.table_name, set()).add(row.privilege)

    assert {name: found[name] for name in TABLES} == {
        name: set(RESTRICTED.get(name, "select, insert, update, delete").split(", ")) for name in TABLES
    }
