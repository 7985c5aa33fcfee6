"""Codes of witnesses: why one does not start, does not cosign, or raises the alarm."""

from typing import Final

from ledger.kernel.codes.definition import (
    EXIT_CONFLICT,
    EXIT_DIFFERENCE,
    EXIT_INVALID,
    EXIT_NOT_FOUND,
    EXIT_REFUSED,
    EXIT_RUN_AGAIN,
    N_,
    Code,
    coded,
)

_WITNESS: Final = "Concepts, Witnesses"
_COSIGNATURE: Final = "C2SP tlog-cosignature"
_NEW: Final = N_(
    "Put back exactly what was there last; if it is gone, make a new witness, with a new key, in"
    " an empty folder, and tell everybody who trusts the old one."
)
_EVIDENCE: Final = N_(
    "Stop relying on the ledger, keep both checkpoints and tell whoever supervises it: they are"
    " evidence."
)

WITNESS: Final[tuple[Code, ...]] = (
    coded(
        "proof",
        "no_witness",
        EXIT_NOT_FOUND,
        N_("There is no witness in this folder[: {path}]."),
        N_("Make one with `wageledger witness init NAME`, or name the right folder with --store."),
        _WITNESS,
    ),
    coded(
        "proof",
        "witness_exists",
        EXIT_CONFLICT,
        N_("There is another witness in this folder already[: {path}][: {value}]."),
        N_("Choose another folder with --store: a witness keeps its name and key for ever."),
        _WITNESS,
    ),
    coded(
        "proof",
        "witness_state_lost",
        EXIT_REFUSED,
        N_("The witness has lost what it has seen and must not sign any more[: {path}]."),
        _NEW,
        _WITNESS,
    ),
    coded(
        "proof",
        "witness_state_old",
        EXIT_REFUSED,
        N_(
            "What the witness has seen was replaced by an older copy; it must not sign any more[:"
            " {path}]."
        ),
        _NEW,
        _WITNESS,
    ),
    coded(
        "proof",
        "witness_state_damaged",
        EXIT_REFUSED,
        N_("A file of the witness is damaged; it must not sign any more[: {path}]."),
        _NEW,
        _WITNESS,
    ),
    coded(
        "proof",
        "witness_file_mode",
        EXIT_REFUSED,
        N_("A file of the witness is not its owner's alone[: {path}][: {problem}]."),
        N_(
            "Find out who could read or change it; then give it to its owner alone: files mode"
            " 600, the folder 700."
        ),
        _WITNESS,
    ),
    coded(
        "proof",
        "witness_busy",
        EXIT_RUN_AGAIN,
        N_("Nothing can listen at this address[: {url}][: {problem}]."),
        N_("End what listens there, or choose another port with --port."),
        _WITNESS,
    ),
    coded(
        "proof",
        "unknown_log",
        EXIT_NOT_FOUND,
        N_("This witness does not know the log[: {value}]."),
        N_("Compare the origin; let the witness trust the log with `wageledger witness trust`."),
        _WITNESS,
    ),
    coded(
        "proof",
        "nothing_seen",
        EXIT_NOT_FOUND,
        N_("This witness has no such checkpoint of the log[: {value}]."),
        N_("See with `wageledger witness keys` what it has seen."),
        _WITNESS,
    ),
    coded(
        "proof",
        "other_size_seen",
        EXIT_CONFLICT,
        N_("The witness has seen this log at another size[: {count}]."),
        N_("Bring the proof from that size, or a checkpoint that is not smaller."),
        "C2SP tlog-witness",
    ),
    coded(
        "proof",
        "two_histories",
        EXIT_DIFFERENCE,
        N_("The log shows two different histories[: {value}][, position {position}]."),
        _EVIDENCE,
        "RFC 6962 section 2.1",
    ),
    coded(
        "proof",
        "seen_longer",
        EXIT_DIFFERENCE,
        N_(
            "A witness has seen more of this log than the ledger holds[: {value}][: {count} instead"
            " of {limit}]."
        ),
        N_(
            "Stop posting: an old backup was restored, or the end was cut off. Look for the"
            " database that holds the rest."
        ),
        "RFC 6962 section 2.1",
    ),
    coded(
        "proof",
        "other_log",
        EXIT_INVALID,
        N_("The checkpoints are of different logs[: {value}]."),
        N_("Compare checkpoints of one origin."),
        "C2SP tlog-checkpoint",
    ),
    coded(
        "proof",
        "comparison_open",
        EXIT_INVALID,
        N_("Checkpoints of different sizes cannot be compared without the log between them."),
        N_("Name its exported files with --log, or a proof with --proof."),
        "RFC 6962 section 2.1",
    ),
    coded(
        "proof",
        "witness_unreachable",
        EXIT_RUN_AGAIN,
        N_("The witness does not answer[: {url}][: {problem}]."),
        N_("Ask again later with `wageledger log cosign`."),
        _WITNESS,
    ),
    coded(
        "proof",
        "witness_refused",
        EXIT_REFUSED,
        N_("The witness does not cosign[: {url}][: {problem}]."),
        N_("Ask its owner whether it trusts the key of this log."),
        _WITNESS,
    ),
    coded(
        "proof",
        "unknown_witness",
        EXIT_NOT_FOUND,
        N_("No such witness is configured[: {value}]."),
        N_("See `wageledger log witnesses list`; add it with `wageledger log witnesses add`."),
        _COSIGNATURE,
    ),
)
