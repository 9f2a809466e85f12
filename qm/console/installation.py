"""Adds the console to the application."""

import hashlib
import hmac
import pkgutil
from importlib import import_module

from flask import Flask

from qm.console import forms, pages
from qm.console.blueprint import blueprint
from qm.console.error_pages import show_errors_as_pages
from qm.console.fault_words import name_of_place, plainly
from qm.console.formatting import install_formats
from qm.console.page_access import install_sessions
from qm.console.rendering import install_rendering
from qm.console.report_document import report_pdf
from qm.console.telling import told
from qm.console.words import REASON_WORDS, ROLE_WORDS, SCOPE_WORDS
from qm.reports import documents


def install_console(app: Flask, secret_key: str) -> None:
    """Add every page; cookies are signed with a key of their own, derived from the installation's."""
    install_sessions(app, hmac.digest(secret_key.encode(), b"browser sessions", hashlib.sha256))
    install_rendering(app)
    install_formats(app)
    app.jinja_env.filters.update(plainly=plainly, told=told, name_of_place=name_of_place)
    app.jinja_env.globals.update(
        faults_at=forms.faults_at,
        elsewhere=forms.elsewhere,
        reason_words=REASON_WORDS,
        role_words=ROLE_WORDS,
        scope_words=SCOPE_WORDS,
        zip_same=lambda names: [(name, name) for name in names],
    )
    app.extensions[documents.EXTENSION] = report_pdf
    for module in pkgutil.iter_modules(pages.__path__, f"{pages.__name__}."):
        import_module(module.name)  # adds its views to the blueprint
    app.register_blueprint(blueprint)
    show_errors_as_pages(app)
