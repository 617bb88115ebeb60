# SPDX-License-Identifier: BSD-2-Clause
"""What `vmlinux` writes for compilers, for Volatility and for scripts agrees
with what the guest's own kernel says of itself."""

import base64
import json
import re
import subprocess

import pytest

import btf as b
from test_profile import slide
from test_vmlinux import told, vmlinux

# A program as those that libbpf loads, without its headers.
BPF = """
#include "vmlinux.h"
__attribute__((section("license"), used)) char terms[] = "GPL";
static long (*probe_read)(void *, u32, const void *) = (void *)113;
static u64 (*current_task)(void) = (void *)35;
#define READ(to, from) \\
	probe_read(&(to), sizeof(to), __builtin_preserve_access_index(&(from)))
__attribute__((section("kprobe/do_exit"), used))
int on_exit(struct pt_regs *ctx)
{
	struct task_struct *task = (void *)current_task(), *parent;
	char comm[sizeof(task->comm)];
	bool same = false;
	pid_t pid;

	READ(parent, task->real_parent);
	READ(pid, parent->tgid);
	READ(comm, task->comm);
	if (pid == 1 && PIDTYPE_PID == 0)
		same = true;
	return same && comm[0] == 's' && ctx->di;
}
"""
# Each type of a file, or of a module's split from it, as libbpf has it: kind,
# size and name.  None is looked for by its name, for which libbpf goes through
# all of them each time, and it is not asked to print types as C.
WALK = """
#include <bpf/btf.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	struct btf *base = btf__parse_raw(argv[1]), *all = base;
	unsigned int id, first;

	if (base && argc > 2)
		all = btf__parse_split(argv[2], base);
	if (!all)
		return perror(argv[argc - 1]), 1;
	first = all == base ? 1 : btf__type_cnt(base);
	for (id = first; id < btf__type_cnt(all); id++) {
		const struct btf_type *t = btf__type_by_id(all, id);
		int sized = btf_is_composite(t) || btf_is_any_enum(t);

		printf("%u %lld %s\\n", btf_kind(t),
		       sized ? (long long)btf__resolve_size(all, id) : 0,
		       btf__name_by_offset(all, t->name_off));
	}
	return btf__find_by_name_kind(all, "task_struct", BTF_KIND_STRUCT) <= 0;
}
"""
COMPILERS = (["gcc", "-std=gnu11"], ["clang", "-std=gnu11"],
             ["clang", "-target", "bpf", "-g"])


def types_of(guest):
    return b.Btf(told(guest, "cat /sys/kernel/btf/vmlinux"))


def compiles(command, folder):
    done = subprocess.run([*command, "-w", "-I", folder], cwd=folder,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[:3000]


def walked(*files):
    """(kind, size, name) of all types, by libbpf."""
    done = subprocess.run(files, check=False, capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, done.stderr
    rows = [line.split(" ", 2) for line in done.stdout.splitlines()]
    return [(int(kind), int(size), name) for kind, size, name in rows]


def as_walked(types, first):
    """The same of what the guest itself has, read without libbpf."""
    sized = (b.STRUCT, b.UNION, b.ENUM, b.ENUM64)
    return [(kind.kind, kind.size if kind.kind in sized else 0, kind.name)
            for kind in types.types[first:]]


def test_libbpf(guest, qvmi, tmp_path):
    """A program that uses libbpf takes the files, those of modules, too."""
    (tmp_path / "walk.c").write_text(WALK)
    compiles(["gcc", "-O1", "walk.c", "-lbpf", "-o", "walk"], tmp_path)
    program = tmp_path / "walk"
    said, _ = vmlinux(guest, qvmi, "btf", tmp_path / "btf")
    base = types_of(guest)
    assert walked(program, tmp_path / "btf") == as_walked(base, 1)
    own = guest.run("ls /sys/kernel/btf").decode().split()
    assert len(said) == len(own)
    for name in own:
        if name != "vmlinux":
            types = b.Btf(told(guest, f"cat /sys/kernel/btf/{name}"), base)
            assert walked(program, tmp_path / "btf",
                          tmp_path / f"btf.{name}") == as_walked(
                              types, len(base.types))


@pytest.fixture(name="header")
def fixture_header(guest, qvmi, tmp_path):
    """A folder with the guest's vmlinux.h."""
    vmlinux(guest, qvmi, "header", tmp_path / "vmlinux.h")
    return tmp_path


def test_header_has_the_kernels_layout(guest, header):
    """Every size, offset and field, to gcc, to clang, and to it for BPF."""
    types = types_of(guest)
    lines = list(b.c_asserts(types))
    assert len(lines) > 80000
    (header / "asserts.c").write_text(
        '#include "vmlinux.h"\n' + "\n".join(lines) + "\n")
    for compiler in COMPILERS:
        compiles([*compiler, "-fsyntax-only", "asserts.c"], header)
    # const fields are written, too
    program = '#define const\n#include "vmlinux.h"\n' + "".join(
        b.c_bit_fields(types))
    assert program.count("if (bad(") > 1000
    (header / "fields.c").write_text(program)
    for compiler in ("gcc", "clang"):
        compiles([compiler, "-O1", "fields.c", "-o", "fields"], header)
        done = subprocess.run([header / "fields"], capture_output=True,
                              text=True, check=False)
        assert done.returncode == 0 and not done.stdout, done.stdout[:3000]


def test_header_leaves_nothing_out(guest, header):
    text = (header / "vmlinux.h").read_text()
    assert "/* left out" not in text and "Some are missing" not in text
    release = guest.run("uname -r").decode().strip()
    assert f" * Linux {release}\n" in text
    words = set(re.findall(r"\w+", text))
    for name in types_of(guest).c_names().values():
        assert name.split()[-1] in words or name == "__builtin_va_list", name


def test_header_in_other_dialects(header):
    """It takes no warning to be off, and no one standard."""
    (header / "plain.c").write_text(
        '#include "vmlinux.h"\n#include "vmlinux.h"\n'
        "bool yes = true;\n")
    for compiler in COMPILERS:
        for standard in ("gnu11", "gnu2x"):
            done = subprocess.run(
                [*compiler, f"-std={standard}", "-Wall", "-fsyntax-only",
                 "plain.c"], cwd=header, capture_output=True, text=True,
                check=False)
            assert done.returncode == 0 and not done.stderr, done.stderr[:900]


def test_header_for_bpf(header):
    """With relocations, by which it runs on other kernels, too."""
    (header / "prog.c").write_text(BPF)
    compiles(["clang", "-target", "bpf", "-g", "-O2", "-c", "prog.c", "-o",
              "prog.o"], header)
    sections = subprocess.run(["readelf", "-SW", header / "prog.o"],
                              check=True, capture_output=True,
                              text=True).stdout
    assert " .BTF.ext " in sections and " kprobe/do_exit " in sections
    blob = header / "btf.ext"
    subprocess.run(["objcopy", "-I", "elf64-little", "-O", "binary",
                    "--only-section=.BTF.ext", "--set-section-flags",
                    ".BTF.ext=alloc", header / "prog.o", blob], check=True)
    data = blob.read_bytes()
    # struct btf_ext_header: core_relo_len is its last word
    assert int.from_bytes(data[28:32], "little") >= 4 + 8 + 4 * 16


def isf_names(types):
    """{name: struct}, those without one by their typedefs and numbers."""
    seen, names = {}, {}
    for kind in types.types[1:]:
        of = kind
        if kind.kind == b.TYPEDEF:
            of = types.types[kind.size]
            if of.kind not in (b.STRUCT, b.UNION) or of.name:
                continue
        elif kind.kind not in (b.STRUCT, b.UNION):
            continue
        name = kind.name
        seen[name] = seen.get(name, 0) + bool(name)
        if not name:
            name = f"unnamed_{kind.id:x}"
        elif seen[name] > 1:
            name += f"___{seen[name]}"
        names[name] = of
    return names


def isf_size(isf, kind):
    """Size of what a descriptor describes; every name in it is there."""
    what = kind["kind"]
    if what == "pointer":
        if kind["subtype"]["kind"] != "function":
            isf_size(isf, kind["subtype"])
        return 8
    if what == "array":
        return kind["count"] * isf_size(isf, kind["subtype"])
    if what == "base":
        return isf["base_types"][kind["name"]]["size"]
    if what == "enum":
        enum = isf["enums"][kind["name"]]
        assert isf["base_types"][enum["base"]]["size"] == enum["size"]
        return enum["size"]
    if what == "bitfield":
        return isf_size(isf, kind["type"])
    assert what in ("struct", "union"), kind
    named = isf["user_types"].get(kind["name"])
    assert not named or named["kind"] == what
    return named["size"] if named else 0


def check_fields(isf, types, kind, fields):
    unnamed = 0
    assert len(fields) == len(kind.elements)
    for name, number, where in kind.elements:
        bits = where >> 24 if kind.flag else 0
        bit = where & 0xffffff if kind.flag else where
        key = types.string(name)
        if not key:
            key = f"unnamed_field_{unnamed:x}"
            unnamed += 1
        made = fields[key]
        assert made.get("anonymous", False) == (not name)
        if bits:
            of = made["type"]
            assert of["kind"] == "bitfield" and of["bit_length"] == bits
            assert made["offset"] * 8 + of["bit_position"] == bit
            assert of["bit_position"] + bits <= isf_size(isf, of) * 8
        else:
            assert made["offset"] * 8 == bit
            assert isf_size(isf, made["type"]) == types.size(number)


def test_isf_types(guest, qvmi, tmp_path):
    _, text = vmlinux(guest, qvmi, "isf", tmp_path / "isf.json")
    isf, types = json.loads(text), types_of(guest)
    assert isf["metadata"]["format"] == "6.2.0"
    assert set(isf["metadata"]) == {"format", "producer", "linux"}
    names = isf_names(types)
    assert set(isf["user_types"]) == set(names)
    for name, kind in names.items():
        made = isf["user_types"][name]
        assert set(made) == {"size", "kind", "fields"}
        assert (made["size"], made["kind"]) == (kind.size, b.TAGS[kind.kind])
        check_fields(isf, types, kind, made["fields"])
    made = {name: value for enum in isf["enums"].values()
            for name, value in enum["constants"].items()}
    for kind in types.types:
        if kind.kind in (b.ENUM, b.ENUM64):
            assert {name for name, _ in types.constants(kind)} <= set(made)
    assert made["PIDTYPE_PID"] == 0 and made["PIDTYPE_MAX"] > 2


def test_isf_symbols(guest, qvmi, tmp_path):
    """Where they were linked, each that is the only one of its name."""
    offset, _ = slide(guest, qvmi)
    _, text = vmlinux(guest, qvmi, "isf", tmp_path / "isf.json")
    symbols = json.loads(text)["symbols"]
    want = {}
    for line in told(guest, "cat /proc/kallsyms").decode().splitlines():
        if "\t[" not in line:
            address, _, name = line.split()
            at = int(address, 16)
            at -= offset if at >= 0xffffffff80000000 else 0
            want.setdefault(name, set()).add(at)
    want = {name: next(iter(at)) for name, at in want.items() if len(at) == 1}
    assert {name: s["address"] for name, s in symbols.items()} == want
    assert symbols["init_task"]["type"] == {"kind": "struct",
                                            "name": "task_struct"}
    assert symbols["_text"]["address"] == 0xffffffff81000000
    banner = symbols["linux_banner"]
    own = guest.cat("/proc/version")
    assert base64.b64decode(banner["constant_data"]) == own + b"\0"
    assert banner["type"]["count"] == len(own) + 1


def json_elements(types, kind, row):
    """What BTF has of a type's elements, as in the row."""
    def name(at):
        return types.string(at) or None
    if kind.kind in (b.STRUCT, b.UNION):
        return [{"name": name(n), "type": of,
                 "bit_offset": at & 0xffffff if kind.flag else at,
                 "bit_size": (at >> 24 if kind.flag else 0) or None}
                for n, of, at in kind.elements], row["members"]
    if kind.kind == b.FUNC_PROTO:
        return [{"name": name(n), "type": of}
                for n, of in kind.elements], row["params"]
    if kind.kind == b.DATASEC:
        return [{"type": of, "offset": at, "size": size}
                for of, at, size in kind.elements], row["variables"]
    if kind.kind in (b.ENUM, b.ENUM64):
        width = 64 if kind.kind == b.ENUM64 else 32
        return ([(n, v % 2**width) for n, v in types.constants(kind)],
                [(e["name"], e["value"] % 2**width) for e in row["values"]])
    return [], []


def check_json_types(types, rows):
    kinds = ("void int ptr array struct union enum fwd typedef volatile const "
             "restrict func func_proto var datasec float decl_tag type_tag "
             "enum64").split()
    for row in rows:
        kind = types.types[row["id"]]
        assert row["kind"] == kinds[kind.kind]
        assert (row["name"] or "") == kind.name
        want, made = json_elements(types, kind, row)
        assert want == made
        if kind.kind == b.ARRAY:
            assert (row["type"], row["index_type"],
                    row["count"]) == kind.extra
        elif "type" in row:
            assert row["type"] == kind.size
        elif "size" in row:
            assert row["size"] == kind.size


def test_json(guest, qvmi, tmp_path):
    """All symbols and types, of the kernel and of its modules."""
    _, text = vmlinux(guest, qvmi, "json", tmp_path / "json")
    said = json.loads(text)
    assert said["qvmi"] == 1
    kernel = said["kernel"]
    assert kernel["release"] == guest.run("uname -r").decode().strip()
    assert kernel["banner"].encode() == guest.cat("/proc/version").strip()
    notes = guest.run("od -An -v -tx1 /sys/kernel/notes").decode()
    assert kernel["build_id"] and kernel["build_id"] in notes.replace(
        " ", "").replace("\n", "")
    lines = [f"{int(s['address'], 16):016x} {s['type']} {s['name']}" +
             (f"\t[{s['module']}]" if s["module"] else "")
             for s in said["symbols"]]
    assert lines == told(guest, "cat /proc/kallsyms").decode().splitlines()
    loaded = guest.cat("/proc/modules").decode().split("\n")
    assert {m["name"] for m in said["modules"]} == {
        line.split()[0] for line in loaded if line}
    base = types_of(guest)
    by_module = {}
    for row in said["types"]:
        by_module.setdefault(row["module"], []).append(row)
    for name in guest.run("ls /sys/kernel/btf").decode().split():
        if name == "vmlinux":
            types, rows = base, by_module.pop(None)
            assert len(rows) == len(types.types) - 1
        else:
            blob = told(guest, f"cat /sys/kernel/btf/{name}")
            types, rows = b.Btf(blob, base), by_module.pop(name)
            assert len(rows) == len(types.types) - len(base.types)
        check_json_types(types, rows)
    assert not by_module
