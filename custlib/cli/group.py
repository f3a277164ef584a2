"""What all commands share: how errors end them, and the options that several have."""

import errno
import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from custlib.errors import CustlibError

CANNOT_RUN, INTERRUPTED = 2, 130
# What a disk answers when it is full, over its quota, read-only, closed to this user, broken, or
# no disk at all.
DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.ENOENT)

reports_option: Callable[[Any], Any] = click.option(
    "--reports",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Folder of reports; reports/ of the project unless given.",
)


def _finite(_context: click.Context, _option: click.Parameter, value: float | None) -> float | None:
    if value is not None and not math.isfinite(value):
        raise click.BadParameter(f"{value} is no number of seconds.")
    return value


timeout_option: Callable[[Any], Any] = click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    callback=_finite,
    help="Stop a study when its cells took this long together.",
)


class Commands(click.Group):
    """Shows an error of custlib as its message, without a traceback."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command; what custlib refuses ends with code 2."""
        try:
            return super().invoke(context)
        except click.exceptions.NoArgsIsHelpError:
            raise
        except click.UsageError as problem:
            click.echo(_usage_text(problem), err=True)
            sys.exit(CANNOT_RUN)
        except CustlibError as problem:
            click.echo(str(problem), err=True)
            sys.exit(CANNOT_RUN)
        except OSError as problem:
            if problem.errno not in DISK:
                raise
            command = self.commands.get(context.invoked_subcommand or "")
            click.echo(_disk_text(problem, command), err=True)
            sys.exit(CANNOT_RUN)
        except KeyboardInterrupt:
            click.echo("Interrupted.", err=True)
            sys.exit(INTERRUPTED)


def _usage_text(problem: click.UsageError) -> str:
    """What is wrong with the words of a command, in the form of every other message."""
    command, found = problem.ctx or click.get_current_context(), problem.format_message()
    return str(
        CustlibError.because(
            found if found.endswith(("?", ".")) else f"{found}.",
            f"Expected: {command.get_usage().removeprefix('Usage: ')}",
            f"`{command.command_path} -h` says what each word means.",
        )
    )


def _disk_text(problem: OSError, command: click.Command | None) -> str:
    """What the disk refuses, with the option by which this command writes elsewhere."""
    options = {name for one in command.params for name in one.opts} if command else set()
    option = next((one for one in ("--reports", "--to") if one in options), None)
    elsewhere = f" or pass another folder with {option}," if option else ""
    return str(
        CustlibError.because(
            f"{problem.filename or 'A file'} cannot be used: {problem.strerror}.",
            "Expected a disk with free room, and the right to write there.",
            f"Free some room,{elsewhere} and run the command again.",
        )
    )
