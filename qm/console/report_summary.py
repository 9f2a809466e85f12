"""The report in short: the questions that somebody who pays asks first, each answered from its numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, ngettext

from qm.console.empathy_figures import goals_of
from qm.console.formatting import day, number, signed, words

MOST_NAMED = 3
LOWER_IS_BETTER = ("critical_customer", "critical_business", "critical_compliance")


@dataclass(frozen=True, slots=True)
class Answered:
    """A question, its answer in a sentence or two, and the part of the page that says more."""

    question: str
    answer: str
    part: str


def summary(
    found: Mapping[str, Any],
    provider: str,
    friction: Mapping[str, Any] | None,
    actions: Mapping[str, Any],
    *,
    kept_back: bool,
) -> Sequence[Answered]:
    """Answer the questions; `found` holds the reports by name, `kept_back` is whether small counts are."""
    overview, verdict = found["overview"], found["targets"]
    return (
        Answered(str(gettext("Is it good?")), good(verdict), "targets"),
        Answered(str(gettext("How sure is it?")), sure(overview), "trust"),
        Answered(str(gettext("What got worse, what got better?")), changed(overview, friction), "estimates"),
        Answered(str(gettext("Why?")), why(found["empathy"], verdict, friction), "pillars"),
        Answered(str(gettext("What is done about it?")), done(actions), "actions"),
        Answered(str(gettext("Who was asked?")), asked(overview, provider), "basis"),
        Answered(str(gettext("May I forward it?")), forwarded(kept_back=kept_back), "basis"),
    )


def good(verdict: Mapping[str, Any]) -> str:
    """Say whether what was promised is kept, and name the targets that are missed."""
    met, missed, open_ = (verdict[name] for name in ("met", "missed", "open"))
    told = {"total": met + missed + open_, "met": met, "missed": missed, "open": open_}
    if not told["total"]:
        return str(
            gettext("No target is set and no SLA promise has a clock: there is nothing to hold it against.")
        )
    if missed:
        said = gettext(
            "Not everywhere: of %(total)s targets and SLA promises %(missed)s are missed, %(met)s met, and "
            "of %(open)s it cannot be told yet.",
            **told,
        )
    elif open_:
        said = gettext(
            "As far as can be told: of %(total)s targets and SLA promises none is missed, %(met)s are met, "
            "and of %(open)s it cannot be told yet.",
            **told,
        )
    else:
        said = gettext("Yes: all %(total)s targets and SLA promises are met.", **told)
    return f"{said} {_missed(verdict)}".rstrip()


def _missed(verdict: Mapping[str, Any]) -> str:
    rows = [row for row in verdict["targets"] if row["verdict"] == "missed"]
    named = [
        gettext(
            "%(measure)s (%(now)s against %(goal)s)",
            measure=words(row["measure"]),
            now=number(row["estimate"]),
            goal=number(row["goal"]),
        )
        for row in rows[:MOST_NAMED]
    ]
    promises = verdict["missed"] - len(rows)
    if promises:
        named.append(ngettext("%(num)s SLA promise", "%(num)s SLA promises", promises))
    return "" if not named else str(gettext("Missed: %(named)s.", named=", ".join(named)))


def sure(overview: Mapping[str, Any]) -> str:
    """Say between which limits empathy lies, and on how many reviews that rests."""
    empathy, counted = overview["empathy"], overview["sample"].get("counted")
    if empathy["status"] == "verified" and empathy["low"] is not None:
        told = {"low": number(empathy["low"]), "high": number(empathy["high"]), "n": number(counted, 0)}
        return str(
            gettext(
                "Empathy lies between %(low)s and %(high)s: in 95 of 100 such draws such a range holds what "
                "people would say of all interactions. It rests on %(n)s reviews.",
                **told,
            )
        )
    if empathy["status"] == "unverified":
        return str(gettext("Not sure: the machine alone has scored, no person has confirmed it yet."))
    return str(gettext("Not sure enough for a number: people have reviewed too little of it yet."))


def changed(overview: Mapping[str, Any], friction: Mapping[str, Any] | None) -> str:
    """Name what got clearly worse and clearly better than in the period before; themes that grew besides."""
    rows = [row for row in overview["changes"] if row["difference"] is not None]
    before = {name: day(str(overview["previous"][name])) for name in ("from", "to")}
    grew = [row["name"] for row in (friction or {}).get("shown", ()) if _grew(row)]
    more = gettext("More customers come about %(themes)s.", themes=", ".join(grew)) if grew else ""
    if not rows:
        said = gettext("The days before (%(from)s to %(to)s) have too little to compare with.", **before)
        return f"{said} {more}".rstrip()
    worse = [_moved(row) for row in rows if row["clear"] and is_worse(row)]
    better = [_moved(row) for row in rows if row["clear"] and not is_worse(row)]
    if not worse and not better:
        said = gettext("Nothing that people judge changed clearly against %(from)s to %(to)s.", **before)
        return f"{said} {more}".rstrip()
    parts = [
        gettext("Clearly worse than %(from)s to %(to)s: %(named)s.", named=", ".join(worse), **before)
        if worse
        else gettext("Nothing is clearly worse than %(from)s to %(to)s.", **before),
        gettext("Clearly better: %(named)s.", named=", ".join(better)) if better else "",
        more,
    ]
    return " ".join(str(part) for part in parts if part)


def is_worse(row: Mapping[str, Any]) -> bool:
    """Whether a change is for the worse: of error rates upwards, of all else downwards."""
    risen = row["difference"] > 0
    return risen if row["measure"] in LOWER_IS_BETTER else not risen


def _moved(row: Mapping[str, Any]) -> str:
    return f"{words(row['measure'])} ({signed(row['difference'])})"


def _grew(row: Mapping[str, Any]) -> bool:
    return row["changed_on"] is not None and row["share_after"] > row["share_before"]


def why(empathy: Mapping[str, Any], verdict: Mapping[str, Any], friction: Mapping[str, Any] | None) -> str:
    """Name the weakest pillar where it is clear which, and what customers come about most."""
    rows = sorted(
        (row for row in empathy["pillars"] if row["estimate"] is not None and row["high"] is not None),
        key=lambda row: row["estimate"],
    )
    if len(rows) > 1 and rows[0]["high"] < rows[-1]["low"]:
        told = {"pillar": rows[0]["name"], "points": number(rows[0]["estimate"])}
        goal = goals_of(verdict).get(rows[0]["key"])
        if goal is None:
            said = gettext("Customers get least of %(pillar)s: %(points)s of 100.", **told)
        else:
            said = gettext(
                "Customers get least of %(pillar)s: %(points)s of 100, against a goal of %(goal)s.",
                **told,
                goal=number(goal),
            )
    else:
        said = gettext("No part of empathy is clearly behind the others.")
    if friction is None:
        return str(said)
    apologised = [row["name"] for row in friction["shown"] if row["apologises_again"]]
    if not apologised:
        return f"{said} {friction['words']}."
    cause = ngettext(
        "Agents apologise again and again for a fault of the product: %(themes)s.",
        "Agents apologise again and again for faults of the product: %(themes)s.",
        len(apologised),
        themes=", ".join(apologised[:MOST_NAMED]),
    )
    return f"{said} {cause}"


def done(actions: Mapping[str, Any]) -> str:
    """Say what the provider writes of these days, in its first line, or that nothing is written."""
    lines = [line.strip() for line in (actions["text"] or "").splitlines() if line.strip()]
    return lines[0] if lines else str(gettext("Nothing is written about these days yet."))


def asked(overview: Mapping[str, Any], provider: str) -> str:
    """Say which days and how many interactions it is about, and who judged them."""
    told = {
        "all": number(overview["interactions"], 0),
        "from": day(str(overview["from"])),
        "to": day(str(overview["to"])),
        "reviewed": number(overview["reviewed"], 0),
        "provider": provider,
    }
    if not overview["reviewed"]:
        text = gettext(
            "All %(all)s interactions from %(from)s to %(to)s. The machine scored them; no person has "
            "reviewed any yet.",
            **told,
        )
        return str(text)
    return str(
        gettext(
            "All %(all)s interactions from %(from)s to %(to)s. The machine scored them; %(reviewed)s, drawn "
            "by chance, were reviewed by people of %(provider)s, nobody their own.",
            **told,
        )
    )


def forwarded(*, kept_back: bool) -> str:
    """Say whether it holds what is not everybody's."""
    if kept_back:
        return str(
            gettext(
                "Yes: it names no agent and no customer, personal data in quotes is masked, and what is made "
                "of fewer than five interactions is kept back."
            )
        )
    return str(
        gettext(
            "Not this view of it: it holds figures of fewer than five interactions, and agents' names in "
            "quotes. What a client's stakeholder sees and saves as PDF holds neither."
        )
    )
