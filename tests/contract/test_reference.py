"""The API reference: complete, found, light, and its samples are programs."""

import ast
import gzip
import json
import re
import shlex

import pytest

from qm.openapi.reference import read_reference

MOST_BYTES = 40 * 1024


@pytest.fixture(scope="module")
def reference(app):
    return read_reference(app.extensions["qm.openapi"], "http://127.0.0.1:8000")


def operations_of(app):
    return {
        operation["operationId"]
        for path in app.extensions["qm.openapi"]["paths"].values()
        for method, operation in path.items()
        if method != "parameters"
    }


def test_every_operation_stands_on_the_page_of_its_topic_and_leads_to_all_its_schemas(app, reference):
    http, seen = app.test_client(), set()
    for tag in reference.tags:
        page = http.get(f"/docs/{tag}")
        assert page.status_code == 200
        seen |= {each.name for each in reference.of_tag(tag) if f'id="{each.name}"' in page.text}
        anchors = set(re.findall(r'id="([^"]+)"', page.text))
        assert [each for each in re.findall(r'href="#([^"]+)"', page.text) if each not in anchors] == []
        assert len(gzip.compress(page.data)) < MOST_BYTES, tag
    assert seen == operations_of(app)


def test_the_first_page_lists_all_and_finds_by_words(app, reference):
    http = app.test_client()
    whole = http.get("/docs")

    assert len(gzip.compress(whole.data)) < MOST_BYTES
    assert whole.text.count('class="verb') == len(reference.operations)
    found = http.get("/docs?q=PUSH interaction").text
    assert "#pushInteraction" in found
    assert "#listClients" not in found
    assert "0 operations hold" in http.get("/docs?q=<b>nothing</b>").text
    assert "<b>nothing" not in http.get("/docs?q=<b>nothing</b>").text
    assert http.get("/docs/nothing").status_code == 404


def test_an_operation_is_told_with_parameters_body_answers_errors_and_scope(app):
    page = app.test_client().get("/docs/interactions").text
    told = page[page.index('id="pushInteraction"') :].partition("</section>")[0]

    assert "Needs the scope <code>interactions:write</code>" in told
    assert "Idempotency-Key" in told
    assert 'href="#schema-PushedInteraction"' in told
    assert "<code>201</code>" in told
    assert "422, 429" in told
    assert "http://localhost/v1/clients/northwind/interactions" in told


def test_samples_of_every_operation_are_whole_calls(reference):
    for operation in reference.operations:
        curl, python, typescript = (text for _, text in operation.samples)
        ast.parse(python)
        assert "…" not in curl, operation.name
        command, _, rest = curl.partition(" <<'END'\n")
        assert shlex.split(command)[0] == "curl"
        if rest:
            json.loads(rest.removesuffix("END"))
        assert typescript.count("(") == typescript.count(")")
