"""Markdown tables of the real-data results, for `pytest -s` and the documentation page."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from tests.realdata.abcd import clicked, right_playbook
from tests.realdata.end_to_end import CALLS, SHOP, Found
from tests.realdata.truths import Figure, Redrawn, figures


def tables(found: Found, redraws: Mapping[str, Redrawn]) -> str:
    """Return everything worth reading as Markdown."""
    parts = (
        _reports(found),
        _estimates(found),
        _redraws(redraws),
        _agreement(found),
        _playbooks(found),
        _seconds(found),
    )
    return "\n\n".join("\n".join(part) for part in parts)


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(str(cell) for cell in row)} |"


def _reports(found: Found) -> Iterator[str]:
    rows = []
    for slug, reports in found.reports.items():
        overview, empathy = reports["overview"], reports["empathy"]["empathy"]
        value = f"{empathy['estimate']:.1f}" + (
            "" if empathy["low"] is None else f" ({empathy['low']:.1f} to {empathy['high']:.1f})"
        )
        counts = [overview[name] for name in ("interactions", "scored", "reviewed")]
        charged = f"{overview['charged_share']:.1f} %"
        sla = f"{reports['sla']['compliance']:.1f} %"
        rows.append([slug, *counts, value, empathy["status"], charged, sla])
    head = ["client", "interactions", "scored", "reviewed", "empathy", "status", "charged", "SLA met"]
    return _table(head, rows)


def _estimates(found: Found) -> Iterator[str]:
    rows = [
        [
            slug,
            figure.name,
            f"{figure.truth:.1f}",
            *_interval(figure),
            f"{figure.reported['machine_only']:.1f}",
        ]
        for slug in found.brands
        for figure in figures(found, slug)
    ]
    head = ["client", "figure", "labels of all", "report", "95 % interval", "holds it", "machine alone"]
    return _table(head, rows)


def _interval(figure: Figure) -> tuple[str, str, str]:
    each = figure.reported
    if figure.covers is None:
        return "too few reviews", "", ""
    interval = f"{each['low']:.1f} to {each['high']:.1f}"
    return f"{each['estimate']:.1f}", interval, "yes" if figure.covers else "no"


def _redraws(redraws: Mapping[str, Redrawn]) -> Iterator[str]:
    rows = [
        [
            slug,
            f"{each.reviews:.0f}",
            f"{each.effective:.2f}",
            f"{each.width:.1f}",
            f"{100 * each.coverage:.0f} %",
        ]
        for slug, each in redraws.items()
    ]
    head = ["client", "reviews", "worth of a review", "width of the interval", "draws that hold the truth"]
    return _table(head, rows)


def _agreement(found: Found) -> Iterator[str]:
    """Tell how often the machine answered as the labels do, where both answered (N/A is an answer)."""
    both: Counter[str] = Counter()
    same: Counter[str] = Counter()
    for review in found.submitted.values():
        for question in review["comparison"]["questions"]:
            if question["agrees"] is not None:
                both[question["question"]] += 1
                same[question["question"]] += question["agrees"]
    rows = [[key, count, f"{100 * same[key] / count:.0f} %"] for key, count in both.items()]
    return _table(["question", "answered by both", "alike"], rows)


def _playbooks(found: Found) -> Iterator[str]:
    rows = []
    for dialogue in found.shop.dialogues:
        name = str(dialogue["convo_id"])
        steps = steps_done(found, name, right_playbook(dialogue))
        called = (found.playbooks[each] for each in (name, f"{name}-no-intent"))
        rows.append(
            [
                name,
                *(", ".join(each["playbook"] for each in books) or "none" for books in called),
                ", ".join(clicked(dialogue)),
                ", ".join(f"{key}: {status.replace('_', ' ')}" for key, status in steps.items()),
            ]
        )
    head = ["dialogue", "called for", "without its intent", "the agent clicked", "steps of the playbook"]
    return _table(head, rows)


def steps_done(found: Found, external_id: str, playbook: str) -> dict[str, str]:
    """Return what became of each step of a playbook that was called for."""
    (called,) = [each for each in found.playbooks[external_id] if each["playbook"] == playbook]
    return {step["key"].replace("_", "-"): step["status"] for step in called["steps"]}


def _seconds(found: Found) -> Iterator[str]:
    yield "seconds since the servers were ready: " + ", ".join(
        f"{name} {seconds:.1f}" for name, seconds in found.seconds.items()
    )
    yield f"`{SHOP}` is the ABCD shop, `{CALLS}` the vCon calls; both are scored, not reviewed."
