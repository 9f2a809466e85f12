"""People and clients change and leave: access, keys and claims end with the request that says so."""

import pytest
from sqlalchemy import text

from tenants import audit, models
from tenants.clients import every_client
from tests.api.review_api import GOOD, fresh, run_together


@pytest.fixture
def admin(review_fixture):
    provider = review_fixture.provider
    return provider.caller(user=provider.add_user("admin", email="admin@example.com"))


def where(user):
    return f"/v1/users/{user.user_id}"


def actions(provider):
    with provider.session() as session, every_client(session):
        assert audit.verify(session) is None
        return session.scalars(text("select action from audit_entries order by number")).all()


def test_a_person_is_changed_bit_by_bit(admin, review_fixture):
    user = review_fixture.person("reviewer", "northwind")
    answers = [
        admin.patch(where(user), json=change).json
        for change in (
            {"name": "Ana Lima"},
            {"email": "Ana.Lima@example.com"},
            {"role": "qm_manager"},
            {"clients": ["contoso", "northwind"]},
            {"clients": []},
            {"disabled": True},
            {"disabled": False},
        )
    ]
    shown = [answers[0]["name"], answers[1]["email"], answers[2]["role"]]

    assert shown == ["Ana Lima", "ana.lima@example.com", "qm_manager"]
    assert [each["clients"] for each in answers[2:5]] == [["northwind"], ["contoso", "northwind"], []]
    assert [each["disabled_at"] is None for each in answers] == [True, True, True, True, True, False, True]
    assert admin.get(where(user)).json == answers[-1]
    assert actions(review_fixture.provider).count("user.changed") == 7


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"role": "boss"}, "/role"),
        ({"role": "client_stakeholder"}, "/clients"),
        ({"clients": ["nobody"]}, "/clients/0"),
        ({"email": "nonsense"}, "/email"),
        ({"name": ""}, "/name"),
        ({"disabled": "yes"}, "/disabled"),
        ({"password": "x"}, "/password"),
    ],
)
def test_what_makes_no_person_is_refused(admin, review_fixture, change, pointer):
    user = review_fixture.person()
    answer = admin.patch(where(user), json=change)

    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)


def test_an_address_of_somebody_else_is_refused(admin, review_fixture):
    user = review_fixture.person()

    assert admin.patch(where(user), json={"email": "admin@example.com"}).json["code"] == "user_exists"


def test_a_change_of_what_was_read_before_is_refused(admin, review_fixture):
    user = review_fixture.person()
    tag = admin.get(where(user)).headers["ETag"]
    admin.patch(where(user), json={"name": "First"})

    assert admin.patch(where(user), json={"name": "Second"}, headers={"If-Match": tag}).status_code == 412
    assert admin.delete(where(user)).status_code == 200


def test_nobody_takes_their_own_rights_away(admin):
    me = f"/v1/users/{admin.get('/v1/me').json['user_id']}"
    changes = [{"disabled": True}, {"role": "reviewer"}, {"clients": []}]
    refused = [*(admin.patch(me, json=change) for change in changes), admin.delete(me)]

    assert {(each.status_code, each.json["code"]) for each in refused} == {(409, "own_account")}
    assert admin.patch(me, json={"name": "Somebody"}).status_code == 200


def test_only_admins_touch_people_and_remove_clients(review_fixture):
    user = review_fixture.person()
    requests = [
        ("get", where(user)),
        ("patch", where(user)),
        ("delete", where(user)),
        ("delete", "/v1/clients/northwind"),
    ]

    outside = review_fixture.provider.caller("clients:write", "reviews:write")
    assert {getattr(outside, method)(path, json={}).status_code for method, path in requests} == {403}


def test_people_of_others_are_not_found(admin, make_provider):
    other = make_provider("northwind").add_user("reviewer", email="far@example.com")
    answers = [getattr(admin, method)(where(other), json={}) for method in ("get", "patch", "delete")]

    assert [each.status_code for each in answers] == [404] * 3


@pytest.mark.parametrize(
    "leave",
    [
        lambda admin, user: admin.patch(where(user), json={"disabled": True}),
        lambda admin, user: admin.patch(where(user), json={"role": "agent"}),
        lambda admin, user: admin.patch(where(user), json={"clients": ["contoso"]}),
        lambda admin, user: admin.delete(where(user)),
    ],
    ids=["disabled", "another role", "other clients", "removed"],
)
def test_what_a_leaver_holds_goes_to_the_next_at_once(admin, review_fixture, leave):
    review = review_fixture.drawn()
    leaver, other = review_fixture.reviewer(), review_fixture.reviewer()
    assert leaver.post("/v1/reviews/next").json["id"] == str(review.review_id)
    assigned = review_fixture.drawn(hours_ago=0.5)
    admin.post(f"/v1/reviews/{assigned.review_id}/reassign", json={"user": str(leaver.user.user_id)})

    assert leave(admin, leaver.user).status_code == 200
    taken = []
    while (answer := other.post("/v1/reviews/next")).status_code == 200:
        taken.append(answer.json["id"])
        other.post(f"/v1/reviews/{taken[-1]}/submit", json={"answers": GOOD})

    assert sorted(taken) == sorted(str(each.review_id) for each in (review, assigned))
    assert actions(review_fixture.provider).count("review.claim_returned") == 2


def test_a_change_that_takes_nothing_leaves_the_claim(admin, review_fixture):
    review_fixture.drawn()
    reviewer = review_fixture.reviewer()
    held = reviewer.post("/v1/reviews/next").json["id"]
    for change in ({"name": "New"}, {"role": "qm_manager"}, {"clients": ["northwind"]}):
        assert admin.patch(where(reviewer.user), json=change).status_code == 200

    assert reviewer.post("/v1/reviews/next").json["id"] == held


def test_the_keys_of_who_is_disabled_are_revoked_for_good(admin, review_fixture):
    reviewer = review_fixture.reviewer()
    admin.patch(where(reviewer.user), json={"disabled": True})
    first = reviewer.get("/v1/me").status_code
    admin.patch(where(reviewer.user), json={"disabled": False})

    assert (first, reviewer.get("/v1/me").status_code) == (401, 401)
    assert actions(review_fixture.provider).count("credential.revoked") == 1


def test_of_who_is_removed_only_what_they_did_stays(admin, review_fixture):
    review = review_fixture.drawn()
    reviewer = review_fixture.reviewer()
    reviewer.post("/v1/reviews/next")
    reviewer.post(f"/v1/reviews/{review.review_id}/submit", json={"answers": GOOD})
    removed = admin.delete(where(reviewer.user)).json
    again = admin.post(
        "/v1/users", json={"email": reviewer.user.email, "name": "New", "role": "reviewer", "clients": []}
    )

    assert (removed["name"], removed["disabled_at"] is None) == ("Former colleague", False)
    assert reviewer.user.email not in str(removed)
    assert admin.get(f"/v1/reviews/{review.review_id}").json["reviewer"]["id"] == str(reviewer.user.user_id)
    assert again.status_code == 201


def test_whoever_claims_while_being_disabled_ends_with_nothing(admin, review_fixture):
    for _ in range(6):
        review_fixture.drawn()
        reviewer = review_fixture.reviewer()
        mine = fresh(review_fixture, reviewer)
        other = fresh(review_fixture, admin)
        run_together(
            lambda mine=mine: mine.post("/v1/reviews/next"),
            lambda other=other, user=reviewer.user: other.patch(where(user), json={"disabled": True}),
        )
        with review_fixture.provider.session() as session:
            held = session.scalar(text("select count(*) from reviews where reviewer_id is not null"))
        assert held == 0


def test_a_removed_client_is_nowhere_any_more(admin, review_fixture):
    provider = review_fixture.provider
    review_fixture.drawn()
    reviewer = review_fixture.reviewer()
    reviewer.post("/v1/reviews/next")
    key = provider.caller("clients:read", "interactions:read", bound_to=("northwind",))
    both = provider.caller("clients:read", "interactions:read", bound_to=("northwind", "contoso"))
    removed = admin.delete("/v1/clients/northwind")

    assert removed.status_code == 200
    assert [each["slug"] for each in admin.get("/v1/clients").json["data"]] == ["contoso"]
    for path in ("", "/interactions", "/evaluations", "/scorecards", "/reports/empathy"):
        assert admin.get(f"/v1/clients/northwind{path}").status_code == 404
    assert reviewer.post("/v1/reviews/next").status_code == 204
    assert reviewer.get("/v1/reviews").json["data"] == []
    assert key.get("/v1/me").status_code == 401
    assert [each["slug"] for each in both.get("/v1/me").json["clients"]] == ["contoso"]
    assert actions(provider)[-2:] == ["credential.revoked", "client.removed"]
    assert admin.get("/v1/audit").json["data"][0]["action"] == "client.removed"


def test_the_slug_of_a_removed_client_is_free_where_ids_follow_from_names(admin, monkeypatch):
    monkeypatch.setattr(models, "_seed", b"as qm demo does")
    made = admin.post("/v1/clients", json={"name": "Gone GmbH"}).json
    assert admin.delete("/v1/clients/gone-gmbh").status_code == 200

    again = admin.post("/v1/clients", json={"name": "Gone GmbH"})

    assert (again.status_code, again.json["slug"]) == (201, "gone-gmbh")
    assert again.json["id"] != made["id"]


def test_the_slug_of_a_removed_client_is_free_and_the_new_one_has_nothing_of_it(admin, review_fixture):
    review_fixture.drawn()
    admin.delete("/v1/clients/northwind")
    made = admin.post("/v1/clients", json={"name": "Northwind", "slug": "northwind"})

    assert made.status_code == 201
    assert admin.get("/v1/clients/northwind/interactions").json["data"] == []


def test_who_worked_for_a_removed_client_alone_sees_nothing_until_they_are_let_out(admin, review_fixture):
    provider = review_fixture.provider
    user = review_fixture.person("reviewer", "northwind")
    caller = provider.caller("clients:read", user=user)
    admin.delete("/v1/clients/northwind")
    shut = caller.get("/v1/me").json["clients"]
    admin.patch(where(user), json={"clients": []})

    assert shut == []
    assert [each["slug"] for each in caller.get("/v1/me").json["clients"]] == ["contoso"]


def test_a_client_that_changed_meanwhile_is_not_removed(admin):
    tag = admin.get("/v1/clients/northwind").headers["ETag"]
    admin.patch("/v1/clients/northwind", json={"name": "Other"})

    assert admin.delete("/v1/clients/northwind", headers={"If-Match": tag}).status_code == 412
    assert admin.get("/v1/clients/northwind").status_code == 200
