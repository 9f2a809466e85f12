"""Where an agent takes up what only this customer brought in."""

from scorecards.autoscore.patterns import Hit
from scorecards.autoscore.reading import Mark, Reading

_JOINTS = frozenset(".,-/:")


def facts_used(reading: Reading) -> list[Mark]:
    """Return where the agent uses a customer's fact after they told it; the mark's label is the fact."""
    told: dict[str, int] = {}
    for said in reading.customer_said:
        for fact in said.spoken.facts:
            told.setdefault(fact.word, said.turn)
    found: list[Mark] = []
    for said in reading.agent_said:
        if _is_canned(said.spoken.hits):
            continue
        for word, start, end in said.spoken.facts:
            if told.get(word, said.turn) < said.turn:
                mark = Mark(said.turn, said.start + start, said.start + end, word)
                last = found[-1] if found and said.spoken.plain[start - 1 : start] in _JOINTS else None
                if last and (last.turn, last.end + 1) == (mark.turn, mark.start):
                    found[-1] = last._replace(end=mark.end)  # the two halves of an amount are one fact
                else:
                    found.append(mark)
    return found


def has_facts(reading: Reading) -> bool:
    """Tell whether the customer said anything that an agent could take up."""
    return any(said.spoken.facts for said in reading.customer_said)


def _is_canned(hits: tuple[Hit, ...]) -> bool:
    return any(hit.signal == "canned" for hit in hits)
