"""The services of the application, created in the composition root."""

from dataclasses import dataclass

from flask import current_app
from redis import Redis
from sqlalchemy import Engine

from qm.settings import Settings

EXTENSION = "qm.services"


@dataclass(frozen=True, slots=True)
class Services:
    """Settings, database engine, Redis client, and the key of the random sampling."""

    settings: Settings
    engine: Engine
    redis: Redis
    sampling_key: bytes


def services() -> Services:
    """Return the services of the running application."""
    found: Services = current_app.extensions[EXTENSION]
    return found
