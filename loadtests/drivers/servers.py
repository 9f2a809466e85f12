"""Keeps the embedded servers of QM_DATA_DIR running, and clears up when its input ends."""

import json
import os
import sys
from pathlib import Path

from infra import database_schema
from infra.embedded import servers


def main() -> None:
    """Start the servers, create the schema, print the addresses, and wait for the end of the input."""
    embedded = servers.ensure(Path(os.environ["QM_DATA_DIR"]))
    database_schema.upgrade(database_schema.sqlalchemy_url(embedded.owner_url))
    addresses = {"app": embedded.database_url, "admin": embedded.admin_url, "redis": embedded.redis_url}
    print(json.dumps(addresses), flush=True)
    sys.stdin.read()
    servers.remove(Path(os.environ["QM_DATA_DIR"]))


if __name__ == "__main__":
    main()
