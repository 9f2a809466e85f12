"""Makes the daily sums of a client of friction, outcomes, retention and the like, as the product does."""

import argparse
import uuid

from infra import runtime
from qm.friction.keeping import DAYS_AT_A_TIME
from qm.friction.sums import sum_days, wrong_days
from tenants.isolation import Scope, acting_as
from tenants.models import utc_now


def main() -> None:
    """Sum what is not right, a week at a time, and print how many days there were."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tenant", type=uuid.UUID, required=True)
    parser.add_argument("--client", type=uuid.UUID, required=True)
    arguments = parser.parse_args()
    services, now, summed = runtime.build(runtime.complete(runtime.read_settings())), utc_now(), 0
    scope = Scope(arguments.tenant, (arguments.client,))
    with acting_as(services.engine, scope) as session:
        days = sorted(wrong_days(session, arguments.client, now))
    while days:
        with acting_as(services.engine, scope) as session:
            sum_days(session, arguments.client, days[:DAYS_AT_A_TIME], now)
        summed += len(days[:DAYS_AT_A_TIME])
        days = days[DAYS_AT_A_TIME:]
    print(summed)


if __name__ == "__main__":
    main()
