"""The pages that people work with: rendered on the server, over the same functions as the API."""
