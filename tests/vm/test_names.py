# SPDX-License-Identifier: BSD-2-Clause
"""Files whose names are made up, long, or several."""

import pytest

from test_guest import maps_line
from test_maps import assert_all_equal

KERNELS = ["5.10", "6.1", "6.12", "7.2"]
LONG = b"/tmp/long" + 23 * (b"/" + 200 * b"d") + b"/file"
NAMES = {
    "dmabuf.named": b"/dmabuf:my buffer",
    "dmabuf.bare": b"/dmabuf:",
    "dmabuf.newline": rb"/dmabuf:two\012lines\and " + b"\xff",
    "dmabuf.long": b"/dmabuf:as long as the name of a buffer",
    "secret": b"/secretmem (deleted)",
    "perf": b"anon_inode:[perf_event]",
    "bpf": b"anon_inode:bpf-map",
    "aio": b"/[aio] (deleted)",
    "links": b"/tmp/second-link",
    "block": b"/dev/ram2",
    "escaped": b"/",
    "paths.long": LONG,
    "paths.deep": b"/tmp/deep" + 1500 * b"/d" + b"/file",
}
# What not all kernels have, and those that must.
SINCE = {"dmabuf": ("6.12", "7.2"), "secret": ("6.1", "6.12", "7.2")}

pytestmark = pytest.mark.variant("names")


def of(kernel):
    """The names that a guest of that kernel has to have."""
    return {name: path for name, path in NAMES.items()
            if kernel in SINCE.get(name.split(".")[0], KERNELS)}


@pytest.mark.parametrize("kernel", KERNELS)
def test_maps(variant, qvmi, kernel):
    """Byte for byte, and none of the names is missing in the guest."""
    guest = variant("names", kernel=kernel)
    for name, path in of(kernel).items():
        assert maps_line(guest, name)[73:] == path, name
    assert_all_equal(guest, qvmi)


def test_limit(variant, qvmi):
    """A path that is deeper than qvmi goes: no damage, and all else right."""
    guest = variant(append="qvmi.scenes=0 qvmi.names=4200")
    pid = guest.labels()["paths.deep"].pid
    done = qvmi(guest, "maps", pid, status=1)
    assert b"a path goes further than qvmi follows it" in done.stderr
    assert done.stderr.count(b"\n") == 1
    real = guest.cat(f"/proc/{pid}/maps").splitlines()
    path = b"/tmp/deep" + 4200 * b"/d" + b"/file"
    assert sum(line.endswith(path) for line in real) == 1
    assert done.stdout.splitlines() == [
        line.removesuffix(path).rstrip() + b" " if line.endswith(path)
        else line for line in real]
