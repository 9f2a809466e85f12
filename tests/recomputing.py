"""The script of the documentation that recomputes reports, and what of a report of the API it recomputes."""

import importlib.util
import json
import sys

from tests.contract.docs_reader import ROOT

PERCENT = ("percent", "percent_of_all")


def script():
    """Return the script as a module."""
    path = ROOT / "docs/how-to/recompute_reports.py"
    spec = importlib.util.spec_from_file_location("recompute_reports", path)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read(text):
    return script().Export.read(text.splitlines())


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def sla_of(report):
    """Return what the API says of each promise."""
    names = (
        *("rule", "target", "goal_seconds", "goal", "channel", "priority", "met", "breached", "past_due"),
        *("running", "paused", "closed_unanswered", "compliance", "low", "high"),
    )
    return sorted(({name: row[name] for name in names} for row in report["targets"]), key=str)


def agreement_of(report):
    names = ("scorecard", "question", "n", *PERCENT, "alpha", "ac1")
    rows = [{name: row[name] for name in names} for row in report["questions"]]
    return {name: report[name] for name in ("double_scored", "other_version")} | {"questions": rows}


def empathy_of(report):
    names = ("estimate", "low", "high", "machine_only")
    more = ("method", "lambda", "status", "effective_n")
    found = {"scored": report["scored"], "reviewed": report["reviewed"]}
    found["empathy"] = {name: report["empathy"][name] for name in (*names, *more)}
    return found | {row["key"]: {name: row[name] for name in names} for row in report["pillars"]}
