"""`make bench-masking`: how much personal data is masked, how often wrongly, and what hostile text costs."""

import argparse
import re
import statistics
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml
from benchmark_results import HERE, RESULTS, Row, Runs, write_results
from hostile_text import MAX_RATIO, TURN_CHARACTERS, hostile_texts, masking_seconds, ordinary_texts

from qm.interactions.redaction.redactor import redact_interaction
from qm.interactions.turn_texts import extract_turn_texts

TABLE = HERE.parent / "tests" / "pure" / "interactions" / "data" / "personal_data.yaml"
_PIECE = re.compile(r"\{\{(.+?)\}\}(?!\})")
_SHOWN = 12


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


def _cost_rows(runs: int) -> Iterator[Row]:
    """Yield what the worst text costs beside ordinary text, in CPU seconds a megabyte."""
    usual_texts = list(ordinary_texts(TURN_CHARACTERS))
    masking_seconds(usual_texts)  # numbering plans are read once
    usual = [masking_seconds(usual_texts) for _ in range(runs)]
    costs = {
        name: [masking_seconds([text]) for _ in range(runs)]
        for name, text in hostile_texts(TURN_CHARACTERS).items()
    }
    typical = statistics.median(usual)
    print("\nCPU seconds a megabyte, and times ordinary text")
    ranked = sorted(costs, key=lambda name: -statistics.median(costs[name]))
    for name in ranked[:_SHOWN]:
        found = statistics.median(costs[name])
        print(f"  {name:32} {found:6.3f} {found / typical:6.1f}")
    print(f"  {'ordinary text':32} {typical:6.3f}")
    worst = ranked[0]
    yield Row(
        "masking the worst text",
        "CPU s/MB",
        Runs.of(costs[worst]),
        Runs.of(usual),
        "ordinary text",
        goal=MAX_RATIO,
        at_most=True,
        note=worst,
    )


if __name__ == "__main__":
    main()
