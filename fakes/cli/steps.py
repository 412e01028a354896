"""``fakes steps``: what a feature can say."""

from __future__ import annotations

from importlib.util import find_spec

import click


@click.command(epilog="Example: fakes steps --format md > docs/steps.md")
@click.option("--format", "form", type=click.Choice(["text", "md", "json"]), default="text", show_default=True)
def steps(form: str) -> None:
    """Print the step catalogue: every sentence of the library and what it does."""
    if find_spec("pytest_bdd") is None:
        raise click.UsageError("the step library needs pytest-bdd: pip install 'syncrig[test]'")
    from fakes.pytest_plugin import catalogue  # noqa: PLC0415  needs pytest-bdd, which not every installation has

    written = {"text": catalogue.as_text, "md": catalogue.as_markdown, "json": catalogue.as_json}
    click.echo(written[form](), nl=False)
