"""Brand voice, playbooks, policies and bundles on pages, and the client's overview."""

import html
import re
from datetime import UTC, datetime
from io import BytesIO

import pytest

from scorecards.authoring import version_queries, versions
from tests.console.test_scorecard_pages import hidden

CLIENT = "/clients/northwind"
VOICE = """tone: [warm]
preferred:
  - {clause: BV-4, phrase: I'd be glad to}
banned:
  - {clause: BV-7, phrase: per our policy, reason: sounds like hiding}
"""
PLAYBOOK = "name: Late\ntrigger: {phrases: [where is it]}\nsteps:\n  - {key: own, name: Own it}\n"
SLA = "rules:\n  - {key: all, targets: {first_response: 4h}, goal: 0.9}\n"
TARGETS = "targets:\n  - {measure: critical_compliance, goal: 2.5, from: 2026-07-01}\n"
THEMES = "themes:\n  - {key: late, name: Late delivery, tags: [late_delivery], phrases: [not arrived]}\n"
SAMPLING = "base_rate: 0.05\nterms:\n  - {when: charged, rate: 0.9}\n"
EACH = [
    ("brand_voice", "brand-voice", VOICE, "per our policy"),
    ("playbook", "playbooks/late", PLAYBOOK, "Own it"),
    ("sla_policy", "sla-policy", SLA, "4 h"),
    ("sampling_policy", "sampling/policy", SAMPLING, "90.0 %"),
    ("quality_targets", "quality-targets", TARGETS, "at most 2.5 %"),
    ("friction_themes", "friction-themes", THEMES, "not arrived"),
]


def present(provider, kind, key="default"):
    with provider.session() as session:
        client_id = provider.clients["northwind"].client_id
        found = version_queries.open_ended_version(session, client_id=client_id, kind=kind, key=key)
        if found is not None:
            session.expunge(found)
        return found


def sent(page, text, **fields):
    return {"opened": hidden(page, "opened"), "text": text, **fields}


@pytest.mark.parametrize(("kind", "path", "text", "shown"), EACH)
def test_a_definition_is_written_compared_published_and_read_in_words(
    visitor, provider, kind, path, text, shown
):
    manager, address = visitor("qm_manager"), f"{CLIENT}/{path}"
    page = manager.get(f"{address}/text")

    reviewed = manager.post(f"{address}/text", sent(page, text, deed="check"))
    unsure = manager.post(f"{address}/text", sent(page, text, deed="publish"))
    done = manager.post(f"{address}/text", sent(page, text, deed="publish", confirmed="on"))

    assert (reviewed.status_code, unsure.status_code, done.status_code) == (200, 422, 303)
    assert "Publish</button>" in reviewed.text
    assert "Tick this" in unsure.text
    assert shown in html.unescape(manager.get(address).text)
    assert manager.get(f"{address}/versions").status_code == 200
    key = "late" if kind == "playbook" else "default"
    assert present(provider, kind, key).version == 1


@pytest.mark.parametrize(("kind", "path", "text", "shown"), EACH)
def test_what_is_wrong_is_told_at_its_line_and_nothing_is_published(
    visitor, provider, kind, path, text, shown
):
    manager, address = visitor("qm_manager"), f"{CLIENT}/{path}"
    page = manager.get(f"{address}/text")
    for wrong in (f"{text}nonsense: 1\n", f"{text}\t- x\n", f"{text}{text}", "", "x: *y\n", "[" * 99):
        refused = manager.post(f"{address}/text", sent(page, wrong, deed="publish", confirmed="on"))
        checked = manager.post(f"{address}/check", {"text": wrong})

        assert (refused.status_code, checked.status_code) == (422, 200)
        assert "fault" in checked.text
        assert wrong.split("\n")[0][:20] in html.unescape(refused.text)
    assert present(provider, kind, "late" if kind == "playbook" else "default") is None


def test_what_somebody_else_published_meanwhile_is_not_overwritten(visitor, provider):
    manager, address = visitor("qm_manager"), f"{CLIENT}/sla-policy"
    page = manager.get(f"{address}/text")
    with provider.session() as session:
        body = {"rules": [{"key": "theirs", "targets": {"first_response": "1h"}}]}
        client = provider.clients["northwind"]
        versions.put_in_force(session, client, kind="sla_policy", key="default", body=body)

    refused = manager.post(f"{address}/text", sent(page, SLA, deed="publish", confirmed="on"))

    assert refused.status_code == 422
    assert "Somebody else has saved it meanwhile" in refused.text
    assert "first_response: 4h" in refused.text
    assert present(provider, "sla_policy").body == body
    again = manager.post(f"{address}/text", sent(refused, SLA, deed="publish", confirmed="on"))
    assert again.status_code == 303


def test_an_effective_date_is_of_the_readers_zone(visitor, provider):
    user = provider.add_user("qm_manager")
    with provider.session() as session:
        session.merge(user).time_zone = "Asia/Tokyo"
    manager, address = visitor(user=user), f"{CLIENT}/brand-voice"
    page = manager.get(f"{address}/text")

    fields = {"deed": "publish", "confirmed": "on", "effective_from": "2030-01-02T09:00"}
    assert manager.post(f"{address}/text", sent(page, VOICE, **fields)).status_code == 303

    assert present(provider, "brand_voice").effective_from == datetime(2030, 1, 2, tzinfo=UTC)
    assert "2 Jan 2030, 09:00" in manager.get(address).text
    assert "not in force yet" in manager.get(address).text


def test_a_version_that_begins_later_leads_to_the_one_in_force_now(visitor, provider):
    client = provider.clients["northwind"]
    for rate, since in ((0.05, None), (0.1, datetime(2040, 1, 1, tzinfo=UTC))):
        with provider.session() as session:
            versions.put_in_force(
                session,
                client,
                kind="sampling_policy",
                key="default",
                body={"base_rate": rate},
                effective_from=since,
            )

    page = visitor("qm_manager").get(f"{CLIENT}/sampling/policy").text

    assert "not in force yet" in page
    assert "Version 1 is in force now." in page


def test_versions_are_compared(visitor, provider):
    manager, client = visitor("qm_manager"), provider.clients["northwind"]
    for rate in (0.05, 0.1):
        with provider.session() as session:
            body = {"base_rate": rate}
            versions.put_in_force(session, client, kind="sampling_policy", key="default", body=body)

    page = manager.get(f"{CLIENT}/sampling/policy/versions?version=2&against=1").text

    assert "<del>0.05</del> → <ins>0.1</ins>" in page
    assert manager.get(f"{CLIENT}/sampling/policy/versions?version=9&against=1").status_code == 404


def test_a_playbook_from_a_ready_made_one_and_its_end(visitor, provider):
    manager = visitor("qm_manager")
    begun = manager.get(f"{CLIENT}/playbooks/new?template=late_delivery&key=")
    page = manager.get(begun.headers["Location"])
    text = html.unescape(re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page.text, re.DOTALL).group(1))
    address = begun.headers["Location"].partition("?")[0]

    assert manager.post(address, sent(page, text, deed="publish", confirmed="on")).status_code == 303
    assert present(provider, "playbook", "late_delivery") is not None
    assert manager.post(f"{CLIENT}/playbooks/late_delivery/retire", {"confirmed": "on"}).status_code == 303
    assert present(provider, "playbook", "late_delivery") is None
    assert manager.get(f"{CLIENT}/playbooks/late_delivery").status_code == 200
    assert manager.get(f"{CLIENT}/playbooks/new?key=No Key").status_code == 404


CARE = "{key: care, name: Care, template: empathy}"
BUNDLE = f"qm_bundle: 1\nsettings: {{interval_limit: 7}}\nscorecards: [{CARE}]\n"


def test_a_bundle_is_tried_and_loaded(visitor, provider):
    manager, address = visitor("qm_manager"), f"{CLIENT}/bundle"

    tried = manager.post(address, {"text": BUNDLE, "deed": "check"})
    assert tried.status_code == 200
    assert "interval limit" in tried.text
    assert present(provider, "scorecard", "care") is None
    assert manager.post(address, {"text": BUNDLE, "deed": "load"}).status_code == 422
    assert manager.post(address, {"text": BUNDLE, "deed": "load", "confirmed": "on"}).status_code == 303
    assert present(provider, "scorecard", "care").version == 1


def test_a_bundle_with_faults_loads_nothing_and_names_every_line(visitor, provider):
    manager, address = visitor("qm_manager"), f"{CLIENT}/bundle"
    wrong = BUNDLE + "sampling_policy: {base_rate: 7}\n"

    refused = manager.post(address, {"text": wrong, "deed": "load", "confirmed": "on"})

    assert refused.status_code == 422
    assert "(line 4)" in refused.text
    assert present(provider, "scorecard", "care") is None


def test_a_file_that_is_no_text_is_refused(visitor):
    manager = visitor("qm_manager")
    import_form = {"deed": "check", "file": (BytesIO(b"\xff\xfe\x00"), "bundle.yaml")}

    refused = manager.post(f"{CLIENT}/bundle", import_form, content_type="multipart/form-data")

    assert refused.status_code == 422
    assert "not UTF-8" in refused.text


def test_an_empty_client_says_what_to_do_first(visitor):
    manager, stakeholder = visitor("qm_manager"), visitor("client_stakeholder", "northwind")

    assert "Add a scorecard" in manager.get(CLIENT).text
    assert "Add a scorecard" not in stakeholder.get(CLIENT).text
    for path in ("scorecards", "brand-voice", "playbooks", "sla-policy", "sampling", "machine"):
        assert 'class="panel empty"' in manager.get(f"{CLIENT}/{path}").text or path == "sampling"


def test_clients_to_choose_from_are_those_one_may_see(visitor):
    manager, stakeholder = visitor("qm_manager"), visitor("client_stakeholder", "northwind")

    page = manager.get("/choose-client?to=sampling").text
    assert "/clients/contoso/sampling" in page
    only = stakeholder.get("/choose-client?to=machine")
    assert (only.status_code, only.headers["Location"]) == (303, "/clients/northwind/machine")
    assert "//evil" not in manager.get("/choose-client?to=//evil").text


def test_an_agent_sees_no_definitions(visitor):
    agent = visitor("agent")

    assert "Scorecards" not in agent.get(CLIENT).text
    assert agent.get(f"{CLIENT}/scorecards").status_code == 403
