/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes kernels as ELF files: their tables, their kallsyms, their types. */
#include "fuzz/fuzz.h"
#include "kernel/readers.h"
#include "profile/elf.h"

/* An input is a file. */

static void check_parts(const struct parts *p)
{
	uint64_t offset;

	fuzz_require(!p->sym.n || symtab_name(&p->sym, p->sym.n - 1));
	fuzz_require(!p->id.n || identity_valid(&p->id));
	fuzz_require(!p->have_values || wanted_valid(p->readers, &p->values));
	parts_symbol(p, "linux_banner", &offset);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct elf_image e;
	struct parts p = {.readers = &kernel_readers};
	struct err err = {0};
	int rc;

	if (elf_open(&e, data, size, &err)) {
		fuzz_require(*err.text);
		return 0;
	}
	rc = elf_parts(&e, &p, &err);
	fuzz_require(!rc || *err.text);
	if (!rc)
		check_parts(&p);
	parts_deinit(&p);
	elf_deinit(&e);
	return 0;
}
