"""Write docs/reference/cli.md: every command with its words and options, from the program itself.

scripts/cli_reference.py            write the page
scripts/cli_reference.py --check    change nothing; exit 1 when the page is not current
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from cli.options import common_options
from cli.overview import COMMAND_AND_OPTIONS, GLOBAL_OPTIONS, SECTIONS
from cli.program import Command, Group, Option, Program, Word
from cli.reading import dated, paged

REPOSITORY: Final = Path(__file__).parent.parent
PAGE: Final = REPOSITORY / "docs" / "reference" / "cli.md"

_HEAD: Final = """# The command line

Written by `scripts/cli_reference.py` from the program itself; a test keeps it current.

`wageledger` is called with a noun and a verb. Figures go to stdout, words for people to stderr.
Amounts in options are in yuan with at most two decimals; JSON carries whole fen.

| exit status | meaning |
|---|---|
| 0 | done; also a duplicate, answered with its first position |
| 1 | unexpected: a mistake of the program; the message says how to report it |
| 2 | wrong usage |
| 3 | invalid input |
| 4 | not authorised |
| 5 | not found |
| 6 | conflict |
| 7 | refused by a rule of the ledger |
| 8 | a check or verification found a difference |
| 9 | busy, or the outcome is unknown: safe to run again with the same key |
| 130 | interrupted |

When the postings of one file end differently, the status is 9 if any outcome is unknown, else the
lowest that is not 0.

## Which ledger, and who posts

The ledger is the one of `--ledger`, else of `WAGELEDGER_URL`, else of the profile, else an SQLite
file in the user's data folder. An address never holds a password: PostgreSQL's comes from
`PGPASSFILE` or `PGPASSWORD`. The vault of identities lies beside an SQLite ledger, or in a schema
of its own in the same PostgreSQL database; its key is a file that only its owner may read.

The profile is the one of `--profile`, else of `WAGELEDGER_PROFILE`, else the default of
`wageledger profile use`. Where it names a party and a role, the ledger judges by them who may post
what; without a profile the owner of the ledger posts.

`WAGELEDGER_DEBUG=1` shows the traceback of a mistake of the program, which otherwise goes into a
file in the user's state folder. `NO_COLOR` and `LC_ALL` are heeded.

"""


def commands_of(
    command: click.Command, words: tuple[str, ...], context: click.Context
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """A command and all under it, with the words that call each."""
    yield words, command
    if isinstance(command, click.Group) and command.name != "record":
        for name in command.list_commands(context):
            under = command.get_command(context, name)
            if under is not None:
                yield from commands_of(under, (*words, name), context)


def page() -> str:
    """The whole page."""
    program = Program()
    parts = [_HEAD, "## Options of every command\n\n| option | meaning |\n|---|---|\n"]
    parts += [
        f"| `{option}` | {text} |\n".replace("zh|en", "zh\\|en") for option, text in GLOBAL_OPTIONS
    ]
    with click.Context(program, info_name="wageledger") as context:
        parts += shared_options(context)
        for title, entries in SECTIONS:
            parts.append(f"\n## {title}\n")
            for entry in entries:
                made = program.get_command(context, entry.name)
                if made is None:
                    continue
                for words, command in commands_of(made, ("wageledger", entry.name), context):
                    parts += section(words, command, context)
    return "".join(parts)


def section(
    words: tuple[str, ...], command: click.Command, context: click.Context
) -> Iterator[str]:
    """What the page says about one command."""
    path = " ".join(words)
    pieces = command.usage_pieces() if isinstance(command, Command) else [COMMAND_AND_OPTIONS]
    yield f"\n### {path}\n\n```\n{' '.join([path, *pieces])}\n```\n\n{command.help}"
    yield "" if (command.help or "").endswith(".") else "."
    yield "\n"
    if isinstance(command, Command) and command.more is not None and command.more():
        yield f"\n{command.more()}\n"
    if isinstance(command, Group):
        if command.name == "record":
            yield "\n| kind | meaning |\n|---|---|\n"
            yield from (f"| `{name}` | {text} |\n" for name, text in command.verbs())
        return
    if not isinstance(command, Command):
        return
    words_of = [row for each in command.params if isinstance(each, Word) for row in each.rows()]
    rows = [*words_of, *command.option_rows(context).get(Option.section, [])]
    if rows:
        yield "\n| word or option | meaning |\n|---|---|\n"
        yield from (f"| `{escaped(option)}` | {escaped(text)} |\n" for option, text in rows)


def shared_options(context: click.Context) -> Iterator[str]:
    """The options that all postings and all reads have, said once."""
    posting = Command("posting", summary="", params=common_options())
    read = Command("read", summary="", params=[*dated(), *paged(wanted=True)])
    for command in (posting, read):
        for title, rows in command.option_rows(context).items():
            yield f"\n## {title}\n\n| option | meaning |\n|---|---|\n"
            yield from (f"| `{escaped(option)}` | {escaped(text)} |\n" for option, text in rows)
    yield "\n`--limit` and `--after` are options of lists alone.\n"


def escaped(text: str) -> str:
    """A text as it may stand in a cell of a table."""
    return text.replace("|", "\\|")


def main(arguments: list[str]) -> int:
    """Write or check the page; returns the exit status."""
    made = page()
    if arguments == ["--check"]:
        current = PAGE.is_file() and PAGE.read_text("utf-8") == made
        if not current:
            print(f"{PAGE.relative_to(REPOSITORY)} is not current: run scripts/cli_reference.py")
        return 0 if current else 1
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(made, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
