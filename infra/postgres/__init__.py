"""The roles of QM on a PostgreSQL server, and the SQL that makes them."""
