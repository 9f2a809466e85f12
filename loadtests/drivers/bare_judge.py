"""Judges a client's stored interactions in a bare loop and prints how long it took.

This is the limit for the workers: the same judge, compiled from the same bundle, on the same conversations
in the same order, with nothing read or stored on the way. The first `warm` conversations are judged before
the clock starts, as a worker's first slice is.
"""

import argparse
import json
import time
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from infra import gc_tuning
from scorecards.authoring.bundle import read_bundle
from scorecards.autoscore.engine import Judge
from scorecards.definitions.brand_voice import BrandVoice
from scorecards.definitions.conversation import Conversation, StatusEvent, Turn
from scorecards.definitions.form import Form
from scorecards.definitions.playbook import Playbook

_STORED = """
    select channel, language, program, queue, priority, intent, agent, started_at, ended_at, outcome,
           turns, status
    from interactions where client_id = %s order by interaction_id
"""


def main() -> None:
    """Load everything first, then measure the judging."""
    arguments = _arguments()
    judge = _build_judge(arguments.bundle.read_text())
    with psycopg.connect(arguments.database, row_factory=dict_row) as connection:
        conversations = [_conversation(row) for row in connection.execute(_STORED, [arguments.client])]
    gc_tuning.tune()  # as in a worker, so that both have the same settings
    for conversation in conversations[: arguments.warm]:
        judge.evaluate([conversation])
    began, cpu = time.perf_counter(), time.process_time()
    for conversation in conversations[arguments.warm :]:
        judge.evaluate([conversation])
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu
    print(
        json.dumps(
            {"judged": len(conversations) - arguments.warm, "seconds": seconds, "cpu_seconds": cpu_seconds}
        )
    )


def _build_judge(bundle: str) -> Judge:
    bodies = [(kind, body) for kind, _, body in read_bundle(bundle).definitions]
    return Judge(
        next(Form.from_body(body) for kind, body in bodies if kind == "scorecard"),
        next(BrandVoice.from_body(body) for kind, body in bodies if kind == "brand_voice"),
        [Playbook.from_body(body) for kind, body in bodies if kind == "playbook"],
        charged_threshold=0.5,
    )


def _conversation(row: dict[str, Any]) -> Conversation:
    turns = [
        Turn(each["speaker"], each["text"], datetime.fromisoformat(each["at"])) for each in row.pop("turns")
    ]
    status = [StatusEvent(datetime.fromisoformat(each["at"]), each["to"]) for each in row.pop("status")]
    return Conversation(turns=turns, status=status, **row)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True)
    parser.add_argument("--client", type=uuid.UUID, required=True)
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--warm", type=int, required=True)
    return parser.parse_args()


if __name__ == "__main__":
    main()
