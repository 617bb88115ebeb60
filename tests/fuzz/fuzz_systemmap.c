/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes System.map files. */
#include <string.h>

#include "fuzz/fuzz.h"
#include "kernel/readers.h"
#include "profile/systemmap.h"

/* An input is a file. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parts p = {.readers = &kernel_readers};
	struct err err = {0};
	uint32_t i;
	int rc;

	systemmap_is(data, size);
	rc = systemmap_parts(data, size, &p, &err);
	fuzz_require(!rc || *err.text);
	if (!rc)
		fuzz_require(p.sym.n > p.sym.n_absolute &&
			     p.link_text >> 31 == 0x1ffffffff);
	for (i = 0; !rc && i < p.sym.n; i++)
		fuzz_require(strlen(symtab_name(&p.sym, i)) <= SYMTAB_MAX_NAME);
	parts_deinit(&p);
	return 0;
}
