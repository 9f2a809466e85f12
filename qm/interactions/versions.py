"""Finds under what a conversation is stored of which an imported document is a version of a version."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from qm.interactions.importers.documents import ImportedFile
from qm.interactions.importers.imported import VERSION_FACT
from tenants.models import Client

# Versions of a conversation began at the same moment, by which interactions can be found.
_ORIGINALS = f"""
    select i.details -> 'custom' ->> '{VERSION_FACT}', i.external_id
    from unnest(%b::text[], %b::timestamptz[]) as x (version, started_at)
    join interactions i on i.tenant_id = %b and i.client_id = %b and i.started_at = x.started_at
        and i.part_agent = '' and i.details -> 'custom' ->> '{VERSION_FACT}' = x.version
"""  # noqa: S608 - built from the constant above


def under_stored_originals(
    session: Session, client: Client, files: Sequence[ImportedFile]
) -> list[ImportedFile]:
    """Give versions of a stored version the external id of the first one."""
    named = [
        each for file in files for each in file.interactions if file.own_key not in {"", each["external_id"]}
    ]
    if not named:
        return list(files)
    cursor = session.connection().connection.cursor()
    cursor.execute(
        _ORIGINALS,
        [
            [each["external_id"] for each in named],
            [each["started_at"] for each in named],
            client.tenant_id,
            client.client_id,
        ],
    )
    originals = dict(cursor.fetchall())
    return [
        replace(
            file,
            interactions=tuple(
                each | {"external_id": originals.get(each["external_id"], each["external_id"])}
                for each in file.interactions
            ),
        )
        for file in files
    ]
