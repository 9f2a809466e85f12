"""Writes texts of any script with ASCII digits and signs, character by character, so that places stay."""

import unicodedata


def to_ascii(text: str) -> str:
    """Return the text with full-width forms, digits of other scripts and dashes as ASCII, same length."""
    if text.isascii():
        return text
    changed = [letter for letter in set(text) if _TO_ASCII[ord(letter)] != letter]
    if len(changed) > _MAX_REPLACED:
        return text.translate(_TO_ASCII)
    # Looking every character up takes longer than a few passes.
    for letter in changed:
        text = text.replace(letter, _TO_ASCII[ord(letter)])
    return text


class _ToAscii(dict[int, str]):
    """What stands for each character that texts have had, as far as there are not too many."""

    def __missing__(self, code: int) -> str:
        found = _character_to_ascii(chr(code))
        if len(self) < _MAX_CHARACTERS_KEPT:
            self[code] = found
        return found


_MAX_CHARACTERS_KEPT, _MAX_REPLACED = 10_000, 12
_TO_ASCII = _ToAscii()


def _character_to_ascii(character: str) -> str:
    if character.isascii():
        return character
    if character.isdigit():
        return str(unicodedata.digit(character))
    category = unicodedata.category(character)
    if category == "Pd":
        return "-"
    if category in {"Zs", "Cf"}:
        return " "
    narrow = unicodedata.normalize("NFKC", character)
    return narrow if len(narrow) == 1 else character
