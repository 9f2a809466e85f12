"""Keeps the embedded servers of QM_DATA_DIR running, and clears up when its input ends."""

import json
import os
import sys
from pathlib import Path

from infra import database_schema
from infra.embedded import servers


def main() -> None:
    """Start the servers with the schema in place, and hold them."""
    found = servers.ensure(Path(os.environ["QM_DATA_DIR"]))
    database_schema.upgrade(database_schema.sqlalchemy_url(found.owner_url))
    addresses = {"app": found.database_url, "admin": found.admin_url, "redis": found.redis_url}
    print(json.dumps(addresses), flush=True)
    sys.stdin.read()
    servers.remove(Path(os.environ["QM_DATA_DIR"]))


if __name__ == "__main__":
    main()
