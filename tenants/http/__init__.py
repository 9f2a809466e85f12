"""HTTP layer shared by all endpoints: contract, faults, idempotency, rate limits, strict fields."""
