# SPDX-License-Identifier: BSD-2-Clause
"""Files whose names are made up, long, or several."""

import json

import pytest

from test_guest import PFN_MASK, maps_line
from test_maps import assert_all_equal
from test_memory import stats
from test_pages import page
from test_walk import at

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
SINCE = {"dmabuf": ("6.12", "7.2", "6.1-amd64"),
         "secret": ("6.1", "6.12", "7.2", "6.1-amd64")}
# Per page: its kind, a name of its file, the type of the file system.
PAGES = {
    "dmabuf.named": ("shmem", "/memfd:buffer (deleted)", "tmpfs"),
    "secret": ("file", "/secretmem (deleted)", "secretmem"),
    "perf": ("kernel", None, None),
    "bpf": ("kernel", None, None),
    "left_link": ("shmem", "/tmp/left-link", "tmpfs"),
    "block": ("file", None, "bdev"),
    "escaped": ("shmem", "/tmp/jail/dir/file", "tmpfs"),
    "paths.long": ("shmem", LONG.decode(), "tmpfs"),
}

pytestmark = pytest.mark.variant("names")


def of(kernel):
    """The names that a guest of that kernel has to have."""
    return {name: path for name, path in NAMES.items()
            if kernel in SINCE.get(name.split(".")[0], [*KERNELS, kernel])}


def check_maps(guest, qvmi):
    """Byte for byte, and none of the names is missing in the guest."""
    for name, path in of(guest.kernel).items():
        assert maps_line(guest, name)[73:] == path, name
    assert_all_equal(guest, qvmi)


@pytest.mark.parametrize("kernel", KERNELS)
def test_maps(variant, qvmi, kernel):
    check_maps(variant("names", kernel=kernel), qvmi)


@pytest.mark.parametrize("kernel", KERNELS)
def test_files(variant, qvmi, kernel):
    """No file is named that is not the page's."""
    guest = variant("names", kernel=kernel)
    for name in PAGES.keys() & of(kernel).keys() | {"left_link"}:
        row, = page(guest, qvmi, at(guest, name))
        assert (row["kind"], row["file"], row["fs"]) == PAGES[name], name
    row, = page(guest, qvmi, at(guest, "links"))
    assert row["file"] in ("/tmp/first-link", "/tmp/second-link")
    done = qvmi(guest, "write", at(guest, "perf"), "1", status=1)
    assert b"memory that the kernel has allocated" in done.stderr
    assert b"anon_inode" not in done.stderr


@pytest.mark.parametrize("kernel", KERNELS)
def test_mappings(variant, qvmi, kernel):
    """How many map the vdso, and what is not counted, as kpagecount has it."""
    guest = variant("names", kernel=kernel)
    for name in ("vdso.code", "vdso.vvar", "perf", "links", "dmabuf.named"):
        if name not in guest.labels():
            continue
        label = guest.labels()[name]
        pfn = guest.pagemap(label.pid, label.addr)[0] & PFN_MASK
        row, = page(guest, qvmi, at(guest, name))
        if row["physical"] is None:  # nobody has read it
            assert name == "vdso.vvar"
            continue
        count, = guest.kpagecount(row["physical"] >> 12)
        assert row["mapcount"] == (count or None), name
        assert pfn in (0, row["physical"] >> 12)
        if name == "vdso.code":
            assert count > 1


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


def test_many_of_a_long_name(variant, qvmi):
    """20,000 lines of one name: it is kept once, and the text not at all."""
    guest = variant(append="qvmi.scenes=0 qvmi.names=1 qvmi.again=20000")
    label = guest.labels()["paths.long"]
    done = qvmi(guest, "maps", label.pid, "--stats")
    lines = [line for line in done.stdout.splitlines() if line.endswith(LONG)]
    assert len(lines) == 20001
    assert len(done.stdout) > 20000 * len(LONG)  # 94 MB
    assert int(stats(done)["rss_kib"]) < 48 << 10
    at_label, = [line for line in lines
                 if line.startswith(b"%x-" % label.addr)]
    assert at_label.split()[1] == b"r--s"
    answer = json.loads(qvmi(guest, "maps", label.pid, "--stats", "-J").stdout)
    assert answer["stats"]["rss_kib"] < 48 << 10
    assert len(answer["rows"]) == len(done.stdout.splitlines())
    assert sum(row["path"] == LONG.decode() for row in answer["rows"]
               if row["path"]) == 20001
