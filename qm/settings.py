"""All settings in one frozen dataclass, read once from environment variables."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from limits import parse

from tenants.http.faults import Fault, Invalid

MIN_SECRET_LENGTH = 32


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: environment variable, default as text, description, and parser."""

    name: str
    field: str
    default: str | None
    description: str
    read: Callable[[str], Any]
    secret: bool = False


def _text(value: str) -> str:
    return value


def _integer_between(low: int, high: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        try:
            number = int(value)
        except ValueError:
            raise ValueError("must be a whole number") from None
        if not low <= number <= high:
            raise ValueError(f"must lie between {low} and {high}")
        return number

    return read


def _one_of(*names: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value.lower() not in names:
            raise ValueError(f"must be one of {', '.join(names)}")
        return value.lower()

    return read


def _database_url(value: str) -> str:
    scheme, separator, rest = value.partition("://")
    if not separator or scheme not in {"postgresql", "postgres", "postgresql+psycopg"} or not rest:
        raise ValueError("must look like postgresql://user:password@host:5432/database")
    return f"postgresql+psycopg://{rest}"


def _redis_url(value: str) -> str:
    if not value.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("must look like redis://:password@host:6379/0")
    return value


def _rate(value: str) -> str:
    try:
        parse(value)
    except ValueError:
        raise ValueError("must look like 6000/minute") from None
    return value


def _secret(value: str) -> str:
    if len(value) < MIN_SECRET_LENGTH:
        raise ValueError(f"must have at least {MIN_SECRET_LENGTH} characters")
    return value


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("must look like https://qm.example.com")
    return value.rstrip("/")


def _smtp_url(value: str) -> str:
    parts = urlsplit(value)
    try:
        known = parts.scheme in {"smtp", "smtps", "smtp+starttls"} and parts.hostname and parts.port != 0
    except ValueError:
        known = False
    if not known:
        raise ValueError("must look like smtp+starttls://user:password@mail.example.com:587")
    return value


def _mail_address(value: str) -> str:
    name, at, domain = value.rpartition("@")
    if not (name and at and domain) or any(letter.isspace() for letter in value) or not value.isascii():
        raise ValueError("must look like quality@example.com")
    return value


def _networks(value: str) -> str:
    named = value.replace(",", " ").split()
    try:
        for each in [] if value.lower() == "none" else named:
            ip_network(each)
    except ValueError:
        raise ValueError("must be none, or networks as in 10.20.0.0/16, fd00::/8") from None
    return ", ".join(named).lower()


DEFAULT_DATA_DIR = Path("./qm-data")

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "QM_DATA_DIR",
        "data_dir",
        f"./{DEFAULT_DATA_DIR}",
        "Where the embedded servers keep their data.",
        Path,
    ),
    Setting(
        "QM_DATABASE_URL",
        "database_url",
        None,
        "PostgreSQL as the application role (qm_app). Unset: the embedded server.",
        _database_url,
        secret=True,
    ),
    Setting(
        "QM_DATABASE_OWNER_URL",
        "owner_url",
        None,
        "PostgreSQL as the owner role (qm_owner), only for migrations. Unset: the embedded server.",
        _database_url,
        secret=True,
    ),
    Setting("QM_REDIS_URL", "redis_url", None, "Redis. Unset: the embedded server.", _redis_url, secret=True),
    Setting(
        "QM_SECRET_KEY",
        "secret_key",
        None,
        "Keys the sampling draw. Made on first run with embedded servers.",
        _secret,
        secret=True,
    ),
    Setting(
        "QM_PUBLIC_URL",
        "public_url",
        None,
        "Address at which people open the pages, for links in mails. Unset: that of the request.",
        _web_address,
    ),
    Setting(
        "QM_SMTP_URL",
        "smtp_url",
        None,
        "Mail server for invitations, recovery and reports, as in smtp+starttls://user:password@host:587.",
        _smtp_url,
        secret=True,
    ),
    Setting("QM_MAIL_FROM", "mail_from", None, "Address that mails come from.", _mail_address),
    Setting("QM_HOST", "host", "127.0.0.1", "Address the web server listens on.", _text),
    Setting(
        "QM_PORT",
        "port",
        "8000",
        "Port the web server listens on; 0 takes a free one.",
        _integer_between(0, 65535),
    ),
    Setting(
        "QM_PROXIES",
        "proxies",
        "0",
        "Reverse proxies in front whose X-Forwarded headers are believed.",
        _integer_between(0, 10),
    ),
    Setting("QM_WEB_PROCESSES", "web_processes", "2", "Web server processes.", _integer_between(1, 64)),
    Setting(
        "QM_WEB_THREADS", "web_threads", "8", "Threads in each web server process.", _integer_between(1, 128)
    ),
    Setting(
        "QM_WORKERS", "workers", "2", "Scoring worker processes that `qm up` starts.", _integer_between(0, 64)
    ),
    Setting(
        "QM_POOL_SIZE",
        "pool_size",
        "10",
        "Database connections a process may hold.",
        _integer_between(1, 200),
    ),
    Setting(
        "QM_LOG_LEVEL",
        "log_level",
        "info",
        "Least severity that is logged.",
        _one_of("debug", "info", "warning", "error"),
    ),
    Setting(
        "QM_BODY_LIMIT",
        "body_limit",
        str(16 * 1024 * 1024),
        "Largest request body in bytes; larger ones are answered with 413.",
        _integer_between(1024, 1024 * 1024 * 1024),
    ),
    Setting(
        "QM_RATE_LIMIT",
        "rate_limit",
        "6000/minute",
        "Requests a credential may make, as in 6000/minute.",
        _rate,
    ),
    Setting(
        "QM_TOKEN_SECONDS",
        "token_seconds",
        "900",
        "Seconds an access token lives.",
        _integer_between(60, 3600),
    ),
    Setting(
        "QM_SLICE",
        "slice",
        "500",
        "Interactions a scoring job works before others' turn.",
        _integer_between(1, 5000),
    ),
    Setting(
        "QM_LEASE_SECONDS",
        "lease_seconds",
        "120",
        "Seconds a scoring job may take, and after which a silent worker's claim is given to another.",
        _integer_between(1, 3600),
    ),
    Setting(
        "QM_MAX_ATTEMPTS",
        "max_attempts",
        "5",
        "Failed attempts to score an interaction before it is set aside as dead.",
        _integer_between(1, 20),
    ),
    Setting(
        "QM_SWEEP_SECONDS",
        "sweep_seconds",
        "10",
        "Seconds between sweeps for work whose wake-up was lost.",
        _integer_between(1, 3600),
    ),
    Setting(
        "QM_MODEL_MEMORY",
        "model_memory",
        str(256 * 1024 * 1024),
        "Bytes of learned models a worker holds; the longest unused are put away first.",
        _integer_between(1024 * 1024, 64 * 1024 * 1024 * 1024),
    ),
    Setting(
        "QM_WEBHOOK_NETWORKS",
        "webhook_networks",
        "none",
        "Networks inside that webhooks may reach, as in 10.20.0.0/16; otherwise public addresses only.",
        _networks,
    ),
    Setting(
        "QM_WEBHOOK_HTTP",
        "webhook_http",
        "no",
        "Whether webhooks may be sent by http, without TLS: for tests and development.",
        _one_of("yes", "no"),
    ),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """The values of the `QM_*` variables; addresses of embedded servers are filled in by the launcher."""

    data_dir: Path
    database_url: str | None
    owner_url: str | None
    redis_url: str | None
    secret_key: str | None
    public_url: str | None
    smtp_url: str | None
    mail_from: str | None
    host: str
    port: int
    proxies: int
    web_processes: int
    web_threads: int
    workers: int
    pool_size: int
    log_level: str
    body_limit: int
    rate_limit: str
    token_seconds: int
    slice: int
    lease_seconds: int
    max_attempts: int
    sweep_seconds: int
    model_memory: int
    webhook_networks: str
    webhook_http: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read all settings; all invalid values are reported together.

        Raises
        ------
        Invalid
            With one fault per setting that cannot be used.
        """
        faults: list[Fault] = []
        values: dict[str, Any] = {}
        for setting in SETTINGS:
            text = environment.get(setting.name, "").strip() or setting.default
            try:
                values[setting.field] = None if text is None else setting.read(text)
            except ValueError as error:
                faults.append(Fault(f"/{setting.name}", "bad_setting", f"{setting.name}: {error}."))
        if faults:
            raise Invalid(faults)
        return cls(**values)

    @property
    def sends_mail(self) -> bool:
        """Whether mail is set up: a server, who it is from, and the address for links in it."""
        return None not in {self.public_url, self.smtp_url, self.mail_from}

    def masked(self) -> dict[str, str]:
        """Return each setting's value as text, secrets replaced."""
        masked_values: dict[str, str] = {}
        for setting in SETTINGS:
            value = getattr(self, setting.field)
            masked_values[setting.name] = (
                "unset" if value is None else "********" if setting.secret else str(value)
            )
        return masked_values


# The address and key that the documentation gives to curl.
_OF_CALLERS = {"QM_URL", "QM_KEY"}


def unknown_settings(environment: Mapping[str, str]) -> list[str]:
    """Return the `QM_*` variables that are no settings, usually because of a typo."""
    known = {setting.name for setting in SETTINGS} | _OF_CALLERS
    return sorted(name for name in environment if name.startswith("QM_") and name not in known)
