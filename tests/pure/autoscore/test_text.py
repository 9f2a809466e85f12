from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from scorecards.autoscore.matching import client_phrases
from scorecards.autoscore.matching.matcher import Matcher, Pattern
from scorecards.autoscore.text import money, normalization


def sentence_texts(written):
    return [written[start:end] for start, end in normalization.sentences(written)]


@given(st.text(max_size=300))
def test_normalisation_preserves_text_length(written):
    assert len(normalization.normalise(written)) == len(written)


@given(st.text(max_size=300))
def test_masking_quotations_preserves_text_length(written):
    plain = normalization.normalise(written)
    assert len(normalization.mask_quotations(plain)) == len(plain)


@given(st.text(max_size=3000))
def test_sentences_hold_every_visible_character_once_and_in_order(written):
    cut = normalization.sentences(written)
    assert all(a.end <= b.start for a, b in pairwise(cut))
    assert "".join("".join(written[a:b].split()) for a, b in cut) == "".join(written.split())


@given(st.text(max_size=3000))
def test_no_sentence_is_longer_than_the_limit(written):
    assert all(b - a <= normalization.MAX_SENTENCE_LENGTH for a, b in normalization.sentences(written))


def test_abbreviations_do_not_end_a_sentence():
    assert sentence_texts("Ask Dr. Lee at 5 p.m. today, e.g. by phone. Thanks.") == [
        "Ask Dr. Lee at 5 p.m. today, e.g. by phone.",
        "Thanks.",
    ]


def test_an_ellipsis_before_a_small_letter_goes_on():
    assert sentence_texts("well... maybe. Wait… No") == ["well... maybe.", "Wait…", "No"]


def test_punctuation_without_a_space_and_emoji_end_a_sentence():
    assert sentence_texts("Hello!How are you?Fine.Thanks 😊 ok") == [
        "Hello!",
        "How are you?",
        "Fine.",
        "Thanks 😊",
        "ok",
    ]


def test_paragraph_break_ends_a_sentence_and_line_wrap_does_not():
    assert sentence_texts("this line\nwraps\n\nNext") == ["this line\nwraps", "Next"]


def test_addresses_and_decimals_stay_whole():
    assert sentence_texts("Write to a@b.Com or pay 3.50 now") == ["Write to a@b.Com or pay 3.50 now"]


def test_turn_quoted_as_a_whole_is_not_masked():
    assert normalization.mask_quotations('"i am sorry"') == '"i am sorry"'


def test_quoted_email_lines_are_masked():
    assert "sorry" not in normalization.mask_quotations("thank you.\n> i am sorry\n> really")


def test_amounts_are_read_in_either_notation():
    found = money.amounts("1.234,50 eur or 1,234.50 usd, also $1,000 and 12,5 euros")
    assert [(each.value, each.currency) for each in found] == [
        (1234.5, "EUR"),
        (1234.5, "USD"),
        (1000.0, "$"),
        (12.5, "EUR"),
    ]


def test_numbers_without_a_currency_are_no_amounts():
    assert money.amounts("order 4711, 3 items, 20 % off") == []


def test_a_dollar_sign_is_any_dollar_and_no_euro():
    amount = money.amounts("$5")[0]
    assert (amount.is_in("USD"), amount.is_in("CAD"), amount.is_in("EUR")) == (True, True, False)


@given(st.text(max_size=200))
def test_amounts_lie_in_the_text(written):
    plain = normalization.normalise(written)
    assert all(0 <= each.start < each.end <= len(plain) for each in money.amounts(plain))


def phrase_matches(phrase, sentence, **options):
    return bool(
        Matcher([client_phrases.pattern("x", phrase, **options)]).scan(normalization.normalise(sentence))
    )


def test_phrases_match_inflected_contracted_and_curly():
    assert phrase_matches("per our policy", "As per our policies.")
    assert phrase_matches("we are sorry", "We’re sorry")
    assert phrase_matches("we cannot", "we can't")
    assert phrase_matches("hasn't arrived", "it has not arrived")


def test_phrases_keep_word_boundaries():
    assert not phrase_matches("care", "the car is here")
    assert not phrase_matches("ship", "your membership")


def test_a_credit_card_is_no_credit():
    assert not phrase_matches("credit", "your credit card")


def test_phrase_placeholder_matches_a_name_or_nothing():
    assert phrase_matches("Hi {name}", "hi Anna Lee, welcome")
    assert phrase_matches("Hi {name}, welcome", "hi Anna Lee, welcome")
    assert phrase_matches("Hi {name}", "hi")


def test_a_negated_phrase_does_not_count_unless_it_is_negative_itself():
    assert not phrase_matches("I'd be glad to", "I can't say I'd be glad to")
    assert phrase_matches("don't worry", "don't worry")


def test_japanese_phrase_matches_without_word_boundaries():
    assert phrase_matches("どうぞ", "はいどうぞよろしく")


@given(st.text(min_size=1, max_size=60), st.text(max_size=200))
def test_any_phrase_compiles_and_finds_places_inside_the_text(phrase, sentence):
    plain = normalization.normalise(sentence)
    for hit in Matcher([client_phrases.pattern("x", phrase)]).scan(plain):
        assert 0 <= hit.start < hit.end <= len(plain)


SORRY = Pattern("apology", r"\bsorry\b", "sorry")


def test_negation_suppresses_a_match_only_in_the_same_clause():
    scanner = Matcher([SORRY])
    assert not scanner.scan("i'm not sorry")
    assert scanner.scan("it is not here, and i am sorry")


def test_conditional_if_suppresses_a_match_but_indirect_question_does_not():
    scanner = Matcher([SORRY], whole_sentence_conditions=True)
    assert not scanner.scan("if it breaks i am sorry")
    assert scanner.scan("i don't see if you care but i am sorry")


def test_reported_policy_text_does_not_match():
    assert not Matcher([SORRY]).scan("our policy says we are sorry")
