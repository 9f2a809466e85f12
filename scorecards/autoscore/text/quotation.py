"""The use-mention distinction: phrases that are quoted, denied or reported instead of used."""

import re

_WINDOW = 90
"""Characters of context before a phrase."""

_SINGLE_QUOTED = re.compile(r"(?<!\w)'(?=\S)(?:[^']|(?<=\w)'(?=\w)){1,200}(?<=\S)'(?!\w)")
_GROUNDS = re.compile(
    r"(?:as|per|by|because|due|since|according|under|in|on|for|at|with|to|from|our|your|the)\b"
)
_DENIED = re.compile(
    r"\b(?:not|never|no longer|(?:is|are|was|were|ai)n't|rather than|instead of)"
    r"(?:\s+(?:really|actually|simply|merely|about|because of|due to|being|a case of)){0,2}\s*$"
)
_MODAL_DENIED = re.compile(
    r"(?:\b(?:do|does|did|would|could|should|ca|wo|must)n't|\bcannot|\b(?:can|will|would|do|does|did|could|must)"
    r" not)(?:\s+(?:ever|really|actually))?\s*$"
)
_MODAL_BEFORE = re.compile(r"\b(?:can|will|would|do|does|did|could|must) not\s*$")
_NOT_SAID = re.compile(
    r"(?:\b(?:not|never|cannot|without|avoid|nobody|no one|instead of|rather than)\b|n't\b)"
    r"\W+(?:\w+\W+){0,4}?"
    r"(?:(?:say|saying|said|use|using|call|calling|quote|quoting|mean|hide behind|hiding behind)"
    r"(?:\W+(?:that|to you|to anyone|anything like|something like|things like|the words?|the phrase|it's"
    r"|it is)){0,2}"
    r"|(?:tell|telling|told|ask|asking|asked)\W+(?:you|a customer|customers|anyone|anybody|people|them)"
    r"\W+(?:to|that))\W*$"
)
_REPORTED = re.compile(r"\b(?:were|was|been|being|are|get|got) (?:told|asked)(?:\W+(?:to|that))?\W*$")


def is_mentioned(plain: str, start: int, end: int) -> bool:
    """Tell whether the words at [start, end) of a normalised sentence are mentioned and not used.

    They are mentioned if they are in single quotes, directly after a negator, after "would never say" or the
    like, or if they are reported speech. A refusal that gives them as its grounds ("we cannot do
    that per our policy") uses them.

    Examples
    --------
    >>> sentence = "i would never say calm down"
    >>> is_mentioned(sentence, sentence.index("calm"), len(sentence))
    True
    >>> sentence = "i can't do that per our policy"
    >>> is_mentioned(sentence, sentence.index("per"), len(sentence))
    False
    """
    if "'" in plain and any(
        found.start() < start and end < found.end() for found in _SINGLE_QUOTED.finditer(plain)
    ):
        return True
    before = plain[max(0, start - _WINDOW) : start]
    if not before.strip():
        return False
    gives_grounds = _GROUNDS.match(plain, start) is not None
    if _DENIED.search(before) and not (gives_grounds and _MODAL_BEFORE.search(before)):
        return True
    if not gives_grounds and _MODAL_DENIED.search(before):
        return True
    return bool(_NOT_SAID.search(before) or _REPORTED.search(before))
