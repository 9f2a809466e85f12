"""Friction themes: assignment by tag and phrase, faults, discovery, and agents' apologies."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecards.definitions.conversation import Turn
from scorecards.definitions.friction_themes import NO_THEME, FrictionTheme, FrictionThemes, from_body
from scorecards.definitions.theme_phrases import MAX_STATEMENT, phrase_stems, problem_statement
from scorecards.friction.apologies import apologised
from scorecards.friction.discovery import MAX_THEMES, MIN_STATEMENTS, discover
from tenants.http.faults import Invalid

LATE = FrictionTheme("late", "Late delivery", frozenset({"late_delivery", "delivery"}), ("parcel lost",))
CARD = FrictionTheme("card", "Card refused", frozenset(), ("credit card", "card"))
WORDS = st.sampled_from(
    ["card", "parcel", "lost", "credit", "invoice", "screen", "the", "my", "not", "hello", "Bücher", "書籍"]
)
TEXTS = st.lists(WORDS, max_size=12).map(" ".join)


@pytest.mark.parametrize(
    ("reason", "tags", "said", "theme"),
    [
        ("late_delivery", [], "My card!", "late"),
        ("refund", ["delivery"], "", "late"),
        ("refund", ["vip"], "My card!", "refund"),
        (None, ["vip"], "The parcels are lost", "late"),
        (None, [], "Is a card needed for lost parcels?", "card"),
        (None, [], "My parcel. Lost!", NO_THEME),
        ("card", [], "", "card"),
    ],
)
def test_tags_come_first_then_the_phrase_mentioned_first(reason, tags, said, theme):
    themes = FrictionThemes((LATE, CARD), frozenset({"vip"}))

    assert themes.theme_of(reason, tags, said) == theme


@given(TEXTS, st.permutations([LATE, CARD]))
def test_the_order_of_the_list_does_not_matter(said, order):
    assert FrictionThemes(tuple(order)).mentioned(said) == FrictionThemes((LATE, CARD)).mentioned(said)


@given(TEXTS)
def test_merged_themes_have_what_both_had(said):
    both = FrictionTheme("both", "Both", LATE.tags, LATE.phrases + CARD.phrases)

    apart, merged = FrictionThemes((LATE, CARD)), FrictionThemes((both,))

    assert (merged.mentioned(said) == "both") == (apart.mentioned(said) != NO_THEME)


def test_every_fault_is_named():
    body = {
        "themes": [
            {"key": "a", "name": "A", "tags": ["x"], "phrases": ["the card", "I can't", 3]},
            {"key": "b", "name": " ", "tags": ["x"], "phrases": ["cards"]},
            {"key": "a", "name": "C", "phrases": ["one parcel delivered by lost couriers"]},
        ],
        "ignored": "vip",
    }

    with pytest.raises(Invalid) as caught:
        from_body(body)

    assert [(fault.pointer, fault.code) for fault in caught.value.faults] == [
        ("/themes/0/phrases/1", "not_a_phrase"),
        ("/themes/0/phrases/2", "wrong_type"),
        ("/themes/1/name", "wrong_type"),
        ("/themes/2/phrases/0", "not_a_phrase"),
        ("/ignored", "wrong_type"),
        ("/themes/1/tags", "in_two_themes"),
        ("/themes/1/phrases", "in_two_themes"),
        ("/themes/2/key", "in_two_themes"),
    ]


@given(st.lists(st.tuples(st.sampled_from(["customer", "agent", "bot"]), st.text(max_size=400)), max_size=6))
def test_a_statement_is_the_beginning_of_what_the_customer_says(turns):
    said = problem_statement([Turn(speaker, text) for speaker, text in turns])

    assert len(said) <= MAX_STATEMENT
    assert " ".join(text for speaker, text in turns if speaker == "customer" and text).startswith(said)


def statements(seed=1, n=120):
    draw = random.Random(seed)
    about = {
        "My credit card was refused when I pay": 5,
        "The parcel has not arrived yet": 3,
        "I cannot open the invoices": 2,
    }
    fill = ["Hello there.", "Good morning, please help.", "Second time I write!", "I am sad."]
    chosen = draw.choices(list(about), list(about.values()), k=n)
    return [f"{draw.choice(fill)} {text} {draw.choice(fill)}" for text in chosen]


def test_planted_themes_are_found_the_largest_first_and_cover_all():
    found = discover(statements())

    assert [theme.phrase for theme in found if "invoice" in theme.phrase or "arrived" in theme.name]
    assert sum(theme.volume for theme in found) <= 120
    assert [theme.volume for theme in found] == sorted((each.volume for each in found), reverse=True)


@given(st.integers(1, 50))
def test_discovery_does_not_depend_on_the_order_of_statements(seed):
    texts = statements()
    mixed = random.Random(seed).sample(texts, len(texts))

    assert discover(mixed) == discover(texts)


def test_what_is_a_theme_already_is_not_found_again():
    texts = statements()
    known = {phrase_stems(theme.phrase) for theme in discover(texts)}

    assert known.isdisjoint(phrase_stems(theme.phrase) for theme in discover(texts, known))


@given(st.lists(st.text(max_size=200), max_size=60))
def test_any_text_gives_themes_that_its_statements_mention(texts):
    found = discover(texts)
    themes = FrictionThemes(
        tuple(FrictionTheme(str(n), each.name, phrases=(each.phrase,)) for n, each in enumerate(found))
    )

    assert len(found) <= MAX_THEMES
    assert not found or len(texts) >= MIN_STATEMENTS
    for theme in themes.themes:
        assert sum(themes.mentioned(text) == theme.key for text in texts) >= 3


@pytest.mark.parametrize(
    ("speaker", "text", "said_sorry"),
    [
        ("agent", "I'm so sorry about the delay.", True),
        ("agent", "We apologise for the late delivery.", True),
        ("agent", "I'm sorry to hear that you are ill.", False),
        ("customer", "I'm so sorry about the delay.", False),
        ("bot", "We apologise for the late delivery.", False),
        ("agent", "", False),
    ],
)
def test_an_apology_is_an_agents_own(speaker, text, said_sorry):
    assert apologised([Turn(speaker, text)]) is said_sorry
