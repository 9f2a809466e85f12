"""Accuracy of the rules on 636 hand-made dialogues; data/empathy/README.md says how they were made."""

from collections import Counter

import pytest

from tests.pure.autoscore import empathy_dialogues as made
from tests.pure.autoscore.empathy_dialogues import AFTERWARDS, BLIND, CLEAN, LATER, PARTS, PILLARS, PRACTISED

CHANNELS = {"chat", "email", "voice", "ticket", "social", "sms"}
HARD = {
    "sarcasm",
    "sorry_without_action",
    "empathy_after_solution",
    "quoted_policy",
    "foreign_politeness",
    "typos",
    "canned",
    "kind_deflection",
    "condolence",
    "no_opportunity",
    "two_customers",
    "emoji",
    "short",
    "long_email",
    "negated",
}
LEAST = {"dialogues": 300, "pillar": 75, "channel": 35, "tag": 10, "answer": 10, "kind": 4}
NA_IS_RARE = {
    "listens_and_reflects",
    "checks_back",
    "personalises",
    "offers_solution",
    "validates_before_solution",
    "no_sympathy_only",
}
NEVER_NA = {
    "avoids_deflection",
    "avoids_blame",
    "closes_warmly",
    "avoids_canned_sentences",
    "asks_question_back",
}
JUDGED = {
    "validates_feeling",
    "validates_before_solution",
    "listens_and_reflects",
    "asks_question_back",
    "no_sympathy_only",
    "apologises_with_action",
    "takes_ownership",
    "avoids_deflection",
    "avoids_blame",
    "offers_solution",
    "personalises",
    "explains_next_step",
    "avoids_canned_sentences",
    "promises_with_date",
    "checks_back",
    "reassures",
    "closes_warmly",
}
"""The judgements of the four pillars; those of conduct have their own examples."""

MISSED = {
    ("apology-then-credit", "listens_and_reflects"),
    ("check-next-week", "reassures"),
    ("foreign-do-needful", "takes_ownership"),
    ("foreign-kisses", "reassures"),
    ("generic-faq", "takes_ownership"),
    ("next-engineer", "offers_solution"),
    ("next-engineer", "personalises"),
    ("next-step-chat-return", "personalises"),
    ("sarcasm-customer-dated", "takes_ownership"),
    ("sarcastic-promise", "offers_solution"),
    ("steps-then-empathy-voice", "personalises"),
    ("typo-as-soon-as-posible", "takes_ownership"),
    ("typo-replacment", "promises_with_date"),
    ("waived-fee", "listens_and_reflects"),
    ("waived-fee", "takes_ownership"),
    ("within-the-hour", "personalises"),
}
"""What the rules are known to get wrong in the dialogues they were developed on. Mend one: strike it out."""

RIGHT = {
    "held_out": {
        "validates_feeling": (36, 36),
        "validates_before_solution": (11, 12),
        "listens_and_reflects": (4, 4),
        "asks_question_back": (10, 11),
        "apologises_with_action": (19, 20),
        "takes_ownership": (39, 46),
        "avoids_deflection": (16, 16),
        "avoids_blame": (7, 7),
        "no_sympathy_only": (7, 8),
        "personalises": (23, 24),
        "offers_solution": (57, 57),
        "avoids_canned_sentences": (10, 10),
        "explains_next_step": (16, 17),
        "promises_with_date": (22, 27),
        "checks_back": (8, 8),
        "reassures": (16, 20),
        "closes_warmly": (12, 12),
        "greets": (1, 1),
        "signs_off": (4, 4),
        "verifies_identity": (1, 1),
        "uses_preferred_phrases": (2, 2),
        "avoids_banned_phrases": (2, 2),
    },
    AFTERWARDS: {
        "validates_feeling": (22, 27),
        "validates_before_solution": (5, 7),
        "listens_and_reflects": (1, 1),
        "asks_question_back": (5, 5),
        "apologises_with_action": (13, 14),
        "takes_ownership": (24, 29),
        "avoids_deflection": (4, 5),
        "avoids_blame": (4, 5),
        "no_sympathy_only": (3, 4),
        "personalises": (12, 13),
        "offers_solution": (19, 23),
        "avoids_canned_sentences": (4, 4),
        "explains_next_step": (6, 7),
        "promises_with_date": (13, 16),
        "checks_back": (2, 4),
        "reassures": (5, 9),
        "closes_warmly": (6, 6),
        "greets": (2, 2),
    },
    PRACTISED: {
        "validates_feeling": (72, 72),
        "validates_before_solution": (48, 49),
        "listens_and_reflects": (22, 23),
        "asks_question_back": (45, 46),
        "apologises_with_action": (38, 38),
        "takes_ownership": (72, 72),
        "avoids_deflection": (24, 24),
        "avoids_blame": (16, 16),
        "no_sympathy_only": (15, 15),
        "personalises": (49, 50),
        "offers_solution": (71, 71),
        "avoids_canned_sentences": (13, 13),
        "explains_next_step": (18, 18),
        "promises_with_date": (41, 42),
        "checks_back": (50, 51),
        "reassures": (29, 30),
        "closes_warmly": (63, 64),
    },
    BLIND: {
        "validates_feeling": (42, 46),
        "validates_before_solution": (24, 26),
        "listens_and_reflects": (25, 27),
        "asks_question_back": (19, 19),
        "apologises_with_action": (28, 34),
        "takes_ownership": (30, 35),
        "avoids_deflection": (19, 22),
        "avoids_blame": (18, 19),
        "no_sympathy_only": (20, 22),
        "personalises": (20, 26),
        "offers_solution": (34, 43),
        "avoids_canned_sentences": (10, 10),
        "explains_next_step": (17, 19),
        "promises_with_date": (24, 26),
        "checks_back": (15, 20),
        "reassures": (18, 25),
        "closes_warmly": (29, 34),
        "greets": (2, 2),
        "signs_off": (1, 1),
        "verifies_identity": (1, 1),
    },
    CLEAN: {
        "validates_feeling": (29, 36),
        "validates_before_solution": (15, 19),
        "listens_and_reflects": (13, 15),
        "asks_question_back": (17, 18),
        "apologises_with_action": (20, 20),
        "takes_ownership": (32, 34),
        "avoids_deflection": (15, 17),
        "avoids_blame": (18, 21),
        "no_sympathy_only": (11, 11),
        "personalises": (21, 26),
        "offers_solution": (29, 34),
        "avoids_canned_sentences": (15, 16),
        "explains_next_step": (14, 17),
        "promises_with_date": (22, 29),
        "checks_back": (13, 17),
        "reassures": (8, 14),
        "closes_warmly": (23, 29),
    },
}
"""Right answers of all answers where nobody may look for what was missed: the figures of the docs."""

FLOORS = {"developed": 0.97, "held_out": 0.9, AFTERWARDS: 0.8, PRACTISED: 0.96, BLIND: 0.83, CLEAN: 0.82}
WRITTEN_BLIND = (PRACTISED, BLIND, CLEAN)
SHOWN = 0.85
"""Least share of right answers whose evidence has the turn that the writer named; others may show it too."""
EACH = 0.85
"""Least share of right answers: over all of a part, and for each judgement in what was developed."""


def test_there_are_enough_dialogues_of_every_pillar_channel_and_hard_kind():
    told = [each for each in made.dialogues() if each["part"] not in LATER]
    assert len(told) >= LEAST["dialogues"]
    assert len({each["id"] for each in made.dialogues()}) == len(made.dialogues())
    pillars = Counter(each["file"] for each in told)
    assert all(pillars[pillar] >= LEAST["pillar"] for pillar in PILLARS)
    channels = Counter(each["channel"] for each in told)
    assert set(channels) == CHANNELS
    assert min(channels.values()) >= LEAST["channel"]
    tags = Counter(tag for each in told for tag in each["tags"])
    assert set(tags) == HARD | {"plain"}
    assert min(tags.values()) >= LEAST["tag"]


def test_every_judgement_of_the_pillars_is_expected_to_answer_both_ways():
    wanted = Counter((each.judgement, each.wanted) for each in made.expected())
    for name in JUDGED:
        assert wanted[name, "yes"] + wanted[name, "no"] >= 2 * LEAST["answer"]
        assert min(wanted[name, "yes"], wanted[name, "no"]) >= LEAST["answer"] - 2
        if name not in NA_IS_RARE | NEVER_NA:
            assert wanted[name, "n/a"] >= LEAST["answer"]


def test_dialogue_corpus_has_every_kind_of_empathy_and_none():
    found = Counter(kind for each in made.dialogues() for kind in each.get("kinds", ()))
    assert set(found) == {"cognitive", "emotional", "compassionate", "sympathy"}
    assert min(found.values()) >= LEAST["kind"]
    assert sum(each.get("kinds") == [] for each in made.dialogues()) >= LEAST["answer"]


def test_each_dialogue_is_well_formed():
    for each in made.dialogues():
        assert {said[:3] for said in each["turns"]} <= {"C: ", "A: ", "B: "}
        assert each["channel"] in CHANNELS
        assert each["expect"]
        assert set(each) <= {"id", "channel", "tags", "turns", "expect", "kinds", "file", "part"}


def test_rule_errors_on_development_set_equal_known_errors():
    missed = {
        (each.dialogue, each.judgement)
        for each in made.expected()
        if each.part == "developed" and not each.right
    }
    assert missed == MISSED


@pytest.mark.parametrize("part", [part for part in PARTS if part != "developed"])
def test_correct_answer_counts_per_held_out_set_equal_documented_figures(part):
    assert made.agreement(part) == RIGHT[part]


@pytest.mark.parametrize("part", PARTS)
def test_the_share_of_right_answers_stays_above_its_floor(part):
    found = made.agreement(part)
    right, total = (sum(each) for each in zip(*found.values(), strict=True))
    print(f"{part}: {right} of {total} answers, {right / total:.3f}")
    assert right / total >= FLOORS[part]


@pytest.mark.parametrize("judgement", sorted(JUDGED))
def test_rule_accuracy_per_judgement_on_development_set_meets_its_floor(judgement):
    right, total = made.agreement("developed")[judgement]
    assert right >= EACH * total


def test_correct_answer_evidence_includes_the_expected_turn():
    astray = [
        (each.dialogue, each.judgement)
        for each in made.expected()
        if each.right and each.turn is not None and each.turn not in each.shown
        if each.part not in WRITTEN_BLIND
    ]
    assert astray == []


@pytest.mark.parametrize("part", WRITTEN_BLIND)
def test_evidence_turn_accuracy_on_blind_sets_meets_its_floor(part):
    placed = [each for each in made.expected() if each.part == part and each.right and each.turn is not None]
    assert sum(each.turn in each.shown for each in placed) >= SHOWN * len(placed)


def test_empathy_kinds_on_development_set_match_labels():
    astray = {
        each["id"]: made.kinds(made.judged()[each["id"]])
        for each in made.dialogues()
        if "kinds" in each
        and each["part"] == "developed"
        and made.kinds(made.judged()[each["id"]]) != sorted(each["kinds"])
    }
    assert astray == {}


def test_no_answer_reason_quotes_five_words_of_the_transcript():
    for each in made.dialogues():
        words = [
            " ".join(said[3:].lower().split()[n : n + 5])
            for said in each["turns"]
            for n in range(len(said.split()))
        ]
        reasons = " ".join(answer.reason.lower() for answer in made.judged()[each["id"]].answers.values())
        assert [said for said in words if len(said.split()) == 5 and said in reasons] == []
