"""What the provider does about a report: every version kept, written by managers, read by the client."""

from sqlalchemy import text

from tests.api.reports.test_reports import ReportData
from tests.whole_words import has_word

ADDRESS = "/v1/clients/northwind/reports/corrective-actions"
PAGE = "/clients/northwind/report/corrective-actions?from=2026-07-01&to=2026-07-31"
REPORT = "/clients/northwind/report?from=2026-07-01&to=2026-07-31"
JULY = {"from": "2026-07-01", "to": "2026-07-31"}


def write(caller, words, **options):
    return caller.put(ADDRESS, json={**JULY, "text": words, **options})


def test_every_version_is_kept_and_the_client_reads_it_without_names(provider):
    manager = provider.add_user("qm_manager")
    caller = provider.caller("reports:read", "reports:write", user=manager)
    stakeholder = provider.add_user("client_stakeholder", "northwind")
    reader = provider.caller("reports:read", user=stakeholder)

    assert caller.get(ADDRESS, query_string=JULY).json["version"] == 0
    assert write(caller, "We practise naming the feeling.").json["version"] == 1
    assert write(caller, "We practise naming the feeling.").json["version"] == 1
    assert write(caller, "Two agents practise; we look again in September.", version=1).json["version"] == 2
    stale = write(caller, "Something else.", version=1)
    assert (stale.status_code, stale.json["code"]) == (409, "text_changed")

    found = caller.get(ADDRESS, query_string=JULY).json
    assert [(each["version"], each["author"]) for each in found["versions"]] == [
        (2, manager.name),
        (1, manager.name),
    ]
    shown = reader.get(ADDRESS, query_string=JULY).json
    assert shown["text"] == "Two agents practise; we look again in September."
    assert {each["author"] for each in shown["versions"]} == {None}
    assert reader.get(ADDRESS, query_string={**JULY, "to": "2026-08-15"}).status_code == 422
    assert write(reader, "All is well.").status_code == 403

    with provider.session() as session:
        rights = session.execute(
            text(
                "select string_agg(privilege_type, ',' order by 1) from information_schema.table_privileges"
                " where table_name = 'corrective_actions' and grantee = 'qm_app'"
            )
        ).scalar()
    assert rights == "INSERT,SELECT"


def test_bad_texts_are_refused_with_every_fault(provider):
    caller = provider.caller("reports:read", "reports:write")

    refused = caller.put(ADDRESS, json={"from": "2026-07-31", "to": "2026-07-01", "text": "x" * 10_001})

    assert refused.status_code == 422
    assert {fault["pointer"] for fault in refused.json["errors"]} == {"/from", "/text"}


def test_managers_write_it_on_a_page_and_the_report_shows_it(provider, visitor):
    data = ReportData(provider)
    data.reviewed(data.scored(*[70.0] * 20), [70.0] * 20)
    manager = visitor("qm_manager")

    assert "Write what is done about it" in manager.get(REPORT).text
    sent = manager.post(PAGE, {"text": "Agents <b>practise</b>.", "version": "0"})
    assert sent.status_code == 303
    refused = manager.post(PAGE, {"text": "Late.", "version": "0"})
    assert refused.status_code == 422
    assert "Somebody else has written" in refused.text
    assert ">Late.</textarea>" in refused.text

    shown = visitor("client_stakeholder", "northwind").get("/clients/northwind/report").text
    section = shown[shown.index('id="actions"') :]
    assert "Agents &lt;b&gt;practise&lt;/b&gt;." in section
    assert "Write what is done about it" not in shown
    assert not has_word(section, manager.user.name)
