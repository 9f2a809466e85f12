"""The command line `qm`."""

import sys

import click

from infra.commands import access, data, database, running
from infra.demo.show import demo
from infra.embedded.place import EmbeddedError
from tenants.faults import Conflict, Invalid, NotFound

FAILED = 1


class Commands(click.Group):
    """A group whose commands say what went wrong in words, on stderr, with exit status 1."""

    def invoke(self, ctx: click.Context) -> object:
        """Run a command and turn refusals into messages."""
        try:
            return super().invoke(ctx)
        except Invalid as refused:
            for fault in refused.faults:
                click.echo(f"{fault.pointer or '/'}: {fault.detail} ({fault.code})", err=True)
            sys.exit(FAILED)
        except (NotFound, Conflict, EmbeddedError) as refused:
            click.echo(str(refused), err=True)
            sys.exit(FAILED)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="qm", prog_name="qm")
def main() -> None:
    """Quality management for outsourced customer service."""


for command in (*running.COMMANDS, *database.COMMANDS, *access.COMMANDS, *data.COMMANDS, demo):
    main.add_command(command)


if __name__ == "__main__":
    main()
