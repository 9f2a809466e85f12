"""The contract as the reference shows it: operations by tag, with fields, answers, errors and samples."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qm.openapi.document import METHODS
from qm.openapi.samples import samples

Node = Mapping[str, Any]
_BOUNDS = (
    ("minimum", "≥ {}"),
    ("maximum", "≤ {}"),
    ("minLength", "at least {} characters"),
    ("maxLength", "at most {} characters"),
    ("minItems", "at least {} items"),
    ("maxItems", "at most {} items"),
    ("pattern", "like {}"),
    ("default", "{} when left out"),
)


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter or a property: name, kind in words, the schemas it leads to, and what it means."""

    name: str
    kind: str
    schemas: tuple[str, ...]
    description: str
    required: bool = False
    place: str = ""
    choices: tuple[str, ...] = ()
    bounds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """What is sent or answered: status, description, media types, and the schemas that it is made of."""

    description: str
    kinds: tuple[str, ...]
    schemas: tuple[str, ...]
    status: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the contract."""

    name: str
    method: str
    path: str
    tag: str
    summary: str
    description: str
    scope: str
    parameters: tuple[Field, ...]
    body: Content | None
    answers: tuple[Content, ...]
    errors: tuple[str, ...]
    samples: tuple[tuple[str, str], ...]

    def holds(self, words: Iterable[str]) -> bool:
        """Whether all words stand somewhere in its name, path, summary, description or parameters."""
        fields = " ".join(f"{each.name} {each.description}" for each in self.parameters)
        parts = (self.name, self.method, self.path, self.tag, self.summary, self.description, fields)
        text = " ".join(parts).lower()
        return all(word in text for word in words)


@dataclass(frozen=True, slots=True)
class Reference:
    """All operations of the contract, its tags with what they are about, schemas by name, and problems."""

    tags: Mapping[str, str]
    operations: tuple[Operation, ...]
    schemas: Mapping[str, tuple[Field, ...]]
    about: Mapping[str, str]
    problems: tuple[Content, ...]

    def of_tag(self, tag: str) -> list[Operation]:
        """Return the operations of a tag."""
        return [each for each in self.operations if each.tag == tag]

    def find(self, text: str) -> list[Operation]:
        """Return the operations that hold all words of a text."""
        words = text.lower().split()
        return [each for each in self.operations if each.holds(words)]

    def needed(self, operations: Sequence[Operation]) -> list[str]:
        """Return the names of all schemas that these operations lead to, directly or not, in order."""
        found: dict[str, None] = {}
        open_ends = [name for each in operations for name in _of_operation(each)]
        while open_ends:
            name = open_ends.pop()
            if name not in found and name in self.schemas:
                found[name] = None
                open_ends += [each for field in self.schemas[name] for each in field.schemas]
        return sorted(found)


def _of_operation(operation: Operation) -> Iterator[str]:
    for content in (operation.body, *operation.answers):
        if content is not None:
            yield from content.schemas


def read_reference(document: Node, address: str) -> Reference:
    """Read the completed document."""
    schemas = document["components"]["schemas"]
    return Reference(
        tags={each["name"]: each["description"] for each in document["tags"]},
        operations=tuple(_operations(document, address)),
        schemas={name: tuple(_properties(schema)) for name, schema in schemas.items()},
        about={name: schema.get("description", "") for name, schema in schemas.items()},
        problems=tuple(_problems(document)),
    )


def _problems(document: Node) -> Iterator[Content]:
    for response in document["components"]["responses"].values():
        for kind, media in response["content"].items():
            problem = media.get("example", {})
            yield Content(response["description"], (kind,), (), str(problem.get("status", "")))


def _operations(document: Node, address: str) -> Iterator[Operation]:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method not in METHODS:
                continue
            listed = [*operations.get("parameters", []), *operation.get("parameters", [])]
            parameters = [_resolved(each, document) for each in listed]
            body = operation.get("requestBody")
            responses = operation["responses"].items()
            yield Operation(
                name=operation["operationId"],
                method=method,
                path=path,
                tag=operation["tags"][0],
                summary=operation["summary"],
                description=operation["description"],
                scope=operation.get("x-required-scope", ""),
                parameters=tuple(_parameter(each) for each in parameters),
                body=None if body is None else _content(body),
                answers=tuple(_content(each, status) for status, each in responses if "$ref" not in each),
                errors=tuple(status for status, each in responses if "$ref" in each),
                samples=tuple(samples(address, path, method, parameters, body and body["content"])),
            )


def _resolved(node: Node, document: Node) -> Node:
    if "$ref" not in node:
        return node
    *_, room, name = node["$ref"].split("/")
    found: Node = document["components"][room][name]
    return found


def _content(node: Node, status: str = "") -> Content:
    media = node.get("content", {})
    schemas = dict.fromkeys(name for each in media.values() for name in _names(each.get("schema", {})))
    return Content(node.get("description", ""), tuple(media), tuple(schemas), status)


def _parameter(node: Node) -> Field:
    return _field(node["name"], node["schema"], node.get("required", False), node["in"], node["description"])


def _properties(schema: Node) -> Iterator[Field]:
    required = schema.get("required", ())
    for name, value in schema.get("properties", {}).items():
        yield _field(name, value, name in required, "", value.get("description", ""))


def _field(name: str, schema: Node, required: bool, place: str, description: str) -> Field:
    inner = schema.get("items", schema)
    choices = tuple(str(each) for each in inner.get("enum", ()) if each is not None)
    bounds = tuple(
        words.format(schema[key]) for key, words in _BOUNDS if schema.get(key) is not None and not choices
    )
    names = tuple(dict.fromkeys(_names(schema)))
    return Field(name, _kind(schema), names, description, required, place, choices, bounds)


def _kind(schema: Node) -> str:
    if "$ref" in schema:
        return "object"
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_kind(each) for each in schema["anyOf"]))
    kinds = schema.get("type", "anything")
    listed = [kinds] if isinstance(kinds, str) else kinds
    inner = f" of {_kind(schema['items'])}" if "items" in schema else ""
    form = f" ({schema['format']})" if "format" in schema else ""
    return " or ".join(listed) + inner + form


def _names(node: Any) -> Iterator[str]:
    """Yield the names of the schemas that a schema refers to directly."""
    if isinstance(node, Mapping):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"].rpartition("/")[2]
        for value in node.values():
            yield from _names(value)
    elif isinstance(node, list):
        for value in node:
            yield from _names(value)
