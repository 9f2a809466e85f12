"""Claiming and submitting reviews on one connection, beside a bare loop of the SQL that a submission needs.

Run it by itself: `python loadtests/reviewing.py`. It prints JSON: reviews a second, milliseconds, and the
share of the bare loop's speed. `--stored 60000` gives it a long queue and a long past: of the interactions
stored, a third waits for review, a third was reviewed by the person, and a third by others.
"""

import argparse
import json
import time
from statistics import median, quantiles
from typing import Any

import psycopg
from installation import HERE, Connection, Installation, qm_command, temporary_installation

STORED, ROUNDS, WARM_UP = 3_000, 300, 50
_REVIEWS = """
    with numbered as (select *, row_number() over () as number from interactions where part_agent = '')
    insert into reviews (
        tenant_id, client_id, review_id, interaction_id, state, reviewer_id, targeted, reasons,
        inclusion_probability, draw, started_at, draft, revision, created_at, claimed_at, finished_at
    )
    select tenant_id, client_id, interaction_id, interaction_id,
           case number %% 3 when 0 then 'queued' else 'submitted' end,
           case number %% 3 when 1 then %(person)s::uuid when 2 then gen_random_uuid() end, false,
           '["base_rate"]', 0.9, 0.8 * number / count(*) over (), started_at, '[]', 1, started_at,
           case when number %% 3 > 0 then started_at end, case when number %% 3 > 0 then started_at end
    from numbered
"""
_SPEAK = "update interactions set channel = 'chat', turns = %s, started_at = now()"
_NAMES = ("tenant", "client", "interaction", "review")
_BARE = (
    "select 1 from interactions where interaction_id = %(interaction)s for update",
    "select * from reviews where tenant_id = %(tenant)s and review_id = %(review)s for update",
    """
    insert into evaluations (
        tenant_id, client_id, interaction_id, evaluation_id, kind, versions, answers, sections, findings,
        critical, created_at
    )
    values (
        %(tenant)s, %(client)s, %(interaction)s, gen_random_uuid(), 'human', '{}', '[]', '{}', '{}', '[]',
        now()
    )
    """,
    """
    update reviews set state = 'submitted', finished_at = now()
    where tenant_id = %(tenant)s and review_id = %(review)s
    """,
    "select number from audit_heads where tenant_id = %(tenant)s for update",
    "update audit_heads set number = number where tenant_id = %(tenant)s",
)
"""What a submission cannot do without: locks, evaluation, state of the review, head of the audit log."""
_TURNS = [
    {"speaker": "customer", "text": "Where is my order?"},
    {"speaker": "agent", "text": "I can hear how maddening this is. I will find it today."},
]


def main() -> None:
    """Measure, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stored", type=int, default=STORED)
    stored = parser.parse_args().stored
    with temporary_installation() as installation:
        print(json.dumps(measure(installation, stored), indent=1))


def measure(installation: Installation, stored: int) -> dict[str, Any]:
    """Claim and submit on one connection, then do the same by bare SQL."""
    of_tenant, person = ("--tenant", installation.tenant_id), "jo@example.com"
    told = (person, "--role", "reviewer", "--name", "Jo")
    qm_command(installation.environment, "users", "create", *of_tenant, *told)
    key = qm_command(installation.environment, "keys", "create", *of_tenant, "--user", person)["key"]
    _store(installation, stored)
    claims: list[float] = []
    submissions: list[float] = []
    with installation.up(workers=0) as address:
        connection = Connection(address, key)
        for number in range(WARM_UP + ROUNDS):
            began = time.perf_counter()
            review = json.loads(connection.send("POST", "/v1/reviews/next", b"{}"))
            claimed = time.perf_counter()
            body = json.dumps({"answers": _answers(review)}).encode()
            sent = time.perf_counter()
            connection.send("POST", f"/v1/reviews/{review['id']}/submit", body)
            if number >= WARM_UP:
                claims.append(claimed - began)
                submissions.append(time.perf_counter() - sent)
        connection.close()
    with installation.admin() as bare:
        loop = _bare(bare)
    return {
        "claim_ms": {"median": 1000 * median(claims), "p95": 1000 * quantiles(claims, n=20)[18]},
        "submit_ms": {"median": 1000 * median(submissions), "p95": 1000 * quantiles(submissions, n=20)[18]},
        "submissions_per_second": 1 / median(submissions),
        "bare_per_second": loop,
        "share_of_bare": 1 / median(submissions) / loop,
    }


def _store(installation: Installation, stored: int) -> None:
    owner = {"tenant": installation.tenant_id, "client": installation.client_id}
    find_person = "select user_id as person from users where tenant_id = %(tenant)s"
    with installation.admin() as connection:
        person = connection.execute(find_person, owner).fetchone()
        connection.execute("set session_replication_role = replica")
        connection.execute((HERE / "stored.sql").read_text(), {**owner, "first": 1, "last": stored})
        connection.execute("delete from reviews")
        connection.execute(_SPEAK, [json.dumps(_TURNS)])
        connection.execute(_REVIEWS, {"person": person[0] if person else None})
        connection.execute("vacuum analyze")


def _answers(review: dict[str, Any]) -> list[dict[str, Any]]:
    """Return an answer to every question that is always asked."""
    return [
        {"question": each["key"], "value": _value(each), "evidence": [{"turn": 1}]}
        for section in review["scorecard"]["body"]["sections"]
        for each in section["questions"]
        if not each.get("show_when")
    ]


def _value(question: dict[str, Any]) -> str:
    return "yes" if question["kind"] == "yes_no" else question["options"][0]["key"]


def _bare(connection: psycopg.Connection[Any]) -> float:
    """Return how many submissions a second bare SQL does: lock, insert, update, audit, commit."""
    rows = connection.execute(
        "select tenant_id, client_id, interaction_id, review_id from reviews where state = 'queued' limit %s",
        [ROUNDS],
    ).fetchall()
    began = time.perf_counter()
    for row in rows:
        with connection.transaction():
            for statement in _BARE:
                connection.execute(statement, dict(zip(_NAMES, row, strict=True)))
    return len(rows) / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
