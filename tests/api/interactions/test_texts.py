"""Texts over HTTP: mails, HTML, MIME, vCons and transcripts are read before they are masked and stored."""

import base64
import json
from uuid import UUID

import pytest

from qm.reviews.reviewed_words import words_of

PUSH = "/v1/clients/northwind/interactions"
MAIL = (
    "I have sent a new kettle today.\n\nAm Di., 3. Nov. 2026 um 01:00 Uhr schrieb Jo <jo@example.com>:\n\n"
    "Hello, you clowns! Call me on 07700900123."
)


@pytest.fixture
def api(provider):
    return provider.caller("interactions:write", "interactions:read", "clients:read")


def interaction(text, external_id="T-1", channel="email"):
    return {
        "external_id": external_id,
        "channel": channel,
        "started_at": "2026-11-02T09:00:00Z",
        "turns": [{"speaker": "customer", "text": "Where is it?"}, {"speaker": "agent", "text": text}],
    }


def stored(api, external_id="T-1"):
    (found,) = api.get(f"{PUSH}?external_id={external_id}").json["data"]
    return api.get(f"/v1/interactions/{found['id']}").json


def imported(api, *documents, form="vcon"):
    body = "\n".join(json.dumps(each) for each in documents)
    answer = api.post(
        f"{PUSH}/import?format={form}", data=body, headers={"Content-Type": "application/x-ndjson"}
    )
    assert answer.status_code == 200
    return answer.json["data"]


def test_quoted_history_is_shown_apart_masked_and_not_searched(api):
    assert api.post(PUSH, json=interaction(MAIL)).status_code == 201
    assert stored(api)["turns"][1] == {
        **dict.fromkeys(("at", "agent")),
        "speaker": "agent",
        "text": "I have sent a new kettle today.",
        "quoted": "Am Di., 3. Nov. 2026 um 01:00 Uhr schrieb Jo <[EMAIL]>:\n\n"
        "Hello, you clowns! Call me on [PHONE].",
    }
    assert len(api.get(f"{PUSH}?q=kettle").json["data"]) == 1
    assert api.get(f"{PUSH}?q=clowns").json["data"] == []


def test_the_same_mail_again_is_unchanged(api):
    statuses = [api.post(PUSH, json=interaction(MAIL)).json["status"] for _ in range(2)]
    assert statuses == ["created", "unchanged"]


def test_other_quoted_history_leaves_the_reviewed_words_as_they_are(api, provider):
    def digest(text):
        pushed = api.post(PUSH, json=interaction(text)).json
        with provider.session() as session:
            return pushed["status"], words_of(session, UUID(pushed["id"]))

    first, again, other = digest(MAIL), digest(f"{MAIL}\nAnd more of it."), digest(f"Sorry. {MAIL}")
    assert [status for status, _ in (first, again, other)] == ["created", "updated", "updated"]
    assert first[1] == again[1] != other[1]


def test_html_is_stored_as_text(api):
    api.post(PUSH, json=interaction("<p>Sent &amp; done.</p><blockquote>old</blockquote>", channel="chat"))
    turn = stored(api)["turns"][1]
    assert (turn["text"], turn["quoted"]) == ("Sent & done.", "old")


def test_a_message_that_cannot_be_decoded_is_refused_alone(api):
    bad = "Content-Type: text/plain; charset=no-such\nContent-Transfer-Encoding: base64\n\nSGk=\n"
    lines = "\n".join(json.dumps(each) for each in (interaction("Hi", "T-1"), interaction(bad, "T-2")))
    answer = api.post(f"{PUSH}/bulk", data=lines, headers={"Content-Type": "application/x-ndjson"}).json
    assert [each["status"] for each in answer["data"]] == ["created", "rejected"]
    assert answer["data"][1]["errors"][0]["code"] == "undecodable"
    assert api.post(PUSH, json=interaction(bad)).status_code == 422


def test_what_came_in_mime_is_masked(api):
    words = base64.b64encode(b"I am Jo, jo@example.com, 07700 900123").decode()
    message = f"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n{words}\n"
    api.post(PUSH, json=interaction(message))
    assert stored(api)["turns"][1]["text"] == "I am Jo, [EMAIL], [PHONE]"


def vcon(key, body="Where is it?", **changes):
    dialog = {"type": "text", "start": "2026-11-02T09:00:00Z", "parties": [0, 1], "body": body}
    return {
        "vcon": "0.4.0",
        "uuid": f"018e4b1c-0000-8000-8000-00000000000{key}",
        "created_at": "2026-11-02T10:00:00Z",
        "parties": [{"name": "Jo", "role": "customer"}, {"name": "Ana", "role": "agent"}],
        "dialog": [{**dialog, "mediatype": "text/html", "encoding": "none"}],
        **changes,
    }


def test_a_bad_vcon_between_good_ones_harms_neither(api):
    found = imported(api, vcon("a"), vcon("b", "&#" + "9" * 5_000 + ";"), vcon("c"))
    assert [each["status"] for each in found] == ["created"] * 3


def test_versions_of_a_vcon_are_one_interaction(api):
    original = vcon("a")
    amended = vcon(
        "b", "Where is it now?", amended={"uuid": original["uuid"]}, created_at="2026-11-02T11:00:00Z"
    )
    found = imported(api, original, amended)
    assert [each["status"] for each in found] == ["created", "updated"]
    assert stored(api, original["uuid"])["turns"][0]["text"] == "Where is it now?"
    assert "version_of" in {each["code"] for each in found[1]["deviations"]}


def test_a_transcript_is_imported_with_speakers_and_times(api):
    vtt = "WEBVTT\n\n00:01.000 --> 00:04.000\n<v Ana Silva>Good morning\n\n"
    vtt += "00:05.000 --> 00:09.000\n<v Jo>My kettle leaks"
    document = {
        "external_id": "C-1",
        "started_at": "2026-11-02T12:00:00Z",
        "agent": {"external_id": "a-7", "name": "Ana Silva"},
        "speakers": {"Jo": "customer"},
        "transcript": vtt,
    }
    (found,) = imported(api, document, form="transcript")
    assert (found["status"], found["deviations"]) == ("created", [])
    shown = stored(api, "C-1")
    assert shown["channel"] == "voice"
    assert [(turn["speaker"], turn["text"], turn["at"]) for turn in shown["turns"]] == [
        ("agent", "Good morning", "2026-11-02T12:00:01Z"),
        ("customer", "My kettle leaks", "2026-11-02T12:00:05Z"),
    ]


def test_an_unknown_speaker_of_a_transcript_is_named(api):
    document = {"external_id": "C-1", "started_at": "2026-11-02T12:00:00Z", "transcript": "Ana (0:12): Hi"}
    (found,) = imported(api, document, form="transcript")
    assert [each["code"] for each in found["deviations"]] == ["speaker_unknown"]
    (empty,) = imported(api, document | {"transcript": {}}, form="transcript")
    assert [each["code"] for each in empty["errors"]] == ["empty_transcript"]
