"""The error boundary: every failure becomes one coded sentence and an exit status.

A mistake of the program itself is not shown as a traceback but kept in a file in the user's state
folder, which the message names; ``WAGELEDGER_DEBUG=1`` shows it on stderr.
"""

import errno
import os
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import click

from cli import messages
from cli.intake import BadRowsError
from cli.messages import N_
from cli.program import Program
from cli.streams import discard_output
from cli.tables import plain
from ledger.kernel.codes import exit_status_of
from ledger.kernel.errors import LedgerError

EXIT_INTERRUPTED: Final = 130
_DEBUG: Final = "WAGELEDGER_DEBUG"
_INIT: Final = "wageledger init"
"""The command as the catalogue names it; for a ledger that is named, it needs the name."""

_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""Storage has codes of its own; what is left is the place where stdout goes."""


class Ended(Exception):  # noqa: N818 - an end is not always an error
    """The command has said everything itself and ends with a status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def guarded(arguments: list[str]) -> int:  # noqa: PLR0911 - one for each way a run ends
    """Run a command line; returns the exit status and never raises."""
    try:
        return _ran(arguments)
    except Ended as end:
        return end.status
    except LedgerError as error:
        return report(error)
    except click.ClickException as error:
        return report(usage_error(error))
    except (KeyboardInterrupt, click.Abort):
        return report(LedgerError("interrupted"))
    except BrokenPipeError:
        discard_output()
        return 0
    except OSError as error:
        if error.errno not in _NO_ROOM:
            return report_bug(error)
        discard_output()
        return report(LedgerError("output_unwritable", problem=os.strerror(error.errno)))
    except MemoryError:
        return report(LedgerError("unexpected", problem=N_("the memory is used up")))
    except Exception as error:  # noqa: BLE001 - nothing may reach the screen
        return report_bug(error)


def _ran(arguments: list[str]) -> int:
    ended = Program().main(arguments, prog_name="wageledger", standalone_mode=False)
    return ended if isinstance(ended, int) else 0


def report(error: LedgerError) -> int:
    """Show a failure for people on stderr; returns its exit status."""
    with suppress(OSError, ValueError):
        sys.stderr.writelines(f"{line}\n" for line in said_of(error))
    return exit_status_of(error.code)


def said_of(error: LedgerError) -> Iterator[str]:
    """What a failure says: what happened and what to do; of a file every bad row."""
    if not isinstance(error, BadRowsError):
        said = messages.render(error.code, error.facts)
        command = str(error.facts.get("command", _INIT))
        yield said.replace(f"`{_INIT}`", f"`{plain(command)}`")
        return
    for row in error.rows:
        column = str(row.facts.get("field", ""))
        place = f"{error.name}:{row.row}"
        if column.startswith("column "):
            place = f"{place}:{column.removeprefix('column ')}"
        yield f"{place}: {messages.render(row.code, row.facts).splitlines()[0]}"
    yield from messages.render(error.code, error.facts).splitlines()[1:]


def usage_error(error: click.ClickException) -> LedgerError:
    """Say with a code of ours what the option parser refused."""
    if isinstance(error, click.NoSuchOption):
        return LedgerError("bad_option", option=error.option_name, problem=N_("no such option"))
    if isinstance(error, click.MissingParameter):
        return LedgerError("missing_option", option=_name_of(error.param))
    if isinstance(error, click.BadParameter):
        return LedgerError("bad_option", option=_name_of(error.param), problem=error.message)
    if isinstance(error, click.BadOptionUsage):
        return LedgerError("bad_option", option=error.option_name, problem=error.message)
    if type(error).__name__ == "NoSuchCommand":
        return LedgerError("bad_command", value=getattr(error, "command_name", ""))
    return LedgerError("bad_option", problem=error.message)


def _name_of(parameter: click.Parameter | None) -> str:
    if parameter is None:
        return ""
    if isinstance(parameter, click.Option):
        return max(parameter.opts, key=len)
    return parameter.metavar or parameter.human_readable_name


def report_bug(error: Exception) -> int:
    """Keep the traceback where the user finds it and say how to report it."""
    text = "".join(traceback.format_exception(error))
    if os.environ.get(_DEBUG) == "1":
        with suppress(OSError, ValueError):
            sys.stderr.write(text)
    facts = {"problem": type(error).__name__}
    path = _kept(text)
    if path is not None:
        facts["file"] = str(path)
    return report(LedgerError("unexpected", **facts))


def _kept(text: str) -> Path | None:
    """Write a traceback into the state folder, for its owner alone."""
    try:
        from platformdirs import user_state_path  # noqa: PLC0415 - not for --help

        folder = user_state_path("wageledger")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / f"failure-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:  # noqa: PTH123 - a descriptor
            file.write(text)
    except OSError:
        return None
    return path
