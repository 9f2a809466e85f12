"""PostgreSQL and Redis from wheels, run by our own launcher."""
