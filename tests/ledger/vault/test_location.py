"""A vault and its key are where a person would look for them."""

from pathlib import Path

import pytest
from platformdirs import user_data_path

from ledger.eventlog.engine import parse_url
from ledger.kernel.errors import LedgerError
from ledger.vault import default_key_file, default_vault_url


@pytest.mark.parametrize(
    ("ledger", "vault", "key"),
    [
        ("sqlite:///t.db", "t.vault.db", "t.vault.key"),
        ("sqlite:////srv/city.db", "/srv/city.vault.db", "/srv/city.vault.key"),
        ("sqlite:///吉林/a b.sqlite", "吉林/a b.vault.sqlite", "吉林/a b.vault.key"),
        ("sqlite:///plain", "plain.vault.db", "plain.vault.key"),
        ("sqlite:///a.b.db", "a.b.vault.db", "a.b.vault.key"),
    ],
)
def test_beside_a_file(ledger: str, vault: str, key: str) -> None:
    assert parse_url(default_vault_url(ledger)).database == vault
    assert default_key_file(ledger) == Path(key)


@pytest.mark.parametrize(
    ("ledger", "key"),
    [
        ("postgresql://clerk@db.example/city", "db.example-city.vault.key"),
        ("postgresql://db.example:5433/city", "db.example-5433-city.vault.key"),
        ("postgresql:///city", "city.vault.key"),
        ("postgresql://h/..%2F..%2Fetc", "h-.._.._etc.vault.key"),
    ],
)
def test_in_the_same_database_with_the_key_in_the_users_folder(ledger: str, key: str) -> None:
    assert default_vault_url(ledger) == ledger
    assert default_key_file(ledger) == user_data_path("wageledger") / key


def test_a_password_in_the_address_is_refused() -> None:
    for function in (default_vault_url, default_key_file):
        with pytest.raises(LedgerError) as caught:
            function("postgresql://clerk:canary@db.example/city")
        assert caught.value.code == "password_in_url"
        assert "canary" not in str(caught.value)
