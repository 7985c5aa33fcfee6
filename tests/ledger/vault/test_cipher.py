"""What was sealed opens in its own place, today and with every later version of the program."""

import hashlib
import hmac

import pytest
from cryptography.exceptions import InvalidTag

from ledger.vault.cipher import (
    MasterKey,
    PersonKeys,
    commitments_of,
    equality_digest,
    equality_digests,
)

SECRET = bytes(range(32))
KEYS = bytes(range(100, 164))


def test_a_value_opens_only_for_its_own_person_field_and_version() -> None:
    keys = PersonKeys(KEYS, "main", "W1")
    sealed = keys.seal("name", 1, "张铁柱")

    assert keys.open("name", 1, sealed) == "张铁柱"
    for place in (("name", 2), ("phone", 1)):
        with pytest.raises(InvalidTag):
            keys.open(*place, sealed)
    for tenant, ref in (("main", "W2"), ("other", "W1")):
        with pytest.raises(InvalidTag):
            PersonKeys(KEYS, tenant, ref).open("name", 1, sealed)


@pytest.mark.parametrize("place", [0, 11, 12, -1])
def test_a_single_changed_bit_is_noticed(place: int) -> None:
    keys = PersonKeys(KEYS, "main", "W1")
    sealed = bytearray(keys.seal("name", 1, "张铁柱"))
    sealed[place] ^= 1

    with pytest.raises(InvalidTag):
        keys.open("name", 1, bytes(sealed))


@pytest.mark.parametrize("length", [0, 11, 12, 27])
def test_a_value_cut_short_is_noticed(length: int) -> None:
    keys = PersonKeys(KEYS, "main", "W1")

    with pytest.raises(InvalidTag):
        keys.open("name", 1, keys.seal("name", 1, "")[:length])


def test_equal_values_never_look_equal() -> None:
    keys = PersonKeys(KEYS, "main", "W1")
    sealed = {keys.seal("name", 1, "张铁柱") for _ in range(100)}

    assert len(sealed) == 100
    assert len({value[:12] for value in sealed}) == 100


def test_a_persons_keys_open_only_under_their_own_master_key_and_name() -> None:
    master = MasterKey(SECRET)
    sealed = PersonKeys(KEYS, "main", "W1").sealed(master)
    opened = PersonKeys.opened(sealed, master, "main", "W1")

    assert len(sealed) == 92
    assert opened.commitment("name", "x") == PersonKeys(KEYS, "main", "W1").commitment("name", "x")
    for key, tenant, ref in (
        (MasterKey.random(), "main", "W1"),
        (master, "main", "W2"),
        (master, "other", "W1"),
    ):
        with pytest.raises(InvalidTag):
            PersonKeys.opened(sealed, key, tenant, ref)


def test_a_commitment_is_the_documented_hmac_of_the_documented_bytes() -> None:
    salt = KEYS[32:]
    message = b"id_number\x00220202190211010001"
    expected = hmac.new(salt, message, hashlib.sha256).hexdigest()

    keys = PersonKeys(KEYS, "main", "W1")
    assert keys.commitment("id_number", "220202190211010001") == expected


def test_field_and_value_cannot_be_shifted_into_each_other() -> None:
    keys = PersonKeys(KEYS, "main", "W1")

    assert keys.commitment("name", "ab") != keys.commitment("namea", "b")


def test_a_master_key_has_32_bytes() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        MasterKey(b"short")


# What released programs wrote must open for ever. These were made by version 0.1.0.
GOLDEN_KEY_ID = "64af9257e0dc79e9472118e057926c42"
GOLDEN_EQUALITY = "87dbeb9a66801c73630ed33fce38602e0e91e4379f0c730edb8e59ca999ba77e"
GOLDEN_KEYS = (
    "49fc9ce8552de6155af39e1dbafad4ba349cc6cd531f97a47f07255aa02d0ba2"
    "305bc3f25447dfb7a1ab69b378e5a24f887858301459cd3624d34f626e1e20ba"
    "6bcc5b0cef24d7a95710970bd3615b1ce08c9f2650d471962271a85a"
)
GOLDEN_VALUE = "f5c12cf8bb735cf2c12bcf284ac0608fde097c0ebd13040e7e074ad6d69b872b1abe39c840"


def test_what_the_first_version_sealed_still_opens() -> None:
    master = MasterKey(SECRET)
    keys = PersonKeys.opened(bytes.fromhex(GOLDEN_KEYS), master, "main", "W1")

    assert master.key_id == GOLDEN_KEY_ID
    assert keys.open("name", 1, bytes.fromhex(GOLDEN_VALUE)) == "张铁柱"
    assert equality_digest(master.equality_key("main"), "name", "张铁柱").hex() == GOLDEN_EQUALITY
    assert keys.commitment("name", "张铁柱") == PersonKeys(KEYS, "main", "W1").commitment(
        "name", "张铁柱"
    )


def test_many_persons_get_the_commitments_and_digests_that_one_gets() -> None:
    people = {f"W{number}": PersonKeys.random("main", f"W{number}") for number in range(20)}
    values = [*("张铁柱", "", "x" * 200), *(str(number) for number in range(17))]
    pairs = list(zip(people, values, strict=True))
    salts = [keys.salt for keys in people.values()]

    made = commitments_of("name", [*salts, None, salts[0]], [*values, "x", None])

    assert made == [*(people[ref].commitment("name", value) for ref, value in pairs), None, None]
    assert equality_digests(SECRET, "id_number", values) == {
        equality_digest(SECRET, "id_number", value): value for value in values
    }


def test_the_salts_of_many_are_those_of_each_and_a_moved_seal_opens_for_nobody() -> None:
    master = MasterKey.random()
    people = [PersonKeys.random("main", f'工人{number}"\\') for number in range(3)]
    sealed = [(f'工人{number}"\\', keys.sealed(master)) for number, keys in enumerate(people)]

    assert list(master.salts(sealed, "main").values()) == [keys.salt for keys in people]
    moved = [(sealed[0][0], sealed[1][1])]
    for wrong, tenant in ((moved, "main"), (sealed, "other"), ([("W", b"short")], "main")):
        with pytest.raises(InvalidTag):
            master.salts(wrong, tenant)
