"""Masks a text coarsely where an interaction has more personal data than can be searched piece by piece."""

import re
from collections.abc import Iterator

from qm.interactions.redaction.emails import find_emails, find_written_emails
from qm.interactions.redaction.scanned_text import PersonalDataSpan, ScannedText
from qm.interactions.redaction.secrets import find_unproved_passwords

# Whatever holds a digit, up to the spaces around it. A word without any is read once.
_HOLDS_DIGIT = re.compile(r"(?<![!-~])[!-/:-~]*+\d[!-~]*|\d[!-~]*")


def find_numbers(scanned: ScannedText) -> Iterator[PersonalDataSpan]:
    """Yield every word that holds a digit."""
    for found in _HOLDS_DIGIT.finditer(scanned.text):
        yield PersonalDataSpan(found.start(), found.end(), "NUMBERS")


CROWD_DETECTORS = (find_emails, find_written_emails, find_unproved_passwords, find_numbers)
