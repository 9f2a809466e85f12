"""People who are signed in, by HTTP and in a real browser."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer
from playwright.sync_api import Browser, sync_playwright

from tenants import sign_in
from tests.outside_programs import unavailable
from tests.waiting import PATIENCE

_RAW_TOKEN = "a" * 40
"""What the tokens of forms are signed from, as it is in the cookies of these tests."""


def _install() -> str | None:
    """Install Debian's Chromium where that is possible, and return why not where it is not."""
    if shutil.which("apt-get") is None:
        return "there is no apt-get to install Chromium with"
    if os.geteuid() != 0:
        return "Chromium is not installed, and only root may install it"
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            return f"{' '.join(command)} failed: {done.stderr.strip()[-300:]}"
    return None


@pytest.fixture(scope="session")
def chromium() -> str:
    reason = None if shutil.which("chromium") else _install()
    path = shutil.which("chromium")
    if path is None:
        unavailable(reason or "Chromium was installed but is not found")
    return path


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=chromium,
            args=[*quiet, "--disable-sync", "--no-first-run"],
            timeout=1000 * PATIENCE,
        )
        yield opened
        opened.close()


def session_cookie(app, provider, user):
    """Begin a session of a person; return the value of the cookie that carries it."""
    with provider.session() as session:
        secret = sign_in.begin_session(session, session.merge(user), device="test")
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    return signer.dumps({"secret": secret, "csrf_token": _RAW_TOKEN})


class Visitor:
    """Opens pages and sends forms as somebody who is signed in, without a browser."""

    def __init__(self, app, provider, user):
        self.app, self.user = app, user
        self.http = app.test_client()
        self.http.set_cookie("qm_session", session_cookie(app, provider, user))

    def get(self, path, **options):
        return self.http.get(path, **options)

    def post(self, path, form=None, **options):
        """Send a form with its token, as a page of ours would."""
        token = URLSafeTimedSerializer(self.app.secret_key, salt="wtf-csrf-token").dumps(_RAW_TOKEN)
        return self.http.post(path, data={"csrf_token": token, **(form or {})}, **options)


@pytest.fixture
def visitor(app, provider):
    """Sign somebody of a role in: `visitor("reviewer")`, or `visitor(user=user)`."""
    ours = app

    def sign(role=None, *slugs, user=None, of=None, app=None):
        return Visitor(app or ours, of or provider, user or (of or provider).add_user(role, *slugs))

    return sign


@dataclass
class Window:
    """A window of a real browser, in which somebody is signed in, and what it complained about."""

    address: str
    page: object
    errors: list = field(default_factory=list)
    foreign: list = field(default_factory=list)

    def __post_init__(self):
        self.page.set_default_timeout(1000 * PATIENCE)
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", self._note)

    def _note(self, sent):
        if not sent.url.startswith((self.address, "data:")):
            self.foreign.append(sent.url)

    def goto(self, path):
        self.page.goto(f"{self.address}{path}")
        return self.page

    @property
    def path(self):
        return urlsplit(self.page.url).path

    def faults(self):
        """Return what axe finds in light and dark, sideways scrolling, errors, foreign requests."""
        self.page.wait_for_load_state()  # what a click has sent for
        found = []
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme=scheme)
            result = Axe().run(self.page)
            found += [
                f"{scheme} {self.path}: {each['id']} {node['html'][:120]}"
                for each in result.response["violations"]
                for node in each["nodes"]
            ]
        width = self.page.viewport_size
        self.page.set_viewport_size({"width": 390, "height": 800})
        beyond = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if beyond > 0:
            found.append(f"{self.path}: {beyond} px sideways at 390 px")
        self.page.set_viewport_size(width)
        return found + self.errors + self.foreign


@pytest.fixture
def window(app, provider, browser, address):
    """Open a window in which somebody is signed in: `window(user)`; without a user nobody is."""
    contexts = []

    def open_window(user=None, of=None, **options):
        context = browser.new_context(viewport={"width": 1280, "height": 900}, **options)
        contexts.append(context)
        if user is not None:
            cookie = session_cookie(app, of or provider, user)
            context.add_cookies([{"name": "qm_session", "value": cookie, "url": address}])
        return Window(address, context.new_page())

    yield open_window
    for context in contexts:
        context.close()
