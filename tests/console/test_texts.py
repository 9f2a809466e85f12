"""The texts of pages: each is a format, so that a percent sign that is meant as one is doubled."""

import re
from pathlib import Path

import pytest

import qm.console

TEMPLATES = Path(qm.console.__file__).parent / "templates"
TEXT = re.compile(r'(?:_|n?gettext)\("((?:[^"\\]|\\.)*)"(?:,\s*"((?:[^"\\]|\\.)*)")?')


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_a_percent_sign_in_a_text_begins_a_name_or_is_doubled(path):
    texts = [text for found in TEXT.findall(path.read_text(encoding="utf-8")) for text in found if text]

    assert [text for text in texts if re.search(r"%(?!\()", text.replace("%%", ""))] == []
