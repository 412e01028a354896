"""``fakes new``: a starter project with one feature, ready for CI."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path
from shutil import copytree, ignore_patterns

import click


@click.command(epilog="Example: fakes new my-sync-tests && cd my-sync-tests && make")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def new(folder: Path) -> None:
    """Make a starter project in DIR, which must be empty or not there yet."""
    if folder.exists() and not folder.is_dir():
        raise click.UsageError(f"{folder} is a file; name a folder that is empty or does not exist yet")
    if folder.is_dir() and any(folder.iterdir()):
        raise click.UsageError(f"{folder} is not empty; name a folder that is empty or does not exist yet")
    try:
        with as_file(files("fakes") / "template") as template:
            copytree(template, folder, dirs_exist_ok=True, ignore=ignore_patterns("__pycache__"))
    except OSError as problem:
        raise click.UsageError(f"{folder} cannot be written: {problem.strerror or problem}") from None
    click.echo(f"{folder} is ready: cd {folder} && make")
