"""Opens a draft of a scorecard with a note at the question that people do not agree on."""

import uuid
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from sqlalchemy.orm import Session

from qm.calibration.board import Board, ratings_of
from qm.calibration.disputes import Unclear, unclear_questions
from qm.calibration.finding import number
from qm.calibration.models import Calibration
from scorecards.authoring import version_queries, versions
from scorecards.authoring.form_validation import REWORDING_NOTE
from scorecards.authoring.models import Definition
from tenants.http.faults import Conflict, NotFound
from tenants.models import Client


def open_draft(
    session: Session,
    client: Client,
    calibration: Calibration,
    board: Board,
    *,
    scorecard: str,
    question: str,
    note: str | None,
) -> Definition:
    """Save a draft of a scorecard whose question carries a note in its help; an existing draft is kept.

    The note is what the session found, or what the caller says of it.

    Raises
    ------
    NotFound
        When the session asked no such question, or the scorecard has it no longer.
    Conflict
        When the draft carries a note at the question already.
    """
    asked = {(each.scorecard, each.question.key) for each in ratings_of(board)}
    if (scorecard, question) not in asked:
        raise NotFound("question of this session")
    versions.lock_definitions(session, client)
    newest = version_queries.newest_version(
        session, client_id=client.client_id, kind="scorecard", key=scorecard
    )
    body = deepcopy(dict(newest.body)) if newest is not None else {}
    place = _question(body, question)
    if REWORDING_NOTE in (place.get("help") or ""):
        raise Conflict("The draft carries a note at this question already.", "already_noted")
    said = note or _found(calibration, board, scorecard, question)
    place["help"] = f"{REWORDING_NOTE}{said}]\n{place.get('help') or ''}".strip()
    return versions.save_draft(session, client, kind="scorecard", key=scorecard, body=body)


def _question(body: Mapping[str, Any], key: str) -> dict[str, Any]:
    for section in body.get("sections") or ():
        for question in section.get("questions") or ():
            if question["key"] == key:
                found: dict[str, Any] = question
                return found
    raise NotFound("question of this scorecard")


def place_of(session: Session, client_id: uuid.UUID, scorecard: str, question: str) -> str:
    """Return where a question stands in the newest version of a scorecard: its section and its key."""
    newest = version_queries.newest_version(session, client_id=client_id, kind="scorecard", key=scorecard)
    sections = newest.body.get("sections") or () if newest is not None else ()
    for section in sections:
        if any(each["key"] == question for each in section.get("questions") or ()):
            return f"{section['key']}/{question}"
    raise NotFound("question of this scorecard")


def _found(calibration: Calibration, board: Board, scorecard: str, question: str) -> str:
    name = f"calibration “{calibration.name}”"
    for each in unclear_questions(board, ratings_of(board)):
        if (each.ratings.scorecard, each.ratings.question.key) == (scorecard, question):
            return f"{name}: {said_of(each)}"
    return name


def said_of(unclear: Unclear) -> str:
    """Return in words how far people agree on a question, and on what they differ."""
    agreement = unclear.agreement
    said = (
        "alpha is not defined"
        if agreement.alpha.estimate is None
        else f"alpha {number(agreement.alpha.estimate)}"
    )
    if unclear.pair is not None:
        one, other, items = unclear.pair
        said += f", “{one}” against “{other}” in {items} of {agreement.n} interactions"
    return said
