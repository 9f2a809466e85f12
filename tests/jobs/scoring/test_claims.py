"""Claims: exclusive to one worker, bounded by a lease, and smaller after every failure."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tenants.isolation import Scope, acting_as
from tests.jobs.worker_processes import LINES, interaction
from tests.waiting import PATIENCE
from workers.round_robin import RoundRobin
from workers.scoring import claims
from workers.scoring.claims import ClaimTerms

TERMS = ClaimTerms(size=50, lease_seconds=60, max_attempts=4)


def claim(scoring_fixture, turns=None, terms=TERMS):
    with scoring_fixture.provider.session() as session:
        return claims.claim(session, scoring_fixture.provider.tenant.tenant_id, turns or RoundRobin(), terms)


def finish(scoring_fixture, held):
    with scoring_fixture.provider.session() as session:
        return claims.finish(session, held, held.ids)


def give_back(scoring_fixture, held, **options):
    with scoring_fixture.provider.session() as session:
        claims.give_back(session, held, held.ids, error="KeyError: 'text'", max_attempts=4, **options)


def test_claim_takes_one_slice_and_reports_remaining_work(scoring_fixture):
    scoring_fixture.push([interaction(f"T-{number}") for number in range(60)])
    first, second, third = claim(scoring_fixture), claim(scoring_fixture), claim(scoring_fixture)
    assert [(len(held.rows), held.more) for held in (first, second)] == [(50, True), (10, False)]
    assert third is None


def test_many_workers_never_hold_the_same_interaction(scoring_fixture):
    ids = scoring_fixture.push([interaction(f"T-{number}") for number in range(400)])
    terms = ClaimTerms(size=20, lease_seconds=60, max_attempts=4)

    def work(_):
        got = []
        while (held := claim(scoring_fixture, terms=terms)) is not None:
            got += held.ids
        return got

    with ThreadPoolExecutor(6) as pool:
        taken = [str(each) for part in pool.map(work, range(6)) for each in part]
    assert sorted(taken) == sorted(ids)


def test_worker_with_expired_claim_finishes_nothing(scoring_fixture):
    scoring_fixture.push([interaction("T-1")])
    late = claim(scoring_fixture)
    scoring_fixture.lapse()
    taken_over = claim(scoring_fixture)

    assert finish(scoring_fixture, late) == set()
    assert finish(scoring_fixture, taken_over) == set(taken_over.ids)
    assert scoring_fixture.row("T-1").state == "scored"


def test_worker_with_expired_claim_cannot_release_claim_of_other_worker(scoring_fixture):
    scoring_fixture.push([interaction("T-1")])
    late = claim(scoring_fixture)
    scoring_fixture.lapse()
    taken_over = claim(scoring_fixture)
    give_back(scoring_fixture, late)

    row = scoring_fixture.row("T-1")
    assert (row.state, row.claim_token, row.error) == ("claimed", taken_over.token, None)


def test_interaction_update_cancels_claim(scoring_fixture):
    scoring_fixture.push([interaction("T-1"), interaction("T-2")])
    held = claim(scoring_fixture)
    scoring_fixture.push([interaction("T-1", lines=LINES[:2])])

    assert len(finish(scoring_fixture, held)) == 1
    assert scoring_fixture.row("T-1").state == "pending"


def test_poison_interaction_retries_in_batch_of_25_then_alone_then_dead(scoring_fixture):
    scoring_fixture.push([interaction(f"T-{number}") for number in range(40)])
    sizes = []
    while (held := claim(scoring_fixture)) is not None:
        sizes.append(len(held.rows))
        scoring_fixture.lapse()
    assert sizes == [40, 25, 15, *[1] * 40 * 2]
    assert scoring_fixture.count("dead") == 40
    assert "the worker was lost" in scoring_fixture.row("T-0").error


def test_interaction_at_attempt_limit_becomes_dead_with_error_and_audit_entry(scoring_fixture):
    scoring_fixture.push([interaction("T-1")])
    while (held := claim(scoring_fixture)) is not None:
        give_back(scoring_fixture, held)

    row = scoring_fixture.row("T-1")
    assert (row.state, row.attempts, row.error) == ("dead", 4, "KeyError: 'text'")
    assert scoring_fixture.ask(
        "select count(*) from audit_entries where action = 'interaction.set_aside'"
    ) == [(1,)]


def test_forgiven_release_does_not_count_as_attempt(scoring_fixture):
    scoring_fixture.push([interaction("T-1")])
    give_back(scoring_fixture, claim(scoring_fixture), forgiven=True)

    assert (scoring_fixture.row("T-1").state, scoring_fixture.row("T-1").attempts) == ("pending", 0)


def test_new_interactions_precede_failed_interactions_without_starvation(scoring_fixture):
    turns = RoundRobin()
    scoring_fixture.push([interaction("failed")])
    give_back(scoring_fixture, claim(scoring_fixture, turns))
    scoring_fixture.push([interaction(f"T-{number}") for number in range(20)])
    terms = ClaimTerms(size=1, lease_seconds=60, max_attempts=4)
    order = [claim(scoring_fixture, turns, terms).rows[0].external_id for _ in range(12)]

    assert 3 < order.index("failed") < 10


def test_clients_of_a_provider_take_turns(make_scoring_fixture):
    scoring_fixture = make_scoring_fixture("northwind", "contoso")
    scoring_fixture.push([interaction(f"T-{number}") for number in range(300)])
    scoring_fixture.push([interaction("quiet")], slug="contoso")
    turns = RoundRobin()
    clients = [claim(scoring_fixture, turns).client_id for _ in range(3)]

    assert scoring_fixture.provider.clients["contoso"].client_id in clients[:2]


@pytest.mark.parametrize("narrowed", [False, True])
def test_a_claim_never_reaches_beyond_its_scope(make_scoring_fixture, services, narrowed):
    ours, theirs = make_scoring_fixture("northwind", "contoso"), make_scoring_fixture()
    for scoring_fixture, slug in ((ours, "northwind"), (ours, "contoso"), (theirs, "northwind")):
        scoring_fixture.push([interaction("T-1")], slug=slug)
    tenant_id = ours.provider.tenant.tenant_id
    bound = [ours.provider.clients[slug].client_id for slug in ("northwind", "contoso")]
    scope = Scope(tenant_id, tuple(bound[:1] if narrowed else bound))
    taken = []
    with acting_as(services.engine, scope) as session:
        turns = RoundRobin()
        while (held := claims.claim(session, theirs.provider.tenant.tenant_id, turns, TERMS)) is not None:
            taken.append(held)
        while (held := claims.claim(session, tenant_id, turns, TERMS)) is not None:
            taken.append(held)

    assert len(taken) == (1 if narrowed else 2)
    assert theirs.count("pending") == 1
    assert ours.count("pending", "contoso") == (1 if narrowed else 0)


def test_intake_and_workers_do_not_deadlock(scoring_fixture):
    names = [f"T-{number:03}" for number in range(150)]
    scoring_fixture.push([interaction(name) for name in names])
    done = threading.Event()
    broken = []

    def work():
        try:
            while not done.is_set():
                if (held := claim(scoring_fixture, terms=ClaimTerms(150, 60, 4))) is not None:
                    finish(scoring_fixture, held)
        except Exception as error:
            broken.append(error)
            raise

    with ThreadPoolExecutor(2) as pool:
        workers = [pool.submit(work) for _ in range(2)]
        for turn in range(8):
            # Pushed in an order that is not the order of ids.
            scoring_fixture.push([interaction(name, intent=f"i{turn}") for name in reversed(names)])
        done.set()
        for each in workers:
            each.result(timeout=PATIENCE)
    assert broken == []
