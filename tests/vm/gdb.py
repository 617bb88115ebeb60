# SPDX-License-Identifier: BSD-2-Clause
"""A gdb of Debian's on a guest's stub, with a file that was made of it."""

import json
import pathlib
import re
import subprocess

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "src/export/gdb.py"
TIMEOUT = 180
# But for what it says of all files: each rule for unwinding leaves most
# registers out, and gdb has a few that DWARF has no numbers for.
HARMLESS = re.compile("During symbol reading: (incomplete CFI data|"
                      "bad DWARF register number).*(\n|$)")
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

    script   load the script that goes with such files
    told     a file of commands that does all that, in place of us"""

    def __init__(self, path, guest=None, script=False, told=None):
        self.path = path
        self.guest = guest
        self.script = script
        self.told = told

    def argv(self, *args):
        """gdb with what it is told first."""
        return ["gdb", "-nx", "-q", *args,
                *(["-x", self.told] if self.told else [self.path])]

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
        if self.told:
            last.append("detach")
        elif self.guest:
            address = self.guest.gdb_address
            if not isinstance(address, str):
                address = "%s:%d" % address
            first.append(f"target remote {address}")
            last.append("detach")
        asked.write_text(json.dumps([*first, *commands, *last]))
        runner.write_text(RUNNER.format(commands=str(asked),
                                        answers=str(answers)))
        done = subprocess.run(
            self.argv("-batch", "-iex", "set complaints 1000") +
            ["-x", runner],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=TIMEOUT, check=True)
        told = [HARMLESS.sub("", said)
                for said in json.loads(answers.read_text())]
        for said in (done.stdout.decode(), *told):
            assert "During symbol reading" not in said, said
        for said in told[:len(first)]:
            assert not said.startswith("error: "), said
        return told[len(first):len(first) + len(commands)]


def as_gdb_has(guest, qvmi, folder, look):
    """The numbers that LOOK() has of a guest that stands still, {expression:
    value}: gdb reads the same by its own means."""
    path = folder / "vmlinux"
    qvmi(guest, "vmlinux", "-o", path)
    qvmi(guest, "pause")
    try:
        ours = look()
        said = Gdb(path, guest, script=True)(
            *(f'printf "%ld", (long)({expression})' for expression in ours))
    finally:
        qvmi(guest, "resume")
    for (expression, value), theirs in zip(ours.items(), said):
        assert value % 2**64 == int(theirs) % 2**64, expression
    return ours
