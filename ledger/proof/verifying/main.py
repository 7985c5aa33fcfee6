"""``wageledger-verify``: the command line of the verifier.

Exit status 0: both verdicts hold; 8: one does not; 3: it is no bundle or receipt; 2: usage.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ledger.proof.verifying.files import Files, UnreadableError, opened, receipt_in
from ledger.proof.verifying.page import document, page, plain
from ledger.proof.verifying.words import say

if TYPE_CHECKING:
    from ledger.proof.verifying.report import Report
    from ledger.proof.verifying.trust import Trust

EXIT_OK: Final = 0
EXIT_UNEXPECTED: Final = 1
EXIT_INVALID: Final = 3
EXIT_DIFFERENCE: Final = 8
EXIT_INTERRUPTED: Final = 130

_NEEDS: Final = (
    "wageledger-verify needs the Python package cryptography, version 50 or newer:"
    " pip install 'cryptography>=50'"
)


def verify(path: Path, trust: "Trust") -> "Report":
    """Verify a bundle (folder or zip) or a receipt (its file, or the PDF of it).

    Raises:
        UnreadableError: It is neither.
    """
    from ledger.proof.verifying.bundle import check_bundle  # noqa: PLC0415 - needs cryptography
    from ledger.proof.verifying.receipt_check import check_receipt  # noqa: PLC0415 - as above

    there = opened(path)
    if isinstance(there, Files):
        with closing(there):
            return check_bundle(there, trust)
    return check_receipt(receipt_in(there, path.name), trust, path.name)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the verifier; returns the exit status and never shows a traceback."""
    chosen = _parser().parse_args(arguments)
    language = _language(chosen.lang, os.environ)
    try:
        return _run(chosen, language)
    except UnreadableError as error:
        place = f"{plain(error.file)}: " if error.file else ""
        return _fail(f"{place}{say(error.problem, language)}", chosen.format, EXIT_INVALID)
    except ImportError:
        return _fail(_NEEDS, chosen.format, EXIT_UNEXPECTED)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_OK
    except (RecursionError, MemoryError, ValueError, OSError, OverflowError) as error:
        text = f"{say('it cannot be read', language)} ({type(error).__name__})"
        return _fail(text, chosen.format, EXIT_INVALID)


def _run(chosen: argparse.Namespace, language: str) -> int:
    from ledger.proof.verifying.trust import (  # noqa: PLC0415 - needs cryptography
        Trust,
        read_key,
        read_witness,
    )

    trust = Trust(
        [read_key(text) for text in chosen.log_key],
        [read_witness(text) for text in chosen.witness],
        len(chosen.witness) if chosen.quorum is None else chosen.quorum,
    )
    report = verify(Path(chosen.path), trust)
    if chosen.format == "json":
        _print(json.dumps(document(report), ensure_ascii=False, sort_keys=True))
    else:
        _print("\n".join(page(report, language)))
    sys.stdout.flush()
    return EXIT_DIFFERENCE if report.count else EXIT_OK


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="wageledger-verify",
        description="Verify an evidence bundle or a worker's receipt, offline. 离线核验证据包或工资凭据。",  # noqa: E501
    )
    parser.add_argument(
        "path", metavar="FILE", help="bundle (folder or zip) or receipt / 证据包或工资凭据"
    )
    parser.add_argument(
        "--log-key", action="append", default=[], metavar="VKEY",
        help="public key of the log, from its authority / 监管部门公布的日志公钥",
    )  # fmt: skip
    parser.add_argument(
        "--witness", action="append", default=[], metavar="VKEY",
        help="public key of a witness; may be repeated / 见证人公钥，可重复",
    )  # fmt: skip
    parser.add_argument(
        "--quorum", type=int, metavar="N",
        help="how many of them must have signed; all, if left out / 至少几个见证人签名",
    )  # fmt: skip
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--lang", choices=("zh", "en"))
    return parser


def _language(option: str | None, environment: Mapping[str, str]) -> str:
    if option is not None:
        return option
    named = (environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "zh" if next(filter(None, named), "").lower().startswith("zh") else "en"


def _print(text: str) -> None:
    sys.stdout.buffer.write(f"{text}\n".encode("utf-8", "replace"))


def _fail(text: str, form: str, status: int) -> int:
    if form == "json":
        with suppress(OSError):
            _print(json.dumps({"error": text}, ensure_ascii=False))
            sys.stdout.flush()
    with suppress(OSError):
        sys.stderr.buffer.write(f"wageledger-verify: {text}\n".encode("utf-8", "replace"))
    return status


def run() -> None:
    """The console script."""
    sys.exit(main())


if __name__ == "__main__":
    run()
