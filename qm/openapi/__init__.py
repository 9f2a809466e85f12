"""The OpenAPI 3.1 document, generated from the code, its Swagger UI page and its Postman collection."""

from qm.openapi.api import install
from qm.openapi.pages import install_pages
from qm.openapi.postman import postman_collection

__all__ = ["install", "install_pages", "postman_collection"]
