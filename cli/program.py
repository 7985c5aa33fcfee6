"""The program as a tree of commands: made on demand, with help in the reader's language.

Every command takes the global options, before or after its name; the innermost wins. Help texts
are English msgids and are translated when a page is shown.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Final

import click
from click.shell_completion import CompletionItem

from cli import messages, overview
from cli.messages import N_, _
from cli.output import Printer
from cli.widths import cells, pad, wrap
from ledger.kernel.errors import LedgerError

EXIT_USAGE: Final = 2
_META: Final = "wageledger"


@dataclass
class Choices:
    """What the user chose with the global options, wherever they stand.

    Attributes:
        ledger: Address of the ledger, or None.
        tenant: Name of the tenant, or None.
        profile: Name of the profile, or None.
        printer: Where the answer goes and in which format.
    """

    ledger: str | None = None
    tenant: str | None = None
    profile: str | None = None
    printer: Printer = field(default_factory=Printer)


def choices(context: click.Context) -> Choices:
    """The choices of this run."""
    found: Choices = context.find_root().meta.setdefault(_META, Choices())
    return found


# -- pages of help ------------------------------------------------------------


class Page(click.HelpFormatter):
    """A help page whose columns stand right in Chinese too."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the line that shows how a command is called."""
        begin = prefix or _("Usage: {called}", called=f"{prog} ")
        first, *rest = wrap(args, max(20, self.width - cells(begin)))
        self.write(f"{begin}{first}\n")
        for line in rest:
            self.write(f"{' ' * cells(begin)}{line}\n")

    def write_text(self, text: str) -> None:
        """Write paragraphs."""
        indent = " " * self.current_indent
        for line in wrap(text, self.width - self.current_indent):
            self.write(f"{indent}{line}".rstrip() + "\n")

    def write_dl(
        self,
        rows: Any,  # noqa: ANN401 - pairs of texts, as click names them
        col_max: int = 30,
        col_spacing: int = 2,
    ) -> None:
        """Write terms and what they mean, in two columns."""
        pairs = [(str(term), str(text)) for term, text in rows]
        column = min(max((cells(term) for term, _text in pairs), default=0), col_max) + col_spacing
        indent = " " * self.current_indent
        for term, text in pairs:
            lines = wrap(text, max(20, self.width - self.current_indent - column))
            if cells(term) > column - col_spacing:
                self.write(f"{indent}{term}\n")
                lines = ["", *lines]
                term = ""  # noqa: PLW2901 - it stands on its own line already
                lines = lines[1:]
            for at, line in enumerate(lines):
                head = pad(term if at == 0 else "", column)
                self.write(f"{indent}{head}{line}".rstrip() + "\n")


class Context(click.Context):
    """A context whose pages are ours."""

    formatter_class = Page


class Option(click.Option):
    """An option whose help is a msgid.

    Attributes:
        section: English msgid of the section of a help page in which it stands.
        needed: Whether help says that a command is not complete without it.
    """

    section = N_("Options")

    def __init__(self, *names: Any, needed: bool = False, **rest: Any) -> None:  # noqa: ANN401
        super().__init__(*names, **rest)
        self.needed = needed

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """The option and its help in the reader's language."""
        record = super().get_help_record(ctx)
        if record is None:
            return None
        needed = _("(required)") if self.needed else ""
        return record[0], f"{_(self.help) if self.help else ''} {needed}".strip()


class PostingOption(Option):
    """An option that every posting has."""

    section = N_("Options of every posting")


class ReadOption(Option):
    """An option that every read has."""

    section = N_("Options of every read")


class Word(click.Argument):
    """A word of a command, with what it means as a msgid."""

    def __init__(self, names: Sequence[str], text: str = "", **rest: Any) -> None:  # noqa: ANN401
        super().__init__(names, **rest)
        self.text = text

    def rows(self) -> list[tuple[str, str]]:
        """The word and its meaning, for help."""
        return [(self.metavar or self.human_readable_name, _(self.text))] if self.text else []


class Command(click.Command):
    """A command that takes the global options and shows help in the reader's language.

    Its help is a msgid, or a function that makes the text when somebody asks. An option of its own
    takes the place of a global one of that name.
    """

    context_class = Context

    def __init__(
        self,
        name: str,
        callback: Callable[..., Any] | None = None,
        *,
        summary: str,
        params: Sequence[click.Parameter] = (),
        more: Callable[[], str] | None = None,
    ) -> None:
        own = {name for each in params for name in each.opts}
        shared = [each for each in global_options() if own.isdisjoint(each.opts)]
        super().__init__(name, callback=callback, params=[*params, *shared], help=summary)
        self.more = more

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's own
        """Run it; what it could not show is refused before it does anything."""
        choices(ctx).printer.require_place()
        return super().invoke(ctx)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """``--help``, hidden among the global options."""
        return hidden(super().get_help_option(ctx))

    def get_short_help_str(self, limit: int = 45) -> str:  # noqa: ARG002 - ours are short
        """The summary, whole, without its full stop: it stands in a list."""
        return _(self.help).rstrip(".。") if self.help else ""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show how it is called."""
        formatter.write_usage(ctx.command_path, " ".join(self.usage_pieces()))

    def usage_pieces(self) -> list[str]:
        """The words after the command's name."""
        arguments = [
            parameter.metavar or parameter.human_readable_name
            for parameter in self.params
            if isinstance(parameter, click.Argument)
        ]
        return [*arguments, "[OPTIONS]"]

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the summary and what more there is to say."""
        for text in (_(self.help) if self.help else "", self.more() if self.more else ""):
            if text:
                formatter.write_paragraph()
                with formatter.indentation():
                    formatter.write_text(text)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command's own options; the global ones in one line."""
        words = [row for each in self.params if isinstance(each, Word) for row in each.rows()]
        if words:
            with formatter.section(_("Arguments")):
                formatter.write_dl(words)
        for title, rows in self.option_rows(ctx).items():
            with formatter.section(_(title)):
                formatter.write_dl(rows)
        write_global(formatter)

    def option_rows(self, ctx: click.Context) -> dict[str, list[tuple[str, str]]]:
        """The options and their meanings, by the section of the page in which they stand."""
        rows: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.params:
            if isinstance(parameter, Option):
                record = parameter.get_help_record(ctx)
                if record is not None:
                    rows.setdefault(parameter.section, []).append(record)
        return rows


def hidden(option: click.Option | None) -> click.Option | None:
    """Leave an option out of the pages of help."""
    if option is not None:
        option.hidden = True
    return option


def write_global(formatter: click.HelpFormatter) -> None:
    """Name the options that every command takes."""
    names = " ".join(
        option.split(" ", 1)[0].rstrip(",") for option, _text in overview.GLOBAL_OPTIONS
    )
    with formatter.section(_("Options of every command, see `wageledger --help`")):
        formatter.write_text(names)


class Group(click.Group):
    """A noun with its verbs."""

    context_class = Context

    def __init__(self, name: str, *, summary: str, commands: Sequence[click.Command]) -> None:
        super().__init__(
            name,
            commands={command.name or "": command for command in commands},
            params=global_options(),
            help=summary,
            no_args_is_help=False,
        )

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """``--help``, hidden among the global options."""
        return hidden(super().get_help_option(ctx))

    def get_short_help_str(self, limit: int = 45) -> str:  # noqa: ARG002 - ours are short
        """The summary, whole, without its full stop: it stands in a list."""
        return _(self.help).rstrip(".。") if self.help else ""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Verbs in the order in which they are used."""
        return list(self.commands)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show how it is called."""
        formatter.write_usage(ctx.command_path, overview.COMMAND_AND_OPTIONS)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the summary."""
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(_(self.help) if self.help else "")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the verbs."""
        with formatter.section(_("Commands")):
            formatter.write_dl(self.verbs())
        write_global(formatter)

    def verbs(self) -> list[tuple[str, str]]:
        """The verbs and what they do."""
        return [(name, command.get_short_help_str()) for name, command in self.commands.items()]

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's own
        """Run the verb; without one show the help and end as a wrong call does."""
        if not [*ctx._protected_args, *ctx.args]:  # noqa: SLF001 - click has no public way
            click.echo(self.get_help(ctx), err=True)
            ctx.exit(EXIT_USAGE)
        return super().invoke(ctx)


class Program(Group):
    """The whole program: commands are loaded when they are called."""

    def __init__(self) -> None:
        super().__init__("wageledger", summary="", commands=())
        # `--due_on` is `--due-on`: names of fields are written so in postings.
        self.context_settings["token_normalize_func"] = lambda token: token.replace("_", "-")

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """All nouns and reads."""
        return list(overview.ENTRIES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Load the module of a command and make it."""
        entry = overview.ENTRIES.get(cmd_name)
        if entry is None:
            return None
        made: click.Command = import_module(f"cli.commands.{entry.module}").command(entry.name)
        return made

    def get_help(self, ctx: click.Context) -> str:  # noqa: ARG002
        """The overview."""
        return overview.overview().rstrip("\n")

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete the names of commands without loading them."""
        found = [
            CompletionItem(entry.name, help=_(entry.summary))
            for entry in overview.ENTRIES.values()
            if entry.name.startswith(incomplete)
        ]
        return found or super(click.Group, self).shell_complete(ctx, incomplete)


# -- global options -----------------------------------------------------------


class GlobalOption(Option):
    """An option that every command takes and that no command sees."""

    def __init__(self, names: Sequence[str], **rest: Any) -> None:  # noqa: ANN401 - as click's
        super().__init__(names, expose_value=False, hidden=True, **rest)


def _keep(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def keep(ctx: click.Context, _param: click.Parameter, value: Any) -> None:  # noqa: ANN401
        if value is not None:
            setattr(choices(ctx), name, value)

    return keep


def _keep_format(ctx: click.Context, _param: click.Parameter, value: str | None) -> None:
    if value is None:
        return
    choices(ctx).printer.format = value
    choices(ctx).printer.require_format()  # refused before any work


def _keep_output(ctx: click.Context, _param: click.Parameter, value: str | None) -> None:
    if value is not None:
        choices(ctx).printer.path = value
        choices(ctx).printer.require_format()


def _keep_flag(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and param.name == "no_color":
        choices(ctx).printer.color = False
    if value and param.name == "quiet":
        choices(ctx).printer.quiet = True


def _keep_language(_ctx: click.Context, _param: click.Parameter, value: str | None) -> None:
    if value is not None:
        if value not in messages.LANGUAGES:
            raise LedgerError("bad_option", option="--lang", value=value)
        messages.use_language(messages.choose_language(value, {}))


def _show_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from importlib.metadata import version  # noqa: PLC0415 - not for --help

        click.echo(f"wageledger {version('wageledger')}")
        ctx.exit()


def global_options() -> list[click.Parameter]:
    """The options that every command takes. New ones each time: a command owns its parameters."""
    return [
        GlobalOption(["--ledger"], callback=_keep("ledger")),
        GlobalOption(["--tenant"], callback=_keep("tenant")),
        GlobalOption(["--profile"], callback=_keep("profile")),
        GlobalOption(["--format"], callback=_keep_format),
        GlobalOption(["-o", "--output"], callback=_keep_output),
        GlobalOption(["--lang"], callback=_keep_language, is_eager=True),
        GlobalOption(["--no-color"], callback=_keep_flag, is_flag=True),
        GlobalOption(["--quiet"], callback=_keep_flag, is_flag=True),
        GlobalOption(["--version"], callback=_show_version, is_flag=True, is_eager=True),
    ]
