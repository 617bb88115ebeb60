/* SPDX-License-Identifier: BSD-2-Clause */
/* A fake kernel with three modules, and code that it made itself. */
#ifndef TESTS_MODULE_KIT_H
#define TESTS_MODULE_KIT_H

#include <stddef.h>
#include <stdint.h>

#include "unit/fake_kernel.h"

/* The top of the address space shows the same memory: where code may be. */
#define CODE	    0xffffffff80000000ULL
#define MODULES	    (DIRECT + 0x100) /* the heads of lists */
#define BPF	    (DIRECT + 0x110)
#define TRAMPOLINES (DIRECT + 0x120)
#define BTFS	    (DIRECT + 0x130)
#define SLOTS	    (DIRECT + 0x140) /* a kprobe_insn_cache */
#define MODULE(n)   (DIRECT + 0x1000 + (n)*0x400ULL)
#define LINKS	    8
#define TABLE(n)    (MODULE(n) + 0x200) /* its mod_kallsyms */
#define TEXT(n)	    (CODE + 0x10000 + (n)*0x4000ULL)
#define DATA(n)	    (TEXT(n) + 0x2000)
#define MEMORY(n)   (DIRECT + 0x10000 + (n)*0x4000ULL) /* of TEXT(n) */
#define SYMTAB	    0x2000			       /* in there */
#define STRTAB	    0x2800
#define TYPETAB	    0x3400
#define EXPORTS	    0x3500
#define NAMES	    0x3600 /* of what it exports */
#define MODULES_N   3
#define OBJECT(n)   (DIRECT + 0x4000 + (n)*0x200ULL)
#define BTF_LINK(n) OBJECT(8 + (n))  /* its struct btf_module */
#define BTF(n)	    OBJECT(12 + (n)) /* ... and struct btf */
#define BLOB(n)	    (DIRECT + 0x60000 + (n)*0x1000ULL)

/*
 * Make it: modules "first", "second" and "third" with five, three and two
 * symbols, two BPF programs, an ftrace trampoline, a page of kprobes.
 */
void kit_modules_init(struct fake_kernel *f);

/* A ring of n links from its head on, each at an address. */
void kit_ring(struct fake_kernel *f, uint64_t head, const uint64_t *links,
	      size_t n);

/* Symbol i of a module: its value, and a name at a place of its strings. */
void kit_put_symbol(struct fake_kernel *f, unsigned int n, unsigned int i,
		    uint64_t value, uint32_t at, const char *name);
void kit_put_module(struct fake_kernel *f, unsigned int n, const char *name,
		    uint32_t n_symbols);

/*
 * The letters of a module's symbols, and what it exports: each with a value
 * and a name, in offsets of four bytes.
 */
struct kit_export {
	uint64_t value;
	const char *name;
};
void kit_put_letters(struct fake_kernel *f, unsigned int n, const char *letters,
		     const struct kit_export *exports, uint32_t n_exports);

/* The types of a module, which is one of btf_modules. */
void kit_put_btf(struct fake_kernel *f, unsigned int n, const void *blob,
		 size_t len, uint32_t start_id, uint32_t start_string);

#endif
