"""Makes the daily sums of a client from its facts, by the product's own rebuild."""

import argparse
import uuid

from infra import runtime
from qm.facts.rollups import rebuild_rollups
from tenants.isolation import Scope, acting_as


def main() -> None:
    """Rebuild the daily sums, and print how many there are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tenant", type=uuid.UUID, required=True)
    parser.add_argument("--client", type=uuid.UUID, required=True)
    arguments = parser.parse_args()
    services = runtime.build(runtime.complete(runtime.read_settings()))
    with acting_as(services.engine, Scope(arguments.tenant, (arguments.client,))) as session:
        print(rebuild_rollups(session, arguments.client))


if __name__ == "__main__":
    main()
