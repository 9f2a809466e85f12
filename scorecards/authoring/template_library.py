"""The built-in templates of scorecards and playbooks, and how a definition extends one of them."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from scorecards.authoring.yaml_documents import read_document
from tenants.http.faults import Fault, Invalid

_PLAYBOOKS = "playbooks_"
STARTER_RATE = 0.05
"""The share of interactions that people review of a client that starts from a template."""


@cache
def scorecards() -> Mapping[str, Mapping[str, Any]]:
    """Return the scorecard templates by name."""
    bodies = {name: body for name, body in _templates().items() if not name.startswith(_PLAYBOOKS)}
    return {
        name: {
            **body,
            "sections": [expand_section(section, _sections(bodies)) for section in body["sections"]],
        }
        for name, body in bodies.items()
    }


@cache
def sections() -> Mapping[str, Mapping[str, Any]]:
    """Return the section templates by `scorecard/section`."""
    return _sections(scorecards())


@cache
def playbooks() -> Mapping[str, Mapping[str, Any]]:
    """Return the playbook templates by key."""
    return {
        body["key"]: body
        for name, group in _templates().items()
        if name.startswith(_PLAYBOOKS)
        for body in group["playbooks"]
    }


def expand(body: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Merge a body over the template it names; without a known template it is returned unchanged."""
    name = body.get("template")
    if not isinstance(name, str) or name not in known:
        return dict(body)
    own = {key: value for key, value in body.items() if key != "template"}
    return {**known[name], **own}


def expand_section(
    body: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]] | None = None
) -> dict[str, Any]:
    """Merge a section over the section template it names, such as `empathy/listen_validate`."""
    return expand(body, sections() if known is None else known)


def _sections(bodies: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Mapping[str, Any]]:
    return {
        f"{name}/{section['key']}": section
        for name, body in bodies.items()
        for section in body["sections"]
        if "template" not in section
    }


@cache
def _templates() -> Mapping[str, Mapping[str, Any]]:
    folder = files("scorecards.authoring") / "templates"
    return {
        path.name.removesuffix(".yaml"): read_document(path.read_text(encoding="utf-8")).value
        for path in sorted(folder.iterdir(), key=lambda each: each.name)
        if path.name.endswith(".yaml")
    }


def starter_bundle(name: str) -> str:
    """Return a bundle that starts a client from a scorecard template, with the playbooks of its branch.

    Raises
    ------
    Invalid
        When there is no such template.
    """
    if name not in scorecards():
        detail = f"There is no template {name!r}; there are {', '.join(scorecards())}."
        raise Invalid([Fault("/template", "unknown_template", detail)])
    branch = [
        body["key"]
        for group, bodies in _templates().items()
        if group.startswith(_PLAYBOOKS) and name.startswith(group.removeprefix(_PLAYBOOKS))
        for body in bodies["playbooks"]
    ]
    document: dict[str, Any] = {
        "qm_bundle": 1,
        "scorecards": [{"key": name, "template": name}],
        "playbooks": [{"key": key, "template": key} for key in branch],
        "sampling_policy": {"base_rate": STARTER_RATE},
    }
    return json.dumps({part: body for part, body in document.items() if body})
