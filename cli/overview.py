"""Which commands there are, and what `wageledger --help` shows.

Plain data and text, so that asking for help loads neither the ledger nor the option parser. A
command is built by the function ``command`` of its module when somebody calls it.
"""

from typing import Final, NamedTuple

from cli.messages import N_, _


class Entry(NamedTuple):
    """One command of the program.

    Attributes:
        name: What the user types.
        module: The module under ``cli.commands`` that makes it.
        summary: English msgid, one line of the overview.
    """

    name: str
    module: str
    summary: str


SECTIONS: Final[tuple[tuple[str, tuple[Entry, ...]], ...]] = (
    (
        N_("Start"),
        (
            Entry("init", "start", N_("Create a ledger, or upgrade an older one")),
            Entry("demo", "demo", N_("Show a small invented city")),
            Entry("profile", "profile", N_("Who posts, and into which ledger")),
            Entry("doctor", "doctor", N_("Say what this ledger promises and what is wrong")),
            Entry("completion", "completion", N_("Complete commands and ids in your shell")),
        ),
    ),
    (
        N_("Post"),
        (
            Entry("post", "post", N_("Post a file of postings")),
            Entry("record", "record", N_("Record one posting of any kind")),
            Entry("reverse", "nouns", N_("Take an earlier posting back")),
        ),
    ),
    (
        N_("Parties, projects, workers"),
        (
            Entry("party", "nouns", N_("Developers, contractors, banks, authorities")),
            Entry("project", "nouns", N_("Construction projects and their money")),
            Entry("subcontract", "nouns", N_("Subcontractors of a project")),
            Entry("worker", "nouns", N_("Workers and where they work")),
            Entry("card", "nouns", N_("Workers' own bank cards")),
            Entry("attendance", "nouns", N_("Days attended")),
        ),
    ),
    (
        N_("Money of the project"),
        (
            Entry("progress", "nouns", N_("Certified progress, split into labour cost and rest")),
            Entry("labour-cost", "nouns", N_("Labour cost onto the wage account")),
            Entry("deposit", "nouns", N_("Guarantee deposit and payment notices")),
        ),
    ),
    (
        N_("Wages"),
        (
            Entry("payroll", "nouns", N_("Payroll sheets: check, submit, approve, return")),
            Entry("payout", "nouns", N_("Payouts to cards: instruct, settle, return")),
            Entry("claim", "nouns", N_("Wage claims of workers")),
        ),
    ),
    (
        N_("Bank"),
        (Entry("bank", "bank", N_("Files of banks: look into them, import and match statements")),),
    ),
    (
        N_("Arrears"),
        (
            Entry("case", "nouns", N_("Cases of the labour authority")),
            Entry("clearing", "nouns", N_("The general contractor clears arrears")),
            Entry("transfer", "nouns", N_("Transfers that bounced")),
            Entry("recourse", "nouns", N_("What subcontractors owe for cleared arrears")),
            Entry("fund", "nouns", N_("Emergency turnover funds and their advances")),
        ),
    ),
    (
        N_("Read"),
        (
            Entry("liability", "reads", N_("What every contractor owes")),
            Entry("history", "reads", N_("What happened to a party")),
            Entry("explain", "reads", N_("Which postings make up a figure")),
            Entry("trace", "reads", N_("Which money paid whom")),
            Entry("inbox", "reads", N_("What waits for you")),
            Entry("journal", "reads", N_("Journal lines with their running balance")),
            Entry("events", "reads", N_("The log itself")),
            Entry("policy", "nouns", N_("Values of rules by region and date")),
            Entry("id", "identifiers", N_("Check the digits of an identifier")),
        ),
    ),
    (
        N_("Guard"),
        (
            Entry("check", "guard", N_("Check the invariants of the books")),
            Entry("verify", "guard", N_("Verify the log: order, content, lines")),
            Entry("log", "log", N_("Sign the log, prove what stands in it")),
            Entry("export", "export", N_("Take the log out as files that prove themselves")),
            Entry("projections", "guard", N_("State of the read models; rebuild them")),
            Entry("witness", "witness", N_("A witness: remember what a log said, and sign that")),
        ),
    ),
)
"""The commands, in the order in which a reader meets them."""

ENTRIES: Final = {entry.name: entry for _title, entries in SECTIONS for entry in entries}

GLOBAL_OPTIONS: Final[tuple[tuple[str, str], ...]] = (
    ("--ledger URL", N_("Which ledger: sqlite:///file.db or postgresql://host/name")),
    ("--tenant NAME", N_("Which authority's ledger in that database")),
    ("--profile NAME", N_("Who posts: party, role, ledger")),
    ("--format FORMAT", N_("table, json, jsonl, csv or xlsx")),
    ("-o, --output FILE", N_("Write the answer into a file; its ending gives the format")),
    ("--lang zh|en", N_("Language of messages")),
    ("--no-color", N_("No colours; NO_COLOR does the same")),
    ("--quiet", N_("No summaries and no progress")),
    ("--version", N_("Show the version")),
    ("--help", N_("Show help; every command has it")),
)
"""Options that every command takes, before or after its name."""

COMMAND_AND_OPTIONS: Final = "COMMAND ... [OPTIONS]"
"""What follows a noun; words in capitals stand for what the user writes, in every language."""

_COLUMN: Final = 19


def overview() -> str:
    """The page that `wageledger --help` shows, in the language of messages."""
    lines = [
        _("Usage: {called}", called=f"wageledger {COMMAND_AND_OPTIONS}"),
        "",
        "  " + _("A ledger for the wages of construction workers."),
    ]
    for title, entries in SECTIONS:
        lines += ["", f"{_(title)}:"]
        lines += [f"  {entry.name:<{_COLUMN}}{_(entry.summary)}" for entry in entries]
    lines += ["", _("Options of every command:")]
    lines += [f"  {option:<{_COLUMN}}{_(text)}" for option, text in GLOBAL_OPTIONS]
    return "\n".join(lines) + "\n"
