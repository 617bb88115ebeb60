/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the numbers of struct pids. */
#include "kernel/pid.h"

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

struct reading {
	struct kernel *k;
	const uint64_t *addrs;
	size_t n;
	uint32_t level, numbers, nr, ns, size; /* where they lie */
	uint8_t (*levels)[4];
	uint8_t *upids; /* n times PID_LEVELS_MAX */
	struct space_read *reads;
};

static void pid_reading_deinit(struct reading *r)
{
	free(r->levels);
	free(r->upids);
	free(r->reads);
}

/* Whether this kernel's types tell where all of it lies. */
static bool pid_reading_layout(struct reading *r)
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

static void pid_ask(struct reading *r, size_t at, size_t i, uint32_t offset,
		    void *dst, size_t len)
{
	r->reads[at] = (struct space_read){
		.root = &r->k->root,
		.va = r->addrs[i] + offset,
		.dst = dst,
		.len = kernel_pointer(r->k, r->addrs[i]) ? len : 0};
}

static uint8_t *upids_of(const struct reading *r, size_t i)
{
	return r->upids + i * PID_LEVELS_MAX * r->size;
}

/* The level and the first number of each. */
static int pid_read_first(struct reading *r, struct pid_numbers *out,
			  struct err *err)
{
	size_t i;
	int rc;

	for (i = 0; i < r->n; i++) {
		pid_ask(r, 2 * i, i, r->level, r->levels[i], 4);
		pid_ask(r, 2 * i + 1, i, r->numbers, upids_of(r, i), r->size);
	}
	rc = space_read(r->k->machine, r->reads, 2 * r->n, err);
	for (i = 0; i < r->n && !rc; i++) {
		uint64_t level = le32(r->levels[i]);

		if (r->reads[2 * i].got == 4 && level < PID_LEVELS_MAX &&
		    r->reads[2 * i + 1].got == r->size)
			out[i].n = (size_t)level + 1;
	}
	return rc;
}

/* The others of those that have more. */
static int pid_read_rest(struct reading *r, struct pid_numbers *out,
			 struct err *err)
{
	size_t i, at = 0;
	int rc;

	for (i = 0; i < r->n; i++)
		if (out[i].n > 1)
			pid_ask(r, at++, i, r->numbers + r->size,
				upids_of(r, i) + r->size,
				(out[i].n - 1) * r->size);
	rc = at ? space_read(r->k->machine, r->reads, at, err) : 0;
	for (i = at = 0; i < r->n && !rc; i++) {
		if (out[i].n < 2)
			continue;
		if (r->reads[at].got < r->reads[at].len)
			out[i].n = 0;
		at++;
	}
	return rc;
}

int pids_read(struct kernel *k, const uint64_t *addrs, size_t n,
	      struct pid_numbers *out, struct err *err)
{
	_cleanup_(pid_reading_deinit) struct reading r = {
		.k = k, .addrs = addrs, .n = n};
	size_t i, level;
	int rc;

	for (i = 0; i < n; i++)
		out[i] = (struct pid_numbers){0};
	if (!pid_reading_layout(&r))
		return 0;
	r.levels = calloc(n + 1, sizeof(*r.levels));
	r.upids = calloc(n + 1, (size_t)PID_LEVELS_MAX * r.size);
	r.reads = calloc(2 * n + 1, sizeof(*r.reads));
	if (!r.levels || !r.upids || !r.reads)
		return err_nomem(err);
	rc = pid_read_first(&r, out, err);
	if (!rc)
		rc = pid_read_rest(&r, out, err);
	for (i = 0; i < n && !rc; i++)
		for (level = 0; level < out[i].n; level++) {
			const uint8_t *upid = upids_of(&r, i) + level * r.size;

			out[i].nr[level] = le32(upid + r.nr);
			out[i].ns[level] = le64(upid + r.ns);
		}
	return rc;
}

uint32_t pid_number_in(const struct pid_numbers *pid, uint64_t ns, size_t level)
{
	return level < pid->n && pid->ns[level] == ns ? pid->nr[level] : 0;
}
