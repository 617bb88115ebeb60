# SPDX-License-Identifier: BSD-2-Clause
"""A gdb of Debian's on a guest's stub, with a file that was made of it."""

import json
import pathlib
import subprocess

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "src/export/gdb.py"
TIMEOUT = 180
# Each command's output apart; its error, where it has one, is that.
RUNNER = '''
import gdb, json
told = []
for command in json.load(open({commands!r})):
    try:
        said = gdb.execute(command, to_string=True)
    except gdb.error as error:
        said = "error: " + str(error)
    except KeyboardInterrupt:
        said = "error: interrupted"
    told.append(said.rstrip())
json.dump(told, open({answers!r}, "w"))
'''


class Gdb:
    """gdb with the file at `path`; with a guest, on its stub.

    script   load the script that goes with such files"""

    def __init__(self, path, guest=None, script=False):
        self.path = path
        self.guest = guest
        self.script = script

    def __call__(self, *commands):
        """What each command prints; complaints about the file are errors."""
        folder = self.path.parent
        asked, answers = folder / "commands.json", folder / "answers.json"
        runner = folder / "runner.py"
        first = ["set pagination off", "set confirm off", "set width 0",
                 "set complaints 1000", "set print elements 0"]
        last = []
        if self.script:
            first.append(f"source {SCRIPT}")
        if self.guest:
            address = self.guest.gdb_address
            if not isinstance(address, str):
                address = "%s:%d" % address
            first.append(f"target remote {address}")
            last.append("detach")
        asked.write_text(json.dumps([*first, *commands, *last]))
        runner.write_text(RUNNER.format(commands=str(asked),
                                        answers=str(answers)))
        done = subprocess.run(
            ["gdb", "-nx", "-q", "-batch", self.path, "-x", runner],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=TIMEOUT, check=True)
        assert b"During symbol reading" not in done.stdout, done.stdout
        told = json.loads(answers.read_text())
        assert not any("During symbol reading" in said for said in told)
        for said in told[:len(first)]:
            assert not said.startswith("error: "), said
        return told[len(first):len(first) + len(commands)]
