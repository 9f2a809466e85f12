"""Reports as Excel workbooks: read back by another library, the same as the JSON, and never a formula."""

import io
import tracemalloc
from contextlib import closing

import openpyxl
import pytest

from qm.reports.xlsx_export import XLSX, write_workbook
from tests.api.reports.test_reports import JULY, ReportData, answer, ask


def opened(response):
    assert response.mimetype == XLSX
    return openpyxl.load_workbook(io.BytesIO(response.get_data()))


def rows_of(sheet):
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


@pytest.fixture
def caller(provider):
    return provider.caller("reports:read")


@pytest.mark.parametrize(
    ("report", "table"), [("overview", "groups"), ("empathy", "groups"), ("sla", "groups")]
)
def test_a_workbook_holds_what_the_json_says(provider, caller, report, table):
    data = ReportData(provider)
    data.reviewed(data.scored(*[70.0] * 40, channel="chat")[:30], [50.0 + number for number in range(30)])
    data.scored(*[60.0] * 10, channel="email", first_response_met=1)
    said = answer(caller, report, f"{JULY}&group_by=channel")

    book = opened(ask(caller, report, f"{JULY}&group_by=channel&format=xlsx"))

    rows = rows_of(book["table"])
    assert [row["value"] for row in rows] == [row["value"] for row in said[table]] != []
    for row, expected in zip(rows, said[table], strict=True):
        assert row == {name: value for name, value in expected.items() if name in row}
    about = dict(book["about"].iter_rows(values_only=True))
    assert (about["client"], str(about["from"])[:10]) == ("northwind", "2026-07-01")


def test_accept_asks_for_a_workbook(caller):
    found = ask(caller, "overview", headers={"Accept": XLSX})

    assert "northwind-overview-2026-07-01-2026-07-28.xlsx" in found.headers["Content-Disposition"]
    assert rows_of(opened(found)["table"])


@pytest.mark.parametrize("name", ["=1+1", "+cmd|' /C calc'!A0", "@SUM(1)", "https://evil.example/", "{=1}"])
def test_what_looks_like_a_formula_or_link_is_text(provider, caller, name):
    ReportData(provider).scored(60.0, program=name)

    book = opened(ask(caller, "overview", f"{JULY}&group_by=program&format=xlsx"))

    cells = [cell for row in book["table"].iter_rows() for cell in row if cell.value == name]
    assert [(cell.data_type, cell.hyperlink) for cell in cells] == [("s", None)]


def test_many_rows_need_no_memory_for_each(tmp_path):
    rows = ({"number": number, "text": f"row {number}"} for number in range(20_000))
    with (tmp_path / "much.xlsx").open("wb") as to:
        tracemalloc.start()
        write_workbook(to, ["number", "text"], rows, {})
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert peak < 3_000_000
    with closing(openpyxl.load_workbook(tmp_path / "much.xlsx", read_only=True)) as book:
        assert sum(1 for _ in book["table"].iter_rows()) == 20_001
