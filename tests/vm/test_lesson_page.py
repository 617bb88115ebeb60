# SPDX-License-Identifier: BSD-2-Clause
"""`walk --html` and `--svg`: whole files, and what a browser makes of them."""

import json
import re
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest

from browser import Browser
from test_walk import at, walk

STEP = "return document.querySelector('main section:not([hidden]) h2').textContent"
CURRENT = ("return [...document.querySelectorAll('#steps button')]"
           ".findIndex(b => b.getAttribute('aria-current') === 'step')")


def embedded(path):
    """What the page has as its data."""
    text = path.read_text()
    data = re.search(r'id="walk">\n(.*?)\n?</script>', text, re.S)[1]
    return json.loads(data)["rows"][0]


def step_through(page, row):
    """By keyboard and by mouse, there and back."""
    titles = [f"The address {row['address']}",
              *(f"{level['level']}: entry {level['index']} of the table at "
                f"{level['table']}" for level in row["levels"])]
    for i, title in enumerate(titles):
        assert page.run(STEP) == title and page.run(CURRENT) == i
        page.press("ArrowRight")
    assert page.run(STEP).startswith(f"Result: {row['result']}")
    assert page.run("return document.getElementById('live').textContent") \
        .startswith(f"Step {len(titles) + 1} of {len(titles) + 1}: Result")
    page.press("ArrowRight")  # the end is the end
    assert page.run(CURRENT) == len(titles)
    page.press("ArrowLeft")
    assert page.run(STEP) == titles[-1]
    page.press("Home")
    assert page.run(CURRENT) == 0
    page.point("#steps li:nth-child(3) button", click=True)
    assert page.run(STEP) == titles[2]
    page.point("#next", click=True)
    page.point("#back", click=True)
    assert page.run(CURRENT) == 2


def point_at_bits(page, row):
    """Of the last entry: what is pointed at is read out."""
    last = len(row["levels"])
    page.run(f"document.querySelectorAll('#steps button')[{last}].click()")
    here = "main section:not([hidden]) "
    meaning = f"return document.querySelector('{here}.meaning').textContent"
    level = row["levels"][-1]
    at_rw = next(i for i, part in enumerate(level["parts"])
                 if part["name"] == "RW")
    words = level["parts"][at_rw]["words"]
    page.point(f"{here}.bits li:nth-child({at_rw + 1}) button")
    assert page.run(meaning) == f"RW, bit 1, is 0: {words}"
    page.run("document.activeElement.blur()")
    page.press("ArrowDown", "ArrowDown")  # from part to part
    second = level["parts"][1]
    assert page.run(meaning).startswith(f"{second['name']}, ")
    assert page.run("return document.activeElement.getAttribute('aria-label')"
                    ) == page.run(meaning)
    # the focus is not lost with the section that goes
    page.press("ArrowRight")
    assert page.run("return document.activeElement.tagName") == "H2"
    rows = page.run(f"return document.querySelectorAll('main section:nth-child"
                    f"({last + 1}) .around tbody tr').length")
    assert rows == len(level["around"])


@pytest.mark.variant("pti")
@pytest.mark.parametrize("kernel", ["6.12"])
def test_in_a_browser(variant, qvmi, tmp_path, kernel):
    """One start of a browser for all of it."""
    guest = variant("pti", kernel=kernel)
    html, svg = tmp_path / "walk.html", tmp_path / "walk.svg"
    address = at(guest, "fork.parent", 0x123)
    want = walk(guest, qvmi, address, "--html", html)
    row = embedded(html)
    assert int(row["address"], 16) == want["address"]
    assert int(row["levels"][-1]["entry"], 16) == want["levels"][-1]["entry"]
    done = qvmi(guest, "walk", address, "--svg", "-")
    root = ElementTree.fromstring(done.stdout)
    svg.write_bytes(done.stdout)
    text = " ".join(root.itertext())
    for level in row["levels"]:
        assert level["table"] in text and level["entry"] in text
    with Browser(tmp_path / "profile") as page:
        for width, height, dark in ((1280, 900, False), (390, 844, True)):
            page.open(html)
            page.look(width, height, dark)
            step_through(page, row)
            # nothing is wider than what it is seen on
            assert page.run("return document.documentElement.scrollWidth"
                            " <= innerWidth")
            assert page.run("return getComputedStyle(document.body)"
                            ".backgroundColor") == (
                "rgb(20, 23, 26)" if dark else "rgb(255, 255, 255)")
        point_at_bits(page, row)
        page.open(svg)
        assert page.run("return document.querySelector('title').textContent")
        console, asked = page.complaints()
    assert console == []
    assert set(asked) == {html.as_uri(), svg.as_uri()}


def test_files(guest, qvmi, tmp_path):
    """Whole, or what was there before; and one line where it cannot be."""
    path = tmp_path / "walk.html"
    address = at(guest, "swap.first")
    walk(guest, qvmi, address, "--html", path)
    assert embedded(path)["result"] in ("swapped", "mapped")
    before = path.read_bytes()
    done = qvmi(guest, "walk", address, "--html", "/dev/full", status=None)
    assert done.returncode == 1 and done.stdout == b""
    assert done.stderr.count(b"\n") == 1
    assert b"/dev/full: cannot be written: No space left" in done.stderr
    done = subprocess.run(
        ["prlimit", "--fsize=4096", *qvmi.argv(
            guest, "walk", address, "--html", path)], check=False,
        capture_output=True, stdin=subprocess.DEVNULL, env=qvmi.environ())
    assert done.returncode == 1 and done.stderr.count(b"\n") == 1
    assert b"walk.html: cannot be written: File too large" in done.stderr
    done = qvmi(guest, "walk", address, "--html", tmp_path / "no/dir",
                status=None)
    assert done.returncode == 1 and done.stderr.count(b"\n") == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["walk.html"]
    assert path.read_bytes() == before
    for args in (("--html", "a", "--svg", "b"), ("--html", ""),
                 ("--html", "a", "--watch"), ("4K", "--svg", "a")):
        qvmi(guest, "walk", address, *args, status=2)
    assert not (tmp_path / "a").exists()
