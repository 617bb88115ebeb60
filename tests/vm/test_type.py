# SPDX-License-Identifier: BSD-2-Clause
"""type: what pahole says of the same BTF, and the values that are there."""

import json
import re
import subprocess

from gdb import as_gdb_has

COMMENT = re.compile(r"/\*\s*(\d+)(?::\s*(\d+))?\s+(\d+) \*/$", re.MULTILINE)
ALIKE = ("task_struct", "page", "file", "sk_buff", "inode", "tcp_sock",
         "bio", "module", "kernfs_node", "perf_event_attr")


def places(text):
    """(offset, bit, size) of each line; the names a unit test compares."""
    return COMMENT.findall(text)


def test_as_pahole_says(guest, qvmi, tmp_path):
    """Of some of the largest; a unit test does so for all."""
    btf = tmp_path / "btf"
    qvmi(guest, "vmlinux", "-o", btf, "--format", "btf")
    said = subprocess.run(["pahole", "-C", ",".join(ALIKE), btf], check=True,
                          capture_output=True, text=True).stdout
    blocks = dict(re.findall(r"(?ms)^struct (\w+) \{(\n.*?^\})", said))
    assert set(blocks) == set(ALIKE)
    for name, theirs in blocks.items():
        ours = qvmi(guest, "type", "struct", name).stdout.decode()
        assert len(places(ours)) > 8
        assert places(ours) == places(theirs), name
        for line in re.findall(r"/\* (?:size|sum|padding).* \*/", theirs):
            assert line in ours, (name, line)


def test_other_kinds(guest, qvmi):
    """Enums, typedefs, prototypes; types of modules."""
    def show(*args):
        return qvmi(guest, "type", *args).stdout.decode()

    assert "\tPIDTYPE_TGID = 1,\n" in show("pid_type")
    assert re.search(r"typedef struct \{\n\tint +counter; .*\n(.*\n)*\} "
                     r"atomic_t;\n", show("atomic_t"))
    assert "ssize_t vfs_read(struct file *" in show("vfs_read")
    assert show("struct", "list_head") == show("struct list_head")
    row, = json.loads(qvmi(guest, "type", "-J", "list_head").stdout)["rows"]
    assert row["size"] == 16 and row["kind"] == "struct"
    assert [(m["member"], m["type"], m["offset"]) for m in row["members"]] == [
        ("next", "struct list_head *", 0), ("prev", "struct list_head *", 8)]
    if guest.kernel == "5.10":  # keeps none of modules
        return
    done = json.loads(qvmi(guest, "type", "-J", "zram_table_entry").stdout)
    assert {row["module"] for row in done["rows"]} == {"zram"}
    done = json.loads(qvmi(guest, "type", "-J", "struct zram[zram]").stdout)
    disk, = (m for m in done["rows"][0]["members"] if m["member"] == "disk")
    assert disk["type"] == "struct gendisk *"


def test_no_such_type(guest, qvmi):
    """Exit status 1, and what may have been meant."""
    for text, words in (("list_haed", "did you mean list_head?"),
                        ("union list_head", "no type 'union list_head'"),
                        ("x[nothere]", "no module 'nothere' that has types")):
        done = json.loads(qvmi(guest, "type", "-J", text, status=1).stdout)
        assert words in done["error"]["text"] and not done["rows"]


# Objects of the image, and a member of many kinds in each.
OBJECTS = ("task_struct init_task", "uts_namespace init_uts_ns",
           "cred init_cred", "user_namespace init_user_ns",
           "cpuinfo_x86 boot_cpu_data", "mm_struct init_mm",
           "file_operations socket_file_ops", "list_head modules")


def values(guest, qvmi):
    """{expression: value} of the numbers in all of them."""
    found = {}
    for text in OBJECTS:
        name, symbol = text.split()
        done = json.loads(qvmi(guest, "type", "-J", "--depth", 4, "--elements",
                               4, "struct", name, symbol).stdout)
        found.update((f"{symbol}.{row['path']}", int(row["value"], 0))
                     for row in done["rows"]
                     if re.fullmatch(r"-?\d+|0x[0-9a-f]+", row["value"] or "")
                     and "char" not in row["type"])
    return found


def test_values_as_gdb_has_them(guest, qvmi, tmp_path):
    ours = as_gdb_has(guest, qvmi, tmp_path, lambda: values(guest, qvmi))
    assert len(ours) > 500


def test_values(guest, qvmi):
    """Strings, enumerators, names of what pointers lead to; what is not there."""
    release = guest.run("uname -r").decode().strip()
    text = qvmi(guest, "type", "uts_namespace", "init_uts_ns").stdout.decode()
    assert f'\t\trelease = "{release}"\n' in text
    text = qvmi(guest, "type", "list_head", "modules").stdout.decode()
    assert re.fullmatch(r"\(struct list_head\) 0x\w{16} = \{\n"
                        r"\tnext = 0x\w{16} <__this_module\+0x8 \[\w+\]>\n"
                        r"\tprev = 0x\w{16} <__this_module\+0x8 \[\w+\]>\n"
                        r"\}\n", text)
    text = qvmi(guest, "type", "task_struct", "init_task", "--depth",
                0).stdout.decode()
    assert '\n\tcomm = "swapper/0"\n' in text and "\n\ttasks = {...}\n" in text
    assert "<init_cred+0x0>" in text and "\n\tpid = 0\n" in text
    done = json.loads(qvmi(guest, "type", "-J", "list_head", "1:0",
                           status=1).stdout)
    assert done["error"]["kind"] == "unreadable" and not done["rows"]
    done = qvmi(guest, "type", "vfs_read", "init_task", status=1).stderr
    assert b"is of no size" in done
