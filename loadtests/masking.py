"""`make bench-masking`: how much personal data is masked, how often wrongly, and what hostile text costs."""

import argparse
import random
import re
import statistics
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml
from benchmark_results import HERE, RESULTS, Row, Runs, write_results

from qm.interactions.redaction.redactor import redact_interaction
from qm.interactions.turn_texts import extract_turn_texts

TABLE = HERE.parent / "tests" / "pure" / "interactions" / "data" / "personal_data.yaml"
_PIECE = re.compile(r"\{\{(.+?)\}\}(?!\})")
_ORDINARY = (
    "I ordered the kettle last week and it has not arrived, can you tell me where it is? My number is {}. "
)
_SIZE = 200_000


def main() -> None:
    """Measure recall, false alarms and cost, print the tables and write the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the JSON file")
    parser.add_argument("--runs", type=int, default=3, help="how often the cost is measured")
    arguments = parser.parse_args()
    table = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    rows = [*_recall_rows(table), _false_alarms(table["none"]), *_cost_rows(arguments.runs)]
    path = write_results("masking", rows, arguments.results)
    print(f"\nwritten to {path}", flush=True)


def _masked(text: str) -> str:
    interaction = extract_turn_texts({"channel": "email", "turns": [{"text": text}]})
    turn = redact_interaction(interaction)["turns"][0]
    return f"{turn['text']}\n{turn.get('quoted', '')}".strip()


def _recall_rows(table: Mapping[str, Mapping[str, list[str]]]) -> Iterator[Row]:
    for part in ("held_out", "unseen", "seen"):
        found = total = 0
        print(f"\n{part}")
        for group, texts in table[part].items():
            pieces = [(text, piece) for text in texts for piece in _PIECE.findall(text)]
            missed = [
                text for text, piece in pieces if piece in _masked(text.replace("{{", "").replace("}}", ""))
            ]
            print(f"  {group:32} {len(pieces) - len(missed):4} of {len(pieces):4}")
            for text in missed:
                print(f"      missed: {text}")
            found, total = found + len(pieces) - len(missed), total + len(pieces)
        print(f"  {'recall':32} {found / total:.3f} ({found} of {total})")
        yield Row(f"recall, {part}", "share", Runs.of([found / total]), note=f"{found} of {total} pieces")


def _false_alarms(texts: list[str]) -> Row:
    changed = [text for text in texts if _masked(text) != text]
    print(f"\nnone: {len(changed)} of {len(texts)} texts without personal data were changed")
    for text in changed:
        print(f"      {text} -> {_masked(text)}")
    return Row("false alarms", "texts", Runs.of([len(changed)]), note=f"of {len(texts)} texts")


def hostile_texts() -> dict[str, str]:
    """Return the texts found that take longest to mask."""
    chance = random.Random(1)
    pieces = {
        "announced phone numbers": "call me 1234567 ",
        "phone numbers of orders": "order 0170 1234567 ",
        "phone numbers beside placeholders": "+1 [PHONE] 4155552671 ",
        "verification codes": "cvv 123 ",
        "without spaces": "電話は090-1234-5678です",
        "national ids": "AB123456C ",
        "addresses": "a@a.aa ",
        "written-out addresses": "a at b dot com ",
        "cards": "4111 1111 1111 1111 x ",
        "almost cards": "4111 1111 1111 1112 x ",
        "digits": "1",
        "signs": "@",
    }
    texts = {name: (piece * (_SIZE // len(piece) + 1))[:_SIZE] for name, piece in pieces.items()}
    texts["random digits"] = "".join(chance.choice("0123456789 ab") for _ in range(_SIZE))
    return texts


def _cost_rows(runs: int) -> Iterator[Row]:
    """Yield the megabytes a CPU second of the worst text beside ordinary text."""
    ordinary = (_ORDINARY.format("07700 900123") * (_SIZE // len(_ORDINARY)))[:_SIZE]
    _megabytes_a_second("00 49 170 1234567")  # numbering plans are read once
    usual = [_megabytes_a_second(ordinary) for _ in range(runs)]
    speeds = {
        name: [_megabytes_a_second(text) for _ in range(runs)] for name, text in hostile_texts().items()
    }
    print("\nmegabytes a CPU second")
    for name, found in sorted(speeds.items(), key=lambda pair: statistics.median(pair[1])):
        print(f"  {name:32} {statistics.median(found):6.2f}")
    print(f"  {'ordinary text':32} {statistics.median(usual):6.2f}")
    worst = min(speeds, key=lambda name: statistics.median(speeds[name]))
    limit = Runs.of(usual)
    yield Row("masking the worst text", "MB/s", Runs.of(speeds[worst]), limit, "ordinary text", note=worst)


def _megabytes_a_second(text: str) -> float:
    began = time.process_time()
    redact_interaction({"turns": [{"text": text}]})
    return len(text.encode()) / 1e6 / max(1e-6, time.process_time() - began)


if __name__ == "__main__":
    main()
