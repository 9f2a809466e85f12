"""A golden item, a second look and a drawn review are the same to whoever holds them: pages and answers."""

import json
import re
from datetime import timedelta
from itertools import pairwise

import pytest
from scipy import stats
from sqlalchemy import update

from qm.interactions.models import Interaction
from qm.reviews.models import Review
from qm.reviews.quality_checks import check_number
from tenants.models import User, new_id
from tests.api.quality_api import QualityDesk
from tests.api.review_api import GOOD, ReviewFixture
from tests.console.conftest import Visitor

KINDS = ("golden", "re_review")
# What differs between any two reviews, whatever they are.
_OF_ITS_OWN = (
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "ID"),
    (r"[0-9a-f]{16,}", "HASH"),
    (r"\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|\+00:00)?", "MOMENT"),
    (r"[\w-]+\.[\w-]{6}\.[\w-]{27}", "TOKEN"),
    (r"\bT-\d+\b", "EXTERNAL"),
    (r"person-\d+|reviewer-\d+", "PERSON"),
    (r"\d+:\d\d(?:[  ][AP]M)?(?::\d\d)?", "TIME"),
)


def plain(text):
    for pattern, word in _OF_ITS_OWN:
        text = re.sub(pattern, word, text)
    return re.sub(r"\s+", " ", text)


WAITING = re.compile(r"(\d+|One|No) reviews? waits?")


def waiting(page):
    """Return how many reviews wait by a page; of one more, nobody knows whose it is."""
    (number,) = WAITING.findall(page)
    return int({"One": 1, "No": 0}.get(number, number))


class World:
    """A client with a golden item and a reviewed conversation, where checks of one kind are offered."""

    def __init__(self, app, provider, kind):
        reviews = ReviewFixture(provider)
        reviews.publish("northwind")
        self.desk = QualityDesk(reviews)
        self.desk.golden(1)
        self.desk.reviewed(self.desk.ben)
        self.desk.rates(golden=kind == "golden", again=kind == "re_review")
        for number in range(3):
            reviews.drawn(hours_ago=2 + number)
        with provider.session() as session:
            session.execute(update(Interaction).values(received_at=reviews.now - timedelta(days=1)))
        self.ada = self.desk.ada
        self.page = Visitor(app, provider, self.ada.user)
        self.kind = kind

    def claim(self):
        claimed = self.desk.next(self.ada).json
        assert self.desk.reviews_of(claimed)["quality_check"] == self.kind
        return claimed

    def seen(self, review=None):
        """Return everything that Ada may ask for, as it looks to her."""
        lists = [
            "/v1/reviews",
            "/v1/reviews?state=queued",
            "/v1/me",
            "/v1/disputes",
            "/v1/reviewers/quality",
            "/v1/recognition",
        ]
        pages = ["/", "/reviews", "/reviews/all", "/disputes", "/reviewers", "/recognition"]
        if review is not None:
            interaction = review["interaction"]["id"]
            lists += [f"/v1/reviews/{review['id']}", f"/v1/interactions/{interaction}"]
            lists += [f"/v1/interactions/{interaction}/evaluations"]
            pages += [f"/reviews/{review['id']}", f"/interactions/{interaction}"]
            pages += [f"/search?q={interaction}", f"/search?q={review['id']}"]
        found = {plain(path): plain(json.dumps(self.ada.get(path).json, indent=1)) for path in lists}
        if review is not None:
            rows = self.ada.get("/v1/clients/northwind/interactions?limit=200").json["data"]
            (row,) = [each for each in rows if each["id"] == interaction]
            found["row of the list"] = plain(json.dumps(row))
        for path in pages:
            answer = self.page.get(path)
            found[f"page {plain(path)}"] = f"{answer.status_code} {plain(answer.get_data(as_text=True))}"
        return found

    def held(self):
        """Return what is seen before, while and after a review is held, until it is submitted."""
        steps = {"before": self.seen()}
        claimed = self.claim()
        steps["claimed"] = self.seen(claimed) | {"answer": plain(json.dumps(claimed))}
        draft = self.ada.put(f"/v1/reviews/{claimed['id']}/draft", json={"answers": GOOD})
        steps["drafted"] = self.seen(claimed) | {"answer": plain(json.dumps(draft.json))}
        again = self.desk.next(self.ada)
        steps["asked again"] = {
            "answer": plain(json.dumps(again.json)),
            "headers": sorted(again.headers.keys()),
        }
        return steps, claimed


@pytest.fixture
def worlds(app, make_provider):
    return {kind: World(app, make_provider("northwind"), kind) for kind in (None, *KINDS)}


def differences(one, other):
    """Return where two people see something else, with the words around the first difference."""
    found = []
    for step, seen in one.items():
        for name, text in seen.items():
            told = other[step][name]
            if told != text:
                at = next(
                    (n for n, pair in enumerate(zip(text, told, strict=False)) if len(set(pair)) > 1), 0
                )
                around = slice(max(0, at - 60), at + 60)
                found.append((step, name, text[around], told[around]))
    return found


def test_nothing_tells_a_check_from_a_drawn_review_while_it_is_held(worlds):
    drawn, _ = worlds[None].held()
    for kind in KINDS:
        assert differences(drawn, worlds[kind].held()[0]) == []


def test_nor_after_it_was_given_back_and_for_the_next_person(worlds):
    seen = {}
    for kind, world in worlds.items():
        claimed = world.claim()
        released = world.ada.post(f"/v1/reviews/{claimed['id']}/release")
        steps = {"released": world.seen() | {"answer": plain(json.dumps(released.json))}}
        cara = world.desk.reviews.reviewer()
        hand_picked = world.desk.reviews.drawn(hours_ago=1).interaction_id
        assert world.desk.manager.post(f"/v1/interactions/{hand_picked}/reviews", json={}).status_code == 201
        first = world.desk.next(cara).json
        assert first["interaction"]["id"] == str(hand_picked), "cases to act on come first"
        world.desk.submit(cara, first)
        world.page = Visitor(world.page.app, world.desk.reviews.provider, cara.user)
        before = waiting(world.page.get("/reviews").text)
        taken = world.desk.next(cara).json
        assert taken["id"] == claimed["id"]
        world.ada = cara
        held = world.seen(taken)
        assert waiting(held["page /reviews/ID"]) == before - 1, kind
        seen[kind] = steps | {"taken": {name: WAITING.sub("SOME wait", text) for name, text in held.items()}}
    for kind in KINDS:
        assert differences(seen[None], seen[kind]) == []


def test_nor_after_it_was_skipped(worlds):
    seen = {}
    for kind, world in worlds.items():
        claimed = world.claim()
        skipped = world.ada.post(f"/v1/reviews/{claimed['id']}/skip", json={"reason": "Not a conversation."})
        seen[kind] = {"skipped": {"answer": plain(json.dumps(skipped.json))}}
        record = world.page.get(f"/reviews/{claimed['id']}").text
        seen[kind]["skipped"]["record"] = plain(WAITING.sub("SOME wait", record))
    for kind in KINDS:
        assert differences(seen[None], seen[kind]) == []


def test_what_waits_is_a_number_to_reviewers_in_which_nothing_is_missed(worlds):
    """In a list, what they get next would not have been there before."""
    for world in worlds.values():
        before = world.ada.get("/v1/reviews?state=queued").json["data"]
        page = world.page.get("/reviews").text
        claimed = world.claim()
        assert (before, "3 reviews wait." in page) == ([], True)
        assert "2 reviews wait." in world.page.get(f"/reviews/{claimed['id']}").text


def test_no_moment_or_place_in_the_queue_is_likelier_to_hold_a_check():
    """Whether one is due is even over ranks and people, so that neither tells of it."""
    people = [User(user_id=new_id()) for _ in range(20)]
    draws = [(number + 0.5) / 500 for number in range(500)]
    numbers = [[check_number(Review(draw=draw), person) for draw in draws] for person in people]

    flat = [each for row in numbers for each in row]
    assert stats.kstest(flat, "uniform").pvalue > 0.001
    assert abs(stats.spearmanr(draws * len(people), flat).statistic) < 3.3 / len(flat) ** 0.5
    gaps = [each < 0.05 for each in flat]
    runs = sum(one and two for one, two in pairwise(gaps))
    assert stats.binomtest(runs, len(gaps) - 1, 0.05**2).pvalue > 0.001, "one does not follow the other"
