# SPDX-License-Identifier: BSD-2-Clause
"""`make install` puts in place all that the manual speaks of."""

import json
import pathlib
import re
import subprocess

import pytest

from guest import ROOT


@pytest.fixture(scope="module")
def installed(qvmi, tmp_path_factory):
    """The folder below DESTDIR and PREFIX."""
    dest = tmp_path_factory.mktemp("dest")
    # -o: what is tested is installed, not built anew with other flags
    subprocess.run(
        ["make", "-s", "-o", "all", "install", f"DESTDIR={dest}",
         "PREFIX=/opt/x", f"BUILD={pathlib.Path(qvmi.binary).parent}"],
        check=True, cwd=ROOT)
    assert [path.name for path in dest.iterdir()] == ["opt"]
    return dest / "opt/x"


def test_program(installed, qvmi):
    program = installed / "bin/qvmi"
    assert program.stat().st_mode & 0o777 == 0o755
    assert program.read_bytes() == pathlib.Path(qvmi.binary).read_bytes()
    assert [path.name for path in program.parent.iterdir()] == ["qvmi"]


def test_a_page_for_each_command(installed, qvmi):
    pages = {path.name for path in (installed / "share/man/man1").iterdir()}
    commands = {row["name"] for row in json.loads(
        qvmi(None, "help", "-J").stdout)["rows"]} - {"help"}
    assert pages == {"qvmi.1"} | {f"qvmi-{name}.1" for name in commands}


def test_what_pages_and_help_refer_to(installed, qvmi):
    """Other pages, and files."""
    names = [row["name"] for row in json.loads(
        qvmi(None, "help", "-J").stdout)["rows"]]
    texts = [qvmi(None, "help", *about).stdout.decode()
             for about in ((), ("options",), *((name,) for name in names))]
    pages = list((installed / "share/man/man1").iterdir())
    texts += [page.read_text().replace("\\-", "-") for page in pages]
    found = set()
    for text in texts:
        assert "docs/" not in text  # that is where they are here only
        for page in re.findall(r"\b(qvmi(?:-\w+)?) ?\(1\)", text):
            assert (installed / f"share/man/man1/{page}.1").is_file(), page
        found.update(re.findall(r"[\w-]+\.md\b", text))
    assert found == {"formats.md", "json.md", "pages.md", "security.md",
                     "states.md"}
    there = {path.name: path for path in
             (installed / "share/doc/qvmi").iterdir()}
    assert set(there) == found | {"LICENSE"}
    for path in there.values():
        assert path.stat().st_mode & 0o777 == 0o644
