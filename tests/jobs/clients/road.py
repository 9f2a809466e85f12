"""The README's road with the client that openapi-python-client makes of the contract."""

import json
import sys
from datetime import UTC, date, datetime
from io import BytesIO

from qm_client import AuthenticatedClient
from qm_client.api.interactions import list_interactions, push_interaction, push_interactions
from qm_client.api.reports import get_empathy_report
from qm_client.models import InteractionBatch, PushedInteraction, Turn
from qm_client.models.pushed_interaction_channel import PushedInteractionChannel
from qm_client.models.turn_speaker import TurnSpeaker
from qm_client.types import UNSET, File

LINES = {
    "customer": "My tent has not arrived and I am really upset.",
    "agent": "I can see how upsetting that is. I will send a new tent today.",
}


def conversation(external_id):
    return PushedInteraction(
        external_id=external_id,
        channel=PushedInteractionChannel.CHAT,
        started_at=datetime(2026, 7, 1, 9, tzinfo=UTC),
        turns=[Turn(speaker=TurnSpeaker(speaker), text=text) for speaker, text in LINES.items()],
    )


def push(api):
    one = push_interaction.sync("northwind", client=api, body=conversation("py-1"))
    batch = InteractionBatch([conversation("py-2"), conversation("py-3")])
    many = push_interactions.sync("northwind", client=api, body=batch)
    lines = json.dumps(conversation("py-4").to_dict()).encode()
    file = push_interactions.sync("northwind", client=api, body=File(BytesIO(lines)))
    return [one.status, many.created, file.created]


def read(api):
    seen, cursor = [], UNSET
    while cursor is not None:
        page = list_interactions.sync("northwind", client=api, limit=2, cursor=cursor)
        seen += [each.external_id for each in page.data]
        cursor = page.next_cursor
    first, last = str(date(2026, 7, 1)), str(date(2026, 7, 31))
    report = get_empathy_report.sync("northwind", client=api, from_=first, to=last)
    return [sorted(seen), report.empathy.status, str(report.from_)]


if __name__ == "__main__":
    address, key, part = sys.argv[1:]
    with AuthenticatedClient(base_url=address, token=key, raise_on_unexpected_status=True) as api:
        print(json.dumps({"push": push, "read": read}[part](api)))
