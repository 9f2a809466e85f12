"""Changes of what people change most in a scorecard, by name, without writing YAML."""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

Body = dict[str, Any]
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)")
_NUMBERS = frozenset({"weight", "value", "pass_mark"})
_FLAGS = frozenset({"na_allowed"})


def edited(body: Mapping[str, Any], typed: Mapping[str, str]) -> Body:
    """Return a scorecard with what was typed into the fields of its form.

    Parameters
    ----------
    body
        The scorecard as stored.
    typed
        By name: `name`, `pass_mark`, `section/{section}/weight`, `question/{section}/{question}/text`,
        `option/{section}/{question}/{option}/value`; the names of things that are no longer there, and of
        fields that are not edited this way, change nothing. An emptied field is taken away. A text that is
        no number is kept as it is, for the schema to refuse.

    Notes
    -----
    A check box that is not ticked is not sent, so `na_allowed` counts as sent with the question's `text`.
    """
    changed: Body = deepcopy(dict(body))
    _set_all(changed, typed, "", ("name", "pass_mark"))
    for section in changed.get("sections") or ():
        _set_all(section, typed, f"section/{section['key']}/", ("name", "weight", "pillar"))
        for question in section.get("questions") or ():
            _edit_question(question, typed, f"{section['key']}/{question['key']}/")
    return changed


def _edit_question(question: Body, typed: Mapping[str, str], place: str) -> None:
    prefix = f"question/{place}"
    if f"{prefix}text" in typed:
        _set(question, "na_allowed", typed.get(f"{prefix}na_allowed", ""))
    _set_all(question, typed, prefix, ("text", "help", "weight"))
    if f"{prefix}critical" in typed:
        _set_critical(question, typed[f"{prefix}critical"], typed.get(f"{prefix}area", ""))
    for option, names in _options(question, typed, f"option/{place}"):
        _set_all(option, typed, names, ("label", "value"))


def _set_all(group: Body, typed: Mapping[str, str], prefix: str, names: tuple[str, ...]) -> None:
    for name in names:
        if f"{prefix}{name}" in typed:
            _set(group, name, typed[f"{prefix}{name}"].replace("\r\n", "\n").strip())


def _set(group: Body, name: str, text: str) -> None:
    if name in _FLAGS:
        if (text == "on") != bool(group.get(name)):
            group[name] = text == "on"
    elif text:
        value = number(text) if name in _NUMBERS else text
        if group.get(name) != value:
            group[name] = value
    else:
        group.pop(name, None)


def number(text: str) -> Any:
    """Return the number that was typed, or the text that is none, for the schema to refuse.

    >>> number("2,5"), number("3"), number("many")
    (2.5, 3, 'many')
    """
    written = text.replace(",", ".")
    if not _NUMBER.fullmatch(written):
        return text
    value = float(written)
    return int(value) if value.is_integer() else value


def _set_critical(question: Body, rule: str, area: str) -> None:
    if not rule:
        question.pop("critical", None)
        return
    question["critical"] = {**(question.get("critical") or {}), "rule": rule, "area": area}


def _options(question: Body, typed: Mapping[str, str], place: str) -> Iterator[tuple[Body, str]]:
    """Yield the options with the beginning of their names; yes and no get a group when it is changed."""
    options = question.get("options") or []
    for option in options:
        yield option, f"{place}{option['key']}/"
    if question.get("kind") != "yes_no":
        return
    for key in ("yes", "no"):
        names = f"{place}{key}/"
        sent = any(typed.get(f"{names}{field}", "").strip() for field in ("label", "value"))
        if sent and not any(option["key"] == key for option in options):
            added: Body = {"key": key}
            question["options"] = [*(question.get("options") or []), added]
            yield added, names
