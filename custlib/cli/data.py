"""The data sets that come with the project: list, show, verify."""

import sys

import click


@click.group("data")
def data_commands() -> None:
    """The data sets that come with the project."""


@data_commands.command("list")
def list_data() -> None:
    """Show each data set: title, real or simulated, tables, rows."""
    from custlib.datasets import list_datasets

    click.echo(list_datasets().to_string(index=False))


@data_commands.command()
@click.argument("name")
def show(name: str) -> None:
    """Print the card of a data set: source, licence, units, tables."""
    import yaml

    from custlib.datasets import load

    content = load(name).card.model_dump()
    click.echo(yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=100), nl=False)


@data_commands.command()
def verify() -> None:
    """Compare each file with the checksum on its card; ends with 1 where one differs."""
    from custlib.datasets import verify

    files = verify()
    for row in files.to_dict("records"):
        click.echo(f"{'ok ' if row['ok'] else 'BAD'}  {row['dataset']}/{row['file']}")
        if not row["ok"]:
            click.echo(f"     expected {row['expected']}\n     found    {row['found']}")
    sys.exit(0 if files["ok"].all() else 1)
