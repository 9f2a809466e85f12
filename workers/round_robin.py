"""Which client is served next: clients take turns, so that none waits behind another's flood."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

# Failed ones wait behind fresh ones, but not for ever: every so many turns they come first.
_FAILED_FIRST_EVERY = 10


@dataclass(slots=True)
class RoundRobin:
    """Whose turn it is among the clients, as this process remembers it."""

    _taken: int = 0
    _last: dict[uuid.UUID, int] = field(default_factory=dict)
    _times: dict[uuid.UUID, int] = field(default_factory=dict)

    def in_order(self, clients: Iterable[uuid.UUID]) -> list[uuid.UUID]:
        """Return the clients, the one first whose last turn is longest ago."""
        return sorted(clients, key=lambda client_id: self._last.get(client_id, 0))

    def take(self, client_id: uuid.UUID) -> bool:
        """Note a client's turn; tells whether what failed before comes first this time."""
        self._taken += 1
        self._last[client_id] = self._taken
        self._times[client_id] = times = self._times.get(client_id, 0) + 1
        return times % _FAILED_FIRST_EVERY == 0
