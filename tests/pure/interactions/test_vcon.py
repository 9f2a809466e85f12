"""vCons of every draft version are imported; deviations are reported and invalid documents rejected."""

import base64
import copy
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qm.interactions.decoding import load_interaction
from qm.interactions.importers import documents
from qm.interactions.importers.vcon.reader import read_vcon
from tenants.http.faults import Invalid

WRITTEN = {
    "vcon": "0.4.0",
    "uuid": "018e4b1c-0000-8000-8000-000000000001",
    "created_at": "2026-01-05T09:00:00Z",
    "parties": [
        {"name": "Kim Agent", "role": "agent", "sip": "kim", "tel": "+12025550143"},
        {"name": "Olivia Flores", "role": "customer", "mailto": "olivia@example.com"},
    ],
    "dialog": [
        {
            "type": "text",
            "start": "2026-01-05T09:00:00Z",
            "parties": [1, 0],
            "mediatype": "text/plain",
            "body": "Where is my order?",
            "encoding": "none",
        },
        {
            "type": "text",
            "start": "2026-01-05T09:01:00Z",
            "parties": [0, 1],
            "mediatype": "text/plain",
            "body": "Let me see.",
            "encoding": "none",
        },
    ],
}
SPOKEN = {
    **{key: WRITTEN[key] for key in ("vcon", "uuid", "created_at", "parties")},
    "dialog": [
        {
            "type": "recording",
            "start": "2026-01-05T09:00:00Z",
            "duration": 60,
            "parties": [1, 0],
            "url": "https://x",
        }
    ],
}


def vcon(base=WRITTEN, **given):
    return copy.deepcopy(base) | given


def vcon_with_transcript(body, encoding="json", **given):
    analysis = {"type": "transcript", "dialog": 0, "encoding": encoding, "body": body}
    return vcon(SPOKEN, analysis=[analysis], **given)


def interaction(document):
    (only,) = read_vcon(document).interactions
    assert load_interaction(only)
    return only


def words(document):
    return [(turn["speaker"], turn["text"]) for turn in interaction(document)["turns"]]


def codes(document):
    return {(deviation.pointer, deviation.code) for deviation in read_vcon(document).deviations}


def refusal(document):
    with pytest.raises(Invalid) as caught:
        read_vcon(document)
    return [fault.code for fault in caught.value.faults]


def test_text_dialogs_become_the_turns_of_a_chat():
    assert interaction(vcon()) == {
        "external_id": "018e4b1c-0000-8000-8000-000000000001",
        "channel": "chat",
        "started_at": "2026-01-05T09:00:00+00:00",
        "ended_at": "2026-01-05T09:01:00+00:00",
        "updated_at": "2026-01-05T09:00:00+00:00",
        "agent": {"external_id": "kim", "name": "Kim Agent"},
        "language": None,
        "queue": None,
        "turns": [
            {"speaker": "customer", "text": "Where is my order?", "at": "2026-01-05T09:00:00+00:00"},
            {"speaker": "agent", "text": "Let me see.", "at": "2026-01-05T09:01:00+00:00", "agent": "kim"},
        ],
        "redact": ["Olivia Flores"],
    }


def test_conforming_vcon_has_no_deviations():
    assert codes(vcon()) == set()


TRANSCRIPTS = {
    "speaker and message": [
        {"speaker": "Agent", "message": "Hi"},
        {"speaker": "Customer", "message": "Hello"},
    ],
    "speaker and text with offsets": [
        {"speaker": "agent", "text": "Hi", "start": 0.5, "end": 1},
        {"speaker": "customer", "text": "Hello", "start": 2},
    ],
    "names as speakers": [
        {"speaker": "Kim Agent", "text": "Hi"},
        {"speaker": "olivia flores", "text": "Hello"},
    ],
    "addresses as speakers": [
        {"from": "+12025550143", "text": "Hi"},
        {"from": "olivia@example.com", "text": "Hello"},
    ],
    "lines": "Agent: Hi\nCustomer: Hello",
    "list of lines": ["Agent: Hi", "Customer: Hello"],
    "conversation": {
        "conversation": [{"speaker": "Agent", "message": "Hi"}, {"speaker": "Client", "message": "Hello"}]
    },
    "wtf": {
        "transcript": {"text": "Hi Hello", "language": "en-US"},
        "segments": [
            {"id": 0, "start": 0, "end": 1, "text": "Hi", "speaker": 0},
            {"id": 1, "start": 1, "end": 2, "text": "Hello", "speaker": 1},
        ],
        "speakers": {},
    },
    "paragraphs": {
        "transcript": "Hi Hello",
        "paragraphs": {
            "paragraphs": [
                {"speaker": 0, "start": 0, "sentences": [{"text": "Hi", "start": 0}]},
                {"speaker": 1, "start": 2, "sentences": [{"text": "Hello", "start": 2}]},
            ]
        },
    },
    "words": {
        "results": {
            "channels": [
                {
                    "alternatives": [
                        {
                            "transcript": "hi hello",
                            "words": [
                                {"word": "hi", "punctuated_word": "Hi", "start": 0, "speaker": 0},
                                {"word": "hello", "punctuated_word": "Hello", "start": 1, "speaker": 1},
                            ],
                        }
                    ]
                }
            ]
        }
    },
}


@pytest.mark.parametrize("body", TRANSCRIPTS.values(), ids=TRANSCRIPTS)
def test_vcon_transcript_formats_are_read(body):
    assert words(vcon_with_transcript(body)) == [("agent", "Hi"), ("customer", "Hello")]
    assert interaction(vcon_with_transcript(body))["channel"] == "voice"


@pytest.mark.parametrize("encoding", ["none", "json", "base64url", None])
def test_vcon_transcript_may_be_json_encoded_as_text(encoding):
    body = json.dumps(TRANSCRIPTS["wtf"])
    if encoding == "base64url":
        body = base64.urlsafe_b64encode(body.encode()).decode().rstrip("=")
    assert words(vcon_with_transcript(body, encoding)) == [("agent", "Hi"), ("customer", "Hello")]


def test_offsets_count_from_the_start_of_the_dialog():
    turns = interaction(vcon_with_transcript(TRANSCRIPTS["speaker and text with offsets"]))["turns"]
    assert [turn["at"] for turn in turns] == ["2026-01-05T09:00:00.500000+00:00", "2026-01-05T09:00:02+00:00"]


def test_vcon_transcript_without_timestamps_gives_turns_without_at():
    assert all("at" not in turn for turn in interaction(vcon_with_transcript(TRANSCRIPTS["lines"]))["turns"])


def test_vcon_end_is_start_plus_duration():
    assert interaction(vcon_with_transcript(TRANSCRIPTS["lines"]))["ended_at"] == "2026-01-05T09:01:00+00:00"


def test_the_language_of_a_transcript_is_taken():
    assert interaction(vcon_with_transcript(TRANSCRIPTS["wtf"]))["language"] == "en-US"


def test_vcon_segment_without_speaker_label_becomes_a_system_turn():
    document = vcon_with_transcript({"text": "Hi", "segments": [{"start": 0, "text": "Hi"}]})
    assert words(document) == [("system", "Hi")]
    assert ("/analysis/0/body", "speaker_unknown") in codes(document)


def parties(*roles, meta=False):
    return [{"name": f"P {role}", **({"meta": {"role": role}} if meta else {"role": role})} for role in roles]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"vcon": None}, ("/vcon", "missing")),
        ({"vcon": "9.9"}, ("/vcon", "unknown_version")),
        ({"uuid": None}, ("/uuid", "missing")),
        ({"uuid": "call-7"}, ("/uuid", "not_a_uuid")),
        ({"attachments": [{"body": "x"}]}, ("/attachments", "ignored")),
        ({"group": [{"uuid": "x"}]}, ("/group", "ignored")),
        ({"parties": parties("agent", "customer", meta=True)}, ("/parties/0/meta/role", "role_in_meta")),
        ({"parties": [{"name": "A"}, {"name": "B"}]}, ("/parties/1", "role_assumed")),
        ({"parties": None}, ("/parties", "missing")),
        ({"parties": {"a": 1}}, ("/parties", "wrong_type")),
        ({"dialog": [*WRITTEN["dialog"], 7]}, ("/dialog/2", "wrong_type")),
        ({"dialog": [*WRITTEN["dialog"], WRITTEN["dialog"][1]]}, ("/dialog", "duplicate")),
        (
            {"dialog": [*WRITTEN["dialog"], WRITTEN["dialog"][0] | {"start": "2026-01-05T10:00:00"}]},
            ("/dialog/2/start", "naive_time"),
        ),
        ({"dialog": [WRITTEN["dialog"][0] | {"start": 1767603600}]}, ("/dialog/0/start", "epoch_time")),
        ({"dialog": [WRITTEN["dialog"][0] | {"start": "soon"}]}, ("/dialog/0/start", "not_a_time")),
        ({"dialog": [WRITTEN["dialog"][0] | {"start": None}]}, ("/dialog", "start_assumed")),
        (
            {"dialog": [*WRITTEN["dialog"], {"type": "text", "url": "https://x"}]},
            ("/dialog/2", "body_elsewhere"),
        ),
        ({"dialog": [*WRITTEN["dialog"], {"type": "recording"}]}, ("/dialog/2", "nothing_said")),
        ({"dialog": [*WRITTEN["dialog"], {"type": "transfer"}]}, ("/dialog/2", "nothing_said")),
    ],
)
def test_vcon_deviation_is_reported_and_the_document_still_read(given, code):
    assert code in codes(vcon(**given))
    assert interaction(vcon(**given))


def test_dialogs_out_of_order_are_put_in_order():
    assert words(vcon(dialog=WRITTEN["dialog"][::-1])) == words(vcon())


def test_offsets_far_beyond_the_end_are_milliseconds():
    body = [
        {"speaker": "Agent", "text": "Hi", "start": 500},
        {"speaker": "Agent", "text": "Bye", "start": 59000},
    ]
    document = vcon_with_transcript(body)
    assert interaction(document)["turns"][1]["at"] == "2026-01-05T09:00:59+00:00"
    assert ("/analysis/0/body", "milliseconds_assumed") in codes(document)


def test_vcon_first_party_of_inbound_dialog_is_assumed_customer():
    document = vcon(parties=[{"name": "A"}, {"name": "B"}])
    assert [speaker for speaker, _ in words(document)] == ["customer", "agent"]


def test_vcon_first_party_of_outbound_dialog_is_assumed_agent():
    dialogs = [each | {"meta": {"direction": "out"}} for each in WRITTEN["dialog"]]
    document = vcon(parties=[{"name": "A"}, {"name": "B"}], dialog=dialogs)
    assert [speaker for speaker, _ in words(document)] == ["agent", "customer"]


@pytest.mark.parametrize(
    ("change", "channel"),
    [
        ({"mediatype": "message/rfc822"}, "email"),
        ({"application": "SMS"}, "sms"),
        ({"medium": "email"}, "email"),
    ],
)
def test_the_channel_follows_from_the_dialogs(change, channel):
    assert interaction(vcon(dialog=[WRITTEN["dialog"][0] | change]))["channel"] == channel


def test_markup_is_taken_out_of_messages():
    body = "<p>Where&nbsp;is<br>my order?</p>"
    dialog = WRITTEN["dialog"][0] | {"mediatype": "text/html", "body": body}
    assert words(vcon(dialog=[dialog])) == [("customer", "Where\u00a0is\nmy order?")]


def test_no_address_of_a_party_is_kept():
    kept = json.dumps(interaction(vcon()))
    assert "olivia@example.com" not in kept
    assert "12025550143" not in kept


def test_vcon_without_uuid_gets_a_stable_content_key():
    document = vcon(uuid=None)
    assert (
        interaction(document)["external_id"] == interaction(dict(reversed(document.items())))["external_id"]
    )


def test_the_fallback_key_is_used_where_there_is_no_uuid():
    (only,) = read_vcon(vcon(uuid=None), fallback_external_id="call-9.json").interactions
    assert only["external_id"] == "call-9.json"


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"payload": "e30", "signatures": []}, "signed"),
        ({"ciphertext": "x", "recipients": []}, "encrypted"),
        (b"eyJh.eyJi.c2ln", "signed"),
        (b"eyJh.a.b.c.d", "encrypted"),
        (b"RIFF....WAVE", "not_json"),
        (b"[" * 100_000, "not_json"),
        (b"[]", "wrong_type"),
        ({}, "no_conversation"),
        (SPOKEN, "no_conversation"),
        ({"group": [{"uuid": "x"}]}, "group_only"),
        (vcon(created_at=None, dialog=[{"type": "text", "body": "Hi"}]), "no_time"),
    ],
    ids=lambda value: ascii(value)[:20],
)
def test_vcon_without_conversation_is_rejected_with_specific_code(document, code):
    assert refusal(document) == [code]


def test_rejected_vcon_also_reports_its_deviations():
    document = {**WRITTEN, "dialog": [{"type": "text", "parties": [1], "body": 5}, "words"]}
    [found] = documents.read_documents("vcon", documents.numbered_documents(json.dumps(document).encode()))

    assert [fault.code for fault in found.faults] == ["no_conversation"]
    assert {deviation.pointer for deviation in found.deviations} >= {"/dialog/0/start", "/dialog/1"}


def test_oversized_vcon_conversation_is_truncated_with_deviation():
    document = vcon_with_transcript(
        [{"speaker": "Agent", "text": f"{number} \x01" + "x" * 600} for number in range(3000)]
    )
    assert interaction(document)
    assert ("/dialog", "cut_off") in codes(document)


def test_vcon_text_is_stripped_of_null_characters():
    assert words(vcon_with_transcript([{"speaker": "Agent", "text": "a\x00b"}])) == [("agent", "ab")]


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(vcon(), indent=2).encode(),
        json.dumps(vcon()).encode() + b"\n",
        b"\xef\xbb\xbf" + json.dumps([vcon()]).encode(),
    ],
    ids=["object", "line", "array"],
)
def test_a_body_may_be_a_document_an_array_or_lines(body):
    (only,) = documents.read_documents("vcon", documents.numbered_documents(body))
    assert only.interactions[0]["external_id"] == WRITTEN["uuid"]
    assert not only.faults


def test_invalid_vcon_in_ndjson_leaves_other_documents_intact():
    body = (
        json.dumps(vcon()).encode()
        + b'\n{"ciphertext": ""}\nnonsense\n'
        + json.dumps(vcon(uuid="2")).encode()
    )
    found = list(documents.read_documents("vcon", documents.numbered_documents(body)))
    assert [
        (each.number, len(each.interactions), [fault.code for fault in each.faults]) for each in found
    ] == [
        (1, 1, []),
        (2, 0, ["encrypted"]),
        (3, 0, ["not_json"]),
        (4, 1, []),
    ]


@pytest.mark.parametrize(
    ("format_", "body", "code"),
    [("fax", b"{}", "not_allowed"), ("vcon", b"nonsense", "not_json"), ("vcon", b"", "empty")],
)
def test_unreadable_import_body_is_rejected(format_, body, code):
    with pytest.raises(Invalid) as caught:
        documents.read_documents(format_, documents.numbered_documents(body))
    assert [fault.code for fault in caught.value.faults] == [code]


ODD = (
    *("agent", "customer", "text", "transcript", "recording", "json", "base64url", "text/html", "Agent: x"),
    *("2026-01-05T09:00:00", "0001-01-01T00:00:00Z", "\ud800", "\x00", " ", "nan", "1e999", '{"text":'),
    *(0, 1, 1e18, 10**400),
)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(ODD),
)
NAMES = [
    "type",
    "dialog",
    "body",
    "encoding",
    "speaker",
    "text",
    "start",
    "role",
    "name",
    "meta",
    "parties",
    "words",
]
anything = st.recursive(
    scalars,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(NAMES), below, max_size=4),
    max_leaves=8,
)


def places(value, path=()):
    for key, below in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*path, key)
        if isinstance(below, (dict, list)):
            yield from places(below, (*path, key))


@st.composite
def hostile(draw):
    base = draw(st.sampled_from([vcon(), *map(vcon_with_transcript, TRANSCRIPTS.values())]))
    document = copy.deepcopy(base)
    for _ in range(draw(st.integers(1, 4))):
        found = list(places(document))
        if not found:
            break
        path = draw(st.sampled_from(found))
        holder = document
        for key in path[:-1]:
            holder = holder[key]
        holder[path[-1]] = draw(anything)
    return document


def assert_valid_or_rejected(document):
    try:
        imported = read_vcon(document)
    except Invalid:
        return
    for each in imported.interactions:
        load_interaction(each)


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(hostile())
def test_wrong_types_anywhere_give_a_valid_interaction_or_a_refusal(document):
    assert_valid_or_rejected(document)


KEYS = ("vcon", "uuid", "parties", "dialog", "analysis", "group", "created_at")


@settings(max_examples=200, deadline=None)
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, anything)))
def test_any_object_gives_a_valid_interaction_or_a_refusal(document):
    assert_valid_or_rejected(document)


MAIL = (
    "--b1\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    + base64.b64encode(b"I am Olivia, olivia@example.com, +1 202 555 0143.").decode()
    + "\r\n--b1\r\nContent-Type: text/html\r\n\r\n<p>I am Olivia</p>\r\n--b1--\r\n"
)


@pytest.mark.parametrize(
    "kind", ['multipart/alternative; boundary="b1"', "multipart/alternative", "text/plain", None]
)
@pytest.mark.parametrize("encoding", ["none", "base64url", "base64"])
def test_a_message_in_mime_is_decoded_before_it_is_masked(kind, encoding):
    body = MAIL if encoding == "none" else base64.b64encode(MAIL.encode()).decode()
    dialog = WRITTEN["dialog"][0] | {"mediatype": kind, "body": body, "encoding": encoding}
    document = vcon(dialog=[dialog])
    assert words(document) == [("customer", "I am Olivia, olivia@example.com, +1 202 555 0143.")]
    assert interaction(document)["channel"] == "email"


@pytest.mark.parametrize(
    "change",
    [
        {"body": MAIL.replace("base64\r\n", "x-unknown\r\n")},
        {"body": MAIL.replace("utf-8", "no-such-charset")},
        {"body": base64.b64encode(bytes(range(200))).decode(), "encoding": "base64url"},
        {"body": "aGVsbG8=", "encoding": "base64url", "mediatype": "image/png"},
        {"body": "aGVsbG8=", "encoding": "base64url", "mediatype": "text/plain; charset=klingon"},
    ],
)
def test_what_cannot_be_decoded_is_a_deviation_and_no_text(change):
    document = vcon(dialog=[WRITTEN["dialog"][0] | change, WRITTEN["dialog"][1]])
    assert words(document) == [("agent", "Let me see.")]
    assert ("/dialog/0/body", "undecodable") in codes(document)


@pytest.mark.parametrize(
    "text", ["&#" + "9" * 5_000, "&#x" + "f" * 5_000 + ";", "&#" + "9" * 5_000 + ";" * 99]
)
def test_a_bad_document_harms_no_other(text):
    bad = vcon(uuid="018e4b1c-0000-8000-8000-00000000000b")
    bad["dialog"][0] |= {"mediatype": "text/html", "body": f"<p>{text}</p>"}
    body = "\n".join(
        json.dumps(each) for each in (vcon(), bad, vcon(uuid="018e4b1c-0000-8000-8000-00000000000c"))
    )
    found = documents.read_documents("vcon", documents.numbered_documents(body.encode()))
    assert [len(each.interactions) for each in found] == [1, 1, 1]


def test_a_library_that_trips_over_a_document_harms_no_other(monkeypatch):
    def trip(document):
        if document == {"trip": True}:
            raise ValueError
        return read_vcon(document)

    monkeypatch.setitem(documents.FORMATS, "vcon", trip)
    body = "\n".join(json.dumps(each) for each in (vcon(), {"trip": True}, vcon()))
    found = documents.read_documents("vcon", documents.numbered_documents(body.encode()))
    assert [[fault.code for fault in each.faults] for each in found] == [[], ["unreadable"], []]


VTT = (
    "WEBVTT\n\n00:00:01.000 --> 00:00:04.000\n<v Kim Agent>Good morning\n\n"
    "00:00:05.000 --> 00:00:09.000\n<v Olivia Flores>Where is my order?"
)
TIMED = [
    ("agent", "Good morning", "2026-01-05T09:00:01+00:00"),
    ("customer", "Where is my order?", "2026-01-05T09:00:05+00:00"),
]


@pytest.mark.parametrize("encoding", ["none", "json", "base64url"])
def test_speakers_and_times_of_subtitles_are_read(encoding):
    body = {
        "none": VTT,
        "json": json.dumps(VTT),
        "base64url": base64.urlsafe_b64encode(VTT.encode()).decode(),
    }
    turns = interaction(vcon_with_transcript(body[encoding], encoding))["turns"]
    assert [(turn["speaker"], turn["text"], turn["at"]) for turn in turns] == TIMED


def test_subtitles_as_a_text_dialog_are_read():
    document = vcon(dialog=[WRITTEN["dialog"][0] | {"mediatype": "text/vtt", "body": VTT}])
    turns = interaction(document)["turns"]
    assert [(turn["speaker"], turn["text"], turn["at"]) for turn in turns] == TIMED


@pytest.mark.parametrize(
    "labels", [(0, 1), (1, 2), ("S1", "S2"), ("spk_0", "spk_1"), ("A", "B"), ("Speaker 1", "Speaker 2")]
)
def test_numbered_speakers_are_taken_for_parties_wherever_the_numbers_begin(labels):
    body = [{"speaker": labels[0], "text": "Hi"}, {"speaker": labels[1], "text": "Hello"}]
    document = vcon_with_transcript(body)
    assert words(document) == [("agent", "Hi"), ("customer", "Hello")]
    assert ("/analysis/0/body", "speaker_assumed") in codes(document)


def test_a_longer_label_finds_the_party_of_one_word():
    body = [{"speaker": "Kim Agent", "text": "Hi"}, {"speaker": "Olivia Flores", "text": "Hello"}]
    parties = [{"name": "Kim", "role": "agent"}, {"name": "Olivia", "role": "customer"}]
    document = vcon_with_transcript(body, parties=parties)
    assert words(document) == [("agent", "Hi"), ("customer", "Hello")]


def test_a_diarized_analysis_counts_more_than_a_transcript_without_speakers():
    plain = {
        "type": "transcript",
        "dialog": 0,
        "encoding": "none",
        "body": "Good morning. Where is my order?",
    }
    diarized = {
        "type": "diarized",
        "dialog": 0,
        "encoding": "none",
        "body": "Agent: Good morning.\nCustomer: Where?",
    }
    for analyses in ([plain, diarized], [diarized, plain]):
        document = vcon(SPOKEN, analysis=analyses)
        assert words(document) == [("agent", "Good morning."), ("customer", "Where?")]
        assert not {code for _, code in codes(document)} & {"speaker_unknown"}


@pytest.mark.parametrize("key", ["amended", "redacted", "appended", "amended_from", "redacted_from"])
def test_versions_of_a_call_are_one_interaction(key):
    first, second, third = (f"018e4b1c-0000-8000-8000-00000000000{each}" for each in "abc")
    chain = [
        vcon(uuid=third, **{key: {"uuid": second, "type": "pii"}}),
        vcon(uuid=first),
        vcon(uuid=second, amended=[{"uuid": first}]),
    ]
    found = documents.read_documents("vcon", documents.numbered_documents(json.dumps(chain).encode()))
    assert {each["external_id"] for file in found for each in file.interactions} == {first}
    assert "version_of" in {each.code for each in found[0].deviations}
    assert interaction(chain[2])["external_id"] == first


def test_versions_that_point_at_each_other_end():
    first, second = (f"018e4b1c-0000-8000-8000-00000000000{each}" for each in "ab")
    ring = [vcon(uuid=first, amended={"uuid": second}), vcon(uuid=second, amended={"uuid": first})]
    assert len(documents.read_documents("vcon", documents.numbered_documents(json.dumps(ring).encode()))) == 2
    assert interaction(vcon(redacted={}))["external_id"] == WRITTEN["uuid"]


@pytest.mark.parametrize(
    "given",
    [
        {"subject": "Re: my order"},
        {"subject": "AW: Bestellung"},
        {"dialog": [WRITTEN["dialog"][0] | {"message_id": "<1@example.com>"}]},
        {
            "parties": [{"mailto": "a@example.com"}, {"mailto": "b@example.com"}],
            "dialog": [WRITTEN["dialog"][0], WRITTEN["dialog"][1] | {"start": "2026-01-05T19:00:00Z"}],
        },
        {"subject": "My order", "parties": [{"mailto": "a@example.com"}, {"mailto": "b@example.com"}]},
    ],
)
def test_a_thread_of_mails_is_email_and_its_history_set_aside(given):
    document = vcon(**given)
    document["dialog"][0]["body"] = (
        "New words.\n\nAm 05.01.2026 um 09:00 schrieb Kim <kim@example.com>:\n\nOld words"
    )
    found = interaction(document)
    assert found["channel"] == "email"
    assert found["turns"][0]["text"] == "New words."
    assert "Old words" in found["turns"][0]["quoted"]
    assert load_interaction(found)["turns"][0]["text"] == "New words."


def test_the_same_words_at_one_moment_at_another_place_are_another_turn():
    first = [each | {"start": "2026-01-05T09:00:00Z", "body": "ok"} for each in WRITTEN["dialog"]]
    assert words(vcon(dialog=[first[0], first[1], first[0]])) == [
        ("customer", "ok"),
        ("agent", "ok"),
        ("customer", "ok"),
    ]
