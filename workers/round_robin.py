"""Which client is served next: round robin, so that none waits behind another's backlog."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

# Retries come after new work, but not always: every so many turns of a client they come first.
_FAILED_FIRST_EVERY = 10


@dataclass(slots=True)
class RoundRobin:
    """The order in which this process serves clients."""

    _turns: int = 0
    _last_turn: dict[uuid.UUID, int] = field(default_factory=dict)
    _turns_of: dict[uuid.UUID, int] = field(default_factory=dict)

    def in_order(self, clients: Iterable[uuid.UUID]) -> list[uuid.UUID]:
        """Return the clients, least recently served first."""
        return sorted(clients, key=lambda client_id: self._last_turn.get(client_id, 0))

    def take(self, client_id: uuid.UUID) -> bool:
        """Record a client's turn; tells whether retries come first this time."""
        self._turns += 1
        self._last_turn[client_id] = self._turns
        self._turns_of[client_id] = turns = self._turns_of.get(client_id, 0) + 1
        return turns % _FAILED_FIRST_EVERY == 0
