"""Adds the console to the application."""

import hashlib
import hmac

from flask import Flask

from qm.console import forms
from qm.console.blueprint import blueprint
from qm.console.error_pages import show_errors_as_pages
from qm.console.formatting import install_formats
from qm.console.page_access import install_sessions
from qm.console.pages import calibration_answers, calibrations, home, sign_in
from qm.console.rendering import install_rendering

PAGES = (sign_in, home, calibrations, calibration_answers)
"""The modules whose import adds their pages to the blueprint."""


def install_console(app: Flask, secret_key: str) -> None:
    """Add every page; cookies are signed with a key of their own, derived from the installation's."""
    install_sessions(app, hmac.digest(secret_key.encode(), b"browser sessions", hashlib.sha256))
    install_rendering(app)
    install_formats(app)
    app.jinja_env.globals.update(faults_at=forms.faults_at, elsewhere=forms.elsewhere)
    app.register_blueprint(blueprint)
    show_errors_as_pages(app)
