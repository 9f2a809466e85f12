"""Pages as PDF (A4, tagged, PDF/UA-1) by WeasyPrint, an optional dependency that needs Pango."""

import importlib
import importlib.util
import threading
from functools import cache
from pathlib import Path
from typing import Any

from werkzeug.exceptions import NotImplemented as NotBuilt

MISSING = (
    "This server cannot make PDF: install WeasyPrint with `pip install 'qm[pdf]'`, and Pango, which "
    "Debian has in `libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0`."
)
_STYLE = Path(__file__).parent / "static" / "document.css"
# One at a time in a process: it takes a second of a core, and 100 MB.
_one_at_a_time = threading.Lock()


class PdfUnavailable(NotBuilt):
    """WeasyPrint or what it needs is not installed."""

    description = MISSING


def can_make_pdf() -> bool:
    """Whether WeasyPrint is installed; what it needs besides shows when it is used."""
    return importlib.util.find_spec("weasyprint") is not None


def pdf_of(html: str, base_url: str) -> bytes:
    """Return a page as PDF; its links lead from `base_url`, and nothing is fetched for it.

    Raises
    ------
    PdfUnavailable
        Where WeasyPrint or Pango is missing.
    """
    weasyprint = load_weasyprint()
    with _one_at_a_time:
        fonts = weasyprint.text.fonts.FontConfiguration()
        nothing = weasyprint.URLFetcher(allowed_protocols=())  # a document is made of what it is given
        style = weasyprint.CSS(string=_STYLE.read_text("utf-8"), url_fetcher=nothing, font_config=fonts)
        page = weasyprint.HTML(string=html, base_url=base_url, url_fetcher=nothing)
        made: bytes = page.write_pdf(
            stylesheets=[style], font_config=fonts, pdf_variant="pdf/ua-1", custom_metadata=False
        )
        return made


@cache
def load_weasyprint() -> Any:
    """Return WeasyPrint, loaded once and only where a document is made.

    Raises
    ------
    PdfUnavailable
        Where it or a library of Pango is missing.
    """
    try:
        importlib.import_module("weasyprint.text.fonts")
        return importlib.import_module("weasyprint")
    except (ImportError, OSError) as error:  # OSError: a library of Pango is not found
        raise PdfUnavailable from error
