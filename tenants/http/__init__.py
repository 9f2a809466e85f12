"""What every endpoint shares: contract, faults, idempotency, rate limits, strict fields."""
