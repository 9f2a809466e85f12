"""The contrast of two colours (pure)."""

MIN_CONTRAST = 4.5
"""What WCAG 2.2 asks of text (1.4.3, level AA)."""


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21.

    Parameters
    ----------
    one, other
        As #rrggbb.

    Notes
    -----
    (L1 + 0.05) / (L2 + 0.05) of their relative luminances, the lighter first: W3C, Web Content Accessibility
    Guidelines 2.2, "contrast ratio" and "relative luminance".

    Examples
    --------
    >>> contrast("#000000", "#ffffff"), round(contrast("#777777", "#ffffff"), 2)
    (21.0, 4.48)
    """
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
