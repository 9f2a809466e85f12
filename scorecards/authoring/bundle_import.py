"""Imports a bundle into a client's definitions and settings, atomically or as a dry run."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from scorecards.authoring import version_queries, versions
from scorecards.authoring.bundle import Bundle, read_bundle
from tenants.clients import change_client
from tenants.models import Client


@dataclass(frozen=True, slots=True)
class DefinitionChange:
    """The outcome for one definition: `created`, `updated` with the parts that differ, or `unchanged`."""

    kind: str
    key: str
    outcome: str
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SettingChange:
    """A client setting with its value before (None: not set) and after."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class LoadReport:
    """The changes of an import; in a dry run those it would make."""

    dry_run: bool
    definitions: tuple[DefinitionChange, ...]
    settings: tuple[SettingChange, ...]

    def count(self, outcome: str) -> int:
        """Return the number of definitions with this outcome."""
        return sum(change.outcome == outcome for change in self.definitions)


def load_bundle(session: Session, client: Client, *, text: str, dry_run: bool = False) -> LoadReport:
    """Publish every definition of a bundle and merge its settings; a dry run stores nothing.

    Definitions and settings that the bundle does not name are unchanged.

    Raises
    ------
    Invalid
        With every fault in every part; then nothing is stored.
    """
    return publish_bundle(session, client, read_bundle(text), dry_run=dry_run)


def publish_bundle(session: Session, client: Client, bundle: Bundle, *, dry_run: bool = False) -> LoadReport:
    """Publish what `read_bundle` returned."""
    locked = versions.lock_definitions(session, client)
    report = LoadReport(
        dry_run,
        tuple(_definition_changes(session, locked, bundle)),
        tuple(_setting_changes(locked, bundle.settings)),
    )
    if not dry_run:
        _store(session, locked, bundle, report)
    return report


def _store(session: Session, client: Client, bundle: Bundle, report: LoadReport) -> None:
    if report.settings:
        change_client(session, client, settings={change.name: change.after for change in report.settings})
    for (kind, key, body), change in zip(bundle.definitions, report.definitions, strict=True):
        if change.outcome != "unchanged":
            versions.put_in_force(session, client, kind=kind, key=key, body=body)


def _definition_changes(session: Session, client: Client, bundle: Bundle) -> Iterator[DefinitionChange]:
    present = {
        (each.kind, each.key): each
        for each in version_queries.open_ended_versions(session, client_id=client.client_id)
    }
    for kind, key, body in bundle.definitions:
        last = present.get((kind, key))
        if last is None:
            yield DefinitionChange(kind, key, "created")
        elif versions.is_unchanged(last, body):
            yield DefinitionChange(kind, key, "unchanged")
        else:
            yield DefinitionChange(kind, key, "updated", differing_parts(last.body, body))


def _setting_changes(client: Client, settings: Mapping[str, Any]) -> Iterator[SettingChange]:
    for name, after in settings.items():
        before = client.settings.get(name)
        if before != after:
            yield SettingChange(name, before, after)


def differing_parts(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the top-level parts that differ, in alphabetical order.

    A part that only one body has counts as different, even when it is empty.

    Examples
    --------
    >>> differing_parts({"name": "Tone", "maximum": 100}, {"name": "Tone", "pass_mark": 70})
    ('maximum', 'pass_mark')
    """
    missing = object()
    return tuple(
        sorted(
            name
            for name in before.keys() | after.keys()
            if before.get(name, missing) != after.get(name, missing)
        )
    )
