"""Profiles: who posts, and into which ledger, kept in one file of the user's settings.

    default = "site"

    [profiles.site]
    party = "91220200900000225N"
    role = "G"
    ledger = "postgresql://books@db.example/city"
    tenant = "main"

Every name may be left out. A profile holds no password.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

from platformdirs import user_config_path

from cli.aside import written_aside
from cli.messages import N_
from ledger.domain.authority import ROLES
from ledger.kernel.errors import LedgerError
from ledger.kernel.identifiers import credit_code_problem, is_ref

_LETTERS: Final = {word: letter for letter, word in ROLES.items()}
_VARIABLE: Final = "WAGELEDGER_PROFILE"
_UNSAFE: Final = {'"': '\\"', "\\": "\\\\"}


@dataclass(frozen=True, kw_only=True)
class Profile:
    """Who posts, and into which ledger.

    Attributes:
        party: Credit code of the posting party.
        role: Letter of its role (D G S B I F T O).
        ledger: Address of the ledger, without a password.
        tenant: Name of the tenant.
    """

    party: str | None = None
    role: str | None = None
    ledger: str | None = None
    tenant: str | None = None


NAMES: Final = tuple(each.name for each in fields(Profile))


@dataclass(frozen=True)
class Profiles:
    """All profiles, and the one that counts when none is named."""

    default: str | None
    by_name: Mapping[str, Profile]


def settings_file() -> Path:
    """Where the profiles are kept."""
    return user_config_path("wageledger") / "profiles.toml"


def role_letter(text: str) -> str:
    """Return the letter of a role given as a letter or as a word.

    Raises:
        LedgerError: ``bad_profile``.
    """
    letter = _LETTERS.get(text.lower().replace("-", "_"), text.upper())
    if letter not in ROLES:
        raise LedgerError("bad_profile", value=text, problem=N_("there is no such role"))
    return letter


def read_profiles() -> Profiles:
    """Read the profiles; none where there is no file.

    Raises:
        LedgerError: ``bad_profile`` for a file that is not right, ``file_unreadable``.
    """
    path = settings_file()
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return Profiles(None, {})
    except (OSError, UnicodeDecodeError) as error:
        raise LedgerError("file_unreadable", file=str(path)) from error
    try:
        read = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LedgerError("bad_profile", value=str(path), problem=str(error)) from None
    named = read.get("profiles", {})
    default = read.get("default")
    if not isinstance(named, dict) or not isinstance(default, str | None):
        raise LedgerError("bad_profile", value=str(path))
    return Profiles(default, {name: made_profile(name, given) for name, given in named.items()})


def made_profile(name: str, given: Any) -> Profile:  # noqa: ANN401 - any TOML
    """Check the values of a profile.

    Raises:
        LedgerError: ``bad_profile``.
    """
    if not is_ref(name) or not isinstance(given, dict):
        raise LedgerError("bad_profile", value=name)
    unknown = given.keys() - set(NAMES)
    if unknown or not all(isinstance(value, str) for value in given.values()):
        problem = N_("it knows party, role, ledger and tenant, all of them texts")
        raise LedgerError("bad_profile", value=name, problem=problem)
    profile = Profile(**given)
    if profile.party is not None and credit_code_problem(profile.party) is not None:
        raise LedgerError("bad_profile", value=name, problem=N_("the credit code is not valid"))
    if profile.role is None:
        return profile
    return Profile(**{**given, "role": role_letter(profile.role)})


def chosen_profile(named: str | None) -> Profile:
    """The profile of this run: the one named, else of the environment, else the default.

    Raises:
        LedgerError: ``no_profile`` or ``bad_profile``.
    """
    name = named or os.environ.get(_VARIABLE)
    profiles = read_profiles()
    name = name or profiles.default
    if name is None:
        return Profile()
    if name not in profiles.by_name:
        raise LedgerError("no_profile", value=name)
    return profiles.by_name[name]


def write_profiles(profiles: Profiles) -> None:
    """Write all profiles, aside and renamed.

    Raises:
        LedgerError: ``output_unwritable``.
    """
    path = settings_file()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise LedgerError("output_unwritable", file=str(path)) from error
    with written_aside(path) as stream:
        if profiles.default is not None:
            stream.write(f"default = {_quoted(profiles.default)}\n")
        for name, profile in profiles.by_name.items():
            stream.write(f"\n[profiles.{_quoted(name)}]\n")
            stream.writelines(
                f"{key} = {_quoted(value)}\n"
                for key, value in asdict(profile).items()
                if value is not None
            )


def _quoted(text: str) -> str:
    """Write a text as TOML does."""
    written = "".join(
        _UNSAFE.get(character, character) if character.isprintable() else f"\\U{ord(character):08x}"
        for character in text
    )
    return f'"{written}"'
