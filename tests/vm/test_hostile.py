# SPDX-License-Identifier: BSD-2-Clause
"""Memory that lies: every command ends, says what it could not read, shows
what is sound as it is, and leaves guest and terminal alone."""

import json
import re
import shutil
import subprocess
import unicodedata

import lies_managers as managers
import pytest
from guest import KERNELS
from hostile import LIES, Lie
from image import Image
from lies import VICTIM
from sanitizer import is_sanitized
from stub import Stub

pytestmark = pytest.mark.leaks

TIMEOUT = 60
MEMORY = 768 << 20
PEAK_KIB = 512 << 10
PROCESSES = ("ps", "ps -t", "ps --tree", "maps --all", "listvma")
SYMBOLS = ("walk module", "read generated")
# Without types, but for those that a kernel is known by.
TYPELESS = ("info", "read str", *SYMBOLS)


def commands(image):
    """All that read memory, by what they are called in the tables."""
    module = image.ask("walk", "__this_module[zram]")["address"]
    pid = image.pid(VICTIM)
    place = f"{pid}:{image.labels[VICTIM]['addr']:#x}"
    return {
        **{name: tuple(name.split()) for name in PROCESSES},
        "maps": ("maps", str(pid)), "findpage": ("findpage", place),
        "walk": ("walk", place), "read": ("read", place, "64"),
        "read str": ("read", "linux_banner", "64", "-f", "str"),
        "info": ("info",), "walk module": ("walk", module),
        "read generated": ("read", "ftrace_trampoline", "16"),
        # In one of its formats, which has all that the others have.
        "vmlinux": ("vmlinux", "-o", "/dev/null"),
    }


class Lab:
    """A recorded guest, its memory, and what is said of it as it is."""

    def __init__(self, directory, turn, qvmi, folder):
        self.qvmi, self.server, self.turn = qvmi, Stub(directory), turn
        self.file = folder / "pokes"
        self.image = Image(directory, self.ask)
        self.commands = commands(self.image)
        self.sanitized = is_sanitized(qvmi.binary)
        self.clean = {name: self.run(args, "-J")[1]
                      for name, args in self.commands.items()}
        # That one has no file that a script could be beside.
        assert not any(said["notes"] for name, said in self.clean.items()
                       if name != "vmlinux")

    def ask(self, *args):
        """The first row that a command prints, if it has any."""
        said = json.loads(self.qvmi(self.server, *args, "-J",
                                    status=None).stdout or "{}")
        return next(iter(said.get("rows", ())), None)

    def limited(self, argv):
        """No more address space than this, but for sanitizers' shadows. By a
        program: a function would have all of this process forked for it."""
        return argv if self.sanitized else ["prlimit", f"--as={MEMORY}", *argv]

    def run(self, args, *options, cache=None):
        """(result, its JSON) of one command, which has to end in order."""
        done = subprocess.run(
            self.limited(self.qvmi.argv(self.server, *args, *options,
                                        "--stats")),
            capture_output=True, stdin=subprocess.DEVNULL, timeout=TIMEOUT,
            check=False,
            env=self.qvmi.environ(**({"XDG_CACHE_HOME": str(cache)}
                                     if cache else {})))
        told = (" ".join(args), done.returncode, done.stderr[-2000:])
        assert done.returncode in (0, 1, 4), told
        assert b"Sanitizer" not in done.stderr, told
        assert b"runtime error" not in done.stderr, told
        peak = re.search(rb"rss_kib=(\d+)", done.stderr)
        if peak and not self.sanitized:
            assert int(peak[1]) <= PEAK_KIB, told
        self.server.assert_unharmed()
        said = json.loads(done.stdout) if "-J" in options and done.stdout \
            else None
        return done, said

    def tell(self, lie):
        """Change memory; the processes that this is about."""
        self.server.tell("reset")
        about = {self.image.pid(label) for label in lie.make(self.image)}
        self.show_pokes()
        return about

    def show_pokes(self):
        """Have what was changed in the image be the guest's memory."""
        self.file.write_bytes(self.image.take_pokes())
        self.server.tell(f"poke {self.file}")


@pytest.fixture(scope="session")
def labs():
    """Those of all kernels so far."""
    made = {}
    yield made
    for lab in made.values():
        lab.server.close()


@pytest.fixture
def lab(recorded, request, qvmi, labs, tmp_path_factory):
    """The recorded guest's own."""
    if recorded not in labs:
        kernel = request.node.callspec.params["recorded"]
        labs[recorded] = Lab(recorded, KERNELS.index(kernel), qvmi,
                             tmp_path_factory.mktemp("lab"))
    return labs[recorded]


def skip_without(lab, lie):
    """Presence decides."""
    if lie.needs and not lab.image.has(*lie.needs):
        pytest.skip(f"this kernel has no {'.'.join(lie.needs)}")


def others(said, about, but=()):
    """The rows of all other processes, in no order, but for some fields."""
    return sorted(json.dumps({name: value for name, value in row.items()
                              if name not in but})
                  for row in said["rows"] if row["pid"] not in about)


def without(said, fields):
    """The rows but for some fields."""
    return [{name: value for name, value in row.items() if name not in fields}
            for row in said["rows"]]


def check_fields(said, clean, names):
    """What cannot be told is null; no other value than the right one is."""
    right = {(row["pid"], row.get("tid")): row for row in clean["rows"]}
    for row in said["rows"]:
        for name in names:
            assert row.get(name) in (
                None, right[row["pid"], row.get("tid")].get(name))


def wrong(said, clean, where=""):
    """What is neither so nor not known: (where, what was said, what is so)."""
    if isinstance(said, dict):
        return [each for key, value in said.items()
                for each in wrong(value, clean[key], f"{where}.{key}")]
    if isinstance(said, list) and len(said) == len(clean):
        return [each for i, value in enumerate(said)
                for each in wrong(value, clean[i], f"{where}[{i}]")]
    return [] if said in (None, clean) else [(where, said, clean)]


def is_torn(done, said):
    """Whether it is said that something could not be read."""
    rows = said["rows"] if said else []
    notes = " ".join(said["notes"]) if said else ""
    return (any(row.get("torn") for row in rows if isinstance(row, dict))
            or bool(re.search("torn|could not|cannot|not be read|damaged", notes))
            or done.returncode in (1, 4))


def check_error(done):
    """One clear line, and nothing half done."""
    lines = [line for line in done.stderr.splitlines()
             if not line.startswith((b"stats: ", b"qvmi: note: "))]
    assert len(lines) == 1 and lines[0].startswith(b"qvmi: "), done.stderr
    assert not re.search(rb"[\x00-\x1f\x7f]", lines[0]), lines


def check_text(lab, args, cache, done, fatal):
    """As text it is told as well as it was in JSON."""
    text, _ = lab.run(args, cache=cache)
    assert text.returncode == done.returncode
    if done.returncode:
        check_error(text)
    assert not (fatal and text.stdout)


# What the file for debuggers is made of.
TOLD = [name for name in LIES if re.match(
    "(btf|kallsyms|modules?|release|banner),", name)]


@pytest.mark.parametrize("name", LIES)
def test_lies(lab, name, tally, tmp_path):
    """As JSON by all kernels; of four, each tries a fourth of all commands as
    text, too, for how text is made knows of no kernel. The file for debuggers
    takes as long as all others: where none of its tables lies, by one."""
    lie = LIES[name]
    skip_without(lab, lie)
    about = lab.tell(lie)
    cache = tmp_path if lie.fresh else None
    for n, (command, args) in enumerate(lab.commands.items()):
        if command == "vmlinux" and not (
                lie.needs or name in TOLD
                or [*LIES].index(name) % len(KERNELS) == lab.turn):
            continue
        done, said = lab.run(args, "-J", cache=cache)
        is_lost = lie.fatal and command != "walk" and not (
            command in (*TYPELESS, "vmlinux") and done.returncode == 0)
        if lie.needs or (n + [*LIES].index(name)) % len(KERNELS) == lab.turn:
            check_text(lab, args, cache, done, is_lost)
        if lie.torn is not None and not lie.fatal:
            assert is_torn(done, said) == (command in lie.torn), (command, said)
        if lie.fatal and command in TYPELESS and done.returncode == 0:
            # what is known of symbols alone is not cached
            assert not wrong(without(said, ("profile",)), without(
                lab.clean[command], ("profile",))), command
        elif lie.fatal and command == "vmlinux" and done.returncode == 0:
            # what stands on those types is left out
            assert len(said["notes"]) > len(lab.clean[command]["notes"])
        elif is_lost:
            assert done.returncode in (1, 4), command
        elif command in PROCESSES and not lie.everybody:
            # 1: with all that is sound, and a line on what is missing
            assert done.returncode in (0, 1), (command, done.stderr)
            clean = lab.clean[command]
            assert (others(said, about, lie.fields)
                    == others(clean, about, lie.fields))
            check_fields(said, clean, lie.fields)
        elif command in SYMBOLS and not lie.fatal and not (
                lie.everybody and done.returncode):
            assert without(said, lie.fields) == without(
                lab.clean[command], lie.fields), command
        tally("hostile", name, command, (
            "clear error" if not (said and said["rows"]) else
            "torn, and said so" if is_torn(done, said) else "shown"))


# What else looks at a guest, and the lies that it meets there.
LOOKS = {
    "modules": ("modules, cycle", "modules, unmapped",
                "module, name without NUL", "module, 4 GiB"),
    "modules zram": ("modules, unmapped", "module, name without NUL",
                     "module, 2^32 symbols"),
    "sym *[zram]": ("modules, unmapped", "module, names without end"),
    "type zram": ("modules, cycle", "btf, names"),
    "type task_struct": ("btf, structs in themselves", "btf, offsets",
                         "btf, lengths", "btf, typedefs of themselves"),
    "print list(modules,module,list).name": (
        "modules, cycle", "modules, unmapped"),
    "print list(init_task.tasks,task_struct,tasks).pid": (
        "task list, cycle", "task list, itself", "btf, typedefs of themselves"),
    "print task(1)->mm->pgd": ("pid table, cycle", "pid table, 2^20 tasks"),
    "print __per_cpu_start": ("number of CPUs",),
    "walk --explain PLACE": ("maple tree, deep", "mm, lengths",
                             "page tables, reserved bits"),
    "ptdump PID": ("page tables of themselves", "page tables, reserved bits",
                   "kernel tables of themselves"),
    "layout": ("kernel tables of themselves", "modules, cycle",
               "number of CPUs"),
    "convert PLACE": ("page tables, reserved bits", "pid table, cycle"),
    "whomaps PLACE": ("page tables of themselves", "pid table, 2^20 tasks",
                      "rb node in itself", "maple node in itself"),
    "page PLACE": ("page tables, reserved bits", "btf, structs in themselves"),
    "buddy": ("free list, itself",),
    "zones": ("number of CPUs", "free list, itself"),
    "nodes": ("btf, offsets",),
    "slab": ("slab caches, itself", "number of CPUs"),
    "vmalloc": ("areas of vmalloc, itself",),
}
MANAGERS = {
    "free list, itself": Lie(managers.free_list_self),
    "slab caches, itself": Lie(managers.slab_caches_self),
    "areas of vmalloc, itself": Lie(managers.vmap_areas_self),
}


def tells(said, clean, lie, look):
    """An answer without a note is what is there. Types are as the kernel says
    that they are; a name without end is one."""
    return (said["rows"] == clean["rows"] or said["notes"] != clean["notes"]
            or "NUL" in lie or (look.startswith("type") and "btf" in lie)
            or "is not whole" in json.dumps(said["rows"]))


@pytest.mark.any_kernel
@pytest.mark.parametrize("look", LOOKS)
def test_looks(lab, look, tally, tmp_path):
    """Each says so where it has anything else than what is there; all in one
    line where it fails, as text, too."""
    pid = str(lab.image.pid(VICTIM))
    args = tuple(look.replace("PLACE", lab.commands["walk"][1])
                 .replace("PID", pid).split())
    lab.server.tell("reset")
    clean = lab.run(args, "-J")[1]
    for name in LOOKS[look]:
        lie = {**LIES, **MANAGERS}[name]
        if lie.needs and not lab.image.has(*lie.needs):
            continue
        lab.tell(lie)
        cache = tmp_path / name if lie.fresh else None
        done, said = lab.run(args, "-J", cache=cache)
        if done.returncode == 0:
            assert tells(said, clean, name, look), (look, name)
        else:
            text, _ = lab.run(args, cache=cache)
            assert text.returncode == done.returncode
            check_error(text)
        tally("hostile", name, look.split()[0], (
            "clear error" if not (said and said["rows"]) else
            "torn, and said so" if is_torn(done, said) else "shown"))


def read_elf(path):
    """What binutils and gdb make of a file: nothing that ends them."""
    for command in (
            ["readelf", "-hlSsnW", path],
            ["readelf", "--debug-dump=abbrev,frames-interp", "-W", path],
            ["gdb", "-nx", "-batch", "-ex", "ptype /o struct task_struct",
             "-ex", "ptype init_task", "-ex", "info address schedule",
             "-ex", "info types ^mod", "-ex", "info scope do_exit", path]):
        done = subprocess.run(command, stdin=subprocess.DEVNULL, check=False,
                              capture_output=True, timeout=TIMEOUT)
        assert done.returncode == 0, (command, done.stderr[-2000:])
        assert b"internal-error" not in done.stderr, done.stderr[-2000:]


@pytest.mark.any_kernel
@pytest.mark.parametrize("name", TOLD)
def test_elf_of_lies(lab, name, tally, tmp_path):
    """Whoever reads the file gets to an end of it, or there is none."""
    lie = LIES[name]
    skip_without(lab, lie)
    lab.tell(lie)
    done, _ = lab.run(("vmlinux", "-o", str(tmp_path / "file")),
                      cache=tmp_path / "cache" if lie.fresh else None)
    assert (tmp_path / "file").exists() == (done.returncode == 0)
    if done.returncode == 0:
        read_elf(tmp_path / "file")
    tally("hostile", name, "ELF file", (
        "read" if done.returncode == 0 else "clear error"))


@pytest.mark.parametrize("command", ["maps", "maps --all"])
def test_unknown_name_maker(lab, command):
    """Who makes the name is told; nothing is damaged."""
    lab.tell(LIES["made-up name, unknown"])
    text, _ = lab.run(lab.commands[command])
    done, said = lab.run(lab.commands[command], "-J")
    note, = said["notes"]
    assert "vfs_read makes it, which qvmi does not know" in note
    assert note.encode() in text.stderr
    assert text.returncode == done.returncode == 0
    left_out = [row for row, clean in zip(
        said["rows"], lab.clean[command]["rows"], strict=True)
        if row != clean]
    assert left_out and note.startswith(f"maps: {len(left_out)} row")
    assert all(row["path"] is None and row["inode"] for row in left_out)


SPEAKING = [name for name in LIES if "escapes" in name or "NUL" in name]


@pytest.mark.parametrize("name", SPEAKING)
def test_terminal(lab, name, tally, tmp_path):
    """No control character of the guest's gets through, valid or not."""
    lie = LIES[name]
    skip_without(lab, lie)
    lab.tell(lie)
    for command, args in lab.commands.items():
        _, text = lab.qvmi.on_terminal(
            lab.qvmi.argv(lab.server, *args), timeout=TIMEOUT,
            env={"XDG_CACHE_HOME": str(tmp_path)} if lie.fresh else None)
        bad = {char for char in text.decode("utf-8")
               if unicodedata.category(char) in ("Cc", "Cf")} - set("\r\n\t")
        assert not bad, (command, text)
        tally("hostile", "terminal", command, "no control character")


# Profiles that a guest plants


def plant_member(image):
    """task_struct.comm, some bytes further on."""
    found = image.btf.find(image.btf.by_name["task_struct"], "comm")
    at = image.symbol("__start_BTF") + found[0] + 8
    image.poke(at, image.number(at, 4) + 8 * 8, 4)


def plant_symbol(image):
    """init_pid_ns in the place of another symbol: its offset in kallsyms."""
    tables, wanted = image.kallsyms(), image.symbol("init_pid_ns")
    for i in range(image.word(tables["num_syms"])):
        at = tables["offsets"] + 4 * i
        raw = image.word(at) - ((image.word(at) & 1 << 31) << 1)
        place = image.kernel(at)
        if wanted in (place + raw, image.symbol("_text") + raw,
                      image.symbol("_text") - 1 - raw):
            image.poke(place, raw ^ 0x40, 4)


PLANTS = {"member": plant_member, "symbol": plant_symbol}


@pytest.mark.parametrize("kind", PLANTS)
def test_planted_profile(lab, recorded, tmp_path, tally, kind):
    """A guest that is another one but for a few bytes comes first."""
    lab.server.tell("reset")
    PLANTS[kind](lab.image)
    assert lab.image.pokes
    lab.show_pokes()
    for source in ("guest", "cache"):  # it is believed of itself
        said = lab.run(("info",), "-J", cache=tmp_path)[1]
        assert said["stats"]["profile"] == source
    assert len(list((tmp_path / "qvmi").glob("*.qvmi"))) == 1
    honest = Stub(recorded)
    try:
        for source in ("guest", "cache"):
            said = json.loads(lab.qvmi(
                honest, "ps", "-J", "--stats",
                env={"XDG_CACHE_HOME": str(tmp_path)}).stdout)
            assert said["stats"]["profile"] == source
            assert said["rows"] == lab.clean["ps"]["rows"]
            honest.assert_unharmed()
    finally:
        honest.close()
    tally("hostile", "planted profile", kind, "not believed")


def test_profile_of_a_copy(lab, recorded, tmp_path):
    """The same guest somewhere else is read whole once, and then known."""
    lab.server.tell("reset")
    lab.run(("ps",), "-J", cache=tmp_path)
    copy = Stub(recorded)
    read = []
    try:
        for _ in range(2):
            said = json.loads(lab.qvmi(
                copy, "ps", "-J", "--stats",
                env={"XDG_CACHE_HOME": str(tmp_path)}).stdout)
            assert said["stats"]["profile"] == "cache"
            assert said["rows"] == lab.clean["ps"]["rows"]
            read.append(said["stats"]["read_bytes"])
    finally:
        copy.close()
        shutil.rmtree(tmp_path / "qvmi")
    assert read[0] > 4 << 20 and read[1] < 1 << 20


# Members that a reader cannot do without, and what is lost with it
LOSSES = {
    "task_struct.mm": ("processes", ("ps", "maps", "findpage")),
    "vm_area_struct.vm_file": ("VMAs", ("maps",)),
    "mm_struct.pgd": ("address spaces", ("maps", "findpage")),
    "inode.i_ino": ("files", ("maps",)),
    "printk_info.seq": ("the kernel's log", ()),
}


@pytest.mark.parametrize("member", LOSSES)
def test_member_is_lacking(lab, member, tmp_path):
    """What needs it names it; nothing else is lost."""
    reader, lost = LOSSES[member]
    lack = f"{reader} cannot be read: types of this kernel lack {member}\n"
    struct, name = member.split(".")
    place, *_ = lab.image.btf.find(lab.image.btf.by_name[struct], name)
    lab.server.tell("reset")
    lab.image.poke(lab.image.symbol("__start_BTF") + place, 0, 4)
    lab.show_pokes()
    for command in ("ps", "maps", "findpage", "read str"):
        done, said = lab.run(lab.commands[command], "-J", cache=tmp_path)
        if command in lost:
            assert done.returncode == 4, command
            assert done.stderr.endswith(f"qvmi: {lack}".encode())
        else:
            assert done.returncode == 0, (command, done.stderr)
            assert said["rows"] == lab.clean[command]["rows"], command
