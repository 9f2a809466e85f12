"""What becomes of forms that come too late, of their addresses, and of what errors say to a person."""

import html
import re

import pytest
from werkzeug.exceptions import HTTPException

from tenants import sign_in
from tests.console.test_page_access import PUBLIC, path_of

SETTINGS = "/clients/northwind/settings"
BROWSER = {"Accept": "text/html,*/*;q=0.8"}
OURS = {"Sec-Fetch-Site": "same-origin"}
TYPED = {"name": "Northwind & <Sons>", "languages": "\nen\r\nde", "password": "a kettle of herring"}


def end_sessions(provider, user):
    with provider.session() as session:
        for each in sign_in.sessions_of(session, session.merge(user)):
            sign_in.end_session(session, user.user_id, each.credential_id)


def kept(page):
    fields = re.findall(r'<textarea hidden name="([^"]+)">\n?(.*?)</textarea>', page.text, re.DOTALL)
    return {name: html.unescape(value) for name, value in fields}


def test_what_was_typed_when_the_session_ended_waits_to_be_sent_again(visitor, provider):
    manager = visitor("qm_manager")
    end_sessions(provider, manager.user)

    late = manager.post(SETTINGS, TYPED, headers=OURS)

    assert late.status_code == 401
    assert "Nothing was changed" in late.text
    assert f'action="{SETTINGS}"' in late.text
    assert kept(late)["name"] == TYPED["name"]
    assert kept(late)["languages"].split() == ["en", "de"]
    assert TYPED["password"] not in late.text
    again = visitor(user=manager.user).http.post(SETTINGS, data=kept(late), headers=OURS)
    assert again.status_code == 400  # it carries the token of no session: it is shown once more, with one
    token = re.search(r'name="csrf_token" value="([^"]+)"', again.text)[1]
    assert kept(again)["name"] == TYPED["name"]
    assert token


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "cross-site"}])
def test_a_form_of_somebody_elses_page_is_not_offered_as_ones_own(visitor, provider, headers):
    manager = visitor("qm_manager")
    end_sessions(provider, manager.user)

    assert kept(manager.post(SETTINGS, TYPED, headers=headers)) == {}
    assert kept(visitor("admin").http.post(SETTINGS, data=TYPED, headers=headers)) == {}


def test_reloading_the_address_of_a_form_leads_to_its_page(app, visitor):
    admin = visitor("admin")
    paths = {}
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("console.") and rule.endpoint not in PUBLIC:
            paths.setdefault(rule.rule, set()).update(rule.methods)
            paths[rule.rule, "rule"] = rule
    only_sent = [paths[path, "rule"] for path in list(paths) if paths[path] == {"POST", "OPTIONS"}]

    assert len(only_sent) > 10
    for rule in only_sent:
        path = path_of(rule)
        answer = admin.get(path, headers=BROWSER)
        assert answer.status_code == 303, rule
        above = answer.headers["Location"]
        assert path.startswith(above), rule
        try:
            app.url_map.bind("localhost").match(above, "GET")
        except HTTPException as error:
            raise AssertionError(f"{rule} leads to {above}") from error


@pytest.mark.parametrize(("path", "status"), [("/people", 403), ("/interactions/none", 404)])
def test_an_error_speaks_to_a_person_in_their_language(visitor, provider, path, status):
    user = provider.add_user("reviewer")
    with provider.session() as session:
        session.merge(user).locale = "de"
    reviewer = visitor(user=user)
    assert 'lang="de"' in reviewer.get("/").text

    refused = reviewer.get(path, headers=BROWSER)

    assert refused.status_code == status
    assert 'lang="de"' in refused.text
    assert "scope" not in refused.text


def test_a_link_that_was_used_says_so_and_leads_on(app, provider):
    page = app.test_client().get(f"/sign-in/{provider.tenant.slug}/password/{'x' * 43}")

    assert page.status_code == 404
    assert "This link has ended" in page.text
    assert f'href="/sign-in/{provider.tenant.slug}"' in page.text
