"""Codes of the verifiable log: why a key, note, checkpoint, tile or proof is not believed."""

from typing import Final

from ledger.kernel.codes.definition import (
    EXIT_DIFFERENCE,
    EXIT_INVALID,
    EXIT_NOT_AUTHORISED,
    EXIT_NOT_FOUND,
    N_,
    Code,
    coded,
)

_ASK: Final = N_("Ask for the file again where it came from; do not rely on this one.")
_TELL: Final = N_("Keep both files and tell whoever supervises the ledger: this is evidence.")

PROOF: Final[tuple[Code, ...]] = (
    coded(
        "proof",
        "bad_key",
        EXIT_INVALID,
        N_("This is no key of a signed note[: {problem}][: {value}]."),
        N_("Copy the whole line, name+id+key, as its owner publishes it."),
        "C2SP signed-note",
    ),
    coded(
        "proof",
        "bad_note",
        EXIT_INVALID,
        N_("This is no signed note[: {problem}]."),
        _ASK,
        "C2SP signed-note",
    ),
    coded(
        "proof",
        "bad_checkpoint",
        EXIT_INVALID,
        N_("This is no checkpoint of a log[: {problem}]."),
        _ASK,
        "C2SP tlog-checkpoint",
    ),
    coded(
        "proof",
        "bad_tile",
        EXIT_INVALID,
        N_("This is no tile of a log[: {path}][: {problem}]."),
        _ASK,
        "C2SP tlog-tiles",
    ),
    coded(
        "proof",
        "bad_proof",
        EXIT_INVALID,
        N_("This proof cannot be read[: {problem}]."),
        _ASK,
        "C2SP tlog-proof",
    ),
    coded(
        "proof",
        "bad_signature",
        EXIT_DIFFERENCE,
        N_("A signature is not by the key that it names[: {value}]."),
        _TELL,
        "C2SP signed-note",
    ),
    coded(
        "proof",
        "checkpoint_unsigned",
        EXIT_DIFFERENCE,
        N_("No known key of the log has signed this checkpoint[: {value}]."),
        N_("Compare the origin; get the log's key from whoever supervises the ledger."),
        "C2SP tlog-checkpoint",
    ),
    coded(
        "proof",
        "too_few_witnesses",
        EXIT_DIFFERENCE,
        N_("Too few known witnesses signed the checkpoint[: {count} instead of {limit}]."),
        N_("Wait for the witnesses, or ask them what they refuse."),
        "C2SP tlog-cosignature",
    ),
    coded(
        "proof",
        "proof_fails",
        EXIT_DIFFERENCE,
        N_("The proof does not lead to the checkpoint[: position {position}]."),
        _TELL,
        "RFC 6962 section 2.1",
    ),
    coded(
        "proof",
        "bundle_fails",
        EXIT_DIFFERENCE,
        N_(
            "What was made does not pass its own verification[: {problem}][: position {position}]"
            "[: {file}]; nothing was written."
        ),
        N_("Run `wageledger verify` and `wageledger check`: the log or a figure differs."),
        "docs/concepts/evidence-bundles.md",
    ),
    coded(
        "proof",
        "log_key_missing",
        EXIT_NOT_FOUND,
        N_("The key that signs the log is not here[: {path}]."),
        N_("Sign where the key is; to begin with a new one run `wageledger log rotate-key`."),
        "docs/concepts/verifiable-log.md",
    ),
    coded(
        "proof",
        "log_key_unsafe",
        EXIT_NOT_AUTHORISED,
        N_("Others can use the key that signs the log[: {path}][: {problem}]."),
        N_("Take their rights away, then change the key with `wageledger log rotate-key`."),
        "docs/concepts/verifiable-log.md",
    ),
    coded(
        "proof",
        "log_key_damaged",
        EXIT_INVALID,
        N_("The file of the log's keys, or of what they signed, is damaged[: {path}]."),
        N_("Put the file back from its backup; sign nothing before."),
        "docs/concepts/verifiable-log.md",
    ),
    coded(
        "proof",
        "log_shrunk",
        EXIT_DIFFERENCE,
        N_(
            "The log is shorter than what was signed[: position {position} instead of {limit}];"
            " nothing is signed."
        ),
        N_(
            "An old backup was put back, or the end was cut off. Restore the newest backup; what"
            " was signed stays provable."
        ),
        "C2SP tlog-checkpoint",
    ),
    coded(
        "proof",
        "log_forked",
        EXIT_DIFFERENCE,
        N_(
            "The log is not the one that was signed[: it differs at or before position"
            " {position}]; nothing is signed."
        ),
        _TELL,
        "C2SP tlog-checkpoint",
    ),
    coded(
        "proof",
        "no_checkpoint",
        EXIT_NOT_FOUND,
        N_("Nothing of this log is signed yet."),
        N_("Run `wageledger log checkpoint --sign` where the log's key is."),
        "C2SP tlog-checkpoint",
    ),
)
