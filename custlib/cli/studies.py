"""What there is to run: the studies, and the parameters of one."""

import click


@click.command("list")
def list_command() -> None:
    """Show the studies with their question and parameters."""
    from custlib.study.catalogue import list_studies
    from custlib.study.parameters.declaration import read_parameters

    studies = list_studies()
    for study in studies:
        names = ", ".join(parameter.name for parameter in read_parameters(study))
        click.echo(f"{study.name}\n  {study.question}\n  parameters: {names}\n")
    if not studies:
        click.echo("There are no studies in notebooks/studies.", err=True)


@click.command()
@click.argument("study")
@click.option("--schema", is_flag=True, help="Print them as JSON Schema.")
def params(study: str, schema: bool) -> None:
    """Show each parameter of STUDY: type, default, meaning, limits."""
    import json

    from custlib.study.parameters.declaration import read_parameters

    cell = read_parameters(study)
    if schema:
        from custlib.study.parameters.values import parameter_schema

        click.echo(json.dumps(parameter_schema(cell), indent=2, ensure_ascii=False))
        return
    for one in cell:
        default = json.dumps(one.default, ensure_ascii=False)
        click.echo(f"{one.name}: {one.type_name} = {default}")
        click.echo("".join(f"    {text}\n" for text in (one.meaning, one.limits) if text))
