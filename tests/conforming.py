"""Compares answers with the contract: what it requires is there, and nothing else is."""

import re
from functools import cache

import jsonschema_rs


class Contract:
    """The answers that an OpenAPI document promises."""

    def __init__(self, document):
        self.components = document["components"]
        self.paths = [
            (re.compile(re.sub(r"{\w+}", "[^/]+", path)), operations)
            for path, operations in document["paths"].items()
        ]
        self.validator = cache(self._validator)

    def faults(self, method, path, answer):
        """Return what is wrong with an answer; nothing for addresses that are not in the document."""
        found = [operations for pattern, operations in self.paths if pattern.fullmatch(path)]
        responses = next((each[method]["responses"] for each in found if method in each), None)
        if responses is None or not answer.is_json or answer.content_encoding:
            return []
        described = responses.get(str(answer.status_code))
        if described is None:
            return [f"{answer.status_code} is not described"]
        media = described.get("content", {}).get(answer.mimetype)
        reference = described.get("$ref") or (media or {}).get("schema", {}).get("$ref")
        if reference is None or reference.startswith("#/components/responses"):
            return []
        errors = self.validator(reference).iter_errors(answer.json)
        return [f"{error.instance_path}: {error.message[:200]}" for error in errors]

    def _validator(self, reference):
        return jsonschema_rs.Draft202012Validator({"$ref": reference, "components": self.components})
