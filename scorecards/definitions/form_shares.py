"""What the weights of a scorecard come to: the share of the total that each question decides (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass

from scorecards.definitions.form import Form, Section


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of the total in [0, 1] by the keys of sections and of questions, when all are answered."""

    sections: Mapping[str, float]
    questions: Mapping[str, float]


def shares(form: Form) -> Shares:
    """Return which share of the total each section and each question decides when nothing is N/A.

    Parameters
    ----------
    form : Form
        Whose weights are asked about.

    Returns
    -------
    Shares
        A section without a scored question has no share, nor has a question that is not scored; the others
        sum to 1, or to nothing where all weights are 0.

    Examples
    --------
    >>> found = shares(Form.from_body({"sections": [
    ...     {"key": "a", "weight": 3, "questions": [
    ...         {"key": "x", "text": "?", "kind": "yes_no"}, {"key": "y", "text": "?", "kind": "text"}]},
    ...     {"key": "b", "weight": 1, "questions": [{"key": "z", "text": "?", "kind": "yes_no"}]}]}))
    >>> found.sections, found.questions
    ({'a': 0.75, 'b': 0.25}, {'x': 0.75, 'z': 0.25})
    """
    weights = {section.key: section.weight for section in form.sections if _points(section) > 0}
    total = sum(weights.values())
    sections = {key: weight / total for key, weight in weights.items()} if total > 0 else {}
    questions = {
        question.key: sections[section.key] * question.weight / _points(section)
        for section in form.sections
        if section.key in sections
        for question in section.questions
        if question.scored
    }
    return Shares(sections, questions)


def _points(section: Section) -> float:
    return sum(question.weight for question in section.questions if question.scored)
