"""``wageledger doctor``: what this ledger promises, from its live settings, and what is wrong.

Every line is a fact of this machine: program, ledger, storage, vault, read models, terminal. What
is wrong has a code, like every failure; the command ends with the status of the first.
"""

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from cli import messages
from cli.app import App
from cli.boundary import Ended
from cli.messages import N_, _
from cli.output import Listing, View
from cli.profiles import settings_file
from cli.program import Command
from cli.rendering import problem_line, remedy_of
from ledger.kernel.codes import exit_status_of
from ledger.kernel.dates import SystemClock
from ledger.kernel.errors import LedgerError

if TYPE_CHECKING:
    from ledger.store import Store

_VIEW: Final = View((Listing("checks", ("check", "state", "detail")),))
_LITTLE_SPACE: Final = 1024**3
_MEGABYTE: Final = 1024**2
_PRIVATE: Final = 0o077
_POSTGRES_PROMISE: Final = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
_OK: Final = "ok"
_WARNING: Final = "warning"
_ERROR: Final = "error"


def command(_name: str) -> click.Command:
    """Make ``doctor``."""
    return Command("doctor", doctor, summary=N_("Say what this ledger promises and what is wrong"))


@dataclass
class _Findings:
    rows: list[dict[str, Any]] = field(default_factory=list)
    status: int = 0

    def add(self, name: str, detail: str, state: str = _OK) -> None:
        """Note a fact."""
        self.rows.append({"check": name, "state": state, "detail": detail})

    @contextmanager
    def failing(self, name: str) -> Iterator[None]:
        """Note a failure instead of ending with it."""
        try:
            yield
        except LedgerError as error:
            self.status = self.status or exit_status_of(error.code)
            remedy = remedy_of(error.code, error.facts)
            self.add(name, f"{problem_line(error)} {remedy}", _ERROR)


def doctor() -> None:
    """Look at everything and show it."""
    app = App.of(click.get_current_context())
    found = _Findings()
    _program(found)
    with found.failing(_("settings")):
        profile = app.profile
        party = " ".join(part for part in (profile.party, profile.role) if part) or _("nobody")
        found.add(_("settings"), _("{file}; posts as {party}", file=settings_file(), party=party))
    with found.failing(_("ledger")):
        found.add(_("ledger"), _("{url}, tenant {tenant}", url=app.shown_url, tenant=app.tenant))
        with app.store() as store:
            _storage(found, store)
            found.add(_("log"), _("{n} postings", n=f"{store.position():,}"))
            with found.failing(_("signed")):
                _signed(found, store)
            with found.failing(_("witnesses")):
                _witnesses(found, store)
            _read_models(found, store)
        with found.failing(_("vault")):
            _vault(found, app)
    app.printer.show({"checks": found.rows}, _VIEW)
    if found.status:
        raise Ended(found.status)


def _program(found: _Findings) -> None:
    names = ("wageledger", "click", "eventsourcing", "sqlalchemy", "psycopg2-binary")
    versions = []
    for name in names:
        try:
            versions.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            versions.append(f"{name} ?")
    found.add(_("program"), ", ".join(versions))
    found.add(_("machine"), f"Python {platform.python_version()}, {platform.platform()}")
    found.add(
        _("terminal"),
        _(
            "encoding {encoding}, language {language}",
            encoding=sys.stdout.encoding,
            language=messages.current_language(),
        ),
    )


def _storage(found: _Findings, store: "Store") -> None:
    settings = store.settings()
    engine = store.engine
    shown = ", ".join(f"{name} {value}" for name, value in settings.items())
    if engine.dialect.name == "sqlite":
        found.add(_("storage"), shown)
        found.add(_("promise"), _("what is confirmed survives a power cut (WAL, synchronous FULL)"))
        _space(found, Path(engine.url.database or ""))
        return
    found.add(_("storage"), shown)
    broken = [name for name, wanted in _POSTGRES_PROMISE.items() if settings.get(name) != wanted]
    if broken:
        said = _("a power cut may lose what was confirmed: {names}", names=", ".join(broken))
        found.add(_("promise"), said, _WARNING)
    else:
        found.add(_("promise"), _("what is confirmed survives a power cut (fsync on)"))


def _space(found: _Findings, path: Path) -> None:
    try:
        free = shutil.disk_usage(path.parent).free
        size = path.stat().st_size
    except OSError as error:
        found.add(_("disk"), os.strerror(error.errno or 0), _WARNING)
        return
    said = _(
        "{size} MB used by the ledger, {free} MB free",
        size=f"{size // _MEGABYTE:,}",
        free=f"{free // _MEGABYTE:,}",
    )
    found.add(_("disk"), said, _WARNING if free < _LITTLE_SPACE else _OK)


def _signed(found: _Findings, store: "Store") -> None:
    """What a tampered database could still hide: everything after the last signature."""
    from ledger.proof.note import parse_note  # noqa: PLC0415 - loads cryptography

    position, latest = store.position(), store.evidence.latest()
    size = 0 if latest is None else latest.size
    open_ = position - size
    found.add(
        _("signed"),
        _("up to position {size}; {n} postings after it", size=f"{size:,}", n=f"{open_:,}"),
        _WARNING if open_ else _OK,
    )
    if latest is not None:
        noted = parse_note(store.evidence.note_of(latest)).signatures
        own = {(key.name, key.key_id) for key in store.evidence.verifiers()}
        witnesses = {each.name for each in noted if (each.name, each.key_id) not in own}
        found.add(
            _("checkpoint"),
            _(
                "signed at {at}, cosigned by {n} witnesses",
                at=latest.signed_at, n=len(witnesses),
            ),
        )  # fmt: skip
    if not store.signer.is_able(SystemClock().now()):
        said = _("the key is not on this machine: {path}", path=store.signer.file.path)
        found.add(_("log key"), said, _WARNING)
        return
    store.signer.require_growth()
    found.add(_("log key"), str(store.signer.file.path))


def _witnesses(found: _Findings, store: "Store") -> None:
    """What a lying server could still show differently: everything that nobody cosigned."""
    from cli.commands.log_witnesses import summary_of  # noqa: PLC0415 - not for --help

    said, is_well = summary_of(store, store.position())
    found.add(_("witnesses"), said, _OK if is_well else _WARNING)


def _read_models(found: _Findings, store: "Store") -> None:
    from projections.runner import status  # noqa: PLC0415 - loads storage

    rows = status(store.engine, store.tenant)
    stopped = [row["name"] for row in rows if row["parked"]]
    behind = max((row["behind"] for row in rows), default=0)
    if stopped:
        said = _("standing still: {names}", names=", ".join(stopped))
        found.add(_("read models"), said, _ERROR)
        found.status = found.status or exit_status_of("stopped_project")
    else:
        found.add(_("read models"), _("{n} postings behind the log", n=f"{behind:,}"))


def _vault(found: _Findings, app: App) -> None:
    with app.ledger():
        url, key = app.config.vault, app.config.key
        said = _("{url}, key {key}", url=url, key=key)
        found.add(_("vault"), said, _WARNING if key.stat().st_mode & _PRIVATE else _OK)
