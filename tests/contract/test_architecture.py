"""The rooms of the architecture page are those of the code, and imports go down its tables."""

import ast
import re
import tomllib

import grimp
import pytest

from tests.contract.docs_reader import ROOT, page, rows, section

PAGE = page("docs/explanation/architecture.md")
MARKS = {"scorecards": "### scorecards", "scorecards.autoscore": "Inside `autoscore`", "qm": "### qm"}
MARKS |= {"qm.console": "### qm.console", "workers": "### workers", "tenants": "### tenants"}


def lines_of(container):
    """Return the rooms of each line of a container's table on the page, from top to bottom."""
    text = section(PAGE, "Rooms")
    table = re.search(r"^\|.*?(?=\n\n)", text[text.index(MARKS[container]) :], re.MULTILINE | re.DOTALL)
    return [set(re.findall(r"`(\w+)`", row[0])) for row in rows(table[0])]


def contracts():
    """Return the layers that import-linter checks inside a package, by the package."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {
        each["containers"][0]: [set(re.split(r"\s*[|:]\s*", layer.strip())) for layer in each["layers"]]
        for each in settings["tool"]["importlinter"]["contracts"]
        if each["type"] == "layers" and "containers" in each
    }


def merged(layer):
    """Return a layer with all tables of patterns under the one name they have on the page."""
    return {"_patterns" if name.endswith("_patterns") else name for name in layer}


def test_packages_of_the_page_are_the_layers_of_import_linter():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]

    assert [row[0].strip("`/") for row in rows(section(PAGE, "Packages"))] == layers


@pytest.mark.parametrize("container", contracts())
def test_rooms_of_the_page_are_the_layers_of_import_linter(container):
    assert lines_of(container) == [merged(layer) for layer in contracts()[container]]


def test_rooms_of_tenants_import_lower_lines_only():
    graph, lines = grimp.build_graph("tenants"), lines_of("tenants")
    line = {room: number for number, names in enumerate(lines) for room in names}
    found = [
        (importer.split(".")[1], imported.split(".")[1])
        for importer in graph.modules - {"tenants"}
        for imported in graph.find_modules_directly_imported_by(importer) - {"tenants"}
    ]

    assert line.keys() == {module.split(".")[1] for module in graph.modules - {"tenants"}}
    assert {(one, other) for one, other in found if one != other and line[one] >= line[other]} == set()
    assert len(found) > 30


CALLERS = {"smtplib", "httpx", "requests", "urllib3", "aiohttp", "urllib.request", "http.client", "socket"}


def test_nothing_calls_out_but_mail_identity_providers_and_webhooks():
    """Of what serves and judges; `infra` asks this machine's own ports and servers."""
    found = set()
    for path in [
        path for name in ("qm", "tenants", "workers", "scorecards") for path in ROOT.glob(f"{name}/**/*.py")
    ]:
        imports = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        names = {node.module for node in imports if isinstance(node, ast.ImportFrom)}
        names |= {each.name for node in imports if isinstance(node, ast.Import) for each in node.names}
        if names & CALLERS:
            found.add(path.relative_to(ROOT).as_posix())
    found.remove("qm/webhooks/addresses.py")  # reads spellings of addresses (inet_aton)
    assert found == {"qm/mail.py", "tenants/sso/protocol.py", "workers/deliveries/sending.py"}
