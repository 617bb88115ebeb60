# SPDX-License-Identifier: BSD-2-Clause
"""A recorded guest in any run state that QEMU can take over with a guest.

A guest that arrives by a migration brings its state with it, as a word (QEMU's
migration/global_state.c): another word there, and QEMU has it in that state.
"""

import contextlib
import struct
import time

import guest as vm
import recording

SIZE = 100  # of the word's buffer
# what a QEMU takes over (runstate_transitions_def[], from INMIGRATE on)
ARRIVING = ["paused", "prelaunch", "watchdog", "guest-panicked", "io-error",
            "suspended", "shutdown", "internal-error", "finish-migrate",
            "postmigrate", "colo"]


def _with_word(data, word):
    """The migration stream, with another word for the run state."""
    at = data.index(b"paused\0", data.index(b"globalstate"))
    assert struct.unpack(">I", data[at - 4:at]) == (len("paused") + 1,)
    head = struct.pack(">I", len(word) + 1) + word.encode()
    return data[:at - 4] + head.ljust(SIZE + 4, b"\0") + data[at + SIZE:]


@contextlib.contextmanager
def guest_in(kernel, word, tmp_path):
    """A QEMU of its own, which holds the recorded guest in that state."""
    stream = tmp_path / "vmstate"
    stream.write_bytes(_with_word(
        (recording.recording(kernel) / "vmstate").read_bytes(), word))
    guest = vm.Guest(kernel, mem=recording.MEMORY, cpus=recording.CPUS,
                     wait=False, extra=("-incoming", f"exec:cat '{stream}'"))
    try:
        reach(guest, word)
        yield guest
    finally:
        guest.close()


def reach(guest, word, timeout=60):
    """Return when QEMU says that state."""
    end = time.monotonic() + timeout
    while (now := guest.status()) != word:
        if time.monotonic() > end:
            raise vm.GuestError(f"state {now}, not {word}")
        time.sleep(0.02)
    return guest


@contextlib.contextmanager
def other_side(kernel, tmp_path):
    """(A QEMU that waits for the recorded guest, the address to send it to)"""
    address = f"unix:{tmp_path / 'migration'}"
    guest = vm.Guest(kernel, mem=recording.MEMORY, cpus=recording.CPUS,
                     wait=False, extra=("-incoming", address))
    try:
        reach(guest, "inmigrate")
        yield guest, address
    finally:
        guest.close()
