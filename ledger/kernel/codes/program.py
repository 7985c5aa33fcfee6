"""Codes of the program itself: the command line, storage, the vault and the checks."""

from typing import Final

from ledger.kernel.codes.definition import (
    EXIT_CONFLICT,
    EXIT_DIFFERENCE,
    EXIT_INTERRUPTED,
    EXIT_INVALID,
    EXIT_NOT_AUTHORISED,
    EXIT_NOT_FOUND,
    EXIT_REFUSED,
    EXIT_RUN_AGAIN,
    EXIT_UNEXPECTED,
    EXIT_USAGE,
    N_,
    Code,
    Group,
)

_LINE: Final = "The command line, Everywhere"
_STORAGE: Final = "Architecture, Decisions to start from"


def _of(group: Group, code: str, exit_status: int, message: str, remedy: str, source: str) -> Code:
    return Code(
        code=code,
        group=group,
        exit_status=exit_status,
        message=message,
        remedy=remedy,
        source=source,
    )


USAGE: Final[tuple[Code, ...]] = (
    _of(
        "usage",
        "bad_option",
        EXIT_USAGE,
        N_("An option or argument is wrong[: {option}][: {problem}][ (given: {value})]."),
        N_("See the help of the command with `--help`."),
        _LINE,
    ),
    _of(
        "usage",
        "missing_option",
        EXIT_USAGE,
        N_("An option or argument is missing[: {option}]."),
        N_("See the help of the command with `--help`."),
        _LINE,
    ),
    _of(
        "usage",
        "bad_command",
        EXIT_USAGE,
        N_("There is no such command[: {value}]."),
        N_("See the commands with `wageledger --help`."),
        _LINE,
    ),
    _of(
        "usage",
        "bad_url",
        EXIT_USAGE,
        N_("This is not the address of a ledger[: {url}][: {problem}]."),
        N_("Write sqlite:///folder/file.db or postgresql://host/database."),
        _LINE,
    ),
    _of(
        "usage",
        "password_in_url",
        EXIT_USAGE,
        N_("The address of the ledger holds a password, which others could read."),
        N_("Take it out; put the password into PGPASSFILE or PGPASSWORD."),
        _LINE,
    ),
    _of(
        "usage",
        "bad_tenant",
        EXIT_USAGE,
        N_("This is not the name of a tenant[: {tenant}]."),
        N_("Use 1 to 64 letters, digits, '-', '_' or '.'."),
        _LINE,
    ),
    _of(
        "usage",
        "bad_profile",
        EXIT_USAGE,
        N_("The profile is not right[: {value}][: {problem}]."),
        N_("Check the profile's party, role and ledger in the settings file."),
        _LINE,
    ),
    _of(
        "usage",
        "no_profile",
        EXIT_NOT_FOUND,
        N_("There is no such profile[: {value}]."),
        N_("Check the name, or write the profile into the settings file."),
        _LINE,
    ),
    _of(
        "usage",
        "no_file",
        EXIT_NOT_FOUND,
        N_("There is no such file[: {file}]."),
        N_("Check its name and folder."),
        _LINE,
    ),
    _of(
        "usage",
        "file_unreadable",
        EXIT_NOT_AUTHORISED,
        N_("The file cannot be read[: {file}][: {problem}]."),
        N_("Check that it is a file and that you may read it."),
        _LINE,
    ),
    _of(
        "usage",
        "bad_encoding",
        EXIT_INVALID,
        N_("The file is not written in UTF-8[: {file}][: {problem}]."),
        N_("Save it as UTF-8 and run it again; nothing was recorded."),
        _LINE,
    ),
    _of(
        "usage",
        "output_unwritable",
        EXIT_NOT_AUTHORISED,
        N_("The output cannot be written[: {file}][: {problem}]."),
        N_("Check the folder and your rights; an older file there is unchanged."),
        _LINE,
    ),
    _of(
        "usage",
        "empty_file",
        EXIT_INVALID,
        N_("There is nothing in the file[: {file}]."),
        N_("Write one posting a line."),
        _LINE,
    ),
    _of(
        "usage",
        "bad_cursor",
        EXIT_USAGE,
        N_("The cursor does not belong to this list[: {value}]."),
        N_("Use the `next` of the page before, with the same options."),
        _LINE,
    ),
    _of(
        "usage",
        "not_confirmed",
        EXIT_USAGE,
        N_("The command was not confirmed; nothing is changed."),
        N_("Run it with --yes where nobody can be asked."),
        _LINE,
    ),
    _of(
        "usage",
        "workbook_full",
        EXIT_USAGE,
        N_("A workbook cannot hold this[: {count} rows][, at most {limit} in one place]."),
        N_("Write it with `--format csv`, or ask for less with filters or --limit."),
        _LINE,
    ),
    _of(
        "usage",
        "sheet_not_approved",
        EXIT_REFUSED,
        N_("Only an approved sheet has payslips[: {sheet}][, now {state}]."),
        N_("Approve it first with `wageledger payroll approve`."),
        "Decree 724 art. 31",
    ),
    _of(
        "usage",
        "not_available",
        EXIT_USAGE,
        N_("This version cannot do that yet[: {value}]."),
        N_("See what it can do with `wageledger --help`."),
        _LINE,
    ),
    _of(
        "usage",
        "interrupted",
        EXIT_INTERRUPTED,
        N_("The command was interrupted."),
        N_("What was reported as recorded is kept; run it again with the same keys."),
        _LINE,
    ),
    _of(
        "usage",
        "unexpected",
        EXIT_UNEXPECTED,
        N_("Something unexpected happened; this is a mistake in the program[: {problem}]."),
        N_(
            "Report it with the command, its version and the output of `wageledger doctor`[;"
            " details: {file}]."
        ),
        _LINE,
    ),
)

STORAGE: Final[tuple[Code, ...]] = (
    _of(
        "storage",
        "no_ledger",
        EXIT_NOT_FOUND,
        N_("There is no ledger[ at {url}][, tenant {tenant}]."),
        N_("Create it with `wageledger init`."),
        "The command line, Guard and move",
    ),
    _of(
        "storage",
        "schema_older",
        EXIT_CONFLICT,
        N_("The ledger was made by an older version[: schema {schema}][, needed {supported}]."),
        N_("Save a copy and upgrade it with `wageledger init`."),
        _STORAGE,
    ),
    _of(
        "storage",
        "schema_newer",
        EXIT_CONFLICT,
        N_("The ledger was made by a newer version[: schema {schema}][, known {supported}]."),
        N_("Upgrade this program."),
        _STORAGE,
    ),
    _of(
        "storage",
        "storage_read_only",
        EXIT_NOT_AUTHORISED,
        N_("The ledger cannot be written[: {path}][: {problem}]."),
        N_("Check the rights on the file, its folder and the disk; nothing was recorded."),
        _STORAGE,
    ),
    _of(
        "storage",
        "storage_full",
        EXIT_RUN_AGAIN,
        N_("The disk is full[: {path}][: {problem}]."),
        N_("Make room and run the command again; nothing is half-written."),
        _STORAGE,
    ),
    _of(
        "storage",
        "storage_unreachable",
        EXIT_RUN_AGAIN,
        N_("The database does not answer[: {url}][: {problem}]."),
        N_("Check that it runs and can be reached, then run the command again."),
        _STORAGE,
    ),
    _of(
        "storage",
        "storage_damaged",
        EXIT_DIFFERENCE,
        N_("The database is damaged[: {path}][: {worker}][: {problem}]."),
        N_("Stop writing, keep the file, restore the last backup and run `wageledger verify`."),
        _STORAGE,
    ),
    _of(
        "storage",
        "unsafe_storage",
        EXIT_REFUSED,
        N_("The database does not keep what it confirms[: {problem}]."),
        N_("Put the ledger on a local disk, or use PostgreSQL with fsync on."),
        _STORAGE,
    ),
    _of(
        "storage",
        "busy",
        EXIT_RUN_AGAIN,
        N_("The ledger is busy: another program is writing[: {problem}]."),
        N_("Run the command again with the same keys."),
        _STORAGE,
    ),
    _of(
        "storage",
        "outcome_unknown",
        EXIT_RUN_AGAIN,
        N_("The connection broke; whether it was recorded is not known[: {key}]."),
        N_("Run it again with the same key: it is recorded once at most."),
        _STORAGE,
    ),
    _of(
        "storage",
        "rolled_back",
        EXIT_REFUSED,
        N_(
            "The posting is right but was not recorded, because another of the file was"
            " not[: line {line}]."
        ),
        N_("Correct the others and run the file again."),
        "The command line, Post",
    ),
    _of(
        "storage",
        "unknown_topic",
        EXIT_NOT_FOUND,
        N_(
            "The log holds an event of a kind that this version does not know[: {topic}][,"
            " position {position}]."
        ),
        N_("Upgrade this program; if it is the newest, run `wageledger verify`."),
        _STORAGE,
    ),
    _of(
        "storage",
        "stopped_project",
        EXIT_DIFFERENCE,
        N_(
            "The figures of the project stand still at an event that could not be applied[:"
            " {project}][, position {position}][: {problem}]."
        ),
        N_("Report it, then run `wageledger projections rebuild`."),
        _STORAGE,
    ),
    _of(
        "storage",
        "no_vault",
        EXIT_NOT_FOUND,
        N_("There is no identity vault[ at {url}][, tenant {tenant}]."),
        N_("Create it with `wageledger init`, or name the right one."),
        _STORAGE,
    ),
    _of(
        "storage",
        "vault_key_missing",
        EXIT_NOT_FOUND,
        N_("The master key of the identity vault is missing[: {path}][: {problem}]."),
        N_("Put the key file back from its safe copy; a new key does not open the old vault."),
        _STORAGE,
    ),
    _of(
        "storage",
        "vault_key_mode",
        EXIT_REFUSED,
        N_("Others can read the master key of the identity vault[: {path}][: {problem}]."),
        N_("Give it to its owner alone, with mode 600[: {command}]."),
        _STORAGE,
    ),
    _of(
        "storage",
        "vault_key_wrong",
        EXIT_NOT_AUTHORISED,
        N_("The master key does not open this identity vault[: {path}][: {problem}]."),
        N_("Use the key that belongs to this ledger."),
        _STORAGE,
    ),
)

CHECK: Final[tuple[Code, ...]] = (
    _of(
        "check",
        "check_failed",
        EXIT_DIFFERENCE,
        N_("An invariant does not hold[: {rule}][: {problem}][, position {position}]."),
        N_("Stop posting to what is named and report it with the output of the command."),
        "Postings, Invariants",
    ),
    _of(
        "check",
        "verify_failed",
        EXIT_DIFFERENCE,
        N_("The log is not as it was written[: position {position}][: {problem}]."),
        N_("Stop writing, keep the database as it is and compare it with the last backup."),
        "The command line, Guard and move",
    ),
    _of(
        "check",
        "projection_differs",
        EXIT_DIFFERENCE,
        N_("A read model differs from the log[: {projection}][: {problem}]."),
        N_("Rebuild it with `wageledger projections rebuild`."),
        "Postings, Invariants",
    ),
)
