"""The result of one check of the doctor."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check: whether it passed, what was found, and (when it did not) how to repair it."""

    name: str
    ok: bool
    detail: str
    mend: str


def ok(name: str, detail: str) -> Check:
    """Return a check that passed."""
    return Check(name, ok=True, detail=detail, mend="")


def bad(name: str, detail: str, mend: str) -> Check:
    """Return a check that failed."""
    return Check(name, ok=False, detail=detail, mend=mend)
