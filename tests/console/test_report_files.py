"""The report as PDF and its figures as pictures: tagged, whole, of nothing that is not theirs to see."""

import html
import io
import re
import socket
from datetime import date

import pikepdf
import pytest
from lxml import etree
from PIL import Image

from infra.client_documents import client_pdf
from qm.console import pdf_documents
from scorecards.authoring import versions
from tenants.http.faults import Invalid
from tests.api.reports.friction_data import THEMES, Contacts
from tests.outside_programs import have_pango

REPORT = "/clients/northwind/report"
API = "/v1/clients/northwind/reports/overview"
JULY = "from=2026-07-01&to=2026-07-31"
FIGURES = ("trend", "empathy", "sentiment", "friction", "workload")
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def pango():
    have_pango()


@pytest.fixture
def filled(provider, services):
    """A month with reviews, themes and feelings, and a goal that is missed."""
    contacts = Contacts(provider)
    ids = [
        contacts.contact(
            "My card was refused",
            sorry=number < 40,
            seconds=600,
            shift=0.2,
            intent=None if number < 40 else "late_delivery",
            empathy=60.0,
            day=number % 20,
            sentiment_start=-0.3,
            sentiment_end=-0.1,
        )
        for number in range(80)
    ]
    contacts.reviewed(ids[:40], [30.0 + number for number in range(40)])
    contacts.themes(THEMES)
    contacts.keep(services)
    with provider.session() as session:
        client = session.merge(provider.clients["northwind"])
        body = {"targets": [{"measure": "empathy", "goal": 90}]}
        versions.put_in_force(session, client, kind="quality_targets", key="default", body=body)
    return contacts


@pytest.fixture
def no_network(monkeypatch):
    """Refuse every connection that is not to a database on this machine's sockets."""

    def refuse(_, address):
        raise AssertionError(f"a connection to {address}")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def structure(pdf):
    """Return the kind of every tag of a PDF in order, with its alternative text."""
    found, left = [], [pdf.Root.StructTreeRoot.K]
    while left:
        element = left.pop(0)
        if isinstance(element, pikepdf.Array):
            left = [*element, *left]
        elif isinstance(element, pikepdf.Dictionary) and "/S" in element:
            found.append((str(element.S), str(element.get("/Alt", ""))))
            left = [*([element.K] if "/K" in element else []), *left]
    return found


@pytest.mark.usefixtures("pango")
def test_the_pdf_is_tagged_named_numbered_and_has_tables_as_an_appendix(filled, visitor):
    answer = visitor("client_stakeholder", "northwind").get(f"{REPORT}.pdf?{JULY}")

    assert answer.mimetype == "application/pdf"
    assert "northwind-report-2026-07-01-2026-07-31.pdf" in answer.headers["Content-Disposition"]
    pdf = pikepdf.open(io.BytesIO(answer.data))
    with pdf.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"].startswith("Report · Northwind")
    assert str(pdf.Root.Lang) == "en"
    assert pdf.Root.MarkInfo.Marked
    assert pdf.Root.ViewerPreferences.DisplayDocTitle
    assert [round(float(side)) for side in pdf.pages[0].MediaBox] == [0, 0, 595, 842]
    tags = structure(pdf)
    kinds = {kind for kind, _ in tags}
    assert {"/H1", "/H2", "/P", "/Table", "/TH", "/TD", "/Figure", "/Caption", "/Link", "/L"} <= kinds
    drawn = [alternative for kind, alternative in tags if kind == "/Figure"]
    assert len(drawn) == len(FIGURES)
    assert all(drawn)
    with pdf.open_outline() as outline:
        titles = [each.title for top in outline.root for each in (top, *top.children)]
    assert "Is it what was promised?" in titles
    assert "Appendix: the numbers behind the figures" in titles
    assert sum(title.startswith("Table ") for title in titles) == len(FIGURES)
    for page in pdf.pages:
        fonts = page.Resources.get("/Font", {})
        assert all(
            "/FontFile" in str(font.DescendantFonts[0].FontDescriptor.keys()) for font in fonts.values()
        )
        for link in page.get("/Annots", []):
            assert "StructParent" in str(link.keys())


@pytest.mark.usefixtures("pango")
def test_the_api_gives_the_same_pdf_by_name_and_by_accept_header(filled, provider, visitor, make_provider):
    caller = provider.caller("reports:read", "clients:read")

    by_name = caller.get(f"{API}?{JULY}&format=pdf")
    by_header = caller.get(f"{API}?{JULY}", headers={"Accept": "application/pdf"})

    for answer in (by_name, by_header):
        assert answer.mimetype == "application/pdf"
        assert answer.data.startswith(b"%PDF-1.7")
    assert caller.get(f"{API}?{JULY}").mimetype == "application/json"
    for nobody in (visitor("client_stakeholder", "contoso"), visitor("admin", of=make_provider("fabrikam"))):
        for path in (f"{REPORT}.pdf", *(f"{REPORT}/{figure}.svg" for figure in FIGURES)):
            assert nobody.get(path).status_code == 404
    assert visitor("reviewer").get(f"{REPORT}.pdf").status_code == 403
    assert (
        visitor("client_stakeholder", "northwind")
        .get(f"{REPORT}.pdf?from=2026-06-01&to=2026-07-31")
        .status_code
        == 422
    )


def test_without_weasyprint_it_is_told_what_to_install(filled, visitor, provider, monkeypatch):
    def missing(name):
        raise OSError(f"cannot load library {name}")

    manager = visitor("qm_manager")
    pdf_documents.load_weasyprint.cache_clear()
    monkeypatch.setattr(pdf_documents.importlib, "import_module", missing)
    try:
        page = manager.get(f"{REPORT}.pdf?{JULY}")
        told = provider.caller("reports:read", "clients:read").get(f"{API}?{JULY}&format=pdf")
    finally:
        pdf_documents.load_weasyprint.cache_clear()
    assert page.status_code == told.status_code == 501
    for text in (page.text, told.json["detail"]):
        assert "libpango-1.0-0" in text
    monkeypatch.setattr(pdf_documents.importlib.util, "find_spec", lambda _: None)
    assert "Save as PDF" not in manager.get(f"{REPORT}?{JULY}").text


@pytest.mark.usefixtures("pango", "no_network")
def test_nothing_is_fetched_for_a_document():
    page = (
        '<html lang="en"><head><title>t</title><link rel="stylesheet" href="http://192.0.2.1/a.css"></head>'
        '<body><p>words</p><img alt="a" src="http://192.0.2.1/a.png"><img alt="b" src="file:///etc/hostname">'
    )

    made = pdf_documents.pdf_of(page, "http://192.0.2.1/")

    assert made.startswith(b"%PDF")
    with pikepdf.open(io.BytesIO(made)) as pdf:
        assert not pdf.pages[0].Resources.get("/XObject", {})


def test_each_figure_is_a_picture_of_its_own_with_its_finding_and_source(filled, visitor, provider):
    stakeholder = visitor("client_stakeholder", "northwind")
    page = html.unescape(stakeholder.get(f"{REPORT}?{JULY}").text)

    for figure in FIGURES:
        address = f"{REPORT}/{figure}.svg?{JULY}"
        assert address in page
        drawn = stakeholder.get(address)
        assert drawn.mimetype == "image/svg+xml"
        root = etree.fromstring(drawn.data)
        finding = root.find(f"{SVG}title").text
        assert finding in page
        assert provider.tenant.name in root.find(f"{SVG}desc").text
        marks = list(root.iter())
        assert not [mark for mark in marks if mark.get("class") or mark.get("style") or mark.tag == f"{SVG}a"]
        assert {mark.get("fill") or mark.get("stroke") for mark in marks if mark.tag == f"{SVG}circle"} <= {
            "#0b5cad",
            "#b5480b",
            "#ffffff",
        }
        picture = Image.open(io.BytesIO(stakeholder.get(address.replace(".svg", ".png")).data))
        assert picture.format == "PNG"
        assert picture.width == 2 * float(root.get("width"))
        assert len(picture.convert("L").getcolors(256)) > 20
    assert stakeholder.get(f"{REPORT}/sla.svg?{JULY}").status_code == 404


def test_of_few_a_picture_shows_nothing(provider, services, visitor):
    contacts = Contacts(provider)
    for _ in range(4):
        contacts.contact("My card was refused", shift=0.2, empathy=70.0)
    contacts.keep(services)

    for figure in FIGURES:
        path = f"{REPORT}/{figure}.svg?{JULY}"
        assert visitor("client_stakeholder", "northwind").get(path).status_code == 404


def test_every_mark_leads_to_the_interactions_behind_it_for_those_who_see_them(filled, visitor):
    manager, stakeholder = visitor("qm_manager"), visitor("client_stakeholder", "northwind")

    pages = {who: who.get(f"{REPORT}?{JULY}").text for who in (manager, stakeholder)}

    links = re.findall(r'<a href="(/clients/northwind/interactions\?[^"]+)"', pages[manager])
    for part, count in (("theme=card", 40), ("intent=late_delivery", 40)):
        address = next(link for link in links if part in link).replace("&amp;", "&")
        listed = manager.get(f"{address}&format=csv").get_data().decode("utf-8-sig")
        assert len(listed.strip().splitlines()) == count + 1
        assert part.partition("=")[2] in re.sub(r"<[^>]+>", "", manager.get(address).text)
    assert sum("theme=" not in link and "intent=" not in link for link in links) >= 3
    assert "/interactions" not in pages[stakeholder]


@pytest.mark.usefixtures("pango")
def test_the_operator_writes_what_the_client_sees_of_the_newest_ended_month(filled, services, provider):
    with provider.session() as session:
        client = session.merge(provider.clients["northwind"])
        made, request = client_pdf(services, session, client, {})
        with pytest.raises(Invalid):
            client_pdf(services, session, client, {"from_": date(2026, 6, 1), "to": date(2026, 7, 31)})

    assert (request.period.first, request.period.last) == (date(2026, 7, 1), date(2026, 7, 31))
    assert request.suppress_small
    pdf = pikepdf.open(io.BytesIO(made))
    assert len(pdf.pages) > 3
    links = [link.get("/A", {}) for page in pdf.pages for link in page.get("/Annots", [])]
    assert not [link for link in links if "/URI" in link]


def test_nobody_stumbles_over_marks_that_are_links(filled, window, provider):
    manager = window(provider.add_user("qm_manager"))
    page = manager.goto(f"{REPORT}?{JULY}")

    assert manager.faults() == []
    page.get_by_role("link", name="Card refused").first.click()
    page.wait_for_url("**/interactions?**theme=card**")
    stakeholder = window(provider.add_user("client_stakeholder", "northwind"))
    stakeholder.goto(f"{REPORT}?{JULY}")
    assert stakeholder.faults() == []
