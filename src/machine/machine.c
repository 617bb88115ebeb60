/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine itself: its RAM map, and writes that are read back. */
#include "machine/machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "machine/places.h"

void machine_init(struct machine *m, const struct machine_ops *ops, void *ctx)
{
	*m = (struct machine){.ops = ops, .ctx = ctx};
}

void machine_deinit(struct machine *m)
{
	machine_drop_cache(m);
	places_deinit(&m->places);
	vec_deinit(&m->ram);
	vec_deinit(&m->vcpus);
}

int machine_add_ram(struct machine *m, uint64_t start, uint64_t size,
		    const char *name, uint64_t offset, struct err *err)
{
	uint64_t first = (start + PAGE_SIZE_4K - 1) & ~(PAGE_SIZE_4K - 1ULL);
	uint64_t end = (start + size) & ~(PAGE_SIZE_4K - 1ULL);
	struct ram_range r = {.start = first,
			      .size = end - first,
			      .offset = offset + (first - start)};
	size_t at = m->ram.n;

	if (end <= first)
		return 0;
	while (at > 0 && m->ram.v[at - 1].start > first)
		at--;
	if ((at > 0 &&
	     m->ram.v[at - 1].start + m->ram.v[at - 1].size > first) ||
	    (at < m->ram.n && end > m->ram.v[at].start))
		return err_set(err, ERR_CORRUPT, "RAM ranges overlap at 0x%llx",
			       (unsigned long long)first);
	if (vec_reserve(&m->ram, 1))
		return err_nomem(err);
	snprintf(r.name, sizeof(r.name), "%s", name);
	memmove(&m->ram.v[at + 1], &m->ram.v[at], (m->ram.n - at) * sizeof(r));
	m->ram.v[at] = r;
	m->ram.n++;
	return 0;
}

/* The last range that starts at or before pa, or NULL. */
static const struct ram_range *range_at(const struct machine *m, uint64_t pa)
{
	size_t lo = 0, hi = m->ram.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (m->ram.v[mid].start <= pa)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? &m->ram.v[lo - 1] : NULL;
}

uint64_t ram_end(const struct ram_range *v, size_t n)
{
	return n ? v[n - 1].start + v[n - 1].size : 0;
}

const struct ram_range *machine_ram_at(const struct machine *m, uint64_t pa)
{
	const struct ram_range *r = range_at(m, pa);

	return r && pa - r->start < r->size ? r : NULL;
}

bool machine_is_ram(const struct machine *m, uint64_t pa, size_t len)
{
	const struct ram_range *r = range_at(m, pa);
	const struct ram_range *end = m->ram.v + m->ram.n;
	uint64_t next = pa;

	if (!r || pa + len < pa)
		return false;
	for (; r < end && r->start <= next; r++) {
		next = r->start + r->size;
		if (next >= pa + len)
			return pa < next || !len;
		if (next <= pa)
			return false;
	}
	return false;
}

/* What is there now, one piece behind the other in `back`. */
static int read_back(struct machine *m, const struct mem_write *writes,
		     size_t n, uint8_t *back, struct err *err)
{
	_cleanup_free_ struct mem_read *reads = calloc(n + 1, sizeof(*reads));
	size_t i, at = 0;
	int rc;

	if (!reads)
		return err_nomem(err);
	for (i = 0; i < n; i++) {
		reads[i] = (struct mem_read){.pa = writes[i].pa,
					     .dst = back + at,
					     .len = writes[i].len};
		at += writes[i].len;
	}
	rc = machine_read(m, reads, n, err);
	for (i = 0; !rc && i < n; i++)
		if (reads[i].status != MEM_OK)
			rc = err_set(err, ERR_PARTIAL,
				     "physical 0x%llx cannot be read back",
				     (unsigned long long)reads[i].pa);
	return rc;
}

/* Compare what was written with what is there; the first that differs. */
static int machine_check_back(struct machine *m, struct mem_write *writes,
			      size_t n, size_t len, struct err *err)
{
	_cleanup_free_ uint8_t *back = malloc(len + 1);
	const uint8_t *at = back;
	size_t i;
	int rc;

	if (!back)
		return err_nomem(err);
	rc = read_back(m, writes, n, back, err);
	for (i = 0; i < n; at += writes[i].len, i++) {
		if (!rc && !memcmp(at, writes[i].src, writes[i].len))
			continue;
		writes[i].status = MEM_FAILED;
		if (!rc)
			rc = err_set(err, ERR_PARTIAL,
				     "physical 0x%llx: %zu bytes were written, "
				     "but others are read back",
				     (unsigned long long)writes[i].pa,
				     writes[i].len);
	}
	return rc;
}

int machine_write(struct machine *m, struct mem_write *writes, size_t n,
		  struct err *err)
{
	size_t i, len = 0;
	int rc;

	if (!m->ops->write)
		return err_set(err, ERR_REFUSED,
			       "this memory cannot be written to");
	for (i = 0; i < n; i++) {
		if (!machine_is_ram(m, writes[i].pa, writes[i].len))
			return err_set(err, ERR_REFUSED,
				       "physical 0x%llx: not RAM",
				       (unsigned long long)writes[i].pa);
		writes[i].status = MEM_PENDING;
		len += writes[i].len;
	}
	machine_drop_cache(m);
	rc = m->ops->write(m->ctx, writes, n, err);
	return rc ? rc : machine_check_back(m, writes, n, len, err);
}
