"""A playbook: steps for a situation, and the agent's discretion in it (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scorecards.definitions.applicability import EVERYTHING, AppliesTo


@dataclass(frozen=True, slots=True)
class Trigger:
    """When a playbook applies.

    Attributes
    ----------
    intents, phrases : tuple of str
        Any of these intents, or any of these phrases of the customer, triggers it.
    about : tuple of str
        Sentences that describe the situation; compared with the customer's text where no intent and no
        phrase matches.
    """

    intents: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a playbook.

    Attributes
    ----------
    phrases : tuple of str
        Any of these in an agent's turn shows that the step was taken.
    logged : tuple of str
        Words of a system turn that shows it, in any inflection and order; the name by default.
    """

    key: str
    name: str
    required: bool = True
    phrases: tuple[str, ...] = ()
    logged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Discretion:
    """A deviation the agent may choose.

    Attributes
    ----------
    limit, currency : float or None, str or None
        Highest amount; None for no limit.
    need : tuple of str
        Customer phrases that show that it would help.
    phrases : tuple of str
        Agent phrases that show that it was used.
    """

    key: str
    name: str
    limit: float | None = None
    currency: str | None = None
    need: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Playbook:
    """The steps for one situation (in sequence when `ordered`) and the agent's discretion."""

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
