# SPDX-License-Identifier: BSD-2-Clause
"""The memory of a recorded guest, as the guest itself lays it out.

Places are found by name: symbols as qvmi has them, members by the kernel's own
BTF, addresses by its page tables. Changes are collected as pokes for the stub
server (tests/stub/image.h) and never reach the recording.
"""

import json
import mmap
import struct

PAGE = 4096
KIND_BYTES = {1: 4, 3: 12, 14: 4, 17: 4}
VLEN_BYTES = {4: 12, 5: 12, 6: 8, 13: 8, 15: 12, 19: 12}
STRUCTS = (4, 5)
MODIFIERS = (8, 9, 10, 11, 18)  # typedef, volatile, const...
G_CR3 = 204  # where cr3 stands in the `g` of i386-64bit.xml
ADDRESS = 0x000ffffffffff000


class Btf:
    """Types by number: (place in the blob, name, kind, vlen, size or type)."""

    def __init__(self, blob):
        self.blob = blob
        head, at, length, strings, _ = struct.unpack_from("<5I", blob, 4)
        self.strings = head + strings
        self.start = at = head + at
        self.types = [None]
        self.by_name = {}
        end = at + length
        while at < end:
            name, info, size = struct.unpack_from("<3I", blob, at)
            kind, vlen = info >> 24 & 31, info & 0xffff
            if kind in STRUCTS:
                self.by_name.setdefault(self.name(name), len(self.types))
            self.types.append((at, name, kind, vlen, size))
            at += 12 + KIND_BYTES.get(kind, VLEN_BYTES.get(kind, 0) * vlen)

    def name(self, at):
        """A string."""
        at += self.strings
        return self.blob[at:self.blob.index(b"\0", at)].decode()

    def members(self, number):
        """(place of the record, name, type, bit offset) of a struct."""
        at, _, kind, vlen, _ = self.types[number]
        flagged = self.blob[at + 7] & 0x80
        for i in range(vlen if kind in STRUCTS else 0):
            place = at + 12 + 12 * i
            name, of, bits = struct.unpack_from("<3I", self.blob, place)
            yield place, self.name(name), of, bits & (
                0xffffff if flagged else 0xffffffff)

    def find(self, number, name):
        """(place, type, byte offset) of a member, or None."""
        for place, own, of, bits in self.members(number):
            if own == name:
                return place, of, bits // 8
            inner = None if own else self.find(of, name)
            if inner:
                return inner[0], inner[1], bits // 8 + inner[2]
        return None

    def offset(self, name, path):
        """The offset of "a.b" in a struct; None: there is none."""
        number, total = self.by_name.get(name), 0
        for part in path.split("."):
            found = number and self.find(number, part)
            if not found:
                return None
            _, number, offset = found
            total += offset
            while self.types[number] and self.types[number][2] in MODIFIERS:
                number = self.types[number][4]
        return total


class Image:
    """A recording's memory, and what is to be changed in it."""

    def __init__(self, directory, ask):
        """ASK(command, ...) is the first row of a qvmi command, or None."""
        self.ask = ask
        self.labels = json.loads((directory / "labels").read_text())
        with open(directory / "ram", "rb") as file:
            self.ram = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        words = (directory / "vcpus").read_text().split()
        self.cr3 = int.from_bytes(bytes.fromhex(words[1])[
            G_CR3:G_CR3 + 8], "little") & ADDRESS
        self.symbols = {}
        start, stop = self.symbol("__start_BTF"), self.symbol("__stop_BTF")
        self.btf = Btf(self.read(start, stop - start))
        self.page_offset = int(ask("info")["page_offset"], 16)
        self.pokes = []
        self.runs, self.free = [], None

    def lists(self, name):
        """Whether this kernel has such a symbol."""
        if name not in self.symbols:
            row = self.ask("walk", name)
            self.symbols[name] = int(row["address"], 16) if row else None
        return self.symbols[name] is not None

    def symbol(self, name):
        """A symbol's address."""
        assert self.lists(name), f"no {name}"
        return self.symbols[name]

    def member(self, name, path):
        """A member's offset; the first of "a|b" that there is."""
        return next((offset for one in path.split("|") if (
            offset := self.btf.offset(name, one)) is not None), None)

    def has(self, name, path):
        """Whether this kernel has such a member."""
        return self.member(name, path) is not None

    def entry_at(self, va, root=None, stop=1):
        """Physical address of the entry of a level (1: pte), its value."""
        table = self.cr3 if root is None else root
        for level in (4, 3, 2, 1):
            at = table + (va >> 12 + 9 * (level - 1) & 511) * 8
            entry = struct.unpack_from("<Q", self.ram, at)[0]
            assert entry & 1, f"{va:#x} is not mapped"
            if level == stop or (level < 4 and entry & 0x80):
                return at, entry, level
            table = entry & ADDRESS
        raise AssertionError

    def physical(self, va):
        """Where a kernel address is."""
        _, entry, level = self.entry_at(va)
        mask = (1 << 12 + 9 * (level - 1)) - 1
        return (entry & ADDRESS & ~mask) | (va & mask)

    def read(self, va, length):
        """Kernel memory."""
        data = b""
        while length:
            pa, part = self.physical(va), min(length, PAGE - va % PAGE)
            data += self.ram[pa:pa + part]
            va, length = va + part, length - part
        return data

    def number(self, va, size=8):
        """A number in kernel memory."""
        return int.from_bytes(self.read(va, size), "little")

    def get(self, va, name, path):
        """A pointer, or another number of eight bytes, in a struct."""
        return self.number(va + self.member(name, path))

    def poke(self, va, value, size=8):
        """Change kernel memory: bytes, or a number."""
        if isinstance(value, int):
            value = (value & (1 << 8 * size) - 1).to_bytes(size, "little")
        while value:
            part = PAGE - va % PAGE
            self.poke_physical(self.physical(va), value[:part])
            va, value = va + part, value[part:]

    def poke_physical(self, pa, value):
        """Change memory by its physical address."""
        if isinstance(value, int):
            value = value.to_bytes(8, "little")
        self.pokes.append((pa, value))

    def put(self, va, value, name, path, size=8):
        """Change a member of a struct."""
        self.poke(va + self.member(name, path), value, size)

    def room(self, size):
        """Kernel address of so many bytes that nobody uses."""
        length = -(-size // PAGE) * PAGE
        if self.free is None:
            self.free = self.empty_runs()
        for run in self.free:
            if run[1] - run[0] >= length:
                run[0] += length
                return self.page_offset + run[0] - length
        raise AssertionError("no room in this recording")

    def empty_runs(self):
        """[[start, end]] of pages without any bytes, but for low memory."""
        if not self.runs:
            for at in range(16 << 20, len(self.ram), PAGE):
                if self.ram[at:at + PAGE].count(0) != PAGE:
                    continue
                if self.runs and self.runs[-1][1] == at:
                    self.runs[-1][1] += PAGE
                else:
                    self.runs.append([at, at + PAGE])
        return [list(run) for run in self.runs]

    def take_pokes(self):
        """All changes so far, as a file of pokes; they are forgotten."""
        text = b"".join(struct.pack("<QQ", pa, len(data)) + data
                        for pa, data in self.pokes)
        self.pokes, self.free = [], None
        return text

    def _token_table(self):
        """(table, index) by their content: an index leads to the digits."""
        digits = self.ram.find(b"".join(b"%d\0" % i for i in range(10)))
        while digits >= 0:
            for at in range(digits & ~3, digits + 2048, 4):
                index = struct.unpack_from("<256H", self.ram, at)
                table = digits - index[ord("0")]
                if not index[0] and list(index) == sorted(set(index)) and (
                        table + index[255] < at <= table + index[255] + 80):
                    return table, at
            digits = self.ram.find(b"0\x001\x002\0", digits + 1)
        raise AssertionError("no token table")

    def kallsyms(self):
        """Physical addresses of the tables of symbols (kallsyms.h): up to 6.3
        those of addresses lie in front of the others, from 6.4 on behind."""
        tables = dict(zip(("tokens", "index"), self._token_table()))
        base = self.ram.rfind(self.symbol("_text").to_bytes(8, "little"),
                              tables["tokens"] - (8 << 20), tables["tokens"])
        if self.lists("kallsyms_names"):
            tables |= {name: self.physical(self.symbol(f"kallsyms_{name}"))
                       for name in ("num_syms", "names", "markers",
                                    "offsets")}
            return tables
        count = self.word(base + 8)
        return {**tables, "num_syms": base + 8, "names": base + 16,
                "offsets": base - (4 * count + 7 & ~7)}

    def kernel(self, pa):
        """The address of a byte of the kernel's image."""
        return pa - self.physical(self.symbol("_text")) + self.symbol("_text")

    def word(self, pa):
        """Four bytes of physical memory."""
        return int.from_bytes(self.ram[pa:pa + 4], "little")

    def tasks(self):
        """{pid: address} of all processes, by the task list."""
        links = self.member("task_struct", "tasks")
        head = self.symbol("init_task")
        found, at = {}, self.number(head + links) - links
        while at != head:
            pid = self.number(at + self.member("task_struct", "pid"), 4)
            found[pid] = at
            at = self.number(at + links) - links
        return found

    def pid(self, label):
        """The process behind a label of the guest's."""
        return self.labels[label]["pid"]

    def task(self, label):
        """Its task_struct."""
        return self.tasks()[self.pid(label)]

    def mm(self, label):
        """Its mm_struct."""
        return self.get(self.task(label), "task_struct", "mm")
