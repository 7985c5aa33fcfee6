"""Files that are whole or not there, also after a run that was killed."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.aside import bytes_aside, written_aside

KILLED = """
import sys, time
from pathlib import Path
from cli.aside import bytes_aside
with bytes_aside(Path(sys.argv[1]), private=True) as raw:
    raw.write(b"names and cards")
    raw.flush()
    print("begun", flush=True)
    time.sleep(60)
"""


@contextmanager
def writing(target: Path) -> Iterator[None]:
    """Another run that is in the midst of a file; afterwards it is killed."""
    words = [sys.executable, "-c", KILLED, str(target)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "begun\n"
        try:
            yield
        finally:
            writer.kill()


def parts(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".part"))


def test_what_a_killed_run_left_is_gone_with_the_next_of_the_same_file(tmp_path: Path) -> None:
    target, other = tmp_path / "b01.xml", tmp_path / "b01.xml.x"
    for file in (target, other):
        with writing(file):
            pass
    assert len(parts(tmp_path)) == 2
    assert not target.exists()

    with bytes_aside(target, private=True) as raw:
        raw.write(b"whole")

    assert target.read_bytes() == b"whole"
    assert [name.startswith(".b01.xml.x.") for name in parts(tmp_path)] == [True]


def test_what_another_run_is_writing_now_is_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "b01.xml"
    with writing(target):
        with written_aside(target) as stream:
            stream.write("ours")
        assert target.read_text() == "ours"
        assert len(parts(tmp_path)) == 1
