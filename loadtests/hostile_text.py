"""What the worst texts cost, by CPU seconds per megabyte, beside ordinary ones: read, masked, judged.

Run it by itself: `.venv/bin/python loadtests/hostile_text.py`. It imports QM, because what it measures has no
address: over HTTP the database would hide it. Whoever sends text must not be able to choose what a byte of it
costs; the goal is a ratio of at most 5 to ordinary text, and for masking at least 2 MB a CPU second.
Where a goal is missed, it ends with 1.
"""

import argparse
import contextlib
import gc
import html
import json
import random
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from conversations import interactions

from qm.interactions.redaction.redactor import redact_interaction
from qm.interactions.text_extraction.extraction import extract_text
from qm.interactions.text_extraction.mime_text import Undecodable
from scorecards.authoring.bundle import read_bundle
from scorecards.autoscore.engine import Judge
from scorecards.definitions.brand_voice import BrandVoice
from scorecards.definitions.conversation import Conversation, Turn
from scorecards.definitions.form import Form
from scorecards.definitions.playbook import Playbook

MAX_RATIO = 5.0
MIN_MASKED_MEGABYTES = 2.0
TURN_CHARACTERS = 20_000
SHORT_TURN_CHARACTERS = 100
# A text is short beside what else a machine does meanwhile.
_REPEATS = 7
_BUNDLE = Path(__file__).resolve().parent / "bundle.yaml"
_MOMENT = datetime(2026, 7, 1, 9, tzinfo=UTC)
_WORDS = tuple(
    """
    sorry not never understand frustrated help please refund tomorrow hear upset really why because you we
    i your is was will have can could the a to and
    """.strip().split()
)


def hostile_texts(size: int) -> dict[str, str]:
    """Return texts of about so many characters, each made to be dear."""
    dice = random.Random(1)

    def long(part: str) -> str:
        return (part * (size // len(part) + 1))[:size]

    def made(piece: Callable[[], str]) -> str:
        parts: list[str] = []
        length = 0
        while length < size:
            parts.append(piece())
            length += len(parts[-1])
        return "".join(parts)[:size]

    digits = "0123456789"
    return {
        "digits": made(lambda: dice.choice(digits)),
        "cards that are none": made(lambda: "4" + "".join(dice.choices(digits, k=15)) + " "),
        "cards": long("4111 1111 1111 1111 "),
        "digits and separators": made(lambda: dice.choice(digits) + dice.choice(" -./")),
        "numbers of seven": made(lambda: "".join(dice.choices(digits, k=7)) + " "),
        "telephone numbers": made(lambda: f"+44 20 7946 {dice.randrange(10_000):04d} "),
        "pluses": long("+1 "),
        "e-mail addresses": made(lambda: f"a{dice.randrange(10**6)}@example.com "),
        "at signs": long("@"),
        "almost addresses": long("a@b@c."),
        "dots": long("a.b."),
        "letters and digits": made(lambda: dice.choice("ABCDEFGHIJ") + dice.choice(digits)),
        "ibans that are none": made(lambda: "DE" + "".join(dice.choices(digits, k=20)) + " "),
        "numbers between words": made(lambda: "y 0" + "".join(dice.choices(digits, k=9)) + " "),
        "one word": long("a"),
        "no spaces": made(lambda: dice.choice(_WORDS)),
        **_announced(long),
        "numbers at the limit": long("y 0912345678 " + "the kettle is late and I want to know why, " * 2),
        "random digits": made(lambda: dice.choice("0123456789 ab")),
        "spaces": long(" "),
        "one word a line": long("a\n"),
        "quoted lines": long("> > a\n"),
        "marks": long("?!"),
        "sentences of one letter": long("A. "),
        "sentences of one word": made(lambda: dice.choice(_WORDS).title() + ". "),
        "without an end": made(lambda: dice.choice(_WORDS) + " "),
        "with commas": made(lambda: dice.choice(_WORDS) + ", "),
        "not": long("not "),
        "sorry": long("I'm so sorry "),
        "promises": long("I will call you tomorrow "),
        "every word new": made(lambda: "".join(dice.choices("abcdefghijklmnop", k=7)) + " "),
        "misspelt": made(lambda: "".join(dice.sample(word := dice.choice(_WORDS), len(word))) + " "),
        "capitals": made(lambda: dice.choice(_WORDS).upper() + " "),
        "number words": long("twenty thousand and seven hundred "),
        "invisible": long("1\u200b"),
        "combining": long("e\u0301"),
        "letters without spaces": long("電話は今日も"),
        "digits of other scripts": long("٤١١١"),
        "full width": long("\uff14\uff11"),
        "emoji": long("\U0001f620"),
        "brackets": long("[(<{"),
        "angle brackets": long("<a "),
        "entities": long("&#49;"),
        "backslashes": long("\\u0031"),
        "dates": made(lambda: f"{dice.randrange(1, 29)}/{dice.randrange(1, 13)}/2026 "),
        "amounts": made(lambda: f"${dice.randrange(10**6)}.{dice.randrange(100):02d} "),
        "addresses of pages": long("http://a.b/c?d=e&f=g "),
    }


def _announced(long: Callable[[str], str]) -> dict[str, str]:
    """Return texts in which words say of each number what it is, or placeholders stand beside them."""
    return {
        "announced phone numbers": long("call me 1234567 "),
        "phone numbers told one by one": long("call 123456789012345, " + "123456789012345, " * 6),
        "phone numbers of orders": long("order 0170 1234567 "),
        "phone numbers beside placeholders": long("+1 [PHONE] 4155552671 "),
        "without spaces": long("電話は090-1234-5678です"),
        "announced ids": long("tax 123456789 ssn 1234567 personnummer 1234567 "),
        "national ids": long("AB123456C "),
        "identity documents": long("passport C01X00T47 pan ABCDE1234F "),
        "verification codes": long("cvv 123 "),
        "codes and dates of cards": long("cvv 123 exp 12/28 "),
        "almost codes": long("cvv 12/3 "),
        "almost cards": long("4111 1111 1111 1112 x "),
        "numbers after 00": long("0012345678 a"),
        "short addresses": long("a@a.aa "),
        "written-out addresses": long("mail a at b dot com "),
        "internet addresses": long("8.8.8.123 "),
        "long internet addresses": long("2a00:1450:4001:81b::200e "),
        "dictated digits": long("one two three "),
        "dictated phone numbers": long("call oh seven seven oh oh nine one two three four five "),
        "dictated codes": long("cvv one two three "),
        "dictated without spaces": long("电话一三八一二三四五六七八"),
        "dictated in Thai": long("หนึ่ง สอง "),
        "written-out addresses alone": long(" at a dot com"),
        "a letter that grows": long("\u0130 1234567 "),
        "accents and numbers": long("é 12345678 "),
        "faces and numbers": long("\U0001f60012345678"),
        "Italian ids": long("RCCMNL83S18D969H "),
        "insurance numbers": long("nino A B 1 2 3 4 5 6 "),
        "ids at the limit": long("ssn tax sin bsn 123456789 " + "the kettle is late, so what " * 3),
        "passwords": long("password is a1b2c3 "),
        "almost passwords": long("password "),
        "one-time codes": long("pin 1234 "),
        "accounts": long("sort code 20-00-00 account 12345678 "),
        "accounts of nobody": long("account "),
        "cards in words": long("4111 then 1111 then 1111 and 1112 "),
        "lines for machines": long("P<GBRMOSS<<JO<<<<<<<<<<<<<<<< "),
        "dictated now and then": long("one two three go "),
    }


def hostile_mails(size: int) -> dict[str, str]:
    """Return mails of about so many characters, each made to be dear to read."""

    def long(part: str) -> str:
        return (part * (size // len(part) + 1))[:size]

    marked = {
        "references": "&#49;",
        "elements": "<div>",
        "paragraphs": "<p>",
        "items": "<li>a",
        "cells": "<table><tr><td>a",
        "breaks": "a<br>",
        "preformatted": "<pre>a\n",
        "bold": "<b>a</b>",
        "tags": "<a ",
        "attributes": "<p a=b>",
        "styles": '<p style="a:b">',
        "classes": '<p class="a b">x',
        "quotations": "<blockquote>",
        "comments": "<!-- a -->x",
        "unclosed comments": "<!--",
        "unclosed quotes": "<p a='",
    }
    plain = {
        "lines of dates": "2026:\n",
        "lines of labels": "to:\n",
        "lines of headers": "From: x\n",
        "blocks of headers": "From: a@b.cc\nTo: x\nSubject: y\n\n",
        "lines that wrote": "2026 wrote wrote wrote :\n",
        "lines that wrote with addresses": "On 2026 <a@b.cc> wrote\n:\n",
        "lines of one letter": "a\n",
        "empty lines": "\n",
        "lines of another script": "от: ы\n",
        "forwarded": "forward a:\n",
        "dashes": "--\n",
        "separators": "----- original\n",
        "devices": "sent from iphone\n",
        "marked lines": "> > a\n",
        "menu paths": "> a > b\n",
        "lines of long dates": "On 3 Nov 2026 Jo wrote:\n",
        "less than": "<",
        "notices": "this mail is addressed to\n",
        "almost notices": "this a a a a a a a\n",
        "closings": "regards\n",
        "almost closings": "with kind regards and\n",
        "pleas for paper": "please consider print print\n",
    }
    encoded = "Content-Type: text/html\nContent-Transfer-Encoding: base64\n\n" + long("PGI+")
    return {
        **{f"html: {name}": f"<html>{long(part)}" for name, part in marked.items()},
        **{f"plain: {name}": f"x\n{long(part)}" for name, part in plain.items()},
        "mime: base64": encoded,
        "mime: headers": "Content-Type: text/plain\n" + long("A: b\n") + "\n\nx",
        "mime: parts": "Content-Type: multipart/mixed; boundary=a\n\n" + long("--a\n"),
    }


def ordinary_mails(size: int) -> Iterator[str]:
    """Return mails as programs write them: HTML with what they answer below."""
    for text in ordinary_texts(size):
        lines = [
            f'<p class="MsoNormal"><span style="font-size:11.0pt">{html.escape(line)}<o:p></o:p></span></p>'
            for line in textwrap.wrap(text, 150)
        ]
        yield "\n".join(["<html><body>", *lines, "<blockquote>", *lines, "</blockquote></body></html>"])


def reading_seconds(texts: list[str]) -> float:
    """Return the least CPU seconds that reading these mails takes, per megabyte of UTF-8."""
    return min(_reading_seconds(texts) for _ in range(_REPEATS)) / _megabytes(texts)


def _reading_seconds(texts: list[str]) -> float:
    began = time.process_time()
    for text in texts:
        with contextlib.suppress(Undecodable):
            extract_text(text, is_mail=True)
    return time.process_time() - began


def ordinary_texts(size: int) -> Iterator[str]:
    """Return turns as people write them, about as long."""
    for item in interactions(200, seed=7, prefix="ordinary"):
        yield " ".join(turn["text"] for turn in item["turns"])[:size]


def masking_seconds(texts: list[str], repeats: int = 1, turn_characters: int | None = None) -> float:
    """
    Return the least CPU seconds that masking these texts takes, per megabyte of UTF-8.

    Each is an interaction, of one turn or of turns of so many characters.
    """
    pushed = [_pushed(_turns_of(text, turn_characters or len(text))) for text in texts]
    return min(_masking_seconds(pushed) for _ in range(repeats)) / _megabytes(texts)


def _masking_seconds(pushed: list[dict[str, object]]) -> float:
    began = time.process_time()
    for each in pushed:
        redact_interaction(each)
    return time.process_time() - began


def judging_seconds(judge: Judge, texts: list[str]) -> float:
    """Return the least CPU seconds a megabyte of UTF-8 that judging these texts takes, said by both sides."""
    conversations = [_conversation(text) for text in texts]
    return min(_judging_seconds(judge, conversations) for _ in range(_REPEATS)) / (2 * _megabytes(texts))


def _judging_seconds(judge: Judge, conversations: list[Conversation]) -> float:
    began = time.process_time()
    for conversation in conversations:
        list(judge.evaluate([conversation]))
    return time.process_time() - began


def _megabytes(texts: list[str]) -> float:
    return sum(len(text.encode()) for text in texts) / 1e6


def _turns_of(text: str, characters: int) -> list[str]:
    return [text[place : place + characters] for place in range(0, len(text), characters)]


def _pushed(texts: list[str]) -> dict[str, object]:
    turns = [{"at": _MOMENT, "speaker": "customer", "text": text, "agent": None} for text in texts]
    return {
        **dict.fromkeys(
            ("agent", "customer", "language", "program", "queue", "priority", "intent", "ended_at")
        ),
        "external_id": "T-1",
        "channel": "chat",
        "started_at": _MOMENT,
        "updated_at": None,
        "turns": turns,
        "status": [],
        "outcome": {},
        "handling": {},
        "tags": [],
        "custom": {},
        "redact": [],
    }


def _conversation(text: str) -> Conversation:
    plain = dict.fromkeys(("program", "queue", "priority", "intent", "agent", "ended_at"))
    turns = [Turn("customer", text, _MOMENT), Turn("agent", text, _MOMENT)]
    known = {"channel": "chat", "language": "en", "started_at": _MOMENT, "outcome": {}, "status": []}
    return Conversation(turns=turns, **known, **plain)


def build_judge() -> Judge:
    """Return a judge by the bundle of the benchmarks."""
    bodies = [(kind, body) for kind, _, body in read_bundle(_BUNDLE.read_text()).definitions]
    return Judge(
        next(Form.from_body(body) for kind, body in bodies if kind == "scorecard"),
        next(BrandVoice.from_body(body) for kind, body in bodies if kind == "brand_voice"),
        [Playbook.from_body(body) for kind, body in bodies if kind == "playbook"],
        charged_threshold=0.5,
    )


def measure(size: int) -> dict[str, dict[str, float]]:
    """Return seconds per megabyte of masking and judging, by text; the ordinary ones are `ordinary`."""
    judge = build_judge()
    ordinary = list(ordinary_texts(size))
    judging_seconds(judge, ordinary[:100])  # what is compiled on first use
    masking_seconds(ordinary[:100])
    gc.freeze()  # or one text pays for a look at all that was imported
    found = {
        "ordinary": {
            "masking": masking_seconds(ordinary, _REPEATS),
            "masking short turns": masking_seconds(ordinary, _REPEATS, SHORT_TURN_CHARACTERS),
            "judging": judging_seconds(judge, ordinary[100:]),
        }
    }
    for name, text in hostile_texts(size).items():
        found[name] = {
            "masking": masking_seconds([text], _REPEATS),
            "masking short turns": masking_seconds([text], _REPEATS, SHORT_TURN_CHARACTERS),
            "judging": judging_seconds(judge, [text]),
        }
    return found


def measure_reading(size: int) -> dict[str, dict[str, float]]:
    """Return seconds per megabyte of reading, by mail; the ordinary ones are `ordinary`."""
    mails = hostile_mails(size)
    found = {"ordinary": reading_seconds(list(ordinary_mails(size)))}
    found |= {name: reading_seconds([text]) for name, text in mails.items()}
    return {name: {"reading": seconds} for name, seconds in found.items()}


def main() -> int:
    """Measure, print the texts from the dearest on, and say whether the goals are met."""
    arguments = _arguments()
    texts, mails = measure(arguments.size), measure_reading(arguments.size)
    worst = {
        way: _print_way(way, found, arguments.shown)
        for way, found in (
            ("reading", mails),
            ("masking", texts),
            ("masking short turns", texts),
            ("judging", texts),
        )
    }
    slowest = 1 / max(each["masking"] for each in texts.values())
    met = max(worst.values()) <= MAX_RATIO and slowest >= MIN_MASKED_MEGABYTES
    print(f"\nworst ratio: {json.dumps({way: round(ratio, 1) for way, ratio in worst.items()})}")
    print(f"slowest masking: {slowest:.1f} MB a CPU second; goals {'met' if met else 'MISSED'}")
    return 0 if met else 1


def _print_way(way: str, found: dict[str, dict[str, float]], shown: int) -> float:
    """Print what the dearest texts cost, and return how many times as dear as ordinary ones the worst is."""
    usual = found["ordinary"][way]
    print(f"\n{way}: ordinary {1 / usual:.2f} MB a CPU second; CPU seconds a MB, times ordinary")
    ranked = sorted(found, key=lambda name: -found[name][way])
    for name in ranked[:shown]:
        print(f"  {name:38} {found[name][way]:8.3f} {found[name][way] / usual:7.1f}")
    return found[ranked[0]][way] / usual


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=TURN_CHARACTERS, help="characters a turn")
    parser.add_argument("--shown", type=int, default=12, help="texts shown for each (default 12)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
