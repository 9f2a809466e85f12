"""The draw as the client checks it: committed to, scored, told, and verified from an export."""

from datetime import timedelta

from infra.commands.exporting import read_export
from qm.sampling import commitments
from scorecards.authoring.bundle_import import load_bundle
from scorecards.sampling.draw_keys import begin_of, following, revealed_keys
from scorecards.sampling.verification import verify
from tenants.models import utc_now
from tests.jobs.worker_processes import ScoringFixture, interaction

COMMITMENTS = "/v1/clients/northwind/sampling/commitments"


def told_at_its_end(provider, services, month):
    at = begin_of(following(commitments.month_of(month)))
    with provider.session() as session:
        client = session.merge(provider.clients["northwind"])
        told = commitments.revealed(session, client, services.sampling_key, at)
    return [{**each, "committed_at": each["committed_at"].isoformat()} for each in told if each["key"]]


def test_the_client_recomputes_who_had_to_be_drawn(make_provider, shared_worker, services):
    fixture = ScoringFixture(make_provider("northwind"), ())
    provider = fixture.provider
    before = utc_now().replace(day=1) - timedelta(days=5)
    with provider.session() as session:
        client = session.merge(provider.clients["northwind"])
        assert commitments.commit_ahead(session, client, services.sampling_key, before) == 2
        assert commitments.commit_ahead(session, client, services.sampling_key, before) == 0
        assert commitments.commit_ahead(session, client, services.sampling_key, utc_now()) > 0
        bundle = "scorecards: [{key: care, name: Care, template: empathy}]"
        load_bundle(session, client, text=f"qm_bundle: 1\n{bundle}\nsampling_policy: {{base_rate: 0.5}}")
    user = provider.add_user("client_stakeholder", "northwind")
    stakeholder = provider.caller("reports:read", "disputes:write", user=user)
    listed = stakeholder.get(COMMITMENTS).json["data"]
    coming, present = listed[0]["month"], listed[-1]["month"]
    assert {each["key"] for each in listed} == {None}
    added = stakeholder.put(f"{COMMITMENTS}/{coming}", json={"number": "5 2 6"})
    assert added.json["data"][0]["client_number"] == "5 2 6"
    late = stakeholder.put(f"{COMMITMENTS}/{present}", json={"number": "5 2 6"})
    assert (late.status_code, late.json["code"]) == (409, "month_has_begun")
    assert stakeholder.put(f"{COMMITMENTS}/2019-01", json={"number": "5"}).status_code == 404
    assert provider.caller().put(f"{COMMITMENTS}/{coming}", json={"number": "5"}).status_code == 403

    fixture.push([interaction(f"T-{each}") for each in range(40)])
    fixture.all_scored(40)
    export = provider.caller().get("/v1/clients/northwind/export").data.splitlines()
    told = told_at_its_end(provider, services, present)
    assert [each["month"] for each in told] == [present]
    keys, wrong = revealed_keys(told)
    found = verify(read_export(export), keys)
    assert (found.differences, found.without_key, wrong) == ((), 0, [])
    assert 0 < found.drawn < 40
    assert verify(read_export(export), services.sampling_key).differences == ()
    proofs = provider.caller().get("/v1/clients/northwind/sampling/draws").json["data"]
    assert {each["proven"] for each in proofs} == {True}

    exchanged, _ = revealed_keys([{**told[0], "client_number": "another"}])
    assert {each.code for each in verify(read_export(export), exchanged).differences} == {"other_draw"}
    assert verify(read_export(export), revealed_keys([])[0]).without_key == 40
