"""What the application stands on, handed down from the composition root."""

from dataclasses import dataclass

from flask import current_app
from redis import Redis
from sqlalchemy import Engine

from qm.settings import Settings

EXTENSION = "qm.services"


@dataclass(frozen=True, slots=True)
class Services:
    """Settings, the database pool, Redis, and the key of the sampling draw."""

    settings: Settings
    engine: Engine
    redis: Redis
    sampling_key: bytes


def services() -> Services:
    """Return the services of the running application."""
    found: Services = current_app.extensions[EXTENSION]
    return found
