"""The templates of pages: what is easily written wrong in one of them is wrong in none."""

import re
from pathlib import Path

import pytest

import qm.console
from qm.browsing.search import HIT_KINDS
from qm.calibration import models as calibration
from qm.console.words import KNOWN
from qm.interactions.models import STATES as INTERACTION_STATES
from qm.learning.models import GATE_STATES, MODEL_STATES, TRAINING_STATES
from qm.reports.sla_report import STATES as CLOCK_STATES
from qm.reviews.models import EVALUATION_KINDS, REVIEW_KINDS, REVIEW_STATES
from qm.reviews.publishing import EVALUATION_STATES
from scorecards.autoscore.models.sentiment_model import SENTIMENT_CLASSES
from scorecards.definitions.brand_voice import FORMALITIES
from scorecards.definitions.conversation import CHANNELS, PRIORITIES, SPEAKERS
from scorecards.sla.policy import TARGETS

TEMPLATES = Path(qm.console.__file__).parent / "templates"
TEXT = re.compile(r'(?:_|n?gettext)\("((?:[^"\\]|\\.)*)"(?:,\s*"((?:[^"\\]|\\.)*)")?')


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_a_percent_sign_in_a_text_begins_a_name_or_is_doubled(path):
    texts = [text for found in TEXT.findall(path.read_text(encoding="utf-8")) for text in found if text]

    assert [text for text in texts if re.search(r"%(?!\()", text.replace("%%", ""))] == []


@pytest.mark.parametrize("path", sorted(TEMPLATES.parent.rglob("*.py")), ids=lambda path: path.name)
def test_a_percent_sign_in_a_text_of_a_module_begins_a_name_or_is_doubled(path):
    """With a lone one the text is taken for a format by the catalogue, and cannot be translated."""
    texts = [text for found in TEXT.findall(path.read_text(encoding="utf-8")) for text in found if text]

    assert [text for text in texts if re.search(r"%(?!\()", text.replace("%%", ""))] == []


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_no_template_reads_a_method_of_a_mapping_for_what_the_mapping_holds(path):
    """`row.clear` is the method `dict.clear`, which is always true; what the row holds is `row["clear"]`."""
    methods = "|".join(name for name in dir({}) if not name.startswith("_"))

    assert re.findall(rf"\w\.(?:{methods})\b(?!\()", path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "names",
    [
        *(CHANNELS, PRIORITIES, SPEAKERS, SENTIMENT_CLASSES, FORMALITIES, TARGETS, CLOCK_STATES),
        *(INTERACTION_STATES, REVIEW_STATES, REVIEW_KINDS, EVALUATION_STATES, EVALUATION_KINDS, HIT_KINDS),
        *(calibration.STATES, calibration.SIDES, GATE_STATES, MODEL_STATES, TRAINING_STATES),
    ],
)
def test_every_word_of_the_api_that_pages_show_can_be_translated(names, app):
    with app.test_request_context():
        assert {name: str(KNOWN[name]) for name in names} == {name: name.replace("_", " ") for name in names}


def test_every_text_that_is_translated_stands_where_it_is_collected():
    """A text that `gettext` gets from a variable is in no catalogue, and stays English for everybody.

    The sentences of the API are collected where they are marked.
    """
    modules = Path(qm.console.__file__).parent.rglob("*.py")

    assert [
        f"{path.name}: {found}"
        for path in modules
        for found in re.findall(r"\bgettext\((?![\s\"'])[^)]*\)", path.read_text(encoding="utf-8"))
        if not found.startswith("gettext(sentence.text,")
    ] == []
