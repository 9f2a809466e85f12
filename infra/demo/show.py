"""`qm demo`: shown later."""

import click


@click.command()
def demo() -> None:
    """Show the main job."""
