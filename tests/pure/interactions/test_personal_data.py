"""Personal data of many countries and scripts is masked, and texts without any stay as they are."""

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from qm.interactions.redaction.redactor import Redactor, redact_interaction
from qm.interactions.redaction.stems import STEMS, announced_in
from qm.interactions.turn_texts import extract_turn_texts

TABLE = yaml.safe_load((Path(__file__).parent / "data" / "personal_data.yaml").read_text("utf-8"))
PIECE = re.compile(r"\{\{(.+?)\}\}(?!\})")


def masked(text):
    interaction = extract_turn_texts({"channel": "chat", "turns": [{"text": text}]})
    return redact_interaction(interaction)["turns"][0]["text"]


def pieces(part):
    return [
        (text, piece) for texts in TABLE[part].values() for text in texts for piece in PIECE.findall(text)
    ]


def is_masked(text, piece):
    return piece not in masked(text.replace("{{", "").replace("}}", ""))


@pytest.mark.parametrize(("text", "piece"), pieces("unseen") + pieces("seen"))
def test_personal_data_of_the_table_is_masked(text, piece):
    assert is_masked(text, piece)


def test_nine_of_ten_pieces_that_nothing_was_made_for_are_masked():
    found = [is_masked(text, piece) for text, piece in pieces("held_out")]
    assert sum(found) / len(found) >= 0.9


@pytest.mark.parametrize("text", TABLE["none"])
def test_texts_without_personal_data_stay_as_they_are(text):
    assert masked(text) == text


def test_the_table_is_as_large_as_it_is_said_to_be():
    assert len(pieces("unseen") + pieces("seen") + pieces("held_out")) + len(TABLE["none"]) >= 200
    assert len(TABLE["none"]) >= 60


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("電話は+81 90-1234-5678です", "電話は[PHONE]です"),
        ("メールはjo@example.co.jpまで", "メールは[EMAIL]まで"),
        ("4111111111111111 exp 12/28 cvv 123", "[CARD] exp [EXPIRY] cvv [CVV]"),
        ("4111 1111 1111 1111 12/28 123", "[CARD] [EXPIRY] [CVV]"),
        ("123 is my cvv", "[CVV] is my cvv"),
        ("私のCVVは123です", "私のCVVは[CVV]です"),
        ("CVV2码:456", "CVV2码:[CVV]"),
        ("제 cvc는 123입니다", "제 cvc는 [CVV]입니다"),
        ("我的ssn是536228145", "我的ssn是[NATIONAL_ID]"),
        ("cvv_code=123", "cvv_code=[CVV]"),
        ("Mã bảo mật là 123", "Mã bảo mật là [CVV]"),
        ("4111111111111111|12|28|123", "[CARD]|[EXPIRY]|[CVV]"),
        ("4111111111111111;12;2028;123", "[CARD];[EXPIRY];[CVV]"),
        ("4111-1111-1111-1111 12-28-123", "[CARD] [EXPIRY]-[CVV]"),
        ("4111 1111 1111 1111, 123", "[CARD], [CVV]"),
        ("4111 1111 1111 1111\nexp: 12/28\n123", "[CARD]\nexp: [EXPIRY]\n[CVV]"),
        ("amex 378282246310005 cid 1234", "amex [CARD] cid [CVV]"),
        ("customer cid 1234", "customer cid 1234"),
        ("reset at https://x.example/?mail=jo%40example.com", "reset at https://[EMAIL]"),
        ("jo kukac example pont hu", "[EMAIL]"),
        ("jo Klammeraffe example Punkt de", "[EMAIL]"),
        ("ИНН 500100732259", "ИНН [NATIONAL_ID]"),
        ("СНИЛС 11223344595", "СНИЛС [NATIONAL_ID]"),
        ("my social is 536228145", "my social is [NATIONAL_ID]"),
        ("jo[at]example.com", "[EMAIL]"),
        ("write to jo dot moss at example dot co dot uk please", "write to [EMAIL] please"),
        ("卡号4111111111111111，安全码123", "卡号[CARD]，安全码[CVV]"),
        ("1 " * 1_200 + "x", "[NUMBERS] x"),
        ("call me on oh seven seven oh oh nine one two three four five, ok", "call me on [PHONE], ok"),
        (
            "Номер карты 4111-1111-1111-1111, срок 12/28, код 123",
            "Номер карты [CARD], срок [EXPIRY], код [CVV]",
        ),
        ("card 4111 1111 1111 1111 exp 1228 123", "card [CARD] exp [EXPIRY] [CVV]"),
        ("4111 1111 1111 1111 有効期限1228 コード123", "[CARD] 有効期限[EXPIRY] コード[CVV]"),
        ("The code is 1234, order 1299.", "The code is 1234, order 1299."),
        ("\u2463\u2460\u2460\u2460 " + "\u2460\u2460\u2460\u2460 " * 3 + "x", "[CARD] x"),
        ("parool: Suvi!2024", "parool: [PASSWORD]"),
        ("cvv, uh, one two three and that's it", "cvv, uh, [CVV] and that's it"),
        ("four one one one, " + "one " * 12 + "exp twelve twenty eight", "[CARD] exp [EXPIRY]"),
        ("ip 8.8.8.8:80", "ip [IP]:80"),
        ("my PAN is abcpe 1234 f.", "my PAN is [NATIONAL_ID]."),
    ],
)
def test_what_is_masked_ends_where_it_ends(text, expected):
    assert masked(text) == expected


@pytest.mark.parametrize("between", ["y ", "order ", "DE", "tel ", "、"])
def test_a_crowd_of_numbers_is_masked_without_a_proof(between):
    few, many = (
        "".join(f"{between}{number:09} " for number in range(1_000_000, 1_000_000 + count))
        for count in (12, 60)
    )
    assert "[NUMBERS]" not in masked(few)
    assert re.search(r"\d", masked(many)) is None
    assert masked(many).count("[NUMBERS]") == 60


def test_the_numbers_of_a_long_conversation_are_not_a_crowd():
    text = "".join(
        f"Your order {number} is on its way, and I am sorry that it took us so long. Is there anything "
        "else that I can do? "
        for number in range(1_000_000, 1_000_300)
    )
    assert masked(text) == text


def test_all_turns_of_an_interaction_share_what_is_proved():
    few = [f"order 10000{number}, 20000{number}" for number in range(10, 20)]
    assert said(*few) == few
    many = said(*[f"order 10000{number}, 20000{number}" for number in range(10, 60)])
    assert set(many) == {"order [NUMBERS], [NUMBERS]"}


def test_a_crowd_of_announced_pieces_is_masked_coarsely_over_all_turns_of_an_interaction():
    turns = said(
        *["password is a1b2c3, sort code 20-00-00, account 12345678, cvv 123"] * 40,
        "the password is correct_horse, or battery",
        "write jo at example dot com or to ann@example.com, cvv one two three",
        "room b12 is free at last",
    )
    assert turns[0] == "password is [NUMBERS] sort code [NUMBERS] account [NUMBERS] cvv [NUMBERS]"
    assert not any(re.search(r"\d", turn) for turn in turns)
    assert turns[-2] == "write [EMAIL] or to [EMAIL], cvv [NUMBERS]"
    assert turns[-3] == "the password is [PASSWORD] or battery"
    assert turns[-1] == "room [NUMBERS] is free at last"


def test_a_crowd_of_numbers_in_words_is_masked_without_reading_them():
    turns = said(*["call oh seven seven, double nine; or 一三八一二三四五"] * 100, "one moment, two at most")
    assert set(turns[:-1]) == {"call [NUMBERS]; or [NUMBERS]"}
    assert turns[-1] == "one moment, two at most"


def test_what_a_long_conversation_announces_is_not_a_crowd():
    resets = (
        "Your password stays as it is, but the new pin of the app in room b12 has 4 signs; anything else?"
    )
    turns = said(*[resets, "No, thank you, that is all that I wanted to know about it today."] * 50)
    assert set(turns[::2]) == {resets}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (
            ("call me: oh seven seven oh oh", "nine one two three four five", "thanks"),
            ("call me: [PHONE]", "[PHONE]", "thanks"),
        ),
        # A word tells of the next turn, and of no later one that has its own words between.
        (("my phone", "is 4155552671", "4155552672"), ("my phone", "is [PHONE]", "[PHONE]")),
        (
            ("my phone", "is an old one", "I have had it for years and like it much", "4155552671"),
            ("my phone", "is an old one", "I have had it for years and like it much", "4155552671"),
        ),
        (
            ("What is the security code?", "it is on the back", "123", "order 1234567"),
            ("What is the security code?", "it is on the back", "[CVV]", "order 1234567"),
        ),
        (
            ("What is your pin?", "1234", "x" * 25_000, "pin?", "5678"),
            ("What is your pin?", "[CODE]", "x" * 25_000, "pin?", "[CODE]"),
        ),
    ],
)
def test_turns_are_searched_together_and_stay_apart(told, expected):
    assert tuple(said(*told)) == expected


@given(
    st.lists(
        st.sampled_from(["", "ok", "jo@x.com", "call 4155552671", "pin 1234", "order 1234567"]), max_size=6
    )
)
def test_turns_that_need_no_words_of_others_are_masked_as_alone(told):
    assert said(*told) == [masked(text) for text in told]


def said(*texts):
    return [
        turn["text"] for turn in redact_interaction({"turns": [{"text": text} for text in texts]})["turns"]
    ]


@pytest.mark.parametrize(
    ("question", "answer", "expected"),
    [
        ("What is the security code on the back?", "123", "[CVV]"),
        ("And the CVC?", "it is 1234.", "it is [CVV]."),
        ("May I have your phone number please?", "sure, 4155552671", "sure, [PHONE]"),
        ("Wie ist Ihre Handynummer?", "15123456789", "[PHONE]"),
        ("What is your order number?", "4155552671", "4155552671"),
        ("How many are in the box?", "123", "123"),
    ],
)
def test_the_turn_before_says_what_a_number_is(question, answer, expected):
    assert said(question, answer) == [question, expected]
    assert said(answer, question)[1] == question


@pytest.mark.parametrize("behind", [" er 1234", " ", ""])
def test_each_stem_tells_its_kind_whatever_stands_behind(behind):
    stems = [
        (kind, stem)
        for kind, lines in STEMS.items()
        for line in lines.strip().splitlines()
        for stem in line.strip().strip("|").split("|")
    ]
    missed = [
        (kind, stem)
        for kind, stem in stems
        if kind not in announced_in(f"min {stem}{behind}x".encode()).kinds
    ]
    assert len(stems) > 250
    assert missed == []


def test_a_text_in_which_a_short_stem_begins_a_longer_one_is_read():
    assert masked("Din kode er gammel") == "Din kode er gammel"
    assert masked("kode verifikasi 4821") == "kode verifikasi [CODE]"


@pytest.mark.parametrize(
    ("text", "before", "expected"),
    [
        ("0170 1234567 is mine", "hers is 0171 7654321, yours", "[PHONE] is mine"),
        ("4111 1111 1111 1111", "call 0171 7654321", "[CARD]"),
        (
            "GB82 WEST 1234 5698 7654 32, call 0171 7654321 now",
            "call 0171 7654321",
            "[IBAN], call [PHONE] now",
        ),
        ("1234567, order 7654321", "call me on 7654321 or", "[PHONE], order 7654321"),
    ],
)
def test_numbers_said_before_are_not_masked_in_place_of_those_of_the_text(text, before, expected):
    assert Redactor(characters=500).redact(text, before)[0] == expected
