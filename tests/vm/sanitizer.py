# SPDX-License-Identifier: BSD-2-Clause
"""qvmi built with sanitizers (SAN=1): a report of theirs fails the test in
which it was made, whatever became of that run's output.

AddressSanitizer and LeakSanitizer write to a folder of ours, which is looked
at after each test. UBSan, beside these, writes to standard error and ends the
program with STATUS, which no test takes for an answer.

Mark tests @pytest.mark.unsanitized(WHY) that ask for what such a qvmi cannot
give; they are skipped where it is one.
"""

import os
import pathlib
import shutil
import tempfile

import pytest

# No exit status that qvmi has.
STATUS = 99
OPTIONS = {"exitcode": STATUS, "halt_on_error": 1, "detect_leaks": 1,
           "detect_stack_use_after_return": 1, "print_stacktrace": 1}


def is_sanitized(binary):
    """Whether that program was built with AddressSanitizer."""
    try:
        return b"__asan_init" in pathlib.Path(binary).read_bytes()
    except FileNotFoundError:
        return False


def skip_unsanitized(items, binary):
    """The hook of conftest.py does this with all tests collected."""
    if not is_sanitized(binary):
        return
    for item in items:
        marker = item.get_closest_marker("unsanitized")
        if marker:
            item.add_marker(pytest.mark.skip(
                reason=f"built with sanitizers: {marker.args[0]}"))


class Reports:
    """The folder that reports go to; every program is told by environment."""

    def __init__(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="qvmi-san-",
                                                 dir="/tmp"))
        self.dir.chmod(0o1777)  # qvmi also runs as other users
        flags = {**OPTIONS, "log_path": self.dir / "report"}
        options = ":".join(f"{name}={flags[name]}" for name in flags)
        for name in ("ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS"):
            os.environ[name] = options

    def take(self):
        """The text of all that came since the last time; a warning is none,
        as where a signal came while leaks were looked for."""
        texts = []
        for file in sorted(self.dir.iterdir()):
            texts.append(file.read_text(errors="replace"))
            file.unlink()
        return "".join(text for text in texts if "==ERROR: " in text)

    def close(self):
        """Remove the folder."""
        shutil.rmtree(self.dir)


@pytest.fixture(scope="session")
def sanitizer_reports():
    """Those of all programs that this test process starts."""
    reports = Reports()
    yield reports
    reports.close()


@pytest.fixture(autouse=True)
def no_sanitizer_report(sanitizer_reports):
    """After each test."""
    yield
    text = sanitizer_reports.take()
    assert not text, f"a sanitizer reported:\n{text}"
