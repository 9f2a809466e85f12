"""Keys of draws: committed to before their month, mixed with the client's number, told when it is over."""

from datetime import UTC, date, datetime
from uuid import UUID

from scorecards.sampling.draw_keys import (
    DrawKeys,
    arrival_month,
    begin_of,
    commitment_to,
    drawing_key,
    installation_keys,
    month_key,
    revealed_keys,
)
from scorecards.sampling.inclusion import draw_number

SECRET, CLIENT = b"sixteen bytes at least", UUID(int=7)
JULY, AUGUST = date(2026, 7, 1), date(2026, 8, 1)


def arrived(moment):
    """Return an id as it is made at a moment."""
    return UUID(int=int(moment.timestamp() * 1000) << 80 | 7 << 76 | 2 << 62 | 5)


def told(**changes):
    key = month_key(SECRET, CLIENT, JULY)
    plain = {"month": "2026-07", "client_number": "5 2 6", "committed_at": "2026-06-30T22:59:00+00:00"}
    return {**plain, "commitment": commitment_to(key), "key": key.hex(), **changes}


def test_a_month_is_that_of_arrival_to_the_millisecond():
    end = begin_of(AUGUST)

    assert arrival_month(arrived(end)) == AUGUST
    assert arrival_month(UUID(int=arrived(end).int - (1 << 80))) == JULY
    assert arrival_month(arrived(datetime(2026, 12, 31, 23, 59, tzinfo=UTC))) == date(2026, 12, 1)


def test_what_is_told_draws_as_the_installation_does_and_other_months_stay_secret():
    ours = installation_keys(SECRET, CLIENT, [{"month": "2026-07", "client_number": "5 2 6"}])
    theirs, wrong = revealed_keys([told()])
    one, other = arrived(datetime(2026, 7, 9, tzinfo=UTC)), arrived(datetime(2026, 8, 9, tzinfo=UTC))

    assert wrong == []
    assert theirs.key_for(one) == ours.key_for(one) != SECRET
    assert ours.key_for(other) == SECRET
    assert theirs.key_for(other) is None
    assert ours.key_for(UUID(int=3, version=4)) == SECRET
    assert month_key(SECRET, CLIENT, AUGUST) != month_key(SECRET, CLIENT, JULY)
    assert month_key(SECRET, UUID(int=8), JULY) != month_key(SECRET, CLIENT, JULY)


def test_a_key_that_was_not_committed_to_or_too_late_is_refused():
    exchanged = told(key=month_key(b"another secret of them", CLIENT, JULY).hex())
    late = told(committed_at="2026-07-01T00:00:00+00:00")

    keys, wrong = revealed_keys([exchanged, late])

    assert keys == DrawKeys(None, {})
    assert [each.split(": ")[1][:14] for each in wrong] == ["the key is not", "the commitment"]


def test_draws_of_a_mixed_key_are_uniform_and_another_number_draws_others():
    key = month_key(SECRET, CLIENT, JULY)
    ids = [UUID(int=arrived(datetime(2026, 7, 9, tzinfo=UTC)).int + each) for each in range(4000)]
    one, other = (
        [draw_number(drawing_key(key, number), "7", each) < 0.2 for each in ids] for number in ("5", "6")
    )

    assert abs(sum(one) - 800) < 4 * 25.3
    assert abs(sum(a and b for a, b in zip(one, other, strict=True)) - 160) < 4 * 12.4
