"""Semantic validation of definitions that their schemas accept."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from scorecards.authoring.form_validation import key_faults, scorecard_faults
from scorecards.authoring.judgement_names import JUDGEMENTS
from scorecards.definitions import friction_themes, quality_targets
from scorecards.sampling import policy as sampling_policy
from scorecards.sla import policy
from tenants.http.faults import Fault, Invalid

Body = Mapping[str, Any]

_CURRENCY = re.compile(r"[A-Z]{3}|%")
_NOT_WORD = re.compile(r"[^\w']+")


def faults_of(kind: str, body: Body, *, known_judgements: Collection[str] = JUDGEMENTS) -> list[Fault]:
    """Return every semantic fault of a body that its schema accepts.

    Parameters
    ----------
    kind : str
        What the body defines: one of `scorecards.authoring.models.KINDS`.
    body : mapping
        The body as deserialized by its schema, with templates expanded.
    known_judgements : collection of str
        Names of the automatic judgements that a question may use.
    """
    if kind == "scorecard":
        return scorecard_faults(body, known_judgements=known_judgements)
    return list(_CHECKS[kind](body))


def brand_voice_faults(body: Body) -> Iterator[Fault]:
    """Find phrases that are wanted and banned at once, duplicates, and required parts without phrases."""
    for name in ("greeting", "sign_off"):
        convention = body.get(name) or {}
        if convention.get("required") and not convention.get("phrases"):
            detail = "It is required, but no phrase says what counts as one."
            yield Fault(f"/{name}/phrases", "no_phrases", detail)
    yield from _duplicate_phrases(body)
    for index, each in enumerate(body.get("preferred") or ()):
        if each.get("instead_of") and _words(each["instead_of"]) == _words(each["phrase"]):
            detail = "The preferred phrase is the one it should replace."
            yield Fault(f"/preferred/{index}/instead_of", "same_phrase", detail)
    yield from _banned_and_wanted(body)


def _duplicate_phrases(body: Body) -> Iterator[Fault]:
    for name in ("preferred", "banned"):
        seen: set[str] = set()
        for index, each in enumerate(body.get(name) or ()):
            phrase = _words(each["phrase"])
            if phrase in seen:
                yield Fault(f"/{name}/{index}/phrase", "duplicate_phrase", "This phrase is listed twice.")
            seen.add(phrase)


def _banned_and_wanted(body: Body) -> Iterator[Fault]:
    banned = [(each["phrase"], _words(each["phrase"])) for each in body.get("banned") or ()]
    for pointer, wanted in _wanted(body):
        wanted_words = _words(wanted)
        for phrase, words in banned:
            if words.strip() and words in wanted_words:
                detail = f"'{wanted}' is wanted here, but '{phrase}' is banned."
                yield Fault(pointer, "banned_and_wanted", detail)


def _wanted(body: Body) -> Iterator[tuple[str, str]]:
    for index, each in enumerate(body.get("preferred") or ()):
        yield f"/preferred/{index}/phrase", each["phrase"]
    lists: list[tuple[str, Sequence[str]]] = [
        (f"/{name}/phrases", (body.get(name) or {}).get("phrases") or ()) for name in ("greeting", "sign_off")
    ]
    lists += [
        (f"/empathy_library/{emotion}", phrases)
        for emotion, phrases in (body.get("empathy_library") or {}).items()
    ]
    lists.append(("/examples/good", (body.get("examples") or {}).get("good") or ()))
    for pointer, phrases in lists:
        yield from ((f"{pointer}/{index}", phrase) for index, phrase in enumerate(phrases))


def _words(phrase: str) -> str:
    """Normalize a phrase to words between single spaces, so that a substring match is one of whole words."""
    return f" {_NOT_WORD.sub(' ', phrase.casefold()).strip()} "


def playbook_faults(body: Body) -> Iterator[Fault]:
    """Find empty triggers, missing steps, duplicate keys, and discretion without a clear limit."""
    trigger = body.get("trigger") or {}
    if not trigger.get("intents") and not trigger.get("phrases"):
        detail = "Without an intent or a phrase the playbook would never be used."
        yield Fault("/trigger", "empty_trigger", detail)
    if not body.get("steps"):
        yield Fault("/steps", "no_steps", "A playbook needs at least one step.")
    for name, noun in (("steps", "step"), ("discretion", "discretion")):
        yield from key_faults(
            [(f"/{name}/{index}", each) for index, each in enumerate(body.get(name) or ())], noun
        )
    for index, each in enumerate(body.get("discretion") or ()):
        yield from (fault.under(f"/discretion/{index}") for fault in _discretion(each))


def _discretion(body: Body) -> Iterator[Fault]:
    limit, currency = body.get("limit"), body.get("currency")
    if limit is not None and limit < 0:
        yield Fault("/limit", "negative", "A limit cannot be negative.")
    if limit is not None and not currency:
        yield Fault("/currency", "limit_without_currency", f"Say in which currency {limit:g} is the limit.")
    if currency and not _CURRENCY.fullmatch(currency):
        detail = "A currency is three capital letters, such as EUR, or % for a share."
        yield Fault("/currency", "not_a_currency", detail)
    if not body.get("phrases"):
        detail = "Without phrases nobody can tell that the discretion was used."
        yield Fault("/phrases", "no_phrases", detail)


def sla_policy_faults(body: Body) -> Iterator[Fault]:
    """Find what the policy's parser refuses, and rules that no interaction can reach."""
    yield from _refusals(policy.from_body, body)
    matches = [rule.get("match") or {} for rule in body.get("rules") or ()]
    for index, match in enumerate(matches):
        for earlier, other in enumerate(matches[:index]):
            if _covers(other, match):
                key = body["rules"][earlier]["key"]
                detail = f"'{key}' comes first and matches all that this rule does; put this one before it."
                yield Fault(f"/rules/{index}", "unreachable_rule", detail)
                break


def _covers(wide: Body, narrow: Body) -> bool:
    return all(
        not wide.get(part) or (narrow.get(part) and set(narrow[part]) <= set(wide[part]))
        for part in ("channels", "priorities", "programs")
    )


def sampling_policy_faults(body: Body) -> Iterator[Fault]:
    """Find what the policy's parser refuses."""
    yield from _refusals(sampling_policy.from_body, body)


def quality_targets_faults(body: Body) -> Iterator[Fault]:
    """Find what the parser of quality targets refuses."""
    yield from _refusals(quality_targets.from_body, body)


def friction_themes_faults(body: Body) -> Iterator[Fault]:
    """Find what the parser of friction themes refuses."""
    yield from _refusals(friction_themes.from_body, body)


def _refusals(read: Callable[[Body], object], body: Body) -> Sequence[Fault]:
    try:
        read(body)
    except Invalid as error:
        return error.faults
    return ()


_CHECKS: Mapping[str, Callable[[Body], Iterator[Fault]]] = {
    "brand_voice": brand_voice_faults,
    "playbook": playbook_faults,
    "sla_policy": sla_policy_faults,
    "sampling_policy": sampling_policy_faults,
    "quality_targets": quality_targets_faults,
    "friction_themes": friction_themes_faults,
}
