"""The built-in templates of scorecards and playbooks, and how a definition extends one of them."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from scorecards.authoring.yaml_documents import read_document

_PLAYBOOKS = "playbooks_"


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
