# SPDX-License-Identifier: BSD-2-Clause
"""Each command once under valgrind: no invalid or undefined byte is used, and
nothing is lost, on the way to a right answer."""

import json
import subprocess

import pytest

from stub import tool
from test_json import commands

pytestmark = [pytest.mark.any_kernel,
              pytest.mark.unsanitized("two tools that both own the heap")]

# No exit status that qvmi has.
STATUS = 98
VALGRIND = ("valgrind", "--quiet", f"--error-exitcode={STATUS}",
            "--leak-check=full", "--errors-for-leak-kinds=definite,possible")


def cases(guest, qvmi, tmp_path):
    """{command: its first command line in another test}, of all there are."""
    chosen = {"help": ("help",)}
    for args in commands(guest.labels(), tmp_path):
        chosen.setdefault(args[0], args)
    listed = {row["name"] for row in json.loads(
        qvmi(None, "help", "--json").stdout)["rows"]}
    listed -= {"mount", "run"}  # they go on until they are ended
    assert set(chosen) == listed, "a command without a case, or the reverse"
    return chosen


def under_valgrind(qvmi, guest, log, *args):
    """Run it, with what valgrind has to say in a file of its own. Valgrind
    makes memory executable and opens files, which qvmi would keep it from."""
    done = subprocess.run(
        [tool("lack"), "seccomp,landlock", *VALGRIND, f"--log-file={log}",
         *qvmi.argv(guest, *args)],
        capture_output=True, check=False, timeout=300,
        stdin=subprocess.DEVNULL, env=qvmi.environ())
    assert done.returncode == 0, (args, done.stderr, log.read_text())
    return done


def test_each_command(guest, qvmi, tmp_path):
    # From then on there are control groups.
    guest.run("mkdir -p /tmp/cg && mount -t cgroup2 c /tmp/cg && "
              "umount /tmp/cg")
    for name, args in cases(guest, qvmi, tmp_path).items():
        on = None if name == "help" else guest
        log = tmp_path / f"valgrind-{name}"
        assert under_valgrind(qvmi, on, log, *args).stdout or name == "profile"


def test_without_a_cache(guest, qvmi, tmp_path):
    """Symbols and types out of the guest's memory; by the stub, for valgrind
    (3.19) lacks pidfd_open(2), without which no process is read."""
    under_valgrind(qvmi, guest, tmp_path / "stub", "ps", "--no-cache",
                   "--memory", "stub", "--timeout", "60")


def test_help(qvmi, tmp_path):
    """A synopsis of two lines: argp has read the second one behind a free."""
    done = under_valgrind(qvmi, None, tmp_path / "help", "maps", "--help")
    assert done.stdout == qvmi(None, "help", "maps").stdout
