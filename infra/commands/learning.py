"""Commands about trainings and learned models."""

import sys
import time
import uuid
from collections.abc import Sequence
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from infra.commands.context import (
    json_option,
    only_tenant,
    open_services,
    operator_session,
    print_rows,
    tenant_option,
)
from qm.learning import model_registry
from qm.learning.models import ANSWERS, MODEL_KINDS, SENTIMENT, Model, Training
from qm.learning.representations import model_representations, training_representations
from qm.learning.trainings import queue_training
from qm.services import Services
from tenants.clients import client_named
from tenants.http.faults import Fault, Invalid
from tenants.models import Client, utc_now

_POLL_SECONDS = 0.5
_WARN_AFTER_SECONDS = 15.0
_MAX_VERSION = 2**31 - 1
_TRAINING_FIELDS = ("id", "client", "kind", "state", "labels", "model_id", "error")
_MODEL_FIELDS = ("id", "client", "kind", "version", "state", "trained_on", "questions", "created_at", "fault")


@click.command()
@click.argument("client", required=False)
@click.option("--kind", type=click.Choice(MODEL_KINDS), default=ANSWERS, help="What is learned.")
@click.option("--wait", is_flag=True, help="Wait for its end; exit status 1 when nothing was learned.")
@tenant_option
@json_option
def train(client: str | None, kind: str, tenant: str | None, *, wait: bool, as_json: bool) -> None:
    """Have a model trained from what people answered."""
    with open_services() as services:
        named = only_tenant(services, tenant)
        with operator_session(services, named) as session:
            owner = _owner_of(session, client, kind)
            training_id = queue_training(
                session, services.redis, kind=kind, client=owner, asked_by="operator"
            ).training_id
        shown = (
            _wait_for_end(services, named, training_id)
            if wait
            else _shown_training(services, named, training_id)
        )
    facts = {name: shown[name] for name in _TRAINING_FIELDS if as_json or shown[name] is not None}
    print_rows(facts | ({"refusals": shown["refusals"]} if as_json else {}), as_json=as_json)
    for each in shown["refusals"]:
        prefix = f"{each['scorecard']}/{each['question']}: " if each["question"] else ""
        click.echo(f"{prefix}{each['detail']} ({each['code']})", err=True)
    sys.exit(1 if shown["state"] in {"refused", "failed"} else 0)


@click.group()
def models() -> None:
    """What the machine has learned."""


@models.command(name="list")
@click.argument("client", required=False)
@click.option("--kind", type=click.Choice(MODEL_KINDS), help="Only models of this kind.")
@tenant_option
@json_option
def list_models(client: str | None, kind: str | None, tenant: str | None, *, as_json: bool) -> None:
    """List what the machine has learned, newest first."""
    with open_services() as services, operator_session(services, only_tenant(services, tenant)) as session:
        statement = select(Model).order_by(Model.model_id.desc())
        if client is not None:
            statement = statement.where(Model.client_id == client_named(session, client).client_id)
        if kind is not None:
            statement = statement.where(Model.kind == kind)
        rows = _model_rows(session, session.scalars(statement).all())
    print_rows(rows, as_json=as_json)


@models.command(name="restore")
@click.argument("client", required=False)
@click.option(
    "--version", type=click.IntRange(1, _MAX_VERSION), required=True, help="As `qm models list` says."
)
@click.option("--kind", type=click.Choice(MODEL_KINDS), default=ANSWERS, help="What was learned.")
@tenant_option
@json_option
def restore_model(client: str | None, version: int, kind: str, tenant: str | None, *, as_json: bool) -> None:
    """Put an old version, or one that was held back, in force."""
    with open_services() as services, operator_session(services, only_tenant(services, tenant)) as session:
        owner = _owner_of(session, client, kind)
        found = model_registry.get_model_version(session, owner.client_id if owner else None, kind, version)
        if found is None:
            raise Invalid([Fault("/version", "no_such_version", _no_version(session, owner, kind, version))])
        restored = model_registry.restore(session, found, now=utc_now())
        (row,) = _model_rows(session, [restored])
    print_rows(row, as_json=as_json)


def _model_rows(session: Session, found: Sequence[Model]) -> list[dict[str, Any]]:
    rows = ({"id": each["model_id"], **each} for each in model_representations(session, found))
    return [{name: row[name] for name in _MODEL_FIELDS} for row in rows]


def _no_version(session: Session, owner: Client | None, kind: str, version: int) -> str:
    newest = model_registry.next_version(session, owner.client_id if owner else None, kind) - 1
    known = f"the newest is {newest}" if newest else "there is none yet"
    return f"There is no version {version} of {owner.slug if owner else 'all clients'}, {kind}; {known}."


def _owner_of(session: Session, client: str | None, kind: str) -> Client | None:
    if kind == SENTIMENT:
        if client is not None:
            detail = "Sentiment is learned from all clients together: leave the client out."
            raise Invalid([Fault("/client", "not_wanted", detail)])
        return None
    if client is None:
        raise Invalid([Fault("/client", "required", "Name the client it is learned for.")])
    return client_named(session, client)


def _wait_for_end(services: Services, tenant: str, training_id: uuid.UUID) -> dict[str, Any]:
    """Poll until the training has ended; warn when no learner seems to start it."""
    began, warned = time.monotonic(), False
    while True:
        shown = _shown_training(services, tenant, training_id)
        if shown["state"] not in {"queued", "running"}:
            return shown
        if not warned and shown["state"] == "queued" and time.monotonic() - began > _WARN_AFTER_SECONDS:
            warned = True
            click.echo("It still waits. Trainings run while `qm up` or `qm worker` runs.", err=True)
        time.sleep(_POLL_SECONDS)


def _shown_training(services: Services, tenant: str, training_id: uuid.UUID) -> dict[str, Any]:
    with operator_session(services, tenant) as session:
        found = session.scalars(select(Training).where(Training.training_id == training_id)).one()
        shown = training_representations(session, [found])[0]
    return {"id": shown["training_id"], **shown}
