# SPDX-License-Identifier: BSD-2-Clause
"""`layout --html`: whole files, and what a browser makes of them."""

import json
import re

import pytest

from browser import Browser

PART = "return document.getElementById('part').textContent"
NAMES = ("return [...document.querySelectorAll('#map .name')]"
         ".map(e => e.textContent)")
FOCUSED = ("return [...document.querySelectorAll('#map button')]"
           ".indexOf(document.activeElement)")
SAYS = "return document.getElementById('says').textContent"
LIVE = "return document.getElementById('live').textContent"
HEIGHTS = ("return [...document.querySelectorAll('#map button')]"
           ".map(e => e.getBoundingClientRect().height)")


def embedded(path):
    """What the page has as its data."""
    text = path.read_text()
    data = re.search(r'id="layout">\n(.*?)\n?</script>', text, re.S)[1]
    return json.loads(data)["rows"][0]


def check_page(page, dark):
    """Nothing is wider than what it is seen on; and in its colours."""
    assert page.run("return document.documentElement.scrollWidth"
                    " <= innerWidth")
    assert page.run("return getComputedStyle(document.body)"
                    ".backgroundColor") == (
        "rgb(20, 23, 26)" if dark else "rgb(255, 255, 255)")
    # each part is named for those who do not see it, and each id is one
    assert page.run("return [...document.querySelectorAll('#map button')]"
                    ".every(e => e.getAttribute('aria-label'))")
    assert page.run("const ids = [...document.querySelectorAll('[id]')]"
                    ".map(e => e.id); return new Set(ids).size"
                    " === ids.length")


def zoom_by_keys(page, row):
    """Into the direct map, and out again to where that was."""
    names = [region["region"] for region in row["regions"]]
    assert page.run(PART) == "all addresses"
    assert page.run(NAMES) == names
    heights = page.run(HEIGHTS)
    assert heights[names.index("direct_map")] > heights[
        names.index("vsyscall")]
    at = names.index("direct_map")
    page.press("Home", *["ArrowDown"] * at)
    assert page.run(FOCUSED) == at
    assert page.run(SAYS).startswith("direct_map: 0x")
    assert page.run("return document.activeElement.getAttribute('aria-label')"
                    ) == page.run(SAYS)
    page.press("ArrowRight")
    assert page.run(PART) == "direct_map"
    assert page.run("return document.activeElement.id") == "part"
    parts = page.run(NAMES)
    assert page.run(LIVE) == f"direct_map: {len(parts)} parts"
    region = row["regions"][at]
    inside = [mapping for mapping in row["mappings"]
              if int(region["start"], 16) <= int(mapping["start"], 16)
              < int(region["end"], 16)]
    assert sum(int(mapping["end"], 16) - int(mapping["start"], 16)
               for mapping in inside) == region["mapped"]
    # the table has the same parts
    assert page.run("return document.querySelectorAll('#list tbody tr')"
                    ".length") == len(parts)
    page.press("End", "Escape")
    assert page.run(PART) == "all addresses" and page.run(FOCUSED) == at
    page.press("Escape")  # there is nothing further out
    assert page.run(PART) == "all addresses"


def zoom_by_mouse(page, row):
    names = [region["region"] for region in row["regions"]]
    at = names.index("kernel_text")
    page.point(f"#map li:nth-child({at + 1}) button")
    assert page.run(SAYS).startswith("kernel_text: 0x")
    page.point(f"#map li:nth-child({at + 1}) button", click=True)
    assert page.run(PART) == "kernel_text"
    assert "r-x" in page.run(NAMES)
    assert re.search("_text is 0x", page.run(
        "return document.getElementById('facts').textContent"))
    page.point("#way button", click=True)
    assert page.run(PART) == "all addresses" and page.run(FOCUSED) == at
    hole = names.index("guard_hole")  # it opens into nothing
    page.point(f"#map li:nth-child({hole + 1}) button", click=True)
    assert page.run(PART) == "all addresses"


def write_many(path, text, row):
    """The same page of a kernel with thousands of mappings."""
    at = next(i for i, region in enumerate(row["regions"])
              if region["region"] == "direct_map")
    start = int(row["regions"][at]["start"], 16)
    row["mappings"] = [
        {"start": hex(start + i * 0x3000), "end": hex(start + i * 0x3000 + 4096),
         "perms": "rw-", "page_size": 4096} for i in range(3000)]
    data = json.dumps({"rows": [row], "error": {"text": "some is missing"}})
    path.write_text(re.sub(r'(id="layout">\n).*?(\n?</script>)',
                           lambda m: m[1] + data + m[2], text, flags=re.S))
    return at


def fold_many(page, at):
    """Few are seen at once, and none is lost."""
    assert "Not all of it: some is missing." in page.run(
        "return document.getElementById('about').textContent")
    page.point(f"#map li:nth-child({at + 1}) button", click=True)
    left = 6000
    while left > 150:
        names = page.run(NAMES)
        counts = [int(name.split()[0]) if name.endswith(" parts") else 1
                  for name in names]
        assert len(names) <= 150 and sum(counts) == left
        left = max(counts)
        page.point(f"#map li:nth-child({counts.index(left) + 1}) button",
                   click=True)
    assert len(page.run(NAMES)) == left and "rw-" in page.run(NAMES)


def process_page(page, row):
    kinds = [segment["kind"] for segment in row["segments"]]
    names = page.run(NAMES)
    assert page.run("return document.title") == \
        f"The memory of process {row['pid']} ({row['comm']})"
    assert names == kinds
    stack = names.index("stack")
    page.point(f"#map li:nth-child({stack + 1}) button")
    assert "rw-p, [stack]" in page.run(SAYS)


@pytest.mark.variant("pti")
@pytest.mark.parametrize("kernel", ["6.12"])
def test_in_a_browser(variant, qvmi, tmp_path, kernel):
    """One start of a browser for all of it."""
    guest = variant("pti", kernel=kernel)
    whole, process = tmp_path / "kernel.html", tmp_path / "process.html"
    done = qvmi(guest, "layout", "--html", whole)
    assert b"direct_map" in done.stdout  # the answer is there, too
    qvmi(guest, "layout", 1, "--html", process)
    row = embedded(whole)
    assert row["left_out"] == 0
    many = tmp_path / "many.html"
    at = write_many(many, whole.read_text(), embedded(whole))
    with Browser(tmp_path / "profile") as page:
        for width, height, dark in ((1280, 900, False), (390, 844, True)):
            page.look(width, height, dark)
            page.open(whole)
            check_page(page, dark)
            zoom_by_keys(page, row)
            zoom_by_mouse(page, row)
            page.open(process)
            check_page(page, dark)
            process_page(page, embedded(process))
        page.open(many)
        fold_many(page, at)
        console, asked = page.complaints()
    assert console == []
    assert set(asked) == {
        path.as_uri() for path in (whole, process, many)}


def test_files(guest, qvmi, tmp_path):
    """One file at a time, whole; and nothing where it makes no sense."""
    done = qvmi(guest, "layout", "--html", "-")
    assert done.stdout.startswith(b"<!DOCTYPE html>")
    assert done.stdout.endswith(b"</html>\n")
    for args in (("init_task", "--html", "a"), ("--html", ""),
                 ("--html", "a", "--watch"), ("-J", "--html", "-")):
        qvmi(guest, "layout", *args, status=2)
    done = qvmi(guest, "layout", "--html", tmp_path / "no/dir", status=None)
    assert done.returncode == 1 and done.stderr.count(b"\n") == 1
    done = qvmi(guest, "layout", "--html", "/dev/full", status=1)
    assert b"/dev/full: cannot be written: No space left" in done.stderr
    assert done.stdout == b""
    assert list(tmp_path.iterdir()) == []
