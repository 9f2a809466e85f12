"""`/openapi.json` and the Swagger UI page `/docs/try`, served without external files."""

import json

from flask import Flask, Response, request, send_from_directory
from flask_swagger_ui import get_swaggerui_blueprint

from qm.openapi.api import Api
from qm.openapi.document import complete_document
from tenants.access import public


def install_pages(app: Flask, api: Api) -> None:
    """Add the document, with the address it is read from, and the page that shows it."""
    document = complete_document(app, api.spec.to_dict())
    app.extensions["qm.openapi"] = document

    folder = get_swaggerui_blueprint("/docs/try", "/openapi.json").root_path

    # It is over a megabyte: written once, as only the server's own address differs.
    written = json.dumps({name: value for name, value in document.items() if name != "servers"})

    @public
    def openapi() -> Response:
        here = {"url": request.host_url.rstrip("/"), "description": "This server."}
        return Response(f'{written[:-1]}, "servers": [{json.dumps(here)}]}}', mimetype="application/json")

    @public
    def docs_files(name: str) -> Response:
        return send_from_directory(f"{folder}/dist", name)

    app.add_url_rule("/openapi.json", "openapi", openapi)
    app.add_url_rule("/docs/try", "docs_try", _page)
    app.add_url_rule("/docs/try/start.js", "docs_start", _start)
    names = "'swagger-ui.css','swagger-ui-bundle.js','favicon-16x16.png'"
    app.add_url_rule(f"/docs/try/<any({names}):name>", "docs_files", docs_files)


# Swagger UI uses data: images for its icons; everything else is from this server.
_PAGE_POLICY = (
    "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Try the QM API</title>
<link rel="icon" href="/docs/try/favicon-16x16.png">
<link rel="stylesheet" href="/docs/try/swagger-ui.css">
</head>
<body>
<div id="reference"></div>
<script src="/docs/try/swagger-ui-bundle.js"></script>
<script src="/docs/try/start.js"></script>
</body>
</html>
"""


@public
def _page() -> Response:
    return Response(_PAGE, mimetype="text/html", headers={"Content-Security-Policy": _PAGE_POLICY})


@public
def _start() -> Response:
    script = "SwaggerUIBundle({url: '/openapi.json', dom_id: '#reference', deepLinking: true});\n"
    return Response(script, mimetype="text/javascript")
