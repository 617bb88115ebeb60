/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes the C header that is made of types: what comes out is C's text. */
#include <stdbool.h>
#include <string.h>

#include "export/header.h"
#include "fuzz/fuzz.h"

/* An input is a kernel's BTF. */

/* What is written, as far as it matters: brackets, and the last two bytes. */
struct seen {
	int64_t braces, brackets, comments;
	char last;
	size_t len;
};

static ssize_t take(void *cookie, const char *bytes, size_t n)
{
	struct seen *s = cookie;
	size_t i;

	for (i = 0; i < n; i++) {
		char c = bytes[i];

		fuzz_require((c >= ' ' && c <= '~') || c == '\n' || c == '\t');
		s->braces += (c == '{') - (c == '}');
		s->brackets += (c == '(') - (c == ')');
		s->comments += (s->last == '/' && c == '*') -
			       (s->last == '*' && c == '/');
		fuzz_require(s->comments == 0 || s->comments == 1);
		s->last = c;
	}
	s->len += n;
	return (ssize_t)n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const cookie_io_functions_t io = {.write = take};
	void *blob = fuzz_copy(data, size);
	struct portrait p = {.release = "6.1"};
	struct seen seen = {0};
	struct err err = {0};
	FILE *out = fopencookie(&seen, "w", io);
	int rc;

	fuzz_require(out && !vec_push(&p.types, {.btf = blob, .len = size}));
	rc = export_header(&p, out, &err);
	fclose(out);
	fuzz_require(!rc == !*err.text);
	fuzz_require(rc || (!seen.braces && !seen.brackets && !seen.comments));
	fuzz_require(rc || seen.len > 300);
	vec_deinit(&p.types);
	free(blob);
	return 0;
}
