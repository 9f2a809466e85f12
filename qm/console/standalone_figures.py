"""Figures away from the page: SVG that carries its own style, what it shows and where it is from; PNG.

On the page colours are classes of `charts.css`; in a document or a file of its own nothing applies these.
"""

import re
from collections.abc import Mapping
from textwrap import wrap

import resvg_py
from markupsafe import Markup, escape

INK, MUTED, LINE, FIELD = "#1b1f24", "#5b6470", "#e2e5e9", "#8a93a0"
ACCENT, ACCENT_SOFT, MISS, PAPER = "#0b5cad", "#d7e3ef", "#b5480b", "#ffffff"
FONTS = "DejaVu Sans, Liberation Sans, Arial, Helvetica, sans-serif"
SCALE = 2
"""PNG has so many pixels for one of the SVG: sharp on paper and on fine screens."""
PICTURES: Mapping[str, str] = {"svg": "image/svg+xml", "png": "image/png"}
"""The media type of each form of a picture."""
_WIDTH, _MARGIN, _ROW = 720, 20, 20
_LETTERS = 84
"""So many letters of the finding stand in a row."""
_STYLES: Mapping[str, str] = {
    "axis": f'fill="{MUTED}" font-size="11"',
    "grid": f'stroke="{LINE}"',
    "ribbon": f'fill="{ACCENT_SOFT}"',
    "line": f'fill="none" stroke="{ACCENT}" stroke-width="2"',
    "dot": f'fill="{ACCENT}"',
    "dot rise": f'fill="{ACCENT}"',
    "dot fall": f'fill="{MISS}"',
    "whisker": f'stroke="{ACCENT}" stroke-width="2" stroke-opacity="0.6"',
    "whisker few": f'stroke="{FIELD}" stroke-width="2"',
    "target": f'stroke="{INK}" stroke-width="1.5" stroke-dasharray="3 3"',
    "shift rise": f'stroke="{ACCENT}" stroke-width="3"',
    "shift fall": f'stroke="{MISS}" stroke-width="3"',
    "ring rise": f'fill="{PAPER}" stroke="{ACCENT}" stroke-width="2"',
    "ring fall": f'fill="{PAPER}" stroke="{MISS}" stroke-width="2"',
    "bar": f'fill="{ACCENT}"',
    "field": 'fill="none"',
}
_CLASS = re.compile(r' class="([^"]*)"')
_VIEW_BOX = re.compile(r'viewBox="0 0 (\d+) (\d+)"')


def styled(figure: Markup) -> Markup:
    """Return a figure of the page with attributes of its own in the place of classes.

    >>> str(styled(Markup('<svg class="chart"><g class="bar"/></svg>'))).partition(">")[2]
    '<g fill="#0b5cad"/></svg>'
    """
    root = f' font-family="{FONTS}" font-size="12" fill="{INK}"'
    given = {name: f" {style}" for name, style in _STYLES.items()} | {"chart": root}
    return Markup(_CLASS.sub(lambda found: given[found[1]], figure))  # noqa: S704 - escaped where it was drawn


def svg_file(figure: Markup, *, finding: str, source: str, language: str) -> str:
    """Return a figure as an SVG document: its finding above it, where it is from below, on white."""
    height = float(_VIEW_BOX.search(figure)[2])  # type: ignore[index]  # every figure has one
    rows = wrap(finding, _LETTERS) or [""]
    top = _MARGIN + len(rows) * _ROW + 8
    width, whole = _WIDTH + 2 * _MARGIN, top + height + 2 * _MARGIN + 8
    heading = "".join(
        f'<text x="{_MARGIN}" y="{_MARGIN + 12 + place * _ROW}" font-size="15" font-weight="bold">'
        f"{escape(row)}</text>"
        for place, row in enumerate(rows)
    )
    drawn = styled(figure).partition(">")[2].removesuffix("</svg>")
    drawn = drawn[drawn.index("</title>") + len("</title>") :]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xml:lang="{escape(language)}" role="img" '
        f'aria-labelledby="title" aria-describedby="desc" width="{width}" height="{whole:.0f}" '
        f'viewBox="0 0 {width} {whole:.0f}" font-family="{FONTS}" font-size="12" fill="{INK}">'
        f'<title id="title">{escape(finding)}</title><desc id="desc">{escape(_title(figure))}. '
        f"{escape(source)}</desc>"
        f'<rect width="{width}" height="{whole:.0f}" fill="{PAPER}"/>{heading}'
        f'<g transform="translate({_MARGIN} {top})">{drawn}</g>'
        f'<text x="{_MARGIN}" y="{whole - 14:.0f}" font-size="11" fill="{MUTED}">{escape(source)}</text>'
        "</svg>"
    )


def png_file(svg: str) -> bytes:
    """Return an SVG document as PNG; nothing outside of it is read but the fonts of this machine."""
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=SCALE, font_family="DejaVu Sans"))


def _title(figure: Markup) -> str:
    return Markup(figure[figure.index("<title>") + 7 : figure.index("</title>")]).unescape()  # noqa: S704
