"""The entry point: how every run begins, and how every run ends.

Whatever happens inside, a user sees one coded sentence and what to do about it, never a
traceback; the exit status says the same to a script.
"""

import os
import sys

from cli import messages
from cli.streams import discard_output, prepare, shows_chinese

_HELP: frozenset[str] = frozenset({"-h", "--help"})


def main() -> None:
    """Run the program with the arguments of the process and end it."""
    prepare()
    arguments = sys.argv[1:]
    choose_language(arguments)
    status = run(arguments)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        discard_output()
    except OSError:  # a full disk behind a redirected stdout
        discard_output()
        status = status or fail_output()
    sys.exit(status)


def choose_language(arguments: list[str]) -> None:
    """Choose the language before anything is shown; English where Chinese cannot be shown."""
    option = None
    for at, argument in enumerate(arguments):
        if argument == "--lang" and at + 1 < len(arguments):
            option = arguments[at + 1]
        elif argument.startswith("--lang="):
            option = argument.removeprefix("--lang=")
    language = messages.choose_language(option, os.environ)
    if option is None and not (shows_chinese(sys.stdout) and shows_chinese(sys.stderr)):
        language = "en"
    messages.use_language(language)


def run(arguments: list[str]) -> int:
    """Run one command; returns the exit status."""
    if asks_for_overview(arguments):
        from cli.overview import overview  # noqa: PLC0415 - not for --help

        try:
            sys.stdout.write(overview())
        except BrokenPipeError:
            discard_output()
        return 0
    from cli.boundary import guarded  # noqa: PLC0415 - not for --help

    return guarded(arguments)


def asks_for_overview(arguments: list[str]) -> bool:
    """Tell whether this is `wageledger --help`, with a language or without."""
    if any(name.endswith("_COMPLETE") and name.startswith("_WAGELEDGER") for name in os.environ):
        return False
    rest = []
    skip = False
    for argument in arguments:
        if skip or argument.startswith("--lang="):
            skip = False
        elif argument == "--lang":
            skip = True
        else:
            rest.append(argument)
    return bool(rest) and all(argument in _HELP for argument in rest)


def fail_output() -> int:
    """Say that stdout could not be written; returns the exit status."""
    from cli.boundary import report  # noqa: PLC0415 - not for --help
    from ledger.kernel.errors import LedgerError  # noqa: PLC0415 - not for --help

    return report(LedgerError("output_unwritable"))


if __name__ == "__main__":
    main()
