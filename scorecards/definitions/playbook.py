"""What to do in a situation, and how far an agent may go on their own judgement (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scorecards.definitions.applicability import EVERYTHING, AppliesTo


@dataclass(frozen=True, slots=True)
class Trigger:
    """The situation: one of these intents, or one of these phrases from the customer.

    `about` describes it in sentences; where no intent and no phrase is there, the customer's words are
    compared with it.
    """

    intents: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do; any of the phrases shows that it was done.

    `logged` holds what a system's line says when it was done, in any form and order; the name unless given.
    """

    key: str
    name: str
    required: bool = True
    phrases: tuple[str, ...] = ()
    logged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Discretion:
    """A deviation the agent may choose: up to `limit` in `currency`, or without limit when None.

    `need` holds what a customer says when it would help; `phrases` what an agent says who uses it.
    """

    key: str
    name: str
    limit: float | None = None
    currency: str | None = None
    need: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Playbook:
    """One situation with its steps (in order when `ordered`) and the agent's discretion."""

    key: str
    name: str
    applies_to: AppliesTo = EVERYTHING
    trigger: Trigger = Trigger()
    ordered: bool = False
    steps: tuple[Step, ...] = ()
    discretion: tuple[Discretion, ...] = ()

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> "Playbook":
        """Build from a validated playbook body."""
        trigger = body.get("trigger") or {}
        return cls(
            key=body.get("key") or "",
            name=body.get("name") or body.get("key") or "",
            applies_to=AppliesTo.from_body(body.get("applies_to")),
            trigger=Trigger(*(tuple(trigger.get(part) or ()) for part in ("intents", "phrases", "about"))),
            ordered=bool(body.get("ordered", False)),
            steps=tuple(_step(each) for each in body.get("steps") or ()),
            discretion=tuple(_discretion(each) for each in body.get("discretion") or ()),
        )


def _step(body: Mapping[str, Any]) -> Step:
    return Step(
        key=body["key"],
        name=body.get("name") or body["key"],
        required=bool(body.get("required", True)),
        phrases=tuple(body.get("phrases") or ()),
        logged=tuple(body.get("logged") or ()),
    )


def _discretion(body: Mapping[str, Any]) -> Discretion:
    return Discretion(
        key=body["key"],
        name=body.get("name") or body["key"],
        limit=body.get("limit"),
        currency=body.get("currency"),
        need=tuple(body.get("need") or ()),
        phrases=tuple(body.get("phrases") or ()),
    )
