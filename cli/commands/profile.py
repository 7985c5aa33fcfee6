"""``wageledger profile``: who posts, and into which ledger, kept in the user's settings."""

from dataclasses import asdict

import click

from cli.app import App
from cli.messages import N_, _
from cli.output import Listing, View
from cli.profiles import (
    NAMES,
    Profile,
    Profiles,
    made_profile,
    read_profiles,
    settings_file,
    write_profiles,
)
from cli.program import Command, Group, Option, Word, choices
from ledger.domain.authority import ROLES
from ledger.kernel.errors import LedgerError

_VIEW = View(
    (Listing("profiles", ("profile", "default", *NAMES), empty=N_("There is no profile yet.")),)
)


def command(_name: str) -> click.Command:
    """Make ``profile``."""
    name = "profile"
    return Group(
        name,
        summary=N_("Who posts, and into which ledger"),
        commands=[
            Command(
                "set",
                set_profile,
                summary=N_("Write a profile, or change what is given of it"),
                params=[
                    Word(["name"], N_("Name of the profile"), metavar="NAME"),
                    Option(
                        ["--party"], metavar="CODE", help=N_("Credit code of the posting party")
                    ),
                    Option(["--role"], metavar="|".join(ROLES), help=N_("Role of the poster")),
                ],
                more=lambda: _(
                    "--ledger and --tenant are kept in the profile too. Roles: {roles}.",
                    roles=", ".join(f"{letter} {word}" for letter, word in ROLES.items()),
                ),
            ),
            Command(
                "use",
                use_profile,
                summary=N_("Make a profile the one that counts when none is named"),
                params=[Word(["name"], N_("Name of the profile"), metavar="NAME")],
            ),
            Command(
                "remove",
                remove_profile,
                summary=N_("Remove a profile"),
                params=[Word(["name"], N_("Name of the profile"), metavar="NAME")],
            ),
            Command("list", list_profiles, summary=N_("List the profiles")),
        ],
    )


def set_profile(name: str, party: str | None, role: str | None) -> None:
    """Write a profile, keeping what is not given now."""
    chosen = choices(click.get_current_context())
    profiles = read_profiles()
    given = {"party": party, "role": role, "ledger": chosen.ledger, "tenant": chosen.tenant}
    if chosen.ledger is not None:
        from ledger.store import checked_url  # noqa: PLC0415 - loads storage

        checked_url(chosen.ledger)  # a password in it must not reach the file
    before = asdict(profiles.by_name.get(name, Profile()))
    merged = {**before, **{key: value for key, value in given.items() if value is not None}}
    made = made_profile(name, {key: value for key, value in merged.items() if value is not None})
    write_profiles(Profiles(profiles.default or name, {**profiles.by_name, name: made}))
    App.of(click.get_current_context()).printer.say(
        _("Profile {name} is kept in {file}.", name=name, file=settings_file())
    )
    if profiles.default is None:
        App.of(click.get_current_context()).printer.say(
            _("From now on {name} posts when no profile is named.", name=name)
        )


def use_profile(name: str) -> None:
    """Make a profile the default."""
    profiles = read_profiles()
    _require(profiles, name)
    write_profiles(Profiles(name, profiles.by_name))


def remove_profile(name: str) -> None:
    """Remove a profile; the default goes with it."""
    profiles = read_profiles()
    _require(profiles, name)
    rest = {key: value for key, value in profiles.by_name.items() if key != name}
    write_profiles(Profiles(None if profiles.default == name else profiles.default, rest))


def list_profiles() -> None:
    """Show all profiles."""
    profiles = read_profiles()
    rows = [
        {"profile": name, "default": name == profiles.default, **asdict(profile)}
        for name, profile in profiles.by_name.items()
    ]
    App.of(click.get_current_context()).printer.show({"profiles": rows}, _VIEW)


def _require(profiles: Profiles, name: str) -> None:
    if name not in profiles.by_name:
        raise LedgerError("no_profile", value=name)
