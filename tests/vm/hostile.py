# SPDX-License-Identifier: BSD-2-Clause
"""Lies that a guest's memory can tell, made in the memory of a recorded guest.

LIES is the table: each function changes an Image. What it returns is the
processes that the lie is about, by their labels: all others must be shown as
they are without it. Its row in the table says what must be said of it.
"""

import dataclasses
import typing

import lies_kernel as kernel
import lies_memory as memory
import lies_modules as modules
import lies_tasks as tasks


@dataclasses.dataclass
class Lie:
    """make     changes an Image; returns the labels of processes it is about
    torn        commands that must say that something is torn, and no others;
                None: that depends on where this kernel has things
    fatal       whether no kernel can be understood any more
    needs       ("struct", "member") that this kernel must have
    fresh       the profile is made from this memory, so no cache is used
    everybody   it is about no process more than another: none is compared
    fields      of these each may be as without the lie, or not be there
    """

    make: typing.Callable
    torn: tuple | None = ()
    fatal: bool = False
    needs: tuple = ()
    fresh: bool = False
    everybody: bool = False
    fields: tuple = ()


TASKS = ("ps", "ps -t", "ps --tree", "maps --all", "listvma")
VMAS = ("maps --all", "maps", "listvma")
PATHS = ("maps --all", "maps")
PLACES = ("findpage", "walk", "read")
LISTS = ("walk module", "read generated", "vmlinux")
TABLES = ("read generated", "vmlinux")
IDR = ("xa_node", "slots")
MAPLE = ("mm_struct", "mm_mt.ma_root")
RB = ("mm_struct", "mm_rb.rb_node")
LIES = {
    "pid table, cycle": Lie(tasks.pid_table_cycle, torn=TASKS, needs=IDR),
    "pid table, node twice": Lie(tasks.pid_table_twice, torn=TASKS, needs=IDR),
    "pid table, unmapped node": Lie(
        tasks.pid_table_unmapped, torn=TASKS, needs=IDR),
    "pid table, unmapped pid": Lie(
        tasks.pid_entry_unmapped, torn=TASKS + PLACES + ("maps",), needs=IDR),
    "pid table, 2^20 tasks": Lie(
        tasks.million_tasks, torn=TASKS + PLACES + ("maps",), needs=IDR,
        everybody=True),
    "task list alone": Lie(tasks.task_list_only, fresh=True),
    "task list, cycle": Lie(tasks.task_list_cycle, torn=TASKS, fresh=True),
    "task list, itself": Lie(
        tasks.task_list_self, torn=TASKS + PLACES + ("maps",), fresh=True),
    "task list, unmapped": Lie(
        tasks.task_list_unmapped, torn=TASKS, fresh=True),
    "thread list, itself": Lie(
        tasks.thread_list_self, torn=("ps -t",), fresh=True),
    "maple node in itself": Lie(memory.maple_self, torn=VMAS, needs=MAPLE),
    "maple node, 16 times in itself": Lie(
        memory.maple_two_selves, torn=VMAS, needs=MAPLE),
    "maple tree, deep": Lie(memory.maple_deep, torn=VMAS, needs=MAPLE),
    "maple tree, unmapped": Lie(memory.maple_unmapped, torn=VMAS, needs=MAPLE),
    "rb node in itself": Lie(memory.rb_self, torn=VMAS, needs=RB),
    "rb tree, deep": Lie(memory.rb_deep, torn=VMAS, needs=RB),
    "rb tree, unmapped": Lie(memory.rb_unmapped, torn=VMAS, needs=RB),
    "vma, backwards": Lie(memory.vma_backwards, torn=VMAS),
    "mm, lengths": Lie(memory.mm_lengths),
    "page tables of themselves": Lie(memory.tables_of_themselves, torn=None),
    "page tables, reserved bits": Lie(memory.tables_reserved, torn=PLACES),
    "kernel tables of themselves": Lie(memory.kernel_tables_self, fatal=True),
    "dentry, cycle": Lie(memory.dentry_cycle, torn=PATHS),
    "dentry, without end": Lie(memory.dentry_without_end, torn=PATHS),
    "dentry, length": Lie(memory.dentry_lengths, torn=PATHS),
    "dentry, unmapped name": Lie(memory.dentry_name_unmapped, torn=PATHS),
    "dentry, escapes": Lie(memory.dentry_escapes),
    "made-up name, unknown": Lie(memory.name_maker_unknown),
    "made-up name, unmapped": Lie(
        memory.dma_buf_unmapped, torn=PATHS, needs=("dma_buf", "name")),
    "mount, cycle": Lie(memory.mount_cycle, torn=PATHS),
    "comm without NUL": Lie(tasks.comm_without_nul),
    "comm, escapes": Lie(tasks.comm_escapes),
    "anonymous name, escapes": Lie(
        memory.anon_name_escapes, needs=("vm_area_struct", "anon_name")),
    "release, escapes": Lie(kernel.release_escapes),
    "banner, escapes": Lie(kernel.banner_escapes, fresh=True),
    "number of CPUs": Lie(tasks.many_cpus, torn=("info",), fields=("rss",)),
    "kallsyms, tokens in a loop": Lie(
        kernel.token_loops, fatal=True, fresh=True),
    "kallsyms, tokens outside": Lie(
        kernel.token_lengths, fatal=True, fresh=True),
    "kallsyms, overlong names": Lie(
        kernel.names_overlong, fatal=True, fresh=True),
    "kallsyms, 2^32 names": Lie(kernel.names_too_many, fatal=True, fresh=True),
    "kallsyms, overlong token": Lie(
        kernel.token_overlong, fatal=True, fresh=True),
    "kallsyms, empty names": Lie(
        kernel.names_without_end, fatal=True, fresh=True),
    "modules, cycle": Lie(modules.list_cycle, torn=LISTS),
    "modules, unmapped": Lie(modules.list_unmapped, torn=LISTS),
    "modules, 2^20": Lie(modules.list_million, torn=LISTS, fields=("symbol",)),
    "module, name without NUL": Lie(modules.name_without_nul),
    "module, escapes": Lie(modules.name_escapes, fields=("symbol",)),
    "module, symbols elsewhere": Lie(modules.symbols_elsewhere, torn=LISTS),
    "module, 2^32 symbols": Lie(modules.symbols_many, torn=LISTS),
    "module, names elsewhere": Lie(modules.names_elsewhere, torn=TABLES),
    "module, names without end": Lie(modules.names_without_end, torn=TABLES),
    "module, 4 GiB": Lie(modules.size_wraps, torn=LISTS),
    "bpf, ends first": Lie(modules.bpf_ends_first, torn=LISTS),
    "ftrace, itself": Lie(modules.trampoline_self, torn=LISTS),
    "btf, structs in themselves": Lie(kernel.btf_anonymous_cycle, fatal=True,
                                      fresh=True),
    "btf, typedefs of themselves": Lie(
        kernel.btf_typedef_cycle, torn=None, fresh=True, everybody=True),
    "btf, offsets": Lie(kernel.btf_offsets, fatal=True, fresh=True),
    "btf, names": Lie(kernel.btf_names, fatal=True, fresh=True),
    "btf, member count": Lie(kernel.btf_count, fatal=True, fresh=True),
    "btf, lengths": Lie(kernel.btf_lengths, fatal=True, fresh=True),
}
