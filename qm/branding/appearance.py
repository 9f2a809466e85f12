"""How reports look is read and set here."""

import base64
import binascii
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from qm.branding.contrast import MIN_CONTRAST, contrast
from qm.branding.images import image_of
from qm.branding.models import Branding
from tenants import audit
from tenants.http.faults import Fault, Invalid
from tenants.isolation import scope_of
from tenants.models import Tenant

DEFAULTS: Mapping[str, str] = {"background": "#ffffff", "foreground": "#1a2b3c"}
MAX_LOGO_BYTES = 200_000
MAX_LOGO_SIDE = 2_000
"""In pixels."""


def read_branding(session: Session) -> dict[str, Any]:
    """Return how the reports of the provider look."""
    found = _newest(session)
    return {
        "name": (found and found.name) or session.scalars(select(Tenant.name)).one(),
        "background": found.background if found else DEFAULTS["background"],
        "foreground": found.foreground if found else DEFAULTS["foreground"],
        "logo_type": found.logo_type if found else None,
        "changed_at": found.changed_at if found else None,
    }


def logo_of(session: Session) -> tuple[bytes, str] | None:
    """Return the provider's logo and its media type, if there is one."""
    found = _newest(session)
    if found is None or found.logo is None or found.logo_type is None:
        return None
    return found.logo, found.logo_type


def set_branding(
    session: Session,
    *,
    name: str | None,
    background: str,
    foreground: str,
    author_id: uuid.UUID | None,
    now: datetime,
    logo: bytes | None = None,
    keep_logo: bool = False,
) -> None:
    """Set how reports look; with `keep_logo` the logo stays as it is, else None takes it away.

    Raises
    ------
    Invalid
        For colours that cannot be read on each other, and for a logo that is no image or too large.
    """
    faults = [*_colour_faults(background, foreground), *_logo_faults(logo)]
    if faults:
        raise Invalid(faults)
    before = _newest(session)
    image = None if logo is None else image_of(logo)
    kept = before if keep_logo else None
    made = Branding(
        tenant_id=scope_of(session).tenant_id,
        version=before.version + 1 if before else 1,
        name=name,
        background=background,
        foreground=foreground,
        logo=kept.logo if kept else logo,
        logo_type=kept.logo_type if kept else image and image.media_type,
        author_id=author_id,
        changed_at=now,
    )
    session.add(made)
    session.flush()
    said: dict[str, Any] = {"name": name, "background": background, "foreground": foreground}
    audit.record(session, "branding.changed", f"tenant:{made.tenant_id}", **said, logo=made.logo_type)


def _newest(session: Session) -> Branding | None:
    return session.scalars(select(Branding).order_by(Branding.version.desc()).limit(1)).one_or_none()


def decoded_logo(text: str) -> bytes:
    """Return the bytes of a logo in base64.

    Raises
    ------
    Invalid
        For what is no base64.
    """
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid([Fault("/logo", "no_base64", "A logo is sent in base64.")]) from error


def _colour_faults(background: str, foreground: str) -> list[Fault]:
    ratio = contrast(background, foreground)
    if ratio >= MIN_CONTRAST:
        return []
    detail = (
        f"These two colours have a contrast of {ratio:.2f} to 1; "
        f"to be readable, text needs {MIN_CONTRAST} to 1 (WCAG 2.2, AA)."
    )
    return [Fault("/foreground", "low_contrast", detail)]


def _logo_faults(logo: bytes | None) -> list[Fault]:
    if logo is None:
        return []
    image = image_of(logo)
    if image is None:
        return [Fault("/logo", "no_image", "A logo is a PNG or JPEG file.")]
    faults = []
    if len(logo) > MAX_LOGO_BYTES:
        detail = f"This file has {len(logo):,} bytes; a logo has {MAX_LOGO_BYTES:,} at most."
        faults.append(Fault("/logo", "too_large", detail))
    if not (0 < image.width <= MAX_LOGO_SIDE and 0 < image.height <= MAX_LOGO_SIDE):
        detail = f"This image has {image.width} x {image.height} pixels; a side has {MAX_LOGO_SIDE} at most."
        faults.append(Fault("/logo", "too_large", detail))
    return faults
