/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes target descriptions: documents that include documents. */
#include <string.h>

#include "base/buf.h"
#include "fuzz/fuzz.h"
#include "gdbrsp/target_xml.h"
#include "qemu/survey.h"

/*
 * An input: documents one behind the other, each under a line "%% NAME".  The
 * one called target.xml is asked for first.
 */
#define MARK "%% "

/* The line that heads a document of that name, or NULL. */
static const char *find(const char *text, const char *annex)
{
	size_t len = strlen(annex);
	const char *s = text;

	while ((s = strstr(s, MARK))) {
		if ((s == text || s[-1] == '\n') &&
		    !strncmp(s + strlen(MARK), annex, len) &&
		    s[strlen(MARK) + len] == '\n')
			return s;
		s++;
	}
	return NULL;
}

static int fetch(void *ctx, const char *annex, struct buf *out, struct err *err)
{
	const char *head = find(ctx, annex), *start, *end;

	if (!head)
		return err_set(err, ERR_NO_GUEST, "no %s", annex);
	start = strchr(head, '\n') + 1;
	end = strstr(start - 1, "\n" MARK);
	buf_add(out, start, end ? (size_t)(end + 1 - start) : strlen(start));
	return 0;
}

/* Sizes and places add up, and a block of registers can be taken apart. */
static void check(const struct gdbrsp_target_desc *d)
{
	static const uint8_t g[608];
	struct vcpu vcpu = {.arch = &arch_x86_64};
	unsigned int offset = 0;
	size_t i;

	for (i = 0; i < d->regs.n; i++) {
		const struct gdbrsp_reg *r = &d->regs.v[i];

		fuzz_require(r->size && r->offset == offset);
		fuzz_require(!i || d->regs.v[i - 1].num <= r->num);
		fuzz_require(gdbrsp_target_desc_find(d, r->name));
		fuzz_require(offset + r->size > offset);
		offset += r->size;
	}
	qemu_survey_regs(d, g, sizeof(g), &vcpu, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gdbrsp_target_desc d = {0};
	char *text = fuzz_copy(data, size);
	struct err err = {0};
	int rc = gdbrsp_target_desc_load(&d, fetch, text, &err);

	if (!rc)
		check(&d);
	fuzz_require(rc <= 0 && (!rc || (*err.text && err.code == rc)));
	gdbrsp_target_desc_deinit(&d);
	free(text);
	return 0;
}
