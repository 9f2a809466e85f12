from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scorecards.authoring.validation import faults_of
from scorecards.authoring.yaml_documents import read_document
from scorecards.autoscore.brand_voice import example_classifier, style_markers, tone_words
from scorecards.autoscore.brand_voice.checker import BrandVoiceChecker
from scorecards.autoscore.engine import Judge, shared_annotator
from scorecards.autoscore.matching import client_phrases
from scorecards.autoscore.matching.matcher import Matcher
from scorecards.autoscore.text import concepts, inflection, normalization, readability
from scorecards.autoscore.text.quotation import is_mentioned
from scorecards.definitions.brand_voice import BrandVoice
from scorecards.definitions.conversation import Conversation, Turn
from scorecards.definitions.form import Form
from tests.pure.autoscore.brand_voice_texts import SENTENCES

FILE = Path(__file__).parent / "data" / "voice_examples.yaml"
EXAMPLES = yaml.safe_load(FILE.read_text(encoding="utf-8"))
CASES = {case["name"]: case for case in EXAMPLES["cases"]}
READERS = {name: BrandVoiceChecker(BrandVoice.from_body(body)) for name, body in EXAMPLES["voices"].items()}
READER = shared_annotator()
WORDS_OF_PHRASES = st.sampled_from(
    sorted(normalization.word_set("we apologise for your order cancelled sending policy favourite"))
)
WORDS_OF_EXAMPLES = st.sampled_from(
    sorted(normalization.word_set("the bag is red blue i've got this request all set"))
)
NOW = datetime(2026, 1, 5, tzinfo=UTC)
SPEAKERS = {"C": "customer", "A": "agent"}


def read(*turns, channel="chat", language="en"):
    said = [Turn(SPEAKERS[each[0]], each[3:]) for each in turns]
    return READER.annotate(Conversation(channel, said, NOW, language=language))


def found_in(case):
    reading = read(*case["turns"], channel=case.get("channel", "chat"), language=case.get("language", "en"))
    return READERS[case["voice"]].findings(reading)


def measured(found, name):
    rule, _, word = name.partition("/")
    (finding,) = [each for each in found if each.rule == rule and each.clause.endswith(word)]
    return finding.kept


@pytest.mark.parametrize("name", CASES)
def test_brand_voice_findings_match_expected_in_edge_case(name):
    case, found = CASES[name], found_in(CASES[name])
    placed = {each.rule for each in found if each.span is not None}
    cited = {f"{each.rule}:{each.clause}" for each in found if each.span is not None}
    assert set(case.get("finds", ())) <= placed | cited
    assert placed.isdisjoint(case.get("not", ()))
    assert set(case.get("missing", ())) <= {
        each.rule for each in found if each.kept is False and not each.span
    }
    assert {each: measured(found, each) for each in case.get("kept", {})} == case.get("kept", {})
    if case.get("nothing"):
        assert found == ()


def test_there_are_enough_hard_cases():
    assert len(CASES) == len(EXAMPLES["cases"]) >= 60


def test_brand_voices_of_edge_cases_are_valid():
    voices = read_document(FILE.read_text(encoding="utf-8")).value["voices"]
    assert [faults_of("brand_voice", body) for name, body in voices.items() if name != "alike"] == [[]] * 7


@pytest.mark.parametrize("name", CASES)
def test_every_finding_says_its_clause_and_words(name):
    for found in found_in(CASES[name]):
        assert found.clause
        assert found.detail.endswith(".")


@given(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=12), st.sampled_from(sorted(READERS)))
@settings(deadline=None)
def test_evidence_of_any_voice_finding_lies_in_its_turn(sentences, voice):
    reading = read(*(f"A: {each}" for each in sentences))
    for found in READERS[voice].findings(reading):
        assert found.kept in {True, False, None}
        if found.span is not None:
            assert 0 <= found.span.start < found.span.end <= len(sentences[found.turn])


@given(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=8))
@settings(deadline=None)
def test_brand_voice_cache_does_not_change_findings(sentences):
    reading = read(*(f"A: {each}" for each in sentences))
    fresh = BrandVoiceChecker(BrandVoice.from_body(EXAMPLES["voices"]["plain"]))
    assert fresh.findings(reading) == READERS["plain"].findings(reading)


def style_of(text):
    plain = normalization.normalise(text)
    return style_markers.style_of(plain, tuple(normalization.words(plain)))


def grade_of(*sentences):
    total = style_markers.total(map(style_of, sentences))
    return readability.grade(total.read_sentences, total.read_words, total.read_syllables)


@given(st.integers(1, 400), st.integers(1, 40), st.floats(1.0, 4.0))
def test_a_grade_grows_with_the_length_of_sentences(words, sentences, per_word):
    assume(words >= sentences)
    syllables = round(words * per_word)
    longer = readability.grade(sentences, words, syllables)
    assert readability.grade(sentences + 1, words, syllables) < longer


@given(st.integers(1, 400), st.integers(1, 40), st.integers(1, 1600))
def test_a_grade_grows_with_syllables(words, sentences, syllables):
    assert readability.grade(sentences, words, syllables) < readability.grade(sentences, words, syllables + 1)


@given(st.integers(3, 30), st.integers(3, 30))
def test_joining_sentences_never_makes_a_text_easier(first, second):
    words = ["order"] * (first + second)
    assert grade_of(" ".join(words)) > grade_of(" ".join(words[:first]), " ".join(words[first:]))


@given(st.text(max_size=300))
def test_the_grade_of_any_text_is_at_least_that_of_words_of_one_syllable(text):
    counted = style_of(text)
    if counted.read_sentences:
        assert readability.grade(counted.read_sentences, counted.read_words, counted.read_syllables) >= -3.4


@given(st.text(st.characters(codec="ascii"), min_size=1, max_size=30))
def test_every_word_has_a_syllable(word):
    assert readability.syllables(word.lower()) >= 1


SPOKEN = {
    1: "help paid you're asked please whole notes",
    2: "order refund needed table couldn't rarely",
    3: "created delivered customer previous manual languages video",
    4: "information apologise experience society",
    5: "immediately aforementioned",
}
SYLLABLES = {word: count for count, words in SPOKEN.items() for word in words.split()}


@pytest.mark.parametrize("word", SYLLABLES)
def test_syllables_are_counted_as_they_are_spoken(word):
    assert readability.syllables(word) == SYLLABLES[word]


GRADED = "The quick brown fox jumps over the lazy dog near the river bank."


def test_reading_grade_equals_flesch_kincaid_formula():
    # 13 words, 1 sentence, 16 syllables
    assert grade_of(GRADED) == pytest.approx(0.39 * 13 + 11.8 * 16 / 13 - 15.59)


@pytest.mark.parametrize("word", ["advise", "promise", "size", "surprise", "exercise", "raise"])
def test_words_without_british_american_variants_have_one_spelling(word):
    assert set(inflection.spellings(word)) == {word}


SPELT = normalization.word_set("apologise organise realise analyse colour favour centre cancelled travelled")


@given(st.sampled_from(sorted(SPELT)))
def test_spelling_variants_are_symmetric(word):
    for other in inflection.spellings(word):
        assert word in set(inflection.spellings(other))


@given(st.text(st.characters(codec="ascii", categories=["Ll"]), min_size=1, max_size=14))
def test_inflected_forms_include_the_word_itself(word):
    assert word in inflection.forms(word)


@given(
    st.lists(
        WORDS_OF_PHRASES,
        min_size=1,
        max_size=5,
    )
)
def test_client_phrase_matches_its_own_text(words):
    phrase = " ".join(words)
    assert Matcher([client_phrases.pattern("x", phrase, negated_by_scope=False)]).scan(phrase)


@given(st.text(max_size=80), st.integers(0, 80), st.integers(0, 80))
def test_is_mentioned_returns_bool_for_any_span(plain, start, length):
    assert is_mentioned(
        normalization.normalise(plain), min(start, len(plain)), min(start + length, len(plain))
    ) in {
        True,
        False,
    }


def test_example_classifier_is_invariant_to_example_order():
    voice = EXAMPLES["voices"]["learned"]["examples"]
    forth = example_classifier.train(voice["good"], voice["bad"])
    back = example_classifier.train(voice["good"][::-1], voice["bad"][::-1])
    assert forth.weights == back.weights
    assert forth.slope == pytest.approx(back.slope)


def test_swapping_good_and_bad_examples_negates_classifier_weights():
    voice = EXAMPLES["voices"]["learned"]["examples"]
    forth, back = (
        example_classifier.train(voice["good"], voice["bad"]),
        example_classifier.train(voice["bad"], voice["good"]),
    )
    assert {name: pytest.approx(-weight) for name, weight in forth.weights.items()} == back.weights


@given(st.lists(WORDS_OF_EXAMPLES, max_size=8))
def test_example_classifier_scores_only_learned_features(words):
    voice = EXAMPLES["voices"]["learned"]["examples"]
    learned = example_classifier.train(voice["good"], voice["bad"])
    said = tuple(words)
    counted = style_markers.style_of(" ".join(said), said)
    known = [each for each in example_classifier.features(said, counted) if each in learned.weights]
    assert learned.features_of(said, counted).known == len(known)


@pytest.mark.parametrize("kinds", [("good", "bad"), ("bad", "good")])
def test_example_classifier_names_contributing_features(kinds):
    voice = EXAMPLES["voices"]["learned"]["examples"]
    learned = example_classifier.train(voice["good"], voice["bad"])
    words = tuple(normalization.words(normalization.normalise(voice[kinds[0]][0])))
    counted = style_markers.style_of(normalization.normalise(voice[kinds[0]][0]), words)
    assert learned.contributions(words, counted, towards_good=kinds[0] == "good")


@pytest.mark.parametrize("word", sorted(tone_words.ATTRIBUTES))
def test_tone_word_has_exactly_one_bound_on_a_style_field(word):
    attribute = tone_words.ATTRIBUTES[word]
    assert (attribute.least is None) != (attribute.most is None)
    assert attribute.field in style_markers.Style._fields


@given(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=10))
def test_style_word_total_is_the_sum_over_sentences(sentences):
    plains = [normalization.normalise(each) for each in sentences]
    styles = [style_markers.style_of(each, tuple(normalization.words(each))) for each in plains]
    assert style_markers.total(styles).words == sum(each.words for each in styles)
    assert all(first.sentences <= 1 for first, _ in pairwise([*styles, styles[0]]))


@given(st.text(max_size=120))
def test_concepts_of_single_words_lie_in_the_text(written):
    plain = normalization.normalise(written)
    for each in concepts.concept_spans(plain):
        assert 0 <= each.start < each.end <= len(plain)


def answers(voice, *turns, books=()):
    asked = [
        {"key": name, "text": "?", "kind": "yes_no", "na_allowed": True, "auto": name}
        for name in ("reading_level_fits", "tone_fits", "uses_empathy_library", "avoids_dead_ends")
    ]
    form = Form.from_body({"sections": [{"key": "all", "questions": asked}]})
    judge = Judge(form, voice, books, charged_threshold=0.5)
    return judge.evaluate([Conversation("chat", read(*turns).conversation.turns, NOW)])[0].answers


@pytest.mark.parametrize(
    "name", ["reading_level_fits", "tone_fits", "uses_empathy_library", "avoids_dead_ends"]
)
def test_brand_voice_judgements_abstain_without_voice_or_playbooks(name):
    assert answers(None, "C: I'm so upset!", "A: Ok.")[name].abstained


@pytest.mark.parametrize("name", ["reading_level_fits", "tone_fits", "uses_empathy_library"])
def test_brand_voice_judgements_abstain_with_empty_voice(name):
    assert answers(BrandVoice(), "C: I'm so upset!", "A: Ok.")[name].abstained


def test_reading_level_confidence_grows_with_distance_from_target():
    hard = CASES["hard text"]["turns"][0]
    easy = CASES["easy text"]["turns"][0]
    grade = READERS["easy"].findings(read(easy))[0].measure
    far = answers(BrandVoice(reading_level=6.0), hard)["reading_level_fits"]
    near = answers(BrandVoice(reading_level=grade - 0.5), easy)["reading_level_fits"]
    assert (far.value, near.value) == ("no", "no")
    assert far.confidence > near.confidence


def test_empathy_library_judgement_is_na_without_feeling_or_failure():
    voice = BrandVoice.from_body(EXAMPLES["voices"]["plain"])
    assert answers(voice, "C: When do you open?", "A: At nine.")["uses_empathy_library"].na


def test_the_clients_own_clause_numbers_are_cited():
    voice = BrandVoice.from_body({"reading_level": 5, "clauses": {"reading_level": "BV-9"}})
    assert BrandVoiceChecker(voice).findings(read("A: Ok."))[0].clause == "BV-9"


@given(st.sampled_from(SENTENCES) | st.text(max_size=120))
def test_style_markers_and_readability_count_the_same_reading_load(written):
    plain = normalization.normalise(written)
    words = tuple(normalization.words(plain))
    assume("@" not in plain and "://" not in plain and "www." not in plain)
    read = [word for word in words if readability.is_read(word)]
    counts = len(read) >= readability.MIN_WORDS_IN_SENTENCE
    expected = (1, len(read), sum(map(readability.syllables, read))) if counts else (0, 0, 0)
    counted = style_markers.style_of(plain, words)
    assert (counted.read_sentences, counted.read_words, counted.read_syllables) == expected
