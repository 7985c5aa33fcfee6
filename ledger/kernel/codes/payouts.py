"""Codes of the unmasked read and of payout files: what is exported to banks and comes back."""

from typing import Final

from ledger.kernel.codes.definition import EXIT_REFUSED, N_, Code

PAYOUT_FILES: Final[tuple[Code, ...]] = (
    Code(
        code="person_erased",
        group="storage",
        exit_status=EXIT_REFUSED,
        message=N_("The worker's identity was erased and cannot be read any more[: {worker}]."),
        remedy=N_("Claims and payments stay in the books; leave the worker out of this file."),
        source="Architecture, Decisions to start from",
    ),
)
