# SPDX-License-Identifier: BSD-2-Clause
"""qvmi built with sanitizers (SAN=1): a report of theirs fails the test in
which it was made, whatever became of that run's output.

$QVMI_SANITIZED is such a qvmi, and does the tests of one kernel in place of
$QVMI, which does those of the others and of variants; $QVMI may be one, too.

AddressSanitizer and LeakSanitizer write to a folder of ours, which is looked
at after each test. UBSan, beside these, writes to standard error and ends the
program with STATUS, which no test takes for an answer. Looking for leaks takes
as long as all the rest of a short run: that is done where tests are marked
@pytest.mark.leaks, for their runs end in errors; test_valgrind.py looks for
leaks of runs that do not.

Mark tests @pytest.mark.unsanitized(WHY) that ask for what such a qvmi cannot
give; they are skipped where there is no other.
"""

import os
import pathlib
import shutil
import tempfile

import pytest

# No exit status that qvmi has.
STATUS = 99
OPTIONS = {"exitcode": STATUS, "halt_on_error": 1, "print_stacktrace": 1,
           "detect_stack_use_after_return": 1}
KERNEL = "6.1"


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


def choose(item, binary):
    """The program that a test is about: BINARY, or the sanitized one."""
    sanitized = os.environ.get("QVMI_SANITIZED")
    if not sanitized or item.get_closest_marker("unsanitized"):
        return binary
    params = item.callspec.params if hasattr(item, "callspec") else {}
    kernels = {params[name] for name in ("booted", "recorded", "storm",
                                         "kernel") if name in params}
    if kernels:
        return sanitized if kernels == {KERNEL} else binary
    return binary if item.get_closest_marker("variant") else sanitized


class Reports:
    """The folder that reports go to; every program is told by environment."""

    def __init__(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="qvmi-san-",
                                                 dir="/tmp"))
        self.dir.chmod(0o1777)  # qvmi also runs as other users
        self.look_for_leaks(False)

    def look_for_leaks(self, leaks):
        """Whether the programs that are started from now on do."""
        flags = {**OPTIONS, "detect_leaks": int(leaks),
                 "log_path": self.dir / "report"}
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
def no_sanitizer_report(request, sanitizer_reports):
    """After each test."""
    sanitizer_reports.look_for_leaks(
        request.node.get_closest_marker("leaks") is not None)
    yield
    text = sanitizer_reports.take()
    assert not text, f"a sanitizer reported:\n{text}"
