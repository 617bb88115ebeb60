# SPDX-License-Identifier: BSD-2-Clause
"""`walk` under PTI, with five levels, without KASLR, above 4 GiB."""

import pytest

from test_guest import PFN_MASK
from test_lesson import assert_sound, said
from test_variants import registers, stop_in_user_mode
from test_walk import (ADDRESS, assert_labels, assert_levels, at, gva2gpa,
                       iomem, permissions, walk)


@pytest.mark.variant("pti")
@pytest.mark.parametrize("kernel", ["5.10", "6.12"])
def test_pti(variant, qvmi, kernel):
    """Two roots: the one of user mode, which the vCPU has, and the other."""
    guest = variant("pti", kernel=kernel)
    pid = guest.labels()["spin.0"].pid
    stop_in_user_mode(guest)
    try:
        regs = registers(guest)
        assert regs["CR3"] & 0x1000
        code = f"{pid}:{regs['RIP']:#x}"
        kernel_row = assert_pti_kernel(guest, qvmi, code)
        user_row = walk(guest, qvmi, code, "--user-root")
        assert user_row["root"] == regs["CR3"] & ADDRESS
        assert kernel_row["root"] == user_row["root"] & ~0x1000
        assert kernel_row["physical"] == user_row["physical"] == \
            gva2gpa(guest, regs["RIP"])
        assert permissions(user_row) == permissions(kernel_row) == "r-x"
        # of the kernel, user mode has not more than its entries
        address = walk(guest, qvmi, "init_task")["address"]
        assert gva2gpa(guest, address) is None
        assert walk(guest, qvmi, f"cr3={regs['CR3']:x}:{address:#x}")[
            "physical"] is None
        assert walk(guest, qvmi, f"cr3={regs['CR3'] & ~0x1000:x}:init_task")[
            "physical"] == walk(guest, qvmi, "init_task")["physical"]
    finally:
        guest.cont()
    assert_labels(guest, qvmi, ["heap", "prot.exec", "thp.whole", "zero",
                                "hugetlb.anon", "swap.first", "border.top"])
    for name, want in (("prot.exec", "r-x"), ("heap", "rw-")):
        assert permissions(walk(guest, qvmi, at(guest, name))) == want


def assert_pti_kernel(guest, qvmi, code):
    """The kernel's top entries of user space are poisoned with NX."""
    row = walk(guest, qvmi, code)
    assert row["levels"][0]["entry"] >> 63
    assert not row["no_execute"]
    return row


@pytest.mark.variant("la57")
@pytest.mark.parametrize("kernel", ["6.12"])
def test_five_levels(variant, qvmi, kernel):
    guest = variant("la57", kernel=kernel)
    assert_labels(guest, qvmi, ["border.high", "border.top", "heap", "pkey",
                                "thp.whole", "hugetlb.anon", "swap.first",
                                "zero", "prot.none", "poison"])
    guest.stop()
    try:
        for name in ("border.high", "heap", "pkey", "thp.whole"):
            row = walk(guest, qvmi, at(guest, name))
            assert_levels(guest, qvmi, at(guest, name), row["root"])
            assert row["paging"] == "5-level"
        address = walk(guest, qvmi, "init_task")["address"]
        assert walk(guest, qvmi, "init_task")["physical"] == gva2gpa(
            guest, address)
    finally:
        guest.cont()
    key = guest.labels()["pkey"].key
    row = walk(guest, qvmi, at(guest, "pkey"), "--explain")
    assert f"PKEY={key}" in row["levels"][-1]["bits"].split()
    assert_sound(row)
    assert f"protection key {key}" in said(row)["rights"]
    assert row["physical"] < 1 << 32
    for address in ("1:0x100000000000000", "0x8000000000000000"):
        row = walk(guest, qvmi, address)
        assert row["result"] == "non-canonical" and row["levels"] == []
    # canonical now, and not there
    assert walk(guest, qvmi, "1:0x800000000000")["result"] == "absent"


@pytest.mark.variant("nokaslr")
def test_nokaslr(variant, qvmi):
    guest = variant("nokaslr")
    row = walk(guest, qvmi, "_text")
    assert row["address"] == 0xffffffff81000000
    assert row["physical"] == 0x1000000 == iomem(guest, "Kernel code")[0]
    assert_labels(guest, qvmi, ["heap", "stack", "thp.whole"])


@pytest.mark.variant("busy4")
def test_four_cpus(variant, qvmi):
    """Where the first vCPU is in user mode, the monitor walks for it."""
    guest = variant("busy4")
    spinners = [label.pid for name, label in guest.labels().items()
                if name.startswith("spin.")]
    stop_in_user_mode(guest)
    try:
        regs = registers(guest)
        physical = gva2gpa(guest, regs["RIP"])
        rows = [walk(guest, qvmi, f"{pid}:{regs['RIP']:#x}")
                for pid in spinners]
        row, = [row for row in rows if row["root"] == regs["CR3"] & ADDRESS]
        assert row["physical"] == physical is not None
        other = walk(guest, qvmi, f"cr3={regs['CR3']:#x}:{regs['RIP']:#x}")
        assert other["physical"] == physical
    finally:
        guest.cont()


@pytest.mark.variant("split")
@pytest.mark.parametrize("name", ["split-pc", "split-q35"])
def test_frames_above_4g(variant, qvmi, name):
    guest = variant(name)
    label = guest.labels()["heap"]
    assert guest.pagemap(label.pid, label.addr)[0] & PFN_MASK > 1 << 20
    assert_labels(guest, qvmi, ["heap", "stack", "thp.whole", "names.plain",
                                "prot.none", "swap.first"])
