"""Detects bank accounts that are no IBANs, behind the words that announce them."""

import re
from bisect import bisect_left
from collections.abc import Iterator

from qm.interactions.redaction.scanned_text import PersonalDataSpan, ScannedText
from qm.interactions.redaction.stems import BANK_ACCOUNT
from qm.interactions.redaction.words import Words

# Bank and branch; what an "account" is beside them is one at a bank.
_BRANCHES = r"""
=sort[ -]?codes?\b, =sort(?=[: ]{1,2}\d\d[- ]?\d\d[- ]?\d\d\b), =s/c\b, =bsb\b, =routing (?:number|no|code|transit), =routing(?=[:# ]{0,2}\d), =aba\b, transit number, =ifsc\b,
=blz\b, bankleitzahl, =agência, =agencia, clearing number, clearingnummer, clearing-nr, clearing no, =sc(?=[: ]{1,2}\d\d[- ]?\d\d[- ]?\d\d\b), =transit(?=[:# ]{0,2}\d), =code (?:banque|guichet)\b, =bik\b, =бик\b, 支店, 店番
"""
_ACCOUNTS = r"""
bank account, bank acc,  bank a/c, bank details, checking account, savings account, current account no, kontonummer, konto-nr, kontonr,
=kto\b, bankkonto, bankverbindung, =rib\b, compte bancaire, numéro de compte, =clabe\b, =cbu\b, cuenta bancaria, número de cuenta,
numero de cuenta, cuenta corriente, conta corrente, conta poupança, conta bancária, número da conta, numero da conta, =c/c\b,
conto corrente, numero di conto, rekeningnummer, rekening nr, bankrekening, numer rachunku, numer konta, nr rachunku, nr konta,
rachunek bankowy, rachunku bankowego, číslo účtu, cislo uctu, bankszámlaszám, számlaszám, cont bancar, hesap no, hesap numara,
bankgiro, plusgiro, bankkontonummer, tilinumero, номер сч[её]та, расч[её]тный сч[её]т, лицевой сч[её]т, номер рахунку,
банковска сметка, λογαριασμ, חשבון בנק, מספר חשבון, رقم الحساب, حساب بنكي, खाता संख्या, खाता नंबर, 银行账号, 银行账户,
银行卡号, 帳號, 账号, 账户, 口座番号, 口座, 계좌번호, 계좌, số tài khoản, stk, nomor rekening, no rek, เลขที่บัญชี, เลขบัญชี
"""
_PLAIN_ACCOUNTS = (
    r"=account\b(?<!\[account), =acct\b, =acc\b, =a/c\b, =konto\b, =compte\b, =cuenta\b, =conta\b"
)


def _split(words: str) -> tuple[str, ...]:
    return tuple(re.split(r",\s+", words.strip()))


_BRANCH_WORDS, _ACCOUNT_WORDS, _PLAIN_WORDS = map(_split, (_BRANCHES, _ACCOUNTS, _PLAIN_ACCOUNTS))
_WORDS = Words((*_BRANCH_WORDS, *_ACCOUNT_WORDS, *_PLAIN_WORDS))
_LAST_BRANCH, _LAST_ACCOUNT = len(_BRANCH_WORDS), len(_BRANCH_WORDS) + len(_ACCOUNT_WORDS)

# Between the word and the number stand no other digits, and no sentence ends.
_GAP = r"[^\d.!?\n]{0,18}(?:[.#:]\s?|\n|\?\s?\x00)?[^\d.!?\n]{0,12}?"
_END = r"(?![\w%]|[.,:/-]\d)"
_BRANCH = re.compile(
    rf"{_GAP}((?:[A-Z]{{4}}0[A-Z0-9]{{6}}|\d(?:[ -]?\d){{3,8}}(?:-[\dX])?)){_END}", re.IGNORECASE
)
_ACCOUNT = re.compile(
    rf"{_GAP}(\d{{5}} ?\d{{5}} ?[0-9A-Z]{{11}} ?\d{{2}}|\d(?:[ ./-]{{0,2}}\d){{4,25}}(?:-?X)?){_END}",
    re.IGNORECASE,
)
_DATE = re.compile(r"\d{1,2}([./-])\d{1,2}\1(?:\d\d){1,2}|(?:19|20)\d\d([./-])\d{1,2}\2\d{1,2}")
_NEAR = 80
# Behind more words than these the next digits are masked without a proof.
_MAX_PROVED = 20
_NEXT_DIGITS = re.compile(r"\D{0,20}(\d[\d .-]{3,30})")


def find_bank_accounts(scanned: ScannedText) -> Iterator[PersonalDataSpan]:
    """Yield numbers of accounts and of their banks right behind the words for them."""
    if BANK_ACCOUNT not in scanned.announced:
        return
    text = scanned.text
    places = scanned.places(_WORDS)
    proven = [end for end, number in zip(places.ends, places.numbers, strict=True) if number < _LAST_ACCOUNT]
    for count, (end, number) in enumerate(zip(places.ends, places.numbers, strict=True)):
        if count >= _MAX_PROVED:
            yield from _next_digits(text, end)
            continue
        if number >= _LAST_ACCOUNT and not any(abs(end - other) <= _NEAR for other in _close(proven, end)):
            continue
        found = (_BRANCH if number < _LAST_BRANCH else _ACCOUNT).match(text, end)
        if found and (number < _LAST_BRANCH or _DATE.fullmatch(found[1]) is None):
            yield PersonalDataSpan(*found.span(1), "ACCOUNT")


def _next_digits(text: str, end: int) -> Iterator[PersonalDataSpan]:
    found = _NEXT_DIGITS.match(text, end)
    if found:
        yield PersonalDataSpan(*found.span(1), "ACCOUNT")


def _close(ends: list[int], end: int) -> list[int]:
    """Return the last of some places before another, and the first behind it."""
    place = bisect_left(ends, end)
    return ends[max(0, place - 1) : place + 1]
