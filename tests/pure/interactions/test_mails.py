"""Quoted history and signatures, as mail programs write them in many languages, are nobody's new words."""

import json
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qm.interactions.decoding import load_interaction
from qm.interactions.redaction.redactor import redact_interaction
from qm.interactions.text_extraction.quoted_history import split_history
from tenants.http.faults import Invalid

TABLE = yaml.safe_load((Path(__file__).parent / "data" / "mails.yaml").read_text("utf-8"))
NEW = "I have sent a new kettle today.\n\nIs there anything else?"
OLD = "Hello,\nyour kettle is rubbish, you clowns.\n\nBring it back."
MARKED = "\n".join(f"> {line}" for line in OLD.split("\n"))
ATTRIBUTIONS = [each["line"] for each in TABLE["attributions"]]
HEADER_BLOCKS = [each["block"] for each in TABLE["header_blocks"]]


def split(text):
    return split_history(text.split("\n"))


def turn_of(text, channel="email"):
    given = {"external_id": "T-1", "channel": channel, "started_at": "2026-01-05T09:00:00Z"}
    return load_interaction(given | {"turns": [{"speaker": "agent", "text": text}]})["turns"][0]


@pytest.mark.parametrize("line", ATTRIBUTIONS + HEADER_BLOCKS)
def test_words_below_what_a_mail_program_writes_are_set_aside(line):
    found = split(f"{NEW}\n\n{line}\n\n{OLD}")
    assert found.text == NEW
    assert found.quoted.endswith(OLD)
    assert line.split("\n")[-1] in found.quoted


@pytest.mark.parametrize("line", ATTRIBUTIONS)
def test_marked_words_are_set_aside_above_and_below_new_ones(line):
    assert split(f"{NEW}\n\n{line}\n{MARKED}").text == NEW
    assert split(f"{line}\n{MARKED}\n\n{NEW}").text == NEW


@pytest.mark.parametrize("line", ["Jo Moss wrote:", "Quoting Jo Moss <jo@example.com>:", "Jo schrieb:"])
def test_a_short_line_above_marked_words_goes_with_them(line):
    assert split(f"{NEW}\n\n{line}\n\n{MARKED}").text == NEW
    assert split("On Monday he wrote:\n> I want my money back.\nDone.").text == "On Monday he wrote:\nDone."


@pytest.mark.parametrize("line", ATTRIBUTIONS[:3])
def test_answers_between_marked_words_are_new(line):
    assert split(f"{line}\n{MARKED}\nAnswer one.\n> more\nAnswer two.").text == "Answer one.\nAnswer two."


@pytest.mark.parametrize("signature", TABLE["signatures"])
def test_signatures_are_set_aside(signature):
    assert split(f"{NEW}\n\n{signature}") == split(f"{NEW}\n\n{signature}\n")
    assert split(f"{NEW}\n\n{signature}").text == NEW
    assert split(f"{NEW}\n\n{signature}\n\n{ATTRIBUTIONS[0]}\n\n{OLD}").text == NEW


@pytest.mark.parametrize("notice", TABLE["notices"])
def test_legal_notices_are_set_aside(notice):
    signed = f"{NEW}\n\nKind regards,\nAna"
    assert split(f"{signed}\n\n{notice}") == split(f"{signed}\n\n{notice}\n")
    assert split(f"{signed}\n\n{notice}").text == signed
    assert split(f"{signed}\n\n{notice}\n\n{ATTRIBUTIONS[0]}\n\n{OLD}").text == signed


@pytest.mark.parametrize("contact", TABLE["contacts"])
def test_ways_to_reach_somebody_below_a_closing_are_set_aside(contact):
    text = f"{NEW}\n\n{contact['stays']}"
    assert split(f"{text}\n{contact['aside']}").text == text
    assert (
        split(f"{text}\n{contact['aside']}\n\n{TABLE['notices'][0]}\n\n{ATTRIBUTIONS[0]}\n{OLD}").text == text
    )


@pytest.mark.parametrize("text", TABLE["false_alarms"])
def test_a_persons_own_words_stay(text):
    assert split(text).text == text
    assert split(f"{NEW}\n{text}").text == f"{NEW}\n{text}"


@pytest.mark.parametrize("text", TABLE["postscripts"])
def test_what_is_added_below_a_signature_is_new(text):
    name, _, added = text.rpartition("\n")
    found = split(f"{NEW}\n\n{text}")
    assert found.text.startswith(NEW)
    assert found.text.endswith(added)
    assert name.split("\n")[1] in found.quoted.split("\n")


def test_four_of_five_mails_that_nothing_was_made_for_are_read():
    held_out = TABLE["held_out"]
    lines = held_out["attributions"] + held_out["header_blocks"]
    read = [split(f"{NEW}\n\n{line}\n\n{OLD}").text == NEW for line in lines]
    assert sum(read) / len(read) >= 0.8
    noticed = [split(f"{NEW}\n\n{notice}").text == NEW for notice in held_out["notices"]]
    assert sum(noticed) / len(noticed) >= 0.8
    assert all(split(text).text == text for text in held_out["false_alarms"])


@pytest.mark.parametrize("length", [1, 2_000])
def test_quoted_history_of_any_length_is_set_aside_and_masked(length):
    old = "\n".join(["Your kettle is rubbish, call 0170 1234567 or jo@example.com."] * length)
    turn = turn_of(f"{NEW}\n\n{ATTRIBUTIONS[3]}\n\n{old}")
    assert turn["text"] == NEW
    masked = redact_interaction({"turns": [turn]})["turns"][0]
    assert "jo@example.com" not in masked["quoted"]
    assert "0170" not in masked["quoted"]
    assert masked["quoted"].count("rubbish") == length


def test_a_chat_has_no_quoted_history():
    text = f"{NEW}\n> quoted by hand"
    assert turn_of(text, "chat") == {"speaker": "agent", "text": text}


def test_what_its_sender_set_aside_stays_aside():
    given = {"external_id": "T-1", "channel": "ticket", "started_at": "2026-01-05T09:00:00Z"}
    turns = [{"speaker": "agent", "text": "Sent.\n-- \nAna", "quoted": "Where is it?"}]
    assert load_interaction(given | {"turns": turns})["turns"] == [
        {"speaker": "agent", "text": "Sent.", "quoted": "-- \nAna\n\nWhere is it?"}
    ]


HTML_MAILS = TABLE["html_mails"]
MIXED = "Content-Type: multipart/mixed; boundary=b\n\n"
ATTACHED = "--b\nContent-Type: message/rfc822\n\nFrom: jo@example.com\nSubject: x\n\nOld clowns\n"


@pytest.mark.parametrize("source", HTML_MAILS.values(), ids=HTML_MAILS)
def test_html_is_read_without_what_was_quoted_or_hidden(source):
    turn = turn_of(source)
    assert turn["text"] == "New words."
    assert "clowns" in turn.get("quoted", "clowns")
    assert "<" not in turn["text"] + turn.get("quoted", "").replace("<jo@example.com>", "")


@pytest.mark.parametrize("channel", ["chat", "social", "email"])
def test_blocks_of_html_become_lines_and_references_characters(channel):
    source = "<p>Hello&nbsp;Jo,<br>two &lt; three &#38; it&#39;s</p><ul><li>a<li>b</ul>"
    source += "<table><tr><td>1<td>2</table>"
    assert turn_of(source, channel)["text"] == "Hello\u00a0Jo,\ntwo < three & it's\n\n- a\n- b\n\n1 2"
    assert turn_of("I&#39;m sorry &amp; sad", channel)["text"] == "I'm sorry & sad"
    for plain in ("a < b && c > d &nosuch; &", "if a <b and c> d", "write to <jo@example.com>", "<3 you"):
        assert turn_of(plain, channel)["text"] == plain


def test_an_indented_paragraph_of_the_writer_is_new():
    source = '<div>New</div><blockquote style="margin:0 0 0 40px;border:none;padding:0px">too</blockquote>'
    assert turn_of(source)["text"] == "New\n\ntoo"


def test_answers_between_gmails_quotations_are_new():
    source = (
        '<div class="gmail_quote"><div class="gmail_attr">On Tue Jo wrote:</div><blockquote>old</blockquote>'
        "<div>One.</div><blockquote>old</blockquote><div>Two.</div></div>"
    )
    assert turn_of(source)["text"] == "One.\n\nTwo."


MESSAGE = """From: Ana <ana@kettles.example.com>
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="b1"

--b1
Content-Type: {kind}
Content-Transfer-Encoding: {encoding}

{body}
--b1--
"""


@pytest.mark.parametrize(
    ("kind", "encoding", "body"),
    [
        ("text/plain; charset=utf-8", "base64", "R3LDvMOfZSB2b24gSm8=\n"),
        ("text/plain; charset=utf-8", "quoted-printable", "Gr=C3=BC=C3=9Fe von =\nJo"),
        ("text/plain; charset=iso-8859-1", "quoted-printable", "Gr=FC=DFe von Jo"),
        ("text/html; charset=utf-8", "base64", "PHA+R3LDvMOfZTxiPiB2b248L2I+IEpvPC9wPg=="),
        ("text/plain; charset=utf-16", "base64", "//5HAHIA/ADfAGUAIAB2AG8AbgAgAEoAbwA="),
    ],
)
def test_mime_is_decoded(kind, encoding, body):
    message = MESSAGE.format(kind=kind, encoding=encoding, body=body)
    assert turn_of(message, "chat")["text"] == "Grüße von Jo"
    assert turn_of(message.partition("\n\n")[2])["text"] == "Grüße von Jo"
    relayed = "Received: from a\n\tby b; x\n" * 400
    assert (
        turn_of(message.replace("MIME-Version", f"{relayed}MIME-Version"), "email")["text"] == "Grüße von Jo"
    )
    assert turn_of(f"{message.strip()}\n{relayed}", "email")["text"] == "Grüße von Jo"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (
            f"{MIXED}--b\nContent-Type: text/plain\n\nNew words.\n{ATTACHED}--b--",
            "New words.",
        ),
        (f"{MIXED}{ATTACHED}--b--", ""),
        (f"Content-Type: multipart/digest; boundary=b\n\n{ATTACHED}{ATTACHED}--b--", ""),
        (
            "Content-Type: message/rfc822\n\nFrom: jo@example.com\nContent-Type: text/plain\n\nNew words.",
            "New words.",
        ),
    ],
)
def test_an_attached_mail_is_nobodys_new_words(source, text):
    assert turn_of(source)["text"] == text


@pytest.mark.parametrize(
    "changed",
    [
        {"body": "R3LDv"},
        {"kind": "text/plain; charset=no-such"},
        {"encoding": "x-uuencode"},
        {"kind": "application/pdf"},
        {"kind": "text/plain; charset=hex"},
    ],
)
def test_mime_that_cannot_be_decoded_is_refused_by_name(changed):
    given = {"kind": "text/plain; charset=utf-8", "encoding": "base64", "body": "R3LDvMOfZQ=="}
    with pytest.raises(Invalid) as refused:
        turn_of(MESSAGE.format(**given | changed))
    assert [(each.pointer, each.code) for each in refused.value.faults] == [("/turns/0/text", "undecodable")]


@pytest.mark.parametrize(
    "text",
    [
        "Content-Type: text/plain is what you need to set.\nI will do it.",
        "Content-Type: text/html",
        "MIME-Version: 1.0 is needed\n\nI will do it.",
        "Content-Type: what is that?\n\nI do not know.",
    ],
)
def test_words_about_headers_are_no_message(text):
    assert turn_of(text)["text"] == text
    assert turn_of(text, "chat")["text"] == text


def test_of_a_message_all_kinds_of_words_are_read_and_no_data():
    assert turn_of("Content-Type: text/enriched\n\nIt leaks.")["text"] == "It leaks."
    assert turn_of("Content-Type: text/plain (plain)\n\nIt leaks.")["text"] == "It leaks."
    invitation = "--b1\nContent-Type: text/calendar\n\nBEGIN:VCALENDAR\n"
    message = MESSAGE.format(kind="text/plain", encoding="7bit", body=f"It leaks.\n{invitation}")
    assert turn_of(message)["text"] == "It leaks."


def test_a_plain_text_with_a_tag_keeps_its_lines_and_its_history():
    text = f"Put it in <b>bold</b>.\n\n  Then save.\n\n{ATTRIBUTIONS[0]}\n\n{OLD}"
    turn = turn_of(text)
    assert turn["text"] == "Put it in bold.\n\n  Then save."
    assert "clowns" in turn["quoted"]
    assert turn_of("<p>one\ntwo</p>")["text"] == "one two"
    assert turn_of("one<br>\ntwo\nthree")["text"] == "one\ntwo three"


HOSTILE = {
    "references": "&#" + "9" * 5_000 + ";" + "<p>&#" + "9" * 5_000 + "; New",
    "elements": "<div>" * 100_000 + "New",
    "tags": "<a" * 200_000,
    "comments": "<!--" * 100_000,
    "attributes": "<p " + "a=b " * 100_000 + ">",
    "quotes": "<p a='" * 100_000,
    "colons": "On 2026 <a@b.cc> wrote\n:\n" * 20_000,
    "headers": "From: x\n" * 50_000,
    "sent": "x\n" + "sent from iphone\n" * 20_000,
    "dashes": "--\n" * 100_000,
    "parts": "Content-Type: multipart/mixed; boundary=a\n\n" + "--a\n" * 100_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_read_in_linear_time(text):
    began = time.process_time()
    turn = turn_of(text)
    assert time.process_time() - began < 5
    assert "New" not in text or "New" in turn["text"]


def test_of_tags_with_hardly_a_word_between_all_texts_are_read():
    assert turn_of("<li>a" * 10_000)["text"] == "\n".join("a" * 10_000)
    table = "<table><tr>" + "<td>1</td>" * 3_000 + "</table><blockquote>old</blockquote>"
    assert turn_of(table)["quoted"] == "old"


def nested(depth):
    parts = [f"Content-Type: multipart/mixed; boundary=b{each}\n\n--b{each}\n" for each in range(depth)]
    return "".join(parts) + "Content-Type: text/plain\n\nNew"


def test_deeply_nested_mime_is_refused_or_read():
    assert turn_of(nested(5))["text"] == "New"
    with pytest.raises(Invalid):
        turn_of(nested(5_000))


pieces = st.sampled_from(
    [
        *(
            "<p>",
            "</p>",
            "<div class=gmail_quote>",
            "<blockquote>",
            "</blockquote>",
            "<br/>",
            "<script>",
            "</script>",
        ),
        *(
            "<!--",
            "-->",
            "<![CDATA[",
            "<?php ",
            "<!doctype html>",
            "<html>",
            "<body>",
            "</html>",
            "<pre>",
            "</pre>",
        ),
        *(
            "&#",
            "&#x",
            "9999999999;",
            "&amp;",
            "&lt",
            "\x0b",
            "\ufffe",
            "\u202e",
            "\r\n",
            "\n",
            "> ",
            "-- \n",
            ":",
            "\t",
        ),
        *(
            "From: Jo <jo@x.com>\n",
            "Sent: 1:00\n",
            "To: a\n",
            "Subject: b\n",
            "On 2026 1:00 <a@b.cc> wrote:\n",
            "Old",
        ),
        *(
            "Content-Type: text/plain; charset=utf-7\n\n",
            "Content-Type: multipart/mixed; boundary=b\n\n",
            "--b\n",
            "=ZZ",
        ),
        *(
            "Content-Transfer-Encoding: base64\n",
            "Content-Type: text/html\n",
            "+2AA-",
            "--b--\n",
            "<template>",
            "<svg>",
        ),
    ]
)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(pieces | st.text(max_size=5), max_size=15).map("".join), st.sampled_from(["email", "chat"]))
def test_any_text_is_read_or_refused(text, channel):
    try:
        turn = turn_of(text, channel)
    except Invalid:
        return
    json.dumps(turn, ensure_ascii=False).encode()
    assert "\x00" not in turn["text"] + turn.get("quoted", "")
