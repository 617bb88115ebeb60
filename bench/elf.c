/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ELF file that debuggers take, as `qvmi vmlinux` writes it; where it goes
 * costs nothing, and the answer is how long it is.
 */
#include "bench.h"

#include <inttypes.h>
#include <stdio.h>

#include "export/elf.h"
#include "export/portrait.h"

static int elf_look(struct guest *g, void *state, struct err *err)
{
	return portrait_take(
		g->kernel, PORTRAIT_SYMBOLS | PORTRAIT_TYPES | PORTRAIT_UNWIND,
		state, err);
}

static ssize_t elf_count(void *cookie, const char *bytes, size_t n)
{
	uint64_t *len = cookie;

	(void)bytes;
	*len += n;
	return (ssize_t)n;
}

static int elf_tell(void *state, struct buf *out, struct err *err)
{
	const cookie_io_functions_t functions = {.write = elf_count};
	struct portrait *p = state;
	uint64_t len = 0;
	int rc = portrait_settle(p, err);
	FILE *to;

	if (rc)
		return rc;
	to = fopencookie(&len, "w", functions);
	if (!to)
		return err_nomem(err);
	rc = export_elf(p, to, err);
	if (fclose(to) && !rc)
		rc = err_sys(err, ERR_SYS, "ELF file");
	buf_printf(out, "%" PRIu64 "\n", len);
	return rc;
}

static void elf_deinit(void *state)
{
	portrait_deinit(state);
}

const struct operation bench_elf = {
	.name = "elf",
	.words = "",
	.needs_kernel = true,
	.parts = true,
	.state_size = sizeof(struct portrait),
	.look = elf_look,
	.tell = elf_tell,
	.deinit = elf_deinit,
};
