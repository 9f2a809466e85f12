"""Transcripts with speakers and times: subtitles, labelled lines and the JSON of recognisers."""

import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qm.interactions.decoding import load_interaction
from qm.interactions.importers.transcript import read_transcript
from qm.interactions.transcripts.reading import read_utterances
from tenants.http.faults import Invalid


def said(content):
    return [(each.speaker, each.text, each.start) for each in read_utterances(content)]


HI_HELLO = [("Ana Silva", "Good morning.", 1.0), ("Jo", "My kettle leaks.", 5.0)]
SUBTITLES = {
    "voices": "WEBVTT\n\n00:00:01.000 --> 00:00:04.000\n<v Ana Silva>Good morning.\n\n"
    "00:00:05.000 --> 00:00:09.000 align:left\n<v Jo>My <b>kettle</b> leaks.</v>\n",
    "notes, names of cues, classes, short times": "\ufeffWEBVTT - call\nKind: captions\n\n"
    "NOTE Ana\nand Jo\n\nSTYLE\n"
    "::cue {}\n\nintro\n00:01.000 --> 00:04.000\n<v.first Ana Silva>Good morning.</v>\n\n2\n"
    "00:05.000 --> 00:09.000\n"
    "<v.second.loud Jo><00:06.000>My kettle leaks.\n",
    "two voices in a cue": "WEBVTT\r\n\r\n00:01.000 --> 00:04.000\r\n<v Ana Silva>Good morning.\r\n\r\n"
    "00:05.000 --> 00:09.000\r\n<v Jo>My kettle\r\n\r\n00:05.500 --> 00:09.000\r\n<v Jo>leaks.\r\n",
    "labels in subrip": "1\n00:00:01,000 --> 00:00:04,000\nAna Silva: Good morning.\n\n2\n"
    "00:00:05,000 --> 00:00:09,000\n"
    "Jo: My kettle\nleaks.\n",
    "no blank lines": "1\n00:00:01,000 --> 00:00:04,000\nAna Silva: Good morning.\n2\n"
    "00:00:05,000 --> 00:00:09,000\n"
    "Jo: My kettle leaks.",
    "from ten o'clock": "WEBVTT\n\n10:00:01.000 --> 10:00:04.000\n<v Ana Silva>Good morning.\n\n"
    "10:00:05.000 --> 10:00:09.000\n<v Jo>My kettle leaks.",
}


@pytest.mark.parametrize("text", SUBTITLES.values(), ids=SUBTITLES)
def test_subtitles_are_read_with_speakers_and_times(text):
    start = 1.0 if "10:00" in text else 0.0
    assert said(text) == [(name, words, at - start) for name, words, at in HI_HELLO]


LINES = {
    "time in round brackets": "Agent (00:00:12): Hi\nCustomer (00:00:15): Hello\nthere",
    "time in front": "[00:00:12] Agent: Hi\n[00:00:15] Customer: Hello\nthere",
    "range in front": "[00:00:12.000 --> 00:00:14.000] Agent: Hi\n"
    "[00:00:15.0 --> 0:00:16.0] Customer: Hello\nthere",
    "round in front": "(0:12) Agent: Hi\n(0:15) Customer: Hello\nthere",
    "bare in front": "00:12 Agent: Hi\n00:15 - Customer: Hello\nthere",
    "square behind": "Agent [0:12]: Hi\n\nCustomer [0:15] : Hello\nthere",
    "headings": "Agent  0:12\nHi\n\nCustomer  0:15\nHello\nthere",
    "headings with time first": "0:12 Agent\nHi\n0:15 Customer\nHello\nthere",
    "headings with bars": "Agent | 00:00:12\nHi\nCustomer | 00:00:15\nHello\nthere",
}


@pytest.mark.parametrize("text", LINES.values(), ids=LINES)
def test_lines_are_read_with_speakers_and_times(text):
    assert said(text) == [("Agent", "Hi", 12.0), ("Customer", "Hello\nthere", 15.0)]


CHATS = {
    "below": "00:00:12 From Ana Silva to Everyone:\n\tHi\n"
    "00:00:15 From Jo to Everyone:\n\tok: hello\n\tthere",
    "beside": "00:00:12\t From Ana Silva : Hi\n"
    "00:00:15\t From  Jo  to  Ana Silva (Direct Message) : ok: hello\n\tthere",
    "German": "00:00:12 Von Ana Silva an Alle: Hi\n00:00:15 Von Jo an Alle:\n\tok: hello\n\tthere",
    "times of the day": "10:00:12 From Ana Silva to Everyone: Hi\n"
    "10:00:15 From Jo to Everyone:\n ok: hello\n there",
}


@pytest.mark.parametrize("text", CHATS.values(), ids=CHATS)
def test_a_chat_beside_a_call_is_read_with_its_writers(text):
    first = 0.0 if "10:" in text else 12.0
    assert said(text) == [("Ana Silva", "Hi", first), ("Jo", "ok: hello\nthere", first + 3)]


EXPORTS = {
    "in brackets": "[03/11/2026, 10:02:33] {}: Hi\nall\n[03/11/2026, 10:03:05] {}: Hello",
    "with a dash": "03/11/2026, 10:02 - Messages are encrypted.\n03/11/2026, 10:02 - {}: Hi\nall"
    "\n03/11/2026, 10:05 - {}: Hello",
    "American": "11/3/26, 9:58 PM - {}: Hi\nall\n11/3/26, 10:05\u202fPM - {}: Hello",
    "with dots": "03.11.26, 10:02 - {}: Hi\nall\n03.11.26, 10:05 - {}: Hello",
    "year first": "2026-11-03 10:02:33 {}: Hi\nall\n2026-11-03 10:02:50 {}: Hello",
    "with a T": "[2026-11-03T10:02:33Z] {}: Hi\nall\n[2026-11-03T10:02:50Z] {}: Hello",
    "headings": "{}, [03.11.2026 10:02]\nHi\nall\n\n{}, [03.11.2026 10:03]\nHello",
    "over midnight": "[03/11/2026, 23:59] {}: Hi\nall\n[04/11/2026, 00:01] {}: Hello",
    "with signs of direction": "\u200e[03.11.26, 10:02:33] {}: \u200eHi\nall\n[03.11.26, 10:02:50] {}: Hello",
    "hours of a half day": "{}  10:02 AM\nHi\nall\n{}  10:03 AM\nHello",
    "half days in brackets": "{} [11:59 AM]: Hi\nall\n{} [12:01 PM]: Hello",
}
SECONDS = {"in brackets": 32, "year first": 17, "with a T": 17, "headings": 60, "over midnight": 120,
           "with a dash": 180, "with dots": 180, "American": 420, "with signs of direction": 17,
           "hours of a half day": 60, "half days in brackets": 120}  # fmt: skip


@pytest.mark.parametrize("form", EXPORTS)
def test_an_exported_chat_is_read_with_writers_and_times(form):
    found = said(EXPORTS[form].format("Ana Silva", "Jo"))
    assert found[-2:] == [("Ana Silva", "Hi\nall", 0.0), ("Jo", "Hello", SECONDS[form])]
    assert found[:-2] == ([("system", "Messages are encrypted.", 0.0)] if form == "with a dash" else [])


@pytest.mark.parametrize(
    ("labels", "roles"),
    [
        (("Ana Silva", "Jo", "Ana"), ("agent", "customer", "agent")),
        (("Ana", "Jo", "Jo Moss"), ("agent", "customer", "customer")),
        (("Ana", "Jo", "Ana Costa"), ("system", "customer", "system")),
        (("ana silva", "Jo Moss", "ANA"), ("agent", "customer", "agent")),
    ],
)
def test_who_is_called_by_a_short_name_too_is_one_person(labels, roles):
    speakers = {next(label for label in labels if label.startswith("Jo")): "customer"}
    document = {
        "external_id": "T-1",
        "started_at": "2026-01-05T09:00:00Z",
        "agent": {"external_id": "a-7", "name": "Ana Silva"},
        "speakers": speakers,
        "transcript": "\n".join(
            f"[03/11/2026, 10:0{place}] {label}: Hi" for place, label in enumerate(labels)
        ),
    }
    turns = read_transcript(document).interactions[0]["turns"]
    assert tuple(turn["speaker"] for turn in turns) == roles
    assert [turn["at"] for turn in turns] == [f"2026-01-05T09:0{minute}:00+00:00" for minute in range(3)]


@pytest.mark.parametrize("label", ["Note", "NOTE", "PS", "Hinweis", "Nota", "Важно"])
def test_a_note_is_nobodys_label(label):
    text = f"Agent: Hi\n{label}: the lid is hot\nCustomer: Hello"
    assert said(text) == [("Agent", f"Hi\n{label}: the lid is hot", None), ("Customer", "Hello", None)]
    cue = f"WEBVTT\n\n00:01.000 --> 00:04.000\n<v Ana>{label}: it is hot.\n"
    assert said(cue) == [("Ana", f"{label}: it is hot.", 1.0)]


@pytest.mark.parametrize(
    ("timing", "at"),
    [
        ("00:05.00x --> 00:06.000", None),
        ("00:05.000 -> 00:06.000", None),
        ("00:05.000 -->", None),
        ("--> 00:06.000", None),
        ("about five", None),
        ("00:05.000 --> 00:03.000", 5.0),
        ("00:05.000 --> 00:99.000", 5.0),
    ],
)
def test_a_bad_cue_is_named_and_its_words_kept(timing, at):
    good = "00:01.000 --> 00:04.000\n<v Ana>Hi.\n\n"
    cue = f"{timing}\n<v Jo>It leaks.\n\n" if timing[0] != "a" else "<v Jo>It leaks.\n\n"
    text = f"WEBVTT\n\n{good}{cue}00:07.000 --> 00:09.000\n<v Ana>Bye."
    assert said(text) == [("Ana", "Hi.", 1.0), ("Jo", "It leaks.", at), ("Ana", "Bye.", 7.0)]
    speakers = {"Jo": "customer", "Ana": "agent"}
    found = read_transcript({"started_at": "2026-01-05T09:00:00Z", "transcript": text, "speakers": speakers})
    assert [each.code for each in found.deviations] == ["bad_cue"]
    assert [each["speaker"] for each in found.interactions[0]["turns"]] == ["agent", "customer", "agent"]


def test_what_is_no_cue_by_the_form_is_not_bad():
    text = "WEBVTT - call\nKind: captions\n\nNOTE made by Jo\nand Ana\n\nSTYLE\n::cue {}\n\n"
    text += "1\n00:01.000 --> 00:04.000\n<v Ana>Hi"
    given = {"started_at": "2026-01-05T09:00:00Z", "transcript": text, "speakers": {"Ana": "agent"}}
    assert read_transcript(given).deviations == ()


def test_times_of_the_day_count_from_the_first():
    assert said("[10:02:33] Agent: Hi\n[10:02:40] Customer: Hello") == [
        ("Agent", "Hi", 0.0),
        ("Customer", "Hello", 7.0),
    ]


@pytest.mark.parametrize(
    "times", [("0:0:1.0", "0:0:5.40", "0:0:9.5"), ("00:00:01.000", "00:00:05.400", "00:00:09.500")]
)
def test_names_above_what_was_said_are_voices(times):
    cues = zip(
        times, ("Ana Silva", "Jo (Guest)", "Ana Silva"), ("Hi.", "My kettle\nleaks.", "I see."), strict=True
    )
    text = "\n\n".join(f"{start} --> 0:0:10.0\n{name}\n{words}" for start, name, words in cues)
    assert said(text) == [
        ("Ana Silva", "Hi.", 1.0),
        ("Jo (Guest)", "My kettle leaks.", 5.4),
        ("Ana Silva", "I see.", 9.5),
    ]


def test_first_lines_of_cues_are_no_names_where_one_is_a_sentence():
    cues = (
        "0:01 --> 0:02\nAna Silva\nis here.",
        "0:03 --> 0:04\nWhat a day!\nYes.",
        "0:05 --> 0:06\nAna Silva\nleft.",
    )
    text = "\n\n".join(cues)
    assert {name for name, _, _ in said(text)} == {None}


@pytest.mark.parametrize("dash", "-\u2013\u2014")
def test_labels_with_a_dash_count_where_every_line_has_one(dash):
    text = f"Agent {dash} Hi\n\nCustomer {dash} My kettle - the red one - leaks\nAgent {dash} I see"
    assert said(text) == [
        ("Agent", "Hi", None),
        ("Customer", "My kettle - the red one - leaks", None),
        ("Agent", "I see", None),
    ]
    for other in (f"{text}\nwithout a label", "Kettle - red\nLid - blue", "Ana - Hi\nAna - Hello\nAna - Bye"):
        assert said(other) == [(None, other.replace("\n\n", "\n"), None)]


@pytest.mark.parametrize(
    "text", ["We close at 10:30", "Come at 10:30: we are open.", "It leaks.\nSince 9:00"]
)
def test_words_with_a_time_are_no_label(text):
    assert said(text) == [(None, text, None)]


def word(text, start, **more):
    return {"word": text, "start": start, "end": start + 0.4, "punctuated_word": text, **more}


RECOGNISERS = {
    "amazon transcribe": {
        "jobName": "x",
        "results": {
            "transcripts": [{"transcript": "Hi. Hello"}],
            "speaker_labels": {
                "segments": [
                    {"speaker_label": "spk_0", "items": [{"start_time": "1.0", "speaker_label": "spk_0"}]},
                    {"speaker_label": "spk_1", "items": [{"start_time": "2.5", "speaker_label": "spk_1"}]},
                ]
            },
            "items": [
                {"type": "pronunciation", "start_time": "1.0", "alternatives": [{"content": "Hi"}]},
                {"type": "punctuation", "alternatives": [{"content": "."}]},
                {"type": "pronunciation", "start_time": "2.5", "alternatives": [{"content": "Hello"}]},
            ],
        },
    },
    "amazon transcribe by channel": {
        "results": {
            "transcripts": [{"transcript": "Hi. Hello"}],
            "channel_labels": {
                "channels": [
                    {
                        "channel_label": "ch_0",
                        "items": [
                            {
                                "type": "pronunciation",
                                "start_time": "1.0",
                                "alternatives": [{"content": "Hi"}],
                            },
                            {"type": "punctuation", "alternatives": [{"content": "."}]},
                        ],
                    },
                    {
                        "channel_label": "ch_1",
                        "items": [
                            {
                                "type": "pronunciation",
                                "start_time": "2.5",
                                "alternatives": [{"content": "Hello"}],
                            }
                        ],
                    },
                ]
            },
        }
    },
    "contact lens": {
        "Participants": [
            {"ParticipantId": "p-1", "ParticipantRole": "AGENT"},
            {"ParticipantId": "p-2", "ParticipantRole": "CUSTOMER"},
        ],
        "Transcript": [
            {"ParticipantId": "p-1", "Content": "Hi.", "BeginOffsetMillis": 1000},
            {"ParticipantId": "p-2", "Content": "Hello", "BeginOffsetMillis": 2500},
        ],
    },
    "call analytics": {
        "Transcript": [
            {"ParticipantRole": "AGENT", "Content": "Hi.", "BeginOffsetMillis": 1000},
            {"ParticipantRole": "CUSTOMER", "Content": "Hello", "BeginOffsetMillis": 2500},
        ]
    },
    "google with speakers": {
        "results": [
            {"alternatives": [{"transcript": "Hi. Hello", "words": [{"word": "Hi.", "startTime": "1s"}]}]},
            {
                "alternatives": [
                    {
                        "words": [
                            {"word": "Hi.", "startTime": "1s", "speakerTag": 1},
                            {"word": "Hello", "startTime": "2.500s", "speakerTag": 2},
                        ]
                    }
                ]
            },
        ]
    },
    "google by channel": {
        "results": [
            {
                "channelTag": 2,
                "alternatives": [
                    {"transcript": "Hello", "words": [{"word": "Hello", "startOffset": "2.5s"}]}
                ],
            },
            {
                "channelTag": 1,
                "alternatives": [{"transcript": "Hi.", "words": [{"word": "Hi.", "startOffset": "1s"}]}],
            },
        ]
    },
    "azure batch": {
        "recognizedPhrases": [
            {"channel": 1, "offsetInTicks": 25_000_000.0, "nBest": [{"display": "Hello"}]},
            {"channel": 0, "offset": "PT1S", "nBest": [{"lexical": "hi", "display": "Hi."}]},
        ]
    },
    "azure fast": {
        "phrases": [
            {"speaker": 1, "offsetMilliseconds": 1000, "text": "Hi."},
            {"speaker": 2, "offsetMilliseconds": 2500, "text": "Hello"},
        ]
    },
    "deepgram": {
        "results": {
            "channels": [
                {"alternatives": [{"transcript": "Hi. Hello", "words": [word("Hi.", 1.0, speaker=0)]}]}
            ],
            "utterances": [
                {"start": 1.0, "transcript": "Hi.", "speaker": 0, "channel": 0},
                {"start": 2.5, "transcript": "Hello", "speaker": 1, "channel": 0},
            ],
        }
    },
    "deepgram in stereo": {
        "results": {
            "channels": [
                {"alternatives": [{"transcript": "Hi.", "words": [word("Hi.", 1.0)]}]},
                {"alternatives": [{"transcript": "Hello", "words": [word("Hello", 2.5)]}]},
            ]
        }
    },
    "assemblyai": {
        "audio_duration": 4,
        "utterances": [
            {"speaker": "A", "text": "Hi.", "start": 1000, "words": []},
            {"speaker": "B", "text": "Hello", "start": 2500, "words": []},
        ],
    },
    "whisperx": {
        "segments": [
            {"start": 1.0, "end": 2.0, "text": " Hi.", "speaker": "SPEAKER_00", "words": [word("Hi.", 1.0)]},
            {"start": 2.5, "end": 3.0, "text": " Hello", "speaker": "SPEAKER_01", "words": []},
        ]
    },
    "rev": {
        "monologues": [
            {"speaker": 0, "elements": [{"value": "Hi", "ts": 1.0}, {"type": "punct", "value": "."}]},
            {"speaker": 1, "elements": [{"value": "Hello", "ts": 2.5}]},
        ]
    },
    "speechmatics": {
        "results": [
            {"type": "word", "start_time": 1.0, "alternatives": [{"content": "Hi", "speaker": "S1"}]},
            {"type": "punctuation", "start_time": 1.4, "alternatives": [{"content": ".", "speaker": "S1"}]},
            {"type": "word", "start_time": 2.5, "alternatives": [{"content": "Hello", "speaker": "S2"}]},
        ]
    },
}


@pytest.mark.parametrize("content", RECOGNISERS.values(), ids=RECOGNISERS)
def test_recognisers_are_read_with_speakers_and_times(content):
    found = said(content)
    assert [(text.strip(), start) for _, text, start in found] == [("Hi.", 1.0), ("Hello", 2.5)]
    assert len({speaker for speaker, _, _ in found} - {None}) == 2
    # The file of a recogniser, sent as it is, is no text that somebody spoke.
    assert said(json.dumps(content)) == said(content)


@pytest.mark.parametrize("text", ["[1] is the first", "{wait} Hello", "[" * 100_000, '["a", "b"]'])
def test_brackets_alone_make_no_json_of_what_was_said(text):
    assert [words for _, words, _ in said(text)] == [text]


HOSTILE = {
    "label": "a " * 200_000 + ":",
    "times": "[00:01] " * 50_000,
    "voices": "WEBVTT\n\n00:00:01.000 --> 00:00:04.000\n" + "<v " * 100_000,
    "tags": "WEBVTT\n\n00:00:01.000 --> 00:00:04.000\n" + "<a" * 100_000,
    "timings": "WEBVTT\n\n" + "00:00:01.000 --> 00:00:04.000\n" * 10_000,
    "names": ("Ana " * 10 + "0:1\n") * 10_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_transcripts_are_read_in_linear_time(text):
    began = time.process_time()
    read_utterances(text)
    assert time.process_time() - began < 3


def test_the_speakers_that_are_named_are_understood():
    def roles(**given):
        document = {"started_at": "2026-01-05T09:00:00Z", "transcript": "A: Hi\nB: Hello\nAna: Yes", **given}
        imported = read_transcript(document)
        (only,) = imported.interactions
        return [turn["speaker"] for turn in only["turns"]], [each.code for each in imported.deviations]

    assert roles() == (["system", "system", "system"], ["speaker_unknown"])
    assert roles(speakers={"A": "agent", "B": "customer"}, agent={"external_id": "a", "name": "ANA"}) == (
        ["agent", "customer", "agent"],
        [],
    )


@pytest.mark.parametrize(
    ("transcript", "told", "roles", "codes"),
    [
        ("Ana Silva: Hi\nJo: Hello\nAna: Yes", {}, ["agent", "customer", "agent"], ["role_assumed"]),
        ("A: Hi\nB: Hello", {"A": "agent"}, ["agent", "customer"], ["role_assumed"]),
        ("A: Hi\nB: Hello", {"A": "customer"}, ["customer", "system"], ["speaker_unknown"]),
        ("Ana: Hi\nJo: Hello\nKim: Yes", {}, ["agent", "system", "system"], ["speaker_unknown"]),
        ("Ana: Hi\nBot: Welcome\nJo: Yes", {}, ["agent", "bot", "system"], ["speaker_unknown"]),
        ("Ana: Hi\nAna: Yes", {}, ["agent", "agent"], []),
    ],
)
def test_whoever_speaks_with_the_agent_alone_is_the_customer(transcript, told, roles, codes):
    document = {
        "started_at": "2026-01-05T09:00:00Z",
        "transcript": transcript,
        "speakers": told,
        "agent": {"external_id": "a", "name": "Ana Silva"},
    }
    imported = read_transcript(document)

    assert [turn["speaker"] for turn in imported.interactions[0]["turns"]] == roles
    assert [each.code for each in imported.deviations] == codes


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=10)
    | st.sampled_from(["1.5s", "PT1S", "00:01", "WEBVTT\n\n00:01.000 --> 00:02.000\nHi", "Agent: Hi"]),
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *(
                        "results",
                        "items",
                        "alternatives",
                        "content",
                        "start_time",
                        "speaker_labels",
                        "segments",
                        "words",
                    ),
                    *(
                        "Transcript",
                        "Content",
                        "Participants",
                        "ParticipantId",
                        "phrases",
                        "nBest",
                        "utterances",
                        "start",
                    ),
                    *(
                        "channels",
                        "monologues",
                        "elements",
                        "value",
                        "ts",
                        "speaker",
                        "text",
                        "type",
                        "audio_url",
                        "word",
                    ),
                    *(
                        "transcripts",
                        "channel_labels",
                        "channelTag",
                        "transcript",
                        "offset",
                        "offsetInTicks",
                        "speakerTag",
                    ),
                ]
            ),
            below,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(anything)
def test_any_json_is_read_or_refused(transcript):
    document = {"external_id": "C-1", "started_at": "2026-01-05T09:00:00Z", "transcript": transcript}
    try:
        imported = read_transcript(document)
    except Invalid:
        return
    assert load_interaction(imported.interactions[0], texts_extracted=True)["turns"]
