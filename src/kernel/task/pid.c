/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the numbers of struct pids. */
#include "kernel/task/pid.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/readers.h"

/* What is wanted of the types. */
enum {
	FIELD_PID_LEVEL = WANTS_OF(READER_PID),
	FIELD_PID_NUMBERS,
	FIELD_UPID_NR,
	FIELD_UPID_NS,
	STRUCT_UPID
};

static const struct want want_table[] = {
	FIELD(PID_LEVEL, "pid", OPTIONAL, "level"),
	FIELD(PID_NUMBERS, "pid", OPTIONAL, "numbers"),
	FIELD(UPID_NR, "upid", OPTIONAL, "nr"),
	FIELD(UPID_NS, "upid", OPTIONAL, "ns"),
	STRUCT(UPID, "upid", OPTIONAL),
};

const struct wants pid_wants = {
	.reader = "PIDs", .v = want_table, .n = WANTS_N(want_table)};

#define UPID_MAX 64u /* bytes; it has 16 */

struct pid_reading {
	struct kernel *k;
	const uint64_t *addrs;
	size_t n;
	uint32_t level, numbers, nr, ns, size; /* where they lie */
	uint8_t (*levels)[4];
	uint8_t *upids; /* a first one of each, or all others */
	struct space_read *reads;
};

static void pid_reading_deinit(struct pid_reading *r)
{
	free(r->levels);
	free(r->upids);
	free(r->reads);
}

/* Whether this kernel's types tell where all of it lies. */
static bool pid_reading_layout(struct pid_reading *r)
{
	static const uint32_t ids[] = {FIELD_PID_LEVEL, FIELD_PID_NUMBERS,
				       FIELD_UPID_NR, FIELD_UPID_NS};
	const struct profile *p = r->k->profile;
	uint32_t *const at[] = {&r->level, &r->numbers, &r->nr, &r->ns};
	bool there = true;
	size_t i;

	for (i = 0; i < WANTS_N(ids); i++) {
		there &= profile_field(p, ids[i])->present;
		*at[i] = profile_field(p, ids[i])->offset;
	}
	r->size = profile_sizeof(p, STRUCT_UPID);
	return there && r->size >= 12 && r->size <= UPID_MAX &&
	       r->nr <= r->size - 4 && r->ns <= r->size - 8;
}

static void pid_ask(struct pid_reading *r, size_t at, size_t i, uint32_t offset,
		    void *dst, size_t len)
{
	r->reads[at] = (struct space_read){
		.root = &r->k->root,
		.va = r->addrs[i] + offset,
		.dst = dst,
		.len = kernel_pointer(r->k, r->addrs[i]) ? len : 0};
}

static void pid_take(const struct pid_reading *r, size_t upid,
		     struct pid_number *out)
{
	out->nr = le32(r->upids + upid * r->size + r->nr);
	out->ns = le64(r->upids + upid * r->size + r->ns);
}

/* The level and the first number of each; *all is how many there are of all. */
static int pid_read_first(struct pid_reading *r, struct pids *out, size_t *all,
			  struct err *err)
{
	size_t i;
	int rc;

	for (i = 0; i < r->n; i++) {
		pid_ask(r, 2 * i, i, r->level, r->levels[i], 4);
		pid_ask(r, 2 * i + 1, i, r->numbers, r->upids + i * r->size,
			r->size);
	}
	rc = space_read(r->k->machine, r->reads, 2 * r->n, err);
	for (i = *all = 0; i < r->n && !rc; i++) {
		uint64_t level = le32(r->levels[i]);

		out->of[i].first = *all;
		if (r->reads[2 * i].got == 4 && level < PID_LEVELS_MAX &&
		    r->reads[2 * i + 1].got == r->size)
			out->of[i].n = (size_t)level + 1;
		*all += out->of[i].n;
	}
	return rc;
}

/* All numbers but the first of those that have more. */
static int pid_read_rest(struct pid_reading *r, size_t all, struct pids *out,
			 struct err *err)
{
	uint8_t *upids = calloc(all + 1, r->size);
	size_t i, level, at = 0, upid = 0;
	int rc;

	free(r->upids);
	r->upids = upids;
	if (!upids)
		return err_nomem(err);
	for (i = 0; i < r->n; i++) {
		size_t more = out->of[i].n ? out->of[i].n - 1 : 0;

		if (!more)
			continue;
		pid_ask(r, at++, i, r->numbers + r->size,
			upids + upid * r->size, more * r->size);
		upid += more;
	}
	rc = at ? space_read(r->k->machine, r->reads, at, err) : 0;
	for (i = at = upid = 0; i < r->n && !rc; i++) {
		struct pid_numbers *of = &out->of[i];
		size_t n = of->n;

		if (n < 2)
			continue;
		for (level = 1; level < n; level++)
			pid_take(r, upid++, &out->numbers[of->first + level]);
		if (r->reads[at].got < r->reads[at].len)
			of->n = 0;
		at++;
	}
	return rc;
}

int pids_read(struct kernel *k, const uint64_t *addrs, size_t n,
	      struct pids *out, struct err *err)
{
	_cleanup_(pid_reading_deinit) struct pid_reading r = {
		.k = k, .addrs = addrs, .n = n};
	size_t i, all;
	int rc;

	*out = (struct pids){.of = calloc(n + 1, sizeof(*out->of))};
	if (!out->of)
		return err_nomem(err);
	if (!pid_reading_layout(&r))
		return 0;
	r.levels = calloc(n + 1, sizeof(*r.levels));
	r.upids = calloc(n + 1, r.size);
	r.reads = calloc(2 * n + 1, sizeof(*r.reads));
	if (!r.levels || !r.upids || !r.reads)
		return err_nomem(err);
	rc = pid_read_first(&r, out, &all, err);
	if (rc)
		return rc;
	out->numbers = calloc(all + 1, sizeof(*out->numbers));
	if (!out->numbers)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		if (out->of[i].n)
			pid_take(&r, i, &out->numbers[out->of[i].first]);
	return pid_read_rest(&r, all, out, err);
}

void pids_deinit(struct pids *p)
{
	free(p->of);
	free(p->numbers);
}

uint32_t pids_first(const struct pids *p, size_t i)
{
	return p->of[i].n ? p->numbers[p->of[i].first].nr : 0;
}

uint32_t pids_in(const struct pids *p, size_t i, uint64_t ns, size_t level)
{
	const struct pid_number *number;

	if (level >= p->of[i].n)
		return 0;
	number = &p->numbers[p->of[i].first + level];
	return number->ns == ns ? number->nr : 0;
}
