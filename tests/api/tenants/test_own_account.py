"""What people change of themselves over the API."""

from tenants import sign_in

PRESENT, NEW = "a kettle of herring", "another kettle of fish"


def person(provider, name="ana"):
    user = provider.add_user("reviewer", email=f"{name}@example.com")
    with provider.session() as session:
        sign_in.set_password(session, session.merge(user), PRESENT)
    return user, provider.caller("clients:read", user=user)


def begin(provider, user, device):
    with provider.session() as session:
        sign_in.begin_session(session, session.merge(user), device=device)


def test_name_language_and_time_zone_are_ones_own(provider):
    user, caller = person(provider)

    changed = caller.patch("/v1/me/account", json={"time_zone": "Asia/Manila", "locale": "de"})
    assert changed.status_code == 200
    shown = caller.get("/v1/me/account").json
    assert shown == changed.json
    assert (shown["id"], shown["name"]) == (str(user.user_id), user.name)
    assert (shown["time_zone"], shown["locale"], shown["has_password"]) == ("Asia/Manila", "de", True)
    assert caller.patch("/v1/me/account", json={"time_zone": None}).json["locale"] == "de"
    bad = caller.patch("/v1/me/account", json={"time_zone": "Moon", "locale": "xx", "role": "admin"})
    found = sorted(fault["pointer"] for fault in bad.json["errors"])
    assert (bad.status_code, found) == (422, ["/locale", "/role", "/time_zone"])


def test_another_password_ends_all_browser_sessions_and_needs_the_present_one(provider):
    user, caller = person(provider)
    begin(provider, user, "Firefox on Linux")

    wrong = caller.put("/v1/me/password", json={"present": "guess", "password": NEW})
    assert (wrong.status_code, wrong.json["errors"][0]["code"]) == (422, "wrong_password")
    assert len(caller.get("/v1/me/sessions").json["data"]) == 1
    easy = caller.put("/v1/me/password", json={"present": PRESENT, "password": "short"})
    assert easy.status_code == 422
    assert caller.put("/v1/me/password", json={"present": PRESENT, "password": NEW}).status_code == 204
    assert caller.get("/v1/me/sessions").json["data"] == []
    assert caller.put("/v1/me/password", json={"present": PRESENT, "password": NEW}).status_code == 422
    for _ in range(10):
        last = caller.put("/v1/me/password", json={"present": "guess", "password": NEW})
    assert last.status_code == 429


def test_sessions_are_listed_and_ended_and_nobody_ends_anothers(provider, make_provider):
    (user, caller), (other, others) = person(provider), person(provider, "bo")
    stranger = person(make_provider("fabrikam"))[1]
    for device in ("Firefox on Linux", "Chrome on Android"):
        begin(provider, user, device)
    begin(provider, other, "Safari")

    listed = caller.get("/v1/me/sessions").json["data"]
    assert [each["name"] for each in listed] == ["Chrome on Android", "Firefox on Linux"]
    address = f"/v1/me/sessions/{listed[0]['id']}"
    assert others.delete(address).status_code == stranger.delete(address).status_code == 404
    assert caller.delete(address).status_code == 204
    assert [each["name"] for each in caller.get("/v1/me/sessions").json["data"]] == ["Firefox on Linux"]


def test_a_key_of_nobody_has_no_account(provider):
    machine = provider.caller("clients:read")

    assert machine.get("/v1/me/account").status_code == 403
    assert machine.put("/v1/me/password", json={"present": "x", "password": NEW}).status_code == 403
