# SPDX-License-Identifier: BSD-2-Clause
"""The guests are what the other tests take them for, by their own /proc."""

import re

import pytest

# Scenes that a kernel cannot have; pkey needs another CPU, named a kernel
# with CONFIG_ANON_VMA_NAME, which Debian's are not.
MISSING = {
    "5.10": {"guard", "poison", "pkey", "named"},
    "6.1": {"guard", "poison", "pkey", "named"},
    "6.12": {"guard", "pkey", "named"},
    "7.2": {"pkey", "named"},
}
SCENES = set("""
    tree chain threads deadleader zombie stopped traced vfork owner comm
    deleted_exe busybox ia32 namespace chroot fds faults bpf_files rings names deleted_file mount
    overlay cow beyond_eof offset shared socket io_uring devmem heap stack prot
    zero named fork many sparse border advice pkey watch thp hugetlb swap guard
    poison userfault unmapped both seen ksm in_pipe lazy_free code bpf ftrace kprobe
    sleeper sockets init server locks policies sysvipc""".split())

PRESENT, SWAP, FILE = 1 << 63, 1 << 62, 1 << 61
PFN_MASK = (1 << 55) - 1
HEAD, TAIL, HUGE, POISON, THP, ZERO = 15, 16, 17, 19, 22, 24

# What the pages of a label are: per letter, from page 0 on. p present,
# f present and of a file or shared, s swapped, z zero page, . nothing.
PAGES = {
    "heap": "pppp", "stack": "pppp", "zero": "zzp.",
    "prot.none": "pppp", "prot.read": "pppp", "prot.exec": "pppp",
    "cow": "fpff", "beyond_eof": "ff..", "names.plain": "ff",
    "shared.memfd": "ff", "shared.zero": "ff", "shared.sysv": "ff",
    "shared.posix": "ff", "shared.anon": "ff", "shared.zero_private": "pp",
    "fork.parent": "pp", "fork.child": "pp", "sparse": "p",
    "border.pgd": "pp", "border.pud": "pp", "border.pmd": "pp",
    "border.low": "p", "border.top": "p", "advice.locked": "pp",
    "swap.first": "ssspspssssssssss", "swap.shared": "........",
    "userfault": "ppp", "ia32": "pp", "sleeper.0": "pppp",
    "socket": "ffffffff", "thp.none": "pp", "unmapped.anon": "..p.",
}

# The end of the line of /proc/PID/maps.
NAMES = {
    "names.newline": rb"/tmp/new\012line",
    "names.backslash": rb"/tmp/back\slash\012",
    "names.space": b"/tmp/two  spaces ",
    "names.utf8": "/tmp/grüße-€".encode(),
    "names.invalid": b"/tmp/\xff\xfe-\xc2",
    "names.escape": b"/tmp/\x1b[31mred\x1b[0m",
    "names.deleted_name": b"/tmp/alive (deleted)",
    "names.long": b"/tmp/" + 240 * b"n",
    "deleted_file": b"/tmp/deleted-file (deleted)",
    "mount.inner": b"/mnt/outer/dir/inner/deep/file",
    "mount.bind": b"/mnt/bind/bound",
    "mount.outer": b"/mnt/outer/file",
    "overlay.lower": b"/mnt/merged/below",
    "overlay.upper": b"/mnt/merged/above",
    "shared.memfd": b"/memfd:qvmi memfd (deleted)",
    "shared.zero": b"/dev/zero (deleted)",
    "shared.zero_private": b"/dev/zero",
    "shared.posix": b"/dev/shm/posix",
    "shared.sysv": b"/SYSV51564d49 (deleted)",
    "hugetlb.anon": b"/anon_hugepage (deleted)",
    "hugetlb.file": b"/mnt/huge/file",
    "hugetlb.memfd": b"/memfd:huge memfd (deleted)",
    "io_uring": b"anon_inode:[io_uring]",
    "devmem": b"/dev/mem",
    "chroot": b"/mnt/outer/chroot-file",
    "heap": b"[heap]",
    "stack": b"[stack]",
}

COMMS = {
    "comm.space": b"with two spaces", "comm.parens": b"a) R (b)) (",
    "comm.newline": b"new\nline\t\\x", "comm.escape": b"\x1b[31mred\x1b[0m",
    "comm.utf8": "grüße".encode(), "comm.invalid": b"\xff\xfebad\xc2",
    "comm.empty": b"", "comm.full": b"fifteen-letters",
    "comm.kernel": b"kworker/0:9-qv", "comm.bracket": b"[kthreadd]",
    "deleted_exe": b"gone",
}


def maps_line(guest, name):
    """The line of /proc/PID/maps with a label's address."""
    label = guest.labels()[name]
    for line in guest.cat(f"/proc/{label.pid}/maps").split(b"\n"):
        start, end = line.split(b" ")[0].split(b"-")
        if int(start, 16) <= label.addr < int(end, 16):
            return line
    raise AssertionError(f"no area at {label.addr:#x}")


def page_letter(guest, entry):
    """One page of the language of PAGES."""
    if entry & SWAP:
        return "s"
    if not entry & PRESENT:
        return "."
    if flags(guest, entry) >> ZERO & 1:
        return "z"
    return "f" if entry & FILE else "p"


def flags(guest, entry):
    """kpageflags of a pagemap entry."""
    return guest.kpageflags(entry & PFN_MASK)[0]


def flags_at(guest, name, page=0):
    """kpageflags of a page of a label."""
    label = guest.labels()[name]
    entry = guest.pagemap(label.pid, label.addr + 4096 * page)[0]
    assert entry & PRESENT
    return flags(guest, entry)


def smaps(guest, name):
    """The values in KiB of the area of a label."""
    label = guest.labels()[name]
    text = guest.cat(f"/proc/{label.pid}/smaps").decode(errors="replace")
    found = re.search(r"(?m)^%08x-.*\n((?:[A-Z].*\n)*)" % label.addr, text)
    return {key: int(value) for key, value in
            re.findall(r"(?m)^(\w+): +(\d+) kB", found[1])}


def test_every_scene_is_there(guest):
    found = {name.split(".")[0] for name in guest.labels()}
    assert found == SCENES - MISSING[guest.kernel]
    skipped = set(re.findall(r"QVMI-SKIP ([\w.]+)", guest.console()))
    assert skipped == MISSING[guest.kernel]


def test_system_v(guest):
    """All of it that the files have to tell, of the namespace of init."""
    segments, sets, queues = (
        [line.split() for line in
         guest.cat(f"/proc/sysvipc/{kind}").decode().splitlines()[1:]]
        for kind in ("shm", "sem", "msg"))
    assert {mode for _, _, mode, *_ in segments} >= {"600", "640", "1600"}
    assert any(int(row[-1]) > 0 for row in segments)  # swapped out
    assert str(0x51564d4d) not in {row[0] for row in segments}
    assert [(row[3], int(row[-2]) > 0) for row in sets] == [
        ("5", True), ("1", False)]
    assert [row[4] for row in queues] == ["2", "0"]


def test_init_has_maps(guest):
    assert b"/init\n" in guest.cat("/proc/1/maps")


def test_nothing_moves(guest):
    pids = [pid for pid in guest.run("ls /proc").decode().split()
            if pid.isdigit()]
    pids = [pid for pid in pids
            if guest.command(f"cat /proc/{pid}/maps")[0] == 0]
    assert len(pids) > 60

    def everything():
        return [guest.command(f"cat /proc/{pid}/{file}")
                for pid in pids for file in ("maps", "statm")]
    assert everything() == everything()


def test_pages(guest):
    got = {}
    for name, want in PAGES.items():
        label = guest.labels()[name]
        entries = guest.pagemap(label.pid, label.addr, len(want))
        got[name] = "".join(page_letter(guest, entry) for entry in entries)
    assert got == PAGES


def test_names_in_maps(guest):
    for name, want in NAMES.items():
        assert maps_line(guest, name)[73:] == want, name
    assert re.search(rb" socket:\[\d+\]$", maps_line(guest, "socket"))


def test_comms(guest):
    for name, want in COMMS.items():
        pid = guest.labels()[name].pid
        assert guest.cat(f"/proc/{pid}/comm") == want + b"\n"


def test_states_owners_and_parents(guest):
    for name, label in guest.labels().items():
        if not hasattr(label, "pid") or name.startswith("threads."):
            continue
        status = guest.cat(f"/proc/{label.pid}/status").decode(
            errors="replace")
        lines = dict(line.split(":\t", 1) for line in status.splitlines()
                     if ":\t" in line)
        if hasattr(label, "state"):
            assert lines["State"][0] == label.state
        if hasattr(label, "ppid"):
            assert lines["PPid"] == str(label.ppid)
        if hasattr(label, "uid"):
            assert lines["Uid"].split()[:2] == [str(label.uid),
                                                str(label.euid)]
        if hasattr(label, "threads"):
            assert lines["Threads"] == str(label.threads)


def test_a_dead_leader_has_no_maps(guest):
    pid = guest.labels()["deadleader"].pid
    assert guest.cat(f"/proc/{pid}/maps") == b""
    assert b"Z (zombie)" in guest.cat(f"/proc/{pid}/status")


def test_transparent_huge_pages(guest):
    whole = flags_at(guest, "thp.whole")
    assert whole >> THP & 1 and whole >> HEAD & 1
    assert flags_at(guest, "thp.whole", 1) >> TAIL & 1
    assert flags_at(guest, "thp.split", 7) >> TAIL & 1
    assert smaps(guest, "thp.zero")["Rss"] == 0
    assert flags_at(guest, "thp.zero", 1) >> THP & 1
    huge = {name: smaps(guest, f"thp.{name}").get("AnonHugePages")
            for name in ("whole", "split", "cut")}
    assert huge == {"whole": 2048, "split": 0, "cut": 0}
    # smaps of 6.1 overlooks a huge page that is PROT_NONE
    none = flags_at(guest, "thp.none")
    assert none >> THP & 1 and none >> HEAD & 1


def test_hugetlb(guest):
    for name in ("anon", "file", "memfd"):
        assert flags_at(guest, f"hugetlb.{name}") >> HUGE & 1
        area = smaps(guest, f"hugetlb.{name}")
        assert area["MMUPageSize"] == 2048
        assert area["Shared_Hugetlb"] + area["Private_Hugetlb"] == 2048


def test_swap_has_two_types(guest):
    labels = guest.labels()
    types = [{entry & 31 for entry in
              guest.pagemap(labels[name].pid, labels[name].addr, count)
              if entry & SWAP}
             for name, count in (("swap.first", 16), ("swap.second", 768))]
    assert types[0] == {0}
    assert 1 in types[1]
    assert smaps(guest, "swap.shared")["Swap"] == 32


def test_forked_pages(guest):
    child, parent = (guest.labels()[f"fork.{who}"]
                     for who in ("child", "parent"))
    entries = [guest.pagemap(who.pid, who.addr, 2) for who in (child, parent)]
    frames = [[entry & PFN_MASK for entry in who] for who in entries]
    assert frames[0][0] == frames[1][0]
    assert frames[0][1] != frames[1][1]
    assert guest.kpagecount(frames[0][0]) == [2]


def test_many_areas(guest):
    label = guest.labels()["many"]
    lines = guest.cat(f"/proc/{label.pid}/maps").splitlines()
    assert len(lines) > 1000


def test_sparse_areas(guest):
    label = guest.labels()["sparse"]
    assert label.count == 30
    for i in range(label.count):
        assert guest.pagemap(label.pid, label.addr + i * label.step)[0] \
            & PRESENT


def test_a_32_bit_process(guest):
    pid = guest.labels()["ia32"].pid
    ends = [int(line.split(b"-")[1].split()[0], 16)
            for line in guest.cat(f"/proc/{pid}/maps").splitlines()
            if b"[vsyscall]" not in line]
    assert max(ends) <= 1 << 32


def test_namespace(guest):
    label = guest.labels()["namespace"]
    status = guest.cat(f"/proc/{label.pid}/status").decode()
    assert f"NSpid:\t{label.pid}\t1\n" in status
    assert maps_line(guest, "namespace").endswith(b"/file")


def test_special_pages(guest):
    labels = guest.labels()
    if "poison" in labels:
        label = labels["poison"]
        page = guest.pagemap(label.pid, label.addr, 3)
        assert [bool(entry & PRESENT) for entry in page] == [True, False,
                                                             True]
        assert "recovery action for dirty LRU page" in guest.console()
    if "guard" in labels:
        label = labels["guard"]
        page = guest.pagemap(label.pid, label.addr, 4)
        assert [bool(entry & PRESENT) for entry in page] == [True, False,
                                                             False, True]


def test_watch(guest):
    labels = guest.labels()
    data, code = labels["watch.data"], labels["watch.code"]
    old = guest.peek(data.pid, data.addr, 8)
    assert old == bytes.fromhex("8877665544332211")
    guest.poke(data.pid, data.addr, b"\x01")
    guest.poke(code.pid, code.addr + 1, b"\x02")
    guest.wait_console(r"QVMI-WATCH data 0x1122334455667701", 20)
    guest.wait_console(r"QVMI-WATCH code 0x11223302", 20)
    guest.poke(data.pid, data.addr, old)
    guest.poke(code.pid, code.addr + 1, b"\x44")
    guest.wait_console(r"QVMI-WATCH data 0x1122334455667788", 20)
    guest.wait_console(r"QVMI-WATCH code 0x11223344", 20)


@pytest.mark.parametrize("line,status", [
    ("cat /nowhere", 2), ("nonsense", 38), ("run exit 3", 3),
    ("peek 99999 0 1", 2)])
def test_errors_of_the_channel(guest, line, status):
    assert guest.command(line)[0] == status
