"""The command line: thin, and every heavy import inside the command that needs it.

Exit codes: 0 done · 1 a cell raised, or a check failed · 2 nothing was run or kept, because the
study, its parameters, the command or the disk cannot be used · 3 timeout · 4 the kernel died · 5 a
cell ended the kernel · 130 interrupted.
"""

import click

import custlib
from custlib.cli.changes import changes_command
from custlib.cli.data import data_commands
from custlib.cli.doctor import doctor_command
from custlib.cli.group import Commands
from custlib.cli.new import new_command
from custlib.cli.reports import gallery
from custlib.cli.run import run_command
from custlib.cli.studies import list_command, params
from custlib.cli.sweep import sweep_command
from custlib.cli.verify import verify_command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(custlib.__version__, prog_name="custlib")
def main() -> None:
    """Customer-satisfaction studies: run them, prove them, and read what they found.

    STUDY is the name of a study, as `custlib list` shows it, or the path of any notebook with a
    cell tagged `parameters`. RUN is the folder of a run, or its manifest.json.
    """


for command in (
    new_command,
    list_command,
    params,
    run_command,
    verify_command,
    sweep_command,
    changes_command,
    gallery,
    data_commands,
    doctor_command,
):
    main.add_command(command)
