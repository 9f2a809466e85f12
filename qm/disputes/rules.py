"""What may be disputed and acknowledged until when: a client's rules, and those of a scorecard (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tenants.clients import DEFAULT_SETTINGS

SETTING = "disputes"
_LIMITS = ("days", "acknowledge_days", "open_per_person", "open_per_evaluation")


@dataclass(frozen=True, slots=True)
class DisputeRules:
    """The rules for the evaluations of one scorecard."""

    days: int
    acknowledge_days: int
    open_per_person: int
    open_per_evaluation: int

    def disputable_until(self, since: datetime) -> datetime:
        """Return until when what is published or decided since a moment may be disputed or appealed."""
        return since + timedelta(days=self.days)

    def overdue_from(self, since: datetime) -> datetime:
        """Return from when on an evaluation that nobody has acknowledged is overdue."""
        return since + timedelta(days=self.acknowledge_days)


def rules_of(settings: Mapping[str, Any], scorecard: str | None) -> DisputeRules:
    """Return the rules of a client's settings for a scorecard, by its key.

    Examples
    --------
    >>> settings = {"disputes": {"days": 10, "scorecards": [{"scorecard": "empathy", "days": 30}]}}
    >>> rules_of(settings, "empathy").days, rules_of(settings, "process").days, rules_of({}, None).days
    (30, 10, 14)
    """
    wider = settings.get(SETTING) or {}
    own: Mapping[str, Any] = next(
        (each for each in wider.get("scorecards", ()) if each["scorecard"] == scorecard), {}
    )
    merged = {**DEFAULT_SETTINGS[SETTING], **wider, **own}
    return DisputeRules(**{name: merged[name] for name in _LIMITS})


def published_since(published_at: datetime, created_at: datetime) -> datetime:
    """Return since when one version of an evaluation is to be read: an edit of a published one at once.

    Examples
    --------
    >>> monday, tuesday = datetime(2026, 11, 23), datetime(2026, 11, 24)
    >>> published_since(tuesday, monday) == published_since(monday, tuesday) == tuesday
    True
    """
    return max(published_at, created_at)
