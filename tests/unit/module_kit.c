/* SPDX-License-Identifier: BSD-2-Clause */
/* A fake kernel with three modules, and code that it made itself. */
#include "unit/module_kit.h"

#include <string.h>

/* Both halves of the top gigabytes: pud[510] and [511] lead to memory. */
static void map_code(struct fake_kernel *f)
{
	array_put64(&f->memory, 0xff000 + 511 * 8, 0xfd000 | 0x63);
	array_put64(&f->memory, 0xfd000 + 510 * 8, 0xe3);
}

void kit_ring(struct fake_kernel *f, uint64_t head, const uint64_t *links,
	      size_t n)
{
	uint64_t at = head;
	size_t i;

	for (i = 0; i <= n; i++) {
		uint64_t next = i < n ? links[i] : head;

		fake_put64(f, at, next);
		fake_put64(f, next + 8, at);
		at = next;
	}
}

void kit_put_symbol(struct fake_kernel *f, unsigned int n, unsigned int i,
		    uint64_t value, uint32_t at, const char *name)
{
	uint64_t sym = MEMORY(n) + SYMTAB + 24ULL * i;

	fake_put32(f, sym, at);
	fake_put32(f, sym + 4, 1u << 16); /* st_shndx */
	fake_put64(f, sym + 8, value);
	if (name)
		fake_puts(f, MEMORY(n) + STRTAB + at, name);
}

void kit_put_module(struct fake_kernel *f, unsigned int n, const char *name,
		    uint32_t n_symbols)
{
	fake_puts(f, MODULE(n) + 0x20, name);
	fake_put64(f, MODULE(n) + 0x100, TEXT(n));
	fake_put32(f, MODULE(n) + 0x108, 0x2000);
	fake_put64(f, MODULE(n) + 0x110, DATA(n));
	fake_put32(f, MODULE(n) + 0x118, 0x2000);
	fake_put64(f, MODULE(n) + 0x180, TABLE(n));
	fake_put64(f, TABLE(n), TEXT(n) + SYMTAB);
	fake_put32(f, TABLE(n) + 8, n_symbols);
	fake_put64(f, TABLE(n) + 16, TEXT(n) + STRTAB);
}

static void put_fields(void)
{
	fake_field("module.state", 0, 4);
	fake_field("module.list", LINKS, 16);
	fake_field("module.name", 0x20, 56);
	fake_field("module.mem", 0x100, 64);
	fake_field("module_memory.base", 0, 8);
	fake_field("module_memory.size", 8, 4);
	fake_sizeof("module_memory", 16);
	fake_constant("module_state.MODULE_STATE_UNFORMED", 3);
	fake_field("module.kallsyms", 0x180, 8);
	fake_field("mod_kallsyms.symtab", 0, 8);
	fake_field("mod_kallsyms.num_symtab", 8, 4);
	fake_field("mod_kallsyms.strtab", 16, 8);
	fake_constant("mod_mem_type.MOD_TEXT", 0);
	fake_field("mod_kallsyms.typetab", 24, 8);
	fake_field("module.syms", 0x190, 8);
	fake_field("module.num_syms", 0x198, 4);
	fake_field("kernel_symbol.value_offset", 0, 4);
	fake_field("kernel_symbol.name_offset", 4, 4);
	fake_sizeof("kernel_symbol", 12);
	fake_field("btf_module.list", 0, 16);
	fake_field("btf_module.module", 16, 8);
	fake_field("btf_module.btf", 24, 8);
	fake_field("btf.data", 0, 8);
	fake_field("btf.data_size", 8, 4);
	fake_field("btf.start_id", 12, 4);
	fake_field("btf.start_str_off", 16, 4);
	fake_field("bpf_ksym.lnode", 0x90, 16);
	fake_field("bpf_ksym.start", 0, 8);
	fake_field("bpf_ksym.end", 8, 8);
	fake_field("bpf_ksym.name", 16, 128);
	fake_field("ftrace_ops.list", 0x10, 16);
	fake_field("ftrace_ops.trampoline", 0x20, 8);
	fake_field("ftrace_ops.trampoline_size", 0x28, 8);
	fake_field("kprobe_insn_cache.pages", 0x10, 16);
	fake_field("kprobe_insn_cache.sym", 8, 8);
	fake_field("kprobe_insn_page.list", 0, 16);
	fake_field("kprobe_insn_page.insns", 16, 8);
}

/* Two BPF programs of one name, a trampoline, a page of slots. */
static void put_generated(struct fake_kernel *f)
{
	int i;

	for (i = 0; i < 2; i++) {
		fake_put64(f, OBJECT(i), CODE + 0x40000 + i * 0x100);
		fake_put64(f, OBJECT(i) + 8, CODE + 0x40040 + i * 0x100);
		fake_puts(f, OBJECT(i) + 16, "bpf_prog_1_x");
	}
	kit_ring(f, BPF, (uint64_t[]){OBJECT(0) + 0x90, OBJECT(1) + 0x90}, 2);
	fake_put64(f, OBJECT(2) + 0x20, CODE + 0x41000);
	fake_put64(f, OBJECT(2) + 0x28, 0x80);
	/* one that has none any more is not listed */
	kit_ring(f, TRAMPOLINES,
		 (uint64_t[]){OBJECT(3) + 0x10, OBJECT(2) + 0x10}, 2);
	fake_put64(f, OBJECT(4) + 16, CODE + 0x42000);
	fake_puts(f, DIRECT + 0x80, "kprobe_insn_page");
	fake_put64(f, SLOTS + 8, DIRECT + 0x80);
	kit_ring(f, SLOTS + 0x10, (uint64_t[]){OBJECT(4)}, 1);
}

static void put_symbols(struct fake_kernel *f)
{
	kit_put_module(f, 0, "first", 5);
	kit_put_symbol(f, 0, 0, 0, 0, "");
	kit_put_symbol(f, 0, 1, TEXT(0) + 0x10, 1, "__pfx_go");
	kit_put_symbol(f, 0, 2, TEXT(0) + 0x20, 10, "go");
	kit_put_symbol(f, 0, 3, TEXT(0) + 0x20, 13, "went");
	kit_put_symbol(f, 0, 4, DATA(0) + 0x10, 18, "both");
	kit_put_module(f, 1, "second", 3);
	kit_put_symbol(f, 1, 1, TEXT(1), 1, "both");
	kit_put_symbol(f, 1, 2, TEXT(1) + 0x80, 6, "in_image");
	kit_put_module(f, 2, "third", 2);
	kit_put_symbol(f, 2, 1, TEXT(2), 1, "part.cold.0");
}

void kit_modules_init(struct fake_kernel *f)
{
	uint64_t links[MODULES_N];
	unsigned int n;

	fake_kernel_init(f);
	map_code(f);
	put_fields();
	fake_symbol("modules", MODULES);
	fake_symbol("bpf_kallsyms", BPF);
	fake_symbol("ftrace_ops_trampoline_list", TRAMPOLINES);
	fake_symbol("kprobe_insn_slots", SLOTS);
	fake_symbol("in_image", CODE + 0x100);
	put_symbols(f);
	for (n = 0; n < MODULES_N; n++)
		links[n] = MODULE(n) + LINKS;
	kit_ring(f, MODULES, links, MODULES_N);
	put_generated(f);
}

void kit_put_letters(struct fake_kernel *f, unsigned int n, const char *letters,
		     const struct kit_export *exports, uint32_t n_exports)
{
	uint64_t at = MEMORY(n) + EXPORTS, name = MEMORY(n) + NAMES;
	uint32_t i;

	fake_puts(f, MEMORY(n) + TYPETAB, letters);
	fake_put64(f, TABLE(n) + 24, TEXT(n) + TYPETAB);
	fake_put64(f, MODULE(n) + 0x190, TEXT(n) + EXPORTS);
	fake_put32(f, MODULE(n) + 0x198, n_exports);
	for (i = 0; i < n_exports; i++, at += 12) {
		uint64_t va = at - MEMORY(n) + TEXT(n);

		fake_put32(f, at, (uint32_t)(exports[i].value - va));
		fake_put32(f, at + 4, (uint32_t)(name - (at + 4)));
		fake_puts(f, name, exports[i].name);
		name += strlen(exports[i].name) + 1;
	}
}

void kit_put_btf(struct fake_kernel *f, unsigned int n, const void *blob,
		 size_t len, uint32_t start_id, uint32_t start_string)
{
	uint64_t links[MODULES_N];
	unsigned int i;

	fake_put64(f, BTF_LINK(n) + 16, MODULE(n));
	fake_put64(f, BTF_LINK(n) + 24, BTF(n));
	fake_put64(f, BTF(n), BLOB(n));
	fake_put32(f, BTF(n) + 8, (uint32_t)len);
	fake_put32(f, BTF(n) + 12, start_id);
	fake_put32(f, BTF(n) + 16, start_string);
	memcpy(f->memory.bytes + (BLOB(n) - DIRECT), blob, len);
	for (i = 0; i <= n; i++)
		links[i] = BTF_LINK(i);
	kit_ring(f, BTFS, links, n + 1);
}
