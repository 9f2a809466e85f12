"""The OpenAPI 3.1 document, generated from the code, its Swagger UI page and its Postman collection."""
