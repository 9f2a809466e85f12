"""Adds the console to the application."""

import hashlib
import hmac

from flask import Flask

from qm.console import forms
from qm.console.blueprint import blueprint
from qm.console.error_pages import show_errors_as_pages
from qm.console.formatting import install_formats
from qm.console.page_access import install_sessions
from qm.console.pages import (
    account,
    apps,
    audit,
    bundle,
    calibration_answers,
    calibrations,
    client_overview,
    clients,
    definitions,
    demo_links,
    evaluations,
    home,
    identity_providers,
    integrations,
    interaction,
    interactions,
    machine,
    people,
    recovery,
    report,
    reviews,
    reviews_list,
    sampling,
    saved_views,
    scorecard_editing,
    scorecard_publishing,
    scorecards,
    search,
    sign_in,
    single_sign_on,
    trainings,
    workload,
)
from qm.console.rendering import install_rendering
from qm.console.words import ROLE_WORDS, SCOPE_WORDS

PAGES = (
    account,
    apps,
    audit,
    bundle,
    calibration_answers,
    calibrations,
    client_overview,
    clients,
    definitions,
    demo_links,
    evaluations,
    home,
    identity_providers,
    integrations,
    interaction,
    interactions,
    machine,
    people,
    recovery,
    report,
    reviews,
    reviews_list,
    sampling,
    saved_views,
    scorecard_editing,
    scorecard_publishing,
    scorecards,
    search,
    sign_in,
    single_sign_on,
    trainings,
    workload,
)
"""The modules whose import adds their pages to the blueprint."""


def install_console(app: Flask, secret_key: str) -> None:
    """Add every page; cookies are signed with a key of their own, derived from the installation's."""
    install_sessions(app, hmac.digest(secret_key.encode(), b"browser sessions", hashlib.sha256))
    install_rendering(app)
    install_formats(app)
    app.jinja_env.globals.update(
        faults_at=forms.faults_at,
        elsewhere=forms.elsewhere,
        role_words=ROLE_WORDS,
        scope_words=SCOPE_WORDS,
        zip_same=lambda names: [(name, name) for name in names],
    )
    app.register_blueprint(blueprint)
    show_errors_as_pages(app)
