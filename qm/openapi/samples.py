"""How an operation of the contract is called: with curl, in Python, and in TypeScript (pure)."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

JSON = "application/json"


def samples(
    address: str,
    path: str,
    method: str,
    parameters: Sequence[Mapping[str, Any]],
    body: Mapping[str, Any] | None,
) -> list[tuple[str, str]]:
    """Return one call in each language, with the examples of the contract for what is required.

    Parameters
    ----------
    address
        Of the server, without a slash at its end.
    path, method
        Of the operation; parameters of the path stand in braces.
    parameters
        All of the operation, without references.
    body
        The media types of what is sent, None when nothing is.
    """
    url = address + _filled(path, parameters)
    sent = None if body is None or JSON not in body else body[JSON].get("example")
    return [
        ("curl", _curl(url, method, sent)),
        ("Python", _python(url, method, sent)),
        ("TypeScript", _typescript(url, method, sent)),
    ]


def _filled(path: str, parameters: Sequence[Mapping[str, Any]]) -> str:
    examples = {(each["in"], each["name"]): _example(each) for each in parameters if each.get("required")}
    filled = re.sub(r"{(\w+)}", lambda found: quote(examples.get(("path", found[1]), "…"), safe="…"), path)
    query = [(name, text) for (place, name), text in examples.items() if place == "query"]
    return f"{filled}?{urlencode(query)}" if query else filled


def _example(parameter: Mapping[str, Any]) -> str:
    example = next(iter(parameter["schema"].get("examples", [])), "…")
    return example if isinstance(example, str) else json.dumps(example)


def _curl(url: str, method: str, sent: Any) -> str:
    verb = (
        "" if method in {"get", "post"} and (method == "get" or sent is not None) else f" -X {method.upper()}"
    )
    lines = [f"curl{verb} '{url}'", '-H "Authorization: Bearer $QM_KEY"']
    if sent is not None:
        lines += ["--json @- <<'END'"]
        return " \\\n  ".join(lines) + f"\n{json.dumps(sent, ensure_ascii=False, indent=2)}\nEND"
    return " \\\n  ".join(lines)


def _python(url: str, method: str, sent: Any) -> str:
    arguments = [f'"{url}"', 'headers={"Authorization": f"Bearer {os.environ[\'QM_KEY\']}"}']
    if sent is not None:
        arguments.append(f"json={_python_value(sent)}")
    inside = ",\n".join("    " + each.replace("\n", "\n    ") for each in arguments)
    call = f"answer = httpx.{method}(\n{inside},\n)"
    if method == "delete" and sent is not None:
        call = call.replace("httpx.delete(", 'httpx.request(\n    "DELETE",')
    shown = "answer.raise_for_status()\nprint(answer.text)"
    return f"import os\n\nimport httpx\n\n{call}\n{shown}"


def _python_value(value: Any, indent: str = "") -> str:
    """Write a value of JSON as Python; the two differ in true, false and null."""
    inner = indent + "    "
    if isinstance(value, Mapping) and value:
        rows = [f"{inner}{json.dumps(name)}: {_python_value(each, inner)},\n" for name, each in value.items()]
        return "{\n" + "".join(rows) + indent + "}"
    if isinstance(value, list) and value:
        rows = [f"{inner}{_python_value(each, inner)},\n" for each in value]
        return "[\n" + "".join(rows) + indent + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return repr(value)


def _typescript(url: str, method: str, sent: Any) -> str:
    lines = list(_options(method, sent))
    return (
        f'const answer = await fetch("{url}", {{\n' + "".join(f"  {line},\n" for line in lines) + "});\n"
        "if (!answer.ok) throw new Error(await answer.text());\n"
        "console.log(await answer.text());"
    )


def _options(method: str, sent: Any) -> Iterator[str]:
    if method != "get":
        yield f'method: "{method.upper()}"'
    kind = "" if sent is None else f', "Content-Type": "{JSON}"'
    yield f"headers: {{ Authorization: `Bearer ${{process.env.QM_KEY}}`{kind} }}"
    if sent is not None:
        text = json.dumps(sent, ensure_ascii=False, indent=2).replace("\n", "\n  ")
        yield f"body: JSON.stringify({text})"
