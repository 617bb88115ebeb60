/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes what is compared with a dump of page tables: a file of JSON. */
#include "cli/ptdump.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ptdump_list l = {{0}}, none = {{0}};
	struct out out;
	size_t i;

	if (!ptdump_parse((const char *)data, size, &l, NULL)) {
		fuzz_require(l.list.n);
		for (i = 0; i < l.list.n; i++)
			fuzz_require(l.list.v[i].start <= l.list.v[i].last &&
				     (!i || l.list.v[i - 1].last <
						    l.list.v[i].start));
		out_init(&out, "ptdump", true, false);
		fuzz_require(!ptdump_show_diff(&l, &l, &out));
		out_deinit(&out);
		out_init(&out, "ptdump", true, false);
		fuzz_require(ptdump_show_diff(&none, &l, &out) <= l.list.n);
		out_deinit(&out);
	}
	vec_deinit(&l.list);
	return 0;
}
