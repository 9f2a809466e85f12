"""The audit log: who did what to which, filtered, and whether its chain is whole."""

import re

import pytest
from sqlalchemy import text

from tenants import audit, clients
from tests.database.scratch import owner_engine


@pytest.fixture
def changed(provider):
    with provider.session() as session:
        client = session.merge(provider.clients["northwind"])
        clients.change_client(session, client, name="Northwind Traders")


def test_an_entry_says_who_did_what_and_what_it_was_before(changed, visitor):
    shown = visitor("admin").get("/audit?action=client.changed").text

    assert "changed the client Northwind Traders" in shown
    assert '<del class="muted">Northwind</del> → <ins>Northwind Traders</ins>' in shown


def test_filters_of_page_and_api_are_the_same(changed, visitor, provider):
    admin = visitor("admin")
    caller = provider.caller("admin")
    client = provider.clients["northwind"].client_id

    def numbers(query):
        answer = caller.get(f"/v1/audit?{query}")
        assert answer.status_code == 200, answer.json
        found = answer.json["data"]
        shown = re.findall(r'<td class="number">(\d+)</td>', admin.get(f"/audit?{query}").text)
        assert [str(entry["number"]) for entry in found] == shown
        return found

    assert {each["action"] for each in numbers("action=client")} == {"client.created", "client.changed"}
    assert len(numbers(f"subject=client:{client}")) == 2
    assert len(numbers("subject=client")) == 3
    assert numbers("subject=clien") == []
    assert numbers("action=client_") == []
    own = numbers(f"actor=user:{admin.user.user_id}")
    assert [each["action"] for each in own] == ["session.begun"]
    assert numbers("from=2100-01-01T00:00:00Z") == []
    assert numbers("to=2000-01-01T00:00:00Z") == []


@pytest.mark.parametrize("query", ["from=soon", "to=9999-12-31T23:59:59-12:00", "actor=%00", "nonsense=1"])
def test_a_bad_filter_is_a_message(visitor, query):
    shown = visitor("admin").get(f"/audit?{query}")

    assert shown.status_code == 422
    assert 'class="fault"' in shown.text or 'role="alert"' in shown.text


def test_who_acted_is_found_by_the_person(provider, visitor):
    admin = visitor("admin")
    admin.post("/views", {"list": "audit", "name": "mine"})
    user = provider.add_user("reviewer")
    with provider.session() as session:
        audit.act_as(session, f"user:{user.user_id} credential:{user.user_id}")
        audit.record(session, "review.skipped", "review:1", reason="No words.")

    shown = admin.get(f"/audit?actor=user:{user.user_id}").text

    assert "<strong>Reviewer</strong> skipped review 1" in shown
    assert "No words." in shown


def test_a_chain_that_was_changed_is_broken_on_page_and_api(changed, provider, visitor, services):
    admin, caller = visitor("admin"), provider.caller("admin")
    assert "The chain is whole" in admin.get("/audit").text
    assert caller.get("/v1/audit/chain").json["broken_at"] is None
    engine = owner_engine(services)
    with engine.begin() as connection:
        ids = ",".join(str(client.client_id) for client in provider.clients.values())
        for name, value in (("tenant_id", provider.tenant.tenant_id), ("client_ids", ids)):
            setting = {"name": f"app.{name}", "value": str(value)}
            connection.execute(text("select set_config(:name, :value, true)"), setting)
        connection.execute(text("update audit_entries set details = '{}' where action = 'client.changed'"))
    engine.dispose()

    broken_at = caller.get("/v1/audit/chain").json["broken_at"]

    assert broken_at is not None
    for path in ("/audit", "/audit/chain"):
        assert f"The chain is broken at entry {broken_at}" in admin.get(path).text


def test_the_log_is_for_admins(visitor):
    for role in ("qm_manager", "reviewer", "team_lead", "agent", "integrator"):
        assert visitor(role).get("/audit").status_code == 403


def test_what_it_was_done_to_is_chosen_by_name(changed, visitor, provider):
    client = provider.clients["northwind"].client_id
    admin = visitor("admin")
    lena = provider.add_user("reviewer")

    shown = admin.get(f"/audit?subject=client:{client}").text

    assert f'<option value="client:{client}" selected>client Northwind Traders</option>' in shown
    assert f'<option value="user:{lena.user_id}">person {lena.name}</option>' in shown
    assert '<option value="review">all reviews</option>' in shown
    assert "All that was done to it" in shown
    assert "kind:id" not in shown
