"""The database's versions: each migration makes a table and its walls together."""
