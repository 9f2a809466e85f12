"""Descriptions of properties and parameters, and sample texts, from `words.yaml`."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def words() -> Mapping[str, Mapping[str, Any]]:
    """Return the sections `descriptions`, `examples` and `requests` of the file."""
    loaded: Mapping[str, Mapping[str, Any]] = yaml.safe_load(
        Path(__file__).with_name("words.yaml").read_text(encoding="utf-8")
    )
    return loaded


def word(section: str, owner: str, name: str) -> Any:
    """Return the entry for `owner.name`, or for the name alone; None where there is none."""
    entries = words()[section]
    return entries.get(f"{owner}.{name}", entries.get(name))


def add_descriptions(document: dict[str, Any]) -> None:
    """Describe every property and parameter that does not describe itself."""
    for schema_name, schema in document["components"]["schemas"].items():
        for name, value in schema.get("properties", {}).items():
            _describe(value, schema_name, name)
    for path in document["paths"].values():
        for holder in (path, *(value for value in path.values() if isinstance(value, dict))):
            for parameter in holder.get("parameters", ()):
                if "name" in parameter:
                    _describe(parameter, parameter["in"], parameter["name"])


def _describe(value: dict[str, Any], owner: str, name: str) -> None:
    said = word("descriptions", owner, name)
    if "description" not in value and said is not None:
        value["description"] = said
