"""Saved views over HTTP: whose they are, who sees them, and what is refused."""

import pytest

from qm.saved_views import views


@pytest.fixture
def person(provider):
    """Return a caller who is a person of a role."""
    count = iter(range(100))

    def make(role="qm_manager", *slugs, of=provider):
        user = of.add_user(role, *slugs, email=f"{role}-{next(count)}@example.com")
        return of.caller("clients:read", "views:write", user=user)

    return make


def saved(caller, **changes):
    body = {"list": "interactions", "client": "northwind", "name": "Late", "query": "sla=breached"} | changes
    return caller.post("/v1/saved-views", json=body)


def names(caller, query=""):
    return [each["name"] for each in caller.get(f"/v1/saved-views{query}").json["data"]]


def test_a_view_keeps_its_filters_and_neither_page_nor_format(person):
    made = saved(person(), query="?sla=breached&cursor=x&format=csv&channel=")

    assert made.status_code == 201
    assert (made.json["query"], made.json["is_own"], made.json["shared"]) == ("sla=breached", True, False)


def test_the_same_name_again_is_the_same_view(person):
    one = person()

    first, second = saved(one), saved(one, query="channel=chat")

    assert first.json["id"] == second.json["id"]
    assert [each["query"] for each in one.get("/v1/saved-views").json["data"]] == ["channel=chat"]
    assert saved(one, client=None, list="audit").json["id"] != first.json["id"]


def test_views_are_seen_by_their_owner_and_shared_ones_by_who_sees_the_client(person, make_provider):
    owner, colleague, elsewhere = person(), person(), person("team_lead", "contoso")
    view = saved(owner).json
    address = f"/v1/saved-views/{view['id']}"
    assert (names(owner), names(colleague)) == (["Late"], [])

    assert owner.patch(address, json={"shared": True}).status_code == 200

    assert (names(colleague), names(elsewhere)) == (["Late"], [])
    stranger = person(of=make_provider("northwind"))
    assert names(stranger) == []
    for nobody in (colleague, elsewhere, stranger):
        assert nobody.patch(address, json={"shared": False}).status_code == 404
        assert nobody.delete(address).status_code == 404
    assert owner.delete(address).status_code == 204
    assert names(owner) == []


def test_lists_of_views_are_filtered(person):
    one = person()
    saved(one)
    saved(one, client="contoso", name="Contoso's")
    saved(one, client=None, list="audit", name="Mine")

    assert names(one, "?list=audit") == ["Mine"]
    assert names(one, "?client=contoso") == ["Contoso's"]
    assert one.get("/v1/saved-views?client=nobody").status_code == 404


def test_renaming_to_a_name_that_is_taken_conflicts(person):
    one = person()
    saved(one)
    other = saved(one, name="Other").json

    refused = one.patch(f"/v1/saved-views/{other['id']}", json={"name": "Late"})

    assert (refused.status_code, refused.json["code"]) == (409, "view_exists")


@pytest.mark.parametrize(
    "changes",
    [{"name": " "}, {"name": "x" * 81}, {"query": "no query"}, {"list": "secrets"}, {"query": "a" * 2001}],
)
def test_what_is_no_view_is_refused(person, changes):
    assert saved(person(), **changes).status_code == 422


def test_a_view_of_a_client_that_is_not_seen_is_refused(person):
    assert saved(person("team_lead", "contoso")).status_code == 404


def test_nobody_has_more_views_than_anybody_needs(person, monkeypatch):
    monkeypatch.setattr(views, "MOST", 2)
    one = person()

    assert [saved(one, name=name).status_code for name in "abc"] == [201, 201, 422]
    assert saved(one, name="a", query="channel=chat").status_code == 201


def test_a_key_of_no_person_has_no_views(provider):
    assert provider.caller("clients:read").get("/v1/saved-views").status_code == 403


def test_a_shared_view_of_somebody_who_left_goes_to_who_takes_it_over(person, provider, make_provider):
    user = provider.add_user("qm_manager", email="leaver@example.com")
    leaver = provider.caller("clients:read", "views:write", user=user)
    colleague, other = person(), person()
    shared, private = saved(leaver, shared=True).json, saved(leaver, name="Mine").json
    address = f"/v1/saved-views/{shared['id']}/take-over"
    assert colleague.post(address).status_code == 404
    admin = provider.caller(user=provider.add_user("admin", email="boss@example.com"))
    assert admin.patch(f"/v1/users/{user.user_id}", json={"disabled": True}).status_code == 200

    (seen,) = colleague.get("/v1/saved-views").json["data"]
    assert (seen["owner_left"], seen["is_own"], seen["shared"]) == (True, False, True)
    assert colleague.post(f"/v1/saved-views/{private['id']}/take-over").status_code == 404
    saved(other)
    assert other.post(address).json["code"] == "view_exists"
    elsewhere = make_provider("fabrikam")
    assert person("qm_manager", of=elsewhere).post(address).status_code == 404
    taken = colleague.post(address).json
    assert (taken["is_own"], taken["owner_left"], taken["shared"]) == (True, False, True)
    assert other.post(address).status_code == 404
    assert names(other) == ["Late", "Late"]
