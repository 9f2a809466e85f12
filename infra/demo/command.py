"""`qm demo`: all steps from push to report, with two example clients of one provider."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import webbrowser
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import IO, Any

import click
from sqlalchemy.orm import Session

from infra import database_schema, ports, report_text, runtime
from infra.demo import api_client, coaching, companies, disputing, people, recognizing, review_work
from infra.embedded import servers
from infra.supervisor import Guard
from qm import logs
from qm.settings import Settings
from tenants import clients, credentials
from tenants.http.faults import Fault, Invalid, NotFound
from tenants.isolation import transaction
from tenants.models import seed_ids
from tenants.roles import ROLES

PROVIDER = "brightline"
ROLE_TITLES = {
    "qm_manager": "quality manager",
    "reviewer": "reviewer",
    "team_lead": "team lead",
    "agent": "agent",
    "client_stakeholder": "client's stakeholder",
    "admin": "administrator",
}
_COUNTED = {
    "reviewed": "reviews",
    "checked": "checks of reviewers",
    "disputes": "disputes",
    "plans": "coaching plans",
    "kudos": "kudos",
    "library": "phrases and scenarios",
}

print_progress = partial(click.echo, err=True)


@dataclass(frozen=True, slots=True)
class Keys:
    """The API keys of the demo: the manager's, an integrator's, and one for each reviewer."""

    manager: str
    integrator: str
    reviewers: Mapping[str, str]


@click.command()
@click.option("--interactions", type=click.IntRange(20, 200_000), default=2000, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed shows the same numbers.")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Left out: QM_PORT, and without it a free one, as 0."
)
@click.option("--no-browser", is_flag=True, help="Do not open the first page in a browser.")
@click.option("--once", is_flag=True, help="End after printing instead of serving on.")
@click.option("--remove", is_flag=True, help="Remove the demo's servers and data, and end.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def demo(
    interactions: int,
    seed: int,
    port: int | None,
    *,
    no_browser: bool,
    once: bool,
    remove: bool,
    as_json: bool,
) -> None:
    """Show the main job: two example clients, scored, sampled, reviewed, reported."""
    environment = _environment(seed)
    settings = runtime.read_settings(environment)
    port = port if port is not None else (settings.port if "QM_PORT" in environment else 0)
    logs.configure("warning")
    if remove or _has_earlier_demo(settings):
        _remove_earlier_demo(settings)
    if remove:
        return
    _check_port(settings, port)
    _write_secret_key(settings, seed)
    seed_ids(str(seed))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    began = time.monotonic()
    with _qm_up(environment, settings.data_dir, port) as address:
        print_progress(f"servers, web and workers run at {address} ({time.monotonic() - began:.1f} s)")
        keys = _create_provider(settings)
        result = _run_workflow(settings, address, keys, count=interactions, seed=seed)
        data = {"address": address, "tenant": PROVIDER, "key": keys.manager, "data": str(settings.data_dir)}
        with _operator(settings) as session:
            clients.enter_tenant(session, PROVIDER)
            links = people.links(session, address)
        result = {**data, "links": links, **result}
        click.echo(json.dumps(result, ensure_ascii=False) if as_json else _result_text(result))
        print_progress(f"done in {time.monotonic() - began:.1f} s")
        if not once:
            _keep_serving(address, links[0]["link"] if not no_browser and sys.stdout.isatty() else None)
    if once:
        print_progress("the server has ended; without --once it goes on answering")


def _environment(seed: int) -> dict[str, str]:
    """Return the environment of the demo: its own data directory, beside the real one, and its seed."""
    settings = runtime.read_settings()
    folder = str((settings.data_dir / "demo").absolute())
    return {**os.environ, "QM_DATA_DIR": folder, runtime.ID_SEED: str(seed)}


def _check_port(settings: Settings, port: int) -> None:
    error = ports.bind_error(settings.host, port)
    if error is not None:
        raise click.ClickException(
            f"The demo cannot listen on {settings.host}:{port} ({error.strerror}). End what does, or choose"
            " another port with --port; --port 0 takes a free one."
        )


def _write_secret_key(settings: Settings, seed: int) -> None:
    """Make the key of the draws follow from the seed; ids do too, and so the same are drawn every time."""
    path = settings.data_dir / "secrets" / "secret-key"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_text(f"the demo's draws with seed {seed}, the same every time")
    path.chmod(0o600)


def _has_earlier_demo(settings: Settings) -> bool:
    return settings.database_url is None and settings.data_dir.is_dir()


def _remove_earlier_demo(settings: Settings) -> None:
    """Stop the servers of an earlier demo and delete its data; never that of an external server.

    Raises
    ------
    Invalid
        With an external database.
    """
    if settings.database_url is not None:
        detail = "The demo only removes embedded servers; drop its database yourself."
        raise Invalid([Fault("/QM_DATABASE_URL", "external_database", detail)])
    servers.remove(settings.data_dir)
    shutil.rmtree(settings.data_dir, ignore_errors=True)
    print_progress("removed what an earlier demo left")


@contextmanager
def _qm_up(environment: Mapping[str, str], data_dir: Path, port: int) -> Iterator[str]:
    """Run `qm up` in a process of its own, as a user would, and stop it cleanly."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "demo.log").open("wb") as log:
        command = [sys.executable, "-P", "-m", "infra.cli", "up", "--port", str(port)]
        process = subprocess.Popen(
            command,
            env=dict(environment),
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
            text=True,
        )
        guard = Guard.start([process.pid])
        try:
            yield _address(process, Path(log.name))
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=30)
            guard.dismiss()


def _address(process: subprocess.Popen[str], log: Path) -> str:
    output: IO[str] | None = process.stdout
    for line in output or ():
        if line.startswith("ready "):
            return line.split()[1]
    raise NotFound(f"server: it ended while starting, see {log}")


def _last_moment(now: datetime) -> datetime:
    """Return when the stories end: whole weeks, so that the hours of the week are always the same.

    It is at least a week ago, so that no clock still runs that will have run out tomorrow.
    """
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=midnight.weekday() + 7)


@contextmanager
def _operator(settings: Settings) -> Iterator[Session]:
    """Open a transaction as an operator does, on the servers of the demo."""
    services = runtime.build(runtime.complete(settings))
    try:
        if services.settings.owner_url is not None:
            database_schema.upgrade(services.settings.owner_url)
        with transaction(services.engine) as session:
            yield session
    finally:
        services.engine.dispose()
        services.redis.close()
        servers.release(settings.data_dir)


def _create_provider(settings: Settings) -> Keys:
    """Create the example provider with its users and keys."""
    with _operator(settings) as session:
        clients.create_tenant(session, name=companies.PROVIDER, slug=PROVIDER)
        manager = people.create(session, people.ADMIN)
        issue = partial(credentials.issue_key, session)
        reviewers = {}
        for name, person in people.REVIEWING.items():
            user = people.create(session, person)
            reviewers[name] = issue(name=f"{person.name}'s key", scopes=ROLES["reviewer"], user=user).key
        return Keys(
            issue(name="Maya Lind's key", scopes=ROLES["admin"], user=manager).key,
            issue(name="help desk", scopes=ROLES["integrator"]).key,
            reviewers,
        )


def _run_workflow(settings: Settings, address: str, keys: Keys, *, count: int, seed: int) -> dict[str, Any]:
    manager, integrator = api_client.Api(address, keys.manager), api_client.Api(address, keys.integrator)
    reviewers = {name: api_client.Api(address, key) for name, key in keys.reviewers.items()}
    slugs = list(api_client.CLIENTS)
    end = _last_moment(datetime.now(UTC))
    others: dict[str, api_client.Api] = {}
    try:
        for slug, name in api_client.CLIENTS.items():
            api_client.create_client(manager, slug, name)
        with _operator(settings) as session:
            clients.enter_tenant(session, PROVIDER)
            others = {role: api_client.Api(address, key) for role, key in people.welcome(session).items()}
        began = time.monotonic()
        shares = [count - count // 2, count // 2]
        truths = {
            slug: api_client.push_interactions(integrator, slug, count=share, seed=seed, end=end)
            for slug, share in zip(slugs, shares, strict=True)
        }
        print_progress(f"{count} interactions pushed through the REST API ({time.monotonic() - began:.1f} s)")
        api_client.wait_until_scored(integrator, slugs, print_progress)
        print_progress(f"all scored by the workers ({time.monotonic() - began:.1f} s)")
        work = _work(manager, reviewers, others, truths, seed=seed, began=began)
        learned = api_client.train_models(manager, slugs)
        print_progress(f"what they answered is learned ({time.monotonic() - began:.1f} s)")
        period = {
            "from": str((end - timedelta(weeks=companies.WEEKS)).date()),
            "to": str((end - timedelta(days=1)).date()),
        }
        reports = list(api_client.fetch_reports(manager, slugs, period))
    finally:
        for api in (manager, integrator, *reviewers.values(), *others.values()):
            api.close()
    summaries = [{**report_text.summary(each), "learned": learned[each["slug"]]} for each in reports]
    return {"period": period, "clients": summaries, "people": work}


def _work(
    manager: api_client.Api,
    reviewers: Mapping[str, api_client.Api],
    others: Mapping[str, api_client.Api],
    truths: review_work.Truths,
    *,
    seed: int,
    began: float,
) -> dict[str, Any]:
    """Let the people do theirs: review, dispute, coach, praise, recognize; return what was done."""
    done = dict(review_work.review(manager, reviewers, truths, seed))
    print_progress(
        f"{done['reviewed']} reviewed by {len(reviewers)} example reviewers, who answered {done['checked']} "
        f"golden items and second looks besides ({time.monotonic() - began:.1f} s)"
    )
    done["disputes"] = disputing.dispute(others["agent"], others["client_stakeholder"], manager, truths)
    coached = coaching.coach(manager, list(truths))
    print_progress(
        f"{done['disputes']} disputed, {coached['plans']} coached, {coached['kudos']} praised "
        f"({time.monotonic() - began:.1f} s)"
    )
    return {**done, **coached, **recognizing.recognize(manager, reviewers, list(truths))}


def _result_text(result: Mapping[str, Any]) -> str:
    """Return the reports of every client as text, and how to request them over the API."""
    lines: list[str] = []
    for client in result["clients"]:
        lines += ["", *report_text.client_lines(client), *_learned_lines(client["learned"])]
    lines += _people_lines(result["people"])
    period = "&".join(f"{name}={value}" for name, value in result["period"].items())
    first = result["clients"][0]["slug"]
    address = f"{result['address']}/v1/clients/{first}/reports/empathy?{period}"
    lines += ["", "Open the pages, signed in as:"]
    lines += [f"  {ROLE_TITLES[each['role']]:<21} {each['link']}" for each in result["links"]]
    lines += [
        "",
        f"API reference   {result['address']}/docs",
        f"report          {address}",
        f"key             {result['key']}",
        f"data            {result['data']}; `qm demo --remove` deletes it",
        "",
        "Ask for the same yourself:",
        f"  curl -H 'Authorization: Bearer {result['key']}' '{address}'",
    ]
    return "\n".join(lines)


def _learned_lines(learned: Mapping[str, Any]) -> list[str]:
    """Return what was learned from the reviewers, as text."""
    counted = f"{learned['learned']} of {learned['questions']} questions learned from the reviewers"
    lines = [
        "  machine",
        f"    {counted}; it has earned {learned['automatic']} of them, and answers these itself",
    ]
    for earned in learned["earned"]:
        lines += [f"      {earned['text']}", f"        {earned['proof']}"]
    return lines


def _people_lines(done: Mapping[str, Any]) -> list[str]:
    """Return what people did besides reviewing, as text."""
    lines = ["", "People"]
    lines += [f"  {words:<28}{done[name]:>4}" for name, words in _COUNTED.items()]
    for each in done["reviewers"]:
        known, again = each["golden"], each["re_reviews"]
        lines.append(
            f"  {each['name']}: as known {_percent(known)} (golden items: {known['n']}), "
            f"as a colleague {_percent(again)} (second looks: {again['n']})"
        )
        lines += [f"    badge: {each['badges']}"] if each["badges"] else []
    return lines


def _percent(found: Mapping[str, Any]) -> str:
    return "of too few" if found["estimate"] is None else f"{found['estimate']:.0f} %"


def _keep_serving(address: str, page: str | None) -> None:
    if page is not None:
        webbrowser.open(page)
    print_progress(f"serving at {address} until Ctrl-C")
    try:
        signal.pause()
    except KeyboardInterrupt:
        print_progress("ending")
