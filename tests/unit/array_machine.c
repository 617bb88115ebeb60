/* SPDX-License-Identifier: BSD-2-Clause */
/* A machine whose memory is an array. */
#include "unit/array_machine.h"

#include <stdlib.h>
#include <string.h>

static int array_read(void *ctx, struct mem_read *reads, size_t n,
		      struct err *err)
{
	struct array_machine *a = ctx;
	size_t i;

	(void)err;
	a->calls++;
	for (i = 0; i < n; i++) {
		struct mem_read *r = &reads[i];

		a->reads++;
		a->read_bytes += r->len;
		if (r->pa + r->len > a->size)
			abort(); /* the machine let it past the RAM map */
		r->status = MEM_FAILED;
		if (r->pa < a->fail_to && r->pa + r->len > a->fail_from)
			continue;
		memcpy(r->dst, a->bytes + r->pa, r->len);
		r->status = MEM_OK;
	}
	return 0;
}

static int array_write(void *ctx, struct mem_write *writes, size_t n,
		       struct err *err)
{
	struct array_machine *a = ctx;
	int rc = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		struct mem_write *w = &writes[i];

		a->writes++;
		w->status = MEM_FAILED;
		if (w->pa < a->refuse_to && w->pa + w->len > a->refuse_from) {
			rc = err_set(err, ERR_PARTIAL, "0x%llx: refused",
				     (unsigned long long)w->pa);
			continue;
		}
		if (!a->drop_writes)
			memcpy(a->bytes + w->pa, w->src, w->len);
		w->status = MEM_OK;
	}
	return rc;
}

void array_machine_init(struct array_machine *a, size_t size)
{
	static const struct machine_ops ops = {.read = array_read,
					       .write = array_write};

	*a = (struct array_machine){.size = size};
	a->bytes = calloc(1, size);
	if (!a->bytes)
		abort();
	machine_init(&a->machine, &ops, a);
	a->machine.arch = &arch_x86_64;
	strcpy(a->machine.instance, "array");
	if (machine_add_ram(&a->machine, 0, size, "array", 0, NULL))
		abort();
}

void array_machine_deinit(struct array_machine *a)
{
	machine_deinit(&a->machine);
	free(a->bytes);
}

void array_put64(struct array_machine *a, uint64_t pa, uint64_t value)
{
	unsigned int i;

	for (i = 0; i < 8; i++)
		a->bytes[pa + i] = (uint8_t)(value >> 8 * i);
}

void array_put32(struct array_machine *a, uint64_t pa, uint32_t value)
{
	unsigned int i;

	for (i = 0; i < 4; i++)
		a->bytes[pa + i] = (uint8_t)(value >> 8 * i);
}
