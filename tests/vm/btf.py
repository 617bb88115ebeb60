# SPDX-License-Identifier: BSD-2-Clause
"""BTF, read by other code than qvmi's; and C that holds a header against it.

include/uapi/linux/btf.h: docs/facts/kernel.md, "BTF" has it in short.
"""

import struct
from dataclasses import dataclass, field

(VOID, INT, PTR, ARRAY, STRUCT, UNION, ENUM, FWD, TYPEDEF, VOLATILE, CONST,
 RESTRICT, FUNC, FUNC_PROTO, VAR, DATASEC, FLOAT, DECL_TAG, TYPE_TAG,
 ENUM64) = range(20)
# Bytes behind a type's record, and for each of its elements.
BEHIND = {INT: 4, ARRAY: 12, VAR: 4, DECL_TAG: 4}
ELEMENT = {STRUCT: 12, UNION: 12, ENUM: 8, FUNC_PROTO: 8, DATASEC: 12,
           ENUM64: 12}
SKIPPED = (TYPEDEF, VOLATILE, CONST, RESTRICT, TYPE_TAG)
TAGS = {STRUCT: "struct", UNION: "union", ENUM: "enum", ENUM64: "enum"}


@dataclass
class Type:
    """A record: `size` is that of what has one, else the type it is about."""
    id: int
    kind: int
    name: str
    flag: bool
    size: int
    elements: list = field(default_factory=list)
    extra: tuple = ()


class Btf:
    """The types of a blob, or of a module's with its base."""

    def __init__(self, blob, base=None):
        self.types = list(base.types) if base else [
            Type(0, VOID, "void", False, 0)]
        self._base_strings = base.strings if base else b""
        (magic, _, _, header, type_off, type_len, str_off,
         str_len) = struct.unpack_from("<HBBIIIII", blob)
        assert magic == 0xeb9f
        strings = header + str_off
        self.strings = self._base_strings + blob[strings:strings + str_len]
        self._read(blob[header + type_off:header + type_off + type_len])

    def string(self, at):
        """The string at an offset."""
        return self.strings[at:self.strings.index(b"\0", at)].decode()

    def _read(self, data):
        at = 0
        while at < len(data):
            name, info, size = struct.unpack_from("<III", data, at)
            kind, count = info >> 24 & 0x1f, info & 0xffff
            at += 12
            behind = BEHIND.get(kind, 0)
            each = ELEMENT.get(kind, 0)
            extra = struct.unpack_from(f"<{behind // 4}I", data, at)
            at += behind
            elements = [struct.unpack_from(f"<{each // 4}I", data,
                                           at + i * each)
                        for i in range(count if each else 0)]
            at += each * len(elements)
            self.types.append(Type(len(self.types), kind, self.string(name),
                                   bool(info >> 31), size, elements, extra))

    def behind(self, number):
        """The type behind typedefs and qualifiers."""
        kind = self.types[number]
        while kind.kind in SKIPPED:
            kind = self.types[kind.size]
        return kind

    def size(self, number):
        """Size in bytes; None: it has none."""
        kind = self.behind(number)
        if kind.kind == PTR:
            return 8
        if kind.kind == ARRAY:
            elem = self.size(kind.extra[0])
            return None if elem is None else elem * kind.extra[2]
        if kind.kind in (INT, STRUCT, UNION, ENUM, ENUM64, FLOAT):
            return kind.size
        return None

    def members(self, kind, at=0):
        """(name, type, bit, bits) of all that can be named in a struct."""
        for name, number, where in kind.elements:
            bits = where >> 24 if kind.flag else 0
            bit = at + (where & 0xffffff if kind.flag else where)
            if name:
                yield self.string(name), number, bit, bits
            else:
                yield from self.members(self.behind(number), bit)

    def constants(self, kind):
        """(name, value) of an enum; unsigned where it may be either."""
        for name, low, *high in kind.elements:
            value = low | (high[0] << 32 if high else 0)
            width = 64 if high else 32
            if kind.flag and value >> (width - 1):
                value -= 1 << width
            yield self.string(name), value

    def c_names(self):
        """{id: how C calls it}: a second one of a name is name___2."""
        seen, names = {}, {}
        for kind in self.types[1:]:
            tag = TAGS.get(kind.kind)
            if not kind.name or not (tag and kind.elements or tag and
                                     kind.kind in (STRUCT, UNION) or
                                     kind.kind == TYPEDEF):
                continue
            key = (bool(tag), kind.name)
            seen[key] = seen.get(key, 0) + 1
            name = kind.name + (f"___{seen[key]}" if seen[key] > 1 else "")
            names[kind.id] = f"{tag} {name}" if tag else name
        return names


def c_asserts(btf):
    """C lines that compile where sizes, offsets and constants are BTF's."""
    names = btf.c_names()
    for number, name in names.items():
        kind = btf.types[number]
        if kind.kind == TYPEDEF:
            kind = btf.behind(number)
            if kind.name or kind.kind not in (STRUCT, UNION):
                continue
        yield f"_Static_assert(sizeof({name}) == {kind.size}, \"{name}\");"
        if kind.kind not in (STRUCT, UNION):
            continue
        for member, of, bit, bits in btf.members(kind):
            if bits:
                continue
            place = f"{name}, {member}"
            yield (f"_Static_assert(__builtin_offsetof({place}) == "
                   f"{bit // 8}, \"{place}\");")
            size = btf.size(of)
            if size is not None:
                yield (f"_Static_assert(sizeof((({name} *)0)->{member}) == "
                       f"{size}, \"{place}\");")


def c_bit_fields(btf):
    """A C program that fails where a bit field is not where BTF has it."""
    yield ("static int bad(const unsigned char *p, unsigned long n, "
           "unsigned long at, unsigned long bits)\n{\n"
           "\tunsigned long i;\n"
           "\tfor (i = 0; i < n * 8; i++)\n"
           "\t\tif ((p[i / 8] >> i % 8 & 1) != (i >= at && i < at + bits))\n"
           "\t\t\treturn 1;\n"
           "\treturn 0;\n}\n"
           "static void zero(unsigned char *p, unsigned long n)\n"
           "{\n\twhile (n--)\n\t\t*p++ = 0;\n}\n"
           "extern int puts(const char *);\n")
    calls = []
    for number, name in btf.c_names().items():
        kind = btf.types[number]
        if kind.kind == TYPEDEF:
            kind = btf.behind(number)
            if kind.name:
                continue
        if kind.kind not in (STRUCT, UNION):
            continue
        lines = [
            f"\tzero((void *)&s, sizeof(s));\n\ts.{member} = -1;\n"
            f"\tif (bad((void *)&s, sizeof(s), {bit}, {bits})) "
            f"{{ puts(\"{name}.{member}\"); r = 1; }}\n"
            for member, _, bit, bits in btf.members(kind) if bits]
        if lines:
            yield (f"static int f{number}(void)\n{{\n\tstatic {name} s;\n"
                   f"\tint r = 0;\n{''.join(lines)}\treturn r;\n}}\n")
            calls.append(f"f{number}()")
    yield f"int main(void)\n{{\n\treturn {' | '.join(calls or ['0'])};\n}}\n"
