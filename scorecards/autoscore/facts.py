"""Where an agent takes up what only this customer brought in."""

from scorecards.autoscore.patterns import Hit
from scorecards.autoscore.reading import Mark, Reading


def facts_used(reading: Reading) -> list[Mark]:
    """Return where the agent uses a customer's fact after they told it; the mark's label is the fact."""
    told: dict[str, int] = {}
    for said in reading.customer_said:
        for fact in said.spoken.facts:
            told.setdefault(fact.word, said.turn)
    found = []
    for said in reading.agent_said:
        for word, start, end in said.spoken.facts:
            if told.get(word, said.turn) < said.turn and not _is_canned(said.spoken.hits):
                found.append(Mark(said.turn, said.start + start, said.start + end, word))
    return found


def has_facts(reading: Reading) -> bool:
    """Tell whether the customer said anything that an agent could take up."""
    return any(said.spoken.facts for said in reading.customer_said)


def _is_canned(hits: tuple[Hit, ...]) -> bool:
    return any(hit.signal == "canned" for hit in hits)
