"""The composition root: from what the user chose to an open ledger.

Everything else in ``cli`` gets its ledger, its books and its printer from here, and imports
neither storage nor read models while it is only asked for help.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import click

from cli.messages import _
from cli.output import Printer
from cli.program import Choices, choices
from ledger.kernel.dates import SystemClock, business_date
from ledger.kernel.errors import LedgerError
from ledger.kernel.identifiers import is_ref

if TYPE_CHECKING:
    from cli.books import Books
    from cli.profiles import Profile
    from ledger.service import Ledger, Poster
    from ledger.store import LedgerConfig, Store

_VARIABLE: Final = "WAGELEDGER_URL"
_MAIN: Final = "main"
_DRIVER: Final = "postgresql+psycopg2:"
"""How the store spells its driver; nobody types it."""

_NAMED_BY_INIT: Final = frozenset({"no_ledger", "schema_older", "no_vault"})
_UNNAMED: Final = frozenset({"bad_url", "password_in_url"})
_READ_ONLY: Final = "storage_read_only"
_FILE: Final = "sqlite:"
_LATER: Final = ("http://", "https://")


@dataclass
class App:
    """One run of the program.

    Attributes:
        chosen: The global options.
    """

    chosen: Choices

    @classmethod
    def of(cls, context: click.Context) -> "App":
        """The app of a command that runs."""
        return cls(choices(context))

    @property
    def printer(self) -> Printer:
        """Where answers go."""
        return self.chosen.printer

    @cached_property
    def profile(self) -> "Profile":
        """Who posts, as the settings say.

        Raises:
            LedgerError: ``no_profile`` or ``bad_profile``.
        """
        from cli.profiles import chosen_profile  # noqa: PLC0415 - not for --help

        return chosen_profile(self.chosen.profile)

    @cached_property
    def url(self) -> str:
        """Address of the ledger: the option, the environment, the profile, the data folder.

        Raises:
            LedgerError: ``not_available`` for a server.
        """
        url = self.chosen.ledger or os.environ.get(_VARIABLE) or self.profile.ledger
        if url is None:
            return default_url()
        if url.startswith(_LATER):
            raise LedgerError("not_available", value=url.partition("://")[0] + "://")
        return url

    @property
    def is_default(self) -> bool:
        """Whether nobody named a ledger, so that it lies in the user's data folder."""
        return not (self.chosen.ledger or os.environ.get(_VARIABLE) or self.profile.ledger)

    @property
    def shown_url(self) -> str:
        """The address as it may be shown.

        Raises:
            LedgerError: ``bad_url`` or ``password_in_url``.
        """
        from ledger.store import checked_url  # noqa: PLC0415 - loads storage

        return checked_url(self.url).replace(_DRIVER, "postgresql:", 1)

    @property
    def tenant(self) -> str:
        """Name of the tenant.

        Raises:
            LedgerError: ``bad_tenant``.
        """
        tenant = self.chosen.tenant or self.profile.tenant or _MAIN
        if not is_ref(tenant):
            raise LedgerError("bad_tenant", tenant=tenant)
        return tenant

    @property
    def today(self) -> str:
        """Business date of this run, ISO text."""
        return business_date(SystemClock().now()).isoformat()

    @property
    def poster(self) -> "Poster | None":
        """Who posts; None where no profile says: the owner of the ledger."""
        from ledger.domain.authority import Poster  # noqa: PLC0415 - loads storage

        profile = self.profile
        if profile.party is None and profile.role is None:
            return None
        return Poster(profile.party, profile.role or "")

    @property
    def config(self) -> "LedgerConfig":
        """Where the ledger, its vault and its key are."""
        from ledger.store import LedgerConfig  # noqa: PLC0415 - loads storage

        return LedgerConfig(self.url, self.tenant)

    @contextmanager
    def ledger(self) -> Iterator["Ledger"]:
        """Open the ledger for posting, and close it.

        Raises:
            LedgerError: ``no_ledger`` with the command to run, and what storage answers.
        """
        from ledger.service import Ledger  # noqa: PLC0415 - loads storage

        with self.naming_init():
            self.name_origin()
            opened = Ledger.open(self.config)
        try:
            yield opened
        finally:
            opened.close()

    @contextmanager
    def store(self) -> Iterator["Store"]:
        """Open the ledger without its vault: enough for reading, checking and verifying.

        Raises:
            LedgerError: ``no_ledger`` with the command to run, and what storage answers.
        """
        from ledger.store import Store  # noqa: PLC0415 - loads storage

        with self.naming_init():
            self.name_origin()
            opened = Store.open(self.config)
        try:
            yield opened
        finally:
            opened.close()

    @contextmanager
    def readable_store(self) -> Iterator["Store"]:
        """Open the ledger as ``store`` does, or a copy of it where nothing may be written.

        For what reads the whole and keeps nothing: checking and verifying.

        Raises:
            LedgerError: ``no_ledger`` with the command to run, and what storage answers.
        """
        from ledger.store import Store  # noqa: PLC0415 - loads storage

        with ExitStack() as stack:
            try:
                opened = stack.enter_context(self.store())
                opened.position()
            except LedgerError as error:
                if error.code != _READ_ONLY or not self.url.startswith(_FILE):
                    raise
                stack.close()
                with self.naming_init():
                    opened = stack.enter_context(Store.opened_copy(self.config))
                self.printer.say(_("Nothing may be written there; a copy is read."))
            yield opened

    @contextmanager
    def books(self) -> Iterator["Books"]:
        """Open the books for reading, caught up with the log.

        Raises:
            LedgerError: ``no_ledger`` with the command to run, and what storage answers.
        """
        from cli.books import opened  # noqa: PLC0415 - loads storage

        with self.store() as store, opened(store.engine, self.tenant, self.today) as books:
            yield books

    def name_origin(self) -> None:
        """Let what is printed say which ledger it is from.

        Raises:
            LedgerError: ``bad_url``, ``password_in_url`` or ``bad_tenant``.
        """
        self.printer.origin = {"ledger": self.shown_url, "tenant": self.tenant}

    def catch_up(self, ledger: "Ledger") -> None:
        """Bring the read models up to the log after writing.

        Where another program is at it, that is no failure of the posting: every read catches up.
        """
        from projections.runner import catch_up  # noqa: PLC0415 - loads storage

        try:
            catch_up(ledger.engine, ledger.tenant)
        except LedgerError as error:
            if error.code != "busy":
                raise
        self._sign(ledger.store)

    def _sign(self, store: "Store") -> None:
        """Sign the log as it stands now; a posting that cannot be signed is recorded all the same.

        Where the key is on another machine, that one signs; ``doctor`` says what is not signed.
        """
        try:
            signed = store.signer.sign(SystemClock().now())
        except LedgerError as error:
            if error.code != "log_key_missing":
                self.tell_alarms([error])
        else:
            if signed is not None:
                self._cosign(store)

    def _cosign(self, store: "Store") -> None:
        """Ask the witnesses, not for long; who did not sign is shown by ``doctor``.

        Only what a witness knows better is said at once: it is an alarm.
        """
        from cli.witnesses import ALARMS, ask_witnesses, path_of  # noqa: PLC0415 - loads storage

        if not path_of(store).exists():
            return
        try:
            refusals = [asked.refusal for asked in ask_witnesses(store)]
        except LedgerError as error:
            refusals = [error]
        self.tell_alarms([each for each in refusals if each is not None and each.code in ALARMS])

    def tell_alarms(self, errors: Sequence[LedgerError]) -> None:
        """Say on stderr what is wrong with the evidence, without failing what was done."""
        from cli.answers import tell  # noqa: PLC0415 - loads the kinds
        from cli.rendering import problem_line, remedy_of  # noqa: PLC0415 - as above

        for error in errors:
            tell(iter((problem_line(error), remedy_of(error.code, error.facts))))

    @contextmanager
    def naming_init(self) -> Iterator[None]:
        """Say which ledger a failure is about, and the command that creates or upgrades it."""
        try:
            yield
        except LedgerError as error:
            if error.code not in _UNNAMED:
                error.facts["url"] = self.shown_url
            if error.code in _NAMED_BY_INIT:
                error.facts["command"] = self.init_command
            raise

    @property
    def init_command(self) -> str:
        """The command that creates this ledger."""
        words = ["wageledger"]
        if not self.is_default:
            words += ["--ledger", self.url]
        if self.tenant != _MAIN:
            words += ["--tenant", self.tenant]
        return " ".join([*words, "init"])


def default_url() -> str:
    """Address of the ledger of a user who named none."""
    from platformdirs import user_data_path  # noqa: PLC0415 - not for --help

    return f"sqlite:///{user_data_path('wageledger') / 'ledger.db'}"
