"""From the environment to running services: the composition root."""

import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from infra import database_schema
from infra.embedded import servers
from infra.embedded.data_directory import DataDirectory
from qm import jobs
from qm.coaching.leaving import close_plans
from qm.interactions.requeueing import look_again
from qm.reviews.leaving import return_claims
from qm.services import Services
from qm.settings import Settings
from qm.webhooks.outbox import wake_deliveries
from tenants.changes import react_to_changes
from tenants.http.faults import Fault, Invalid
from tenants.isolation import make_engine
from tenants.models import seed_ids

ID_SEED = "QM_DEMO_SEED"
"""Set by `qm demo` for its own processes alone: their ids follow from it, and so what is drawn."""


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings without starting anything."""
    return Settings.from_environment(environment)


def complete(settings: Settings) -> Settings:
    """Start the embedded servers where no address is given, and generate the secret key on first run.

    Raises
    ------
    Invalid
        When an external database is used without a secret key of its own.
    """
    if settings.database_url is None or settings.redis_url is None:
        found = servers.ensure(settings.data_dir)
        settings = replace(
            settings,
            database_url=settings.database_url or database_schema.sqlalchemy_url(found.database_url),
            owner_url=settings.owner_url
            or (None if settings.database_url else database_schema.sqlalchemy_url(found.owner_url)),
            redis_url=settings.redis_url or found.redis_url,
        )
        return replace(settings, secret_key=settings.secret_key or _secret_key_from_file(settings.data_dir))
    if settings.secret_key is None:
        raise Invalid([Fault("/QM_SECRET_KEY", "required", "QM_SECRET_KEY is needed with external servers.")])
    return settings


def build(settings: Settings) -> Services:
    """Return services over completed settings."""
    if settings.database_url is None or settings.redis_url is None or settings.secret_key is None:
        raise ValueError("settings are not completed")
    if os.environ.get(ID_SEED):
        seed_ids(os.environ[ID_SEED])
    redis = jobs.connect(settings.redis_url)
    engine = make_engine(settings.database_url, pool_size=settings.pool_size)
    return Services(
        settings=settings,
        engine=react_to_changes(
            engine, partial(look_again, redis), return_claims, close_plans, partial(wake_deliveries, redis)
        ),
        redis=redis,
        sampling_key=derived_key(settings.secret_key, "sampling"),
    )


def derived_key(secret: str, purpose: str) -> bytes:
    """Return a key for one purpose, so that no two purposes share one (32 bytes)."""
    return hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).digest()


def existing_secret_key(settings: Settings) -> str:
    """Return the secret key of this installation without making one or starting anything.

    Raises
    ------
    Invalid
        When there is no installation yet.
    """
    if settings.secret_key is not None:
        return settings.secret_key
    path = settings.data_dir / "secrets" / "secret-key"
    if not path.is_file():
        detail = f"{path} does not exist; set QM_SECRET_KEY or QM_DATA_DIR to those of the installation."
        raise Invalid([Fault("/QM_SECRET_KEY", "required", detail)])
    return path.read_text().strip()


def _secret_key_from_file(data_dir: Path) -> str:
    path = data_dir / "secrets" / "secret-key"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    generated = secrets.token_urlsafe(48)
    with os.fdopen(descriptor, "w") as file:
        file.write(generated)
    DataDirectory.at(data_dir).give_to_owner(path)
    return generated
