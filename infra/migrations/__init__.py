"""The migrations of the database: each creates a table together with its row-level security policies."""
