"""Verifies the thresholds of an export: each is that of the window of its quota (pure)."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from scorecards.sampling.policy import SamplingPolicy, from_body
from scorecards.sampling.quotas import AgentWeek, Window
from tenants.http.faults import Invalid

Finding = tuple[str, str, str]
"""An interaction, the code of a difference, and numbers."""
Group = tuple[str, Window]


class QuotaTally:
    """The policies and closed windows of an export, and its thresholds by policy, agent and day."""

    def __init__(self) -> None:
        self.policies: dict[str, SamplingPolicy] = {}
        self.windows: dict[Group, tuple[float, float]] = {}
        # By policy, agent, day, threshold and whether it is final: an interaction, and how many are drawn.
        self._found: dict[tuple[str, str, str, float, bool], tuple[str, int]] = {}

    def add_facts(self, facts: Mapping[str, Any]) -> None:
        """Count the threshold of one interaction."""
        key = (facts["policy_id"], facts["agent"], facts["day"], facts["threshold"], facts["settled"])
        example, drawn = self._found.get(key, (facts["interaction_id"], 0))
        self._found[key] = (example, drawn + bool(facts["sampled"]))

    def add_definition(self, record: Mapping[str, Any]) -> None:
        """Read a sampling policy or a closed window; other records tell nothing of quotas."""
        if record["record"] == "sampling_windows":
            first, last = (date.fromisoformat(record[name]) for name in ("first_day", "last_day"))
            group = (record["policy_id"], Window(record["agent"], first, last))
            self.windows[group] = (record["drawn_threshold"], record["other_threshold"])
        elif record["record"] == "definitions" and record["kind"] == "sampling_policy":
            try:
                self.policies[record["definition_id"]] = from_body(record["body"])
            except Invalid:
                return

    def differences(self) -> Iterator[Finding]:
        """Return what differs from the policies that the export holds."""
        drawn_of: dict[Group, int] = {}
        for (policy_id, agent, day, threshold, settled), (example, drawn) in self._found.items():
            policy = self.policies.get(policy_id)
            if policy is None:
                continue
            window = policy.quota.window(agent, date.fromisoformat(day)) if policy.quota else None
            if window is None:
                if threshold != 1:
                    yield example, "other_threshold", str(threshold)
            elif (policy_id, window) in self.windows:
                known = self.windows[policy_id, window]
                if threshold not in known:
                    yield example, "other_threshold", f"{threshold}, of the window {known[0]} and {known[1]}"
                if not settled:
                    yield example, "not_settled", str(threshold)
            elif isinstance(policy.quota, AgentWeek) and policy.quota.at_most is not None:
                before = drawn_of.get((policy_id, window), 0)
                drawn_of[policy_id, window] = before + drawn
                if before <= policy.quota.at_most < before + drawn:
                    yield example, "over_maximum", f"more than {policy.quota.at_most} of '{agent}'"
