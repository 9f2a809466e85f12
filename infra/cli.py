"""The command line `qm`; a command's module is loaded only when it is called, so that each starts quickly."""

import sys
from collections.abc import Mapping
from importlib import import_module

import click
import psycopg
from sqlalchemy.exc import DBAPIError

from infra import gc_tuning  # noqa: F401 - before all that a command imports
from infra.embedded.accounts import EmbeddedError
from tenants.http.faults import Conflict, Invalid, NotFound

EXIT_FAILED = 1
COMMANDS: Mapping[str, tuple[str, str]] = {
    "demo": ("infra.demo.command", "demo"),
    "up": ("infra.commands.running", "up"),
    "serve": ("infra.commands.running", "serve"),
    "worker": ("infra.commands.running", "worker"),
    "doctor": ("infra.commands.running", "doctor_command"),
    "init": ("infra.commands.database", "init"),
    "db": ("infra.commands.database", "db"),
    "tenants": ("infra.commands.access", "tenants"),
    "clients": ("infra.commands.access", "clients_group"),
    "users": ("infra.commands.people", "users"),
    "keys": ("infra.commands.access", "keys"),
    "identity-providers": ("infra.commands.sign_on", "identity_providers"),
    "load": ("infra.commands.data", "load"),
    "import": ("infra.commands.data", "import_file"),
    "retry": ("infra.commands.data", "retry"),
    "train": ("infra.commands.learning", "train"),
    "models": ("infra.commands.learning", "models"),
    "report": ("infra.commands.snapshots", "report"),
    "export": ("infra.commands.exporting", "export"),
    "sample": ("infra.commands.exporting", "sample"),
    "listen": ("infra.commands.listening", "listen"),
    "openapi": ("infra.commands.reporting", "openapi"),
}


class Commands(click.Group):
    """A group whose commands print errors as messages on stderr and exit with status 1."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of the commands, in the order in which they are needed."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Load one command."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name]
        found: click.Command = getattr(import_module(module), name)
        return found

    def invoke(self, ctx: click.Context) -> object:
        """Run a command and print refusals as messages."""
        try:
            return super().invoke(ctx)
        except Invalid as refused:
            for fault in refused.faults:
                click.echo(f"{fault.pointer or '/'}: {fault.detail} ({fault.code})", err=True)
            sys.exit(EXIT_FAILED)
        except (NotFound, Conflict, EmbeddedError) as refused:
            click.echo(str(refused), err=True)
            sys.exit(EXIT_FAILED)
        except OSError as refused:
            if refused.filename is None:
                raise
            click.echo(f"{refused.filename}: {refused.strerror}", err=True)
            sys.exit(EXIT_FAILED)
        except UnicodeError as refused:
            click.echo(_not_text(refused), err=True)
            sys.exit(EXIT_FAILED)
        except (DBAPIError, psycopg.Error) as refused:
            click.echo(_database_message(refused), err=True)
            click.echo("`qm doctor` says more.", err=True)
            sys.exit(EXIT_FAILED)


def _not_text(refused: UnicodeError) -> str:
    if isinstance(refused, UnicodeDecodeError):
        return f"What is read is no UTF-8 text: byte {refused.start + 1} cannot be one of it."
    return "What is given is no UTF-8 text."


def _database_message(refused: DBAPIError | psycopg.Error) -> str:
    cause = refused.orig if isinstance(refused, DBAPIError) else refused
    if isinstance(cause, psycopg.errors.UndefinedTable | psycopg.errors.UndefinedFunction):
        return "The database has no schema, or an old one. Run `qm db upgrade`."
    if isinstance(cause, psycopg.OperationalError):
        return f"The database does not answer: {cause}"
    return f"The database refuses: {str(cause).strip().splitlines()[0]}"


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="qm", prog_name="qm")
def main() -> None:
    """Quality management for outsourced customer service."""


if __name__ == "__main__":
    main()
