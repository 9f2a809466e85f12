"""The texts of pages: every one in the catalogue, every one translated, placeholders kept."""

import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "qm" / "console" / "translations"
LANGUAGES = sorted(path.parent.parent.name for path in FOLDER.glob("*/LC_MESSAGES/messages.po"))
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    """The texts that pages have now."""
    template = tmp_path_factory.mktemp("texts") / "messages.pot"
    command = [sys.executable, "-m", "babel.messages.frontend", "-q", "extract", "-F", FOLDER / "babel.cfg"]
    command += ["-k", "_", "-k", "lazy_gettext", "-o", template, "."]
    subprocess.run(list(map(str, command)), cwd=ROOT, check=True, capture_output=True)
    return {_key(message) for message in read_po(io.BytesIO(template.read_bytes())) if message.id}


def catalogue(language):
    written = (FOLDER / language / "LC_MESSAGES" / "messages.po").read_bytes()
    return read_po(io.BytesIO(written), locale=language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_pages_is_translated(texts, language):
    translated = {_key(each) for each in catalogue(language) if each.id and _is_translated(each)}

    assert sorted(map(str, texts - translated)) == []
    assert sorted(map(str, translated - texts)) == []
    assert len(texts) > 20


def _key(message):
    return message.id if isinstance(message.id, str) else message.id[0]


def _strings(message):
    return [message.string] if isinstance(message.string, str) else list(message.string)


def _is_translated(message):
    return all(message.string) if isinstance(message.string, tuple) else bool(message.string)


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_the_placeholders(language):
    for message in catalogue(language):
        if message.id and _is_translated(message):
            singles = [message.id] if isinstance(message.id, str) else message.id
            wanted = set().union(*(_PLACEHOLDER.findall(each) for each in singles))
            strings = [message.string] if isinstance(message.string, str) else message.string
            assert set().union(*(_PLACEHOLDER.findall(each) for each in strings)) == wanted, message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_is_written(language):
    compiled = read_mo(io.BytesIO((FOLDER / language / "LC_MESSAGES" / "messages.mo").read_bytes()))

    assert {_key(each): _strings(each) for each in compiled if each.id} == {
        _key(each): _strings(each) for each in catalogue(language) if each.id and _is_translated(each)
    }
