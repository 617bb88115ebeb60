/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads descriptors of page faults, and counts the faults that wait. */
#include "kernel/fs/userfaultfd.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/limits.h"
#include "kernel/list.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_PENDING = WANTS_OF(READER_USERFAULTFD),
	FIELD_FAULTS,
	FIELD_FEATURES,
	FIELD_WRITEPROTECT,
	FIELD_CONTINUE,
	FIELD_POISON,
	FIELD_MOVE
};

static const struct want want_table[] = {
	FIELD(PENDING, "userfaultfd_ctx", REQUIRED, "fault_pending_wqh.head"),
	FIELD(FAULTS, "userfaultfd_ctx", REQUIRED, "fault_wqh.head"),
	FIELD(FEATURES, "userfaultfd_ctx", REQUIRED, "features"),
	FIELD(WRITEPROTECT, "uffdio_writeprotect", OPTIONAL, "range"), /* 5.7 */
	FIELD(CONTINUE, "uffdio_continue", OPTIONAL, "range"), /* 5.13 */
	FIELD(POISON, "uffdio_poison", OPTIONAL, "range"),     /* 6.6 */
	FIELD(MOVE, "uffdio_move", OPTIONAL, "dst"),	       /* 6.8 */
};

const struct wants userfaultfd_wants = {.reader = "descriptors of page faults",
					.v = want_table,
					.n = WANTS_N(want_table)};

/* REGISTER, UNREGISTER, WAKE, COPY, ZEROPAGE, and API. */
#define IOCTLS_ALWAYS (0x1fULL | 1ULL << 0x3f)

/* Others by the types that they take (include/uapi/linux/userfaultfd.h). */
static const struct {
	uint32_t field;
	unsigned int number;
} userfaultfd_ioctls[] = {
	{FIELD_MOVE, 5},
	{FIELD_WRITEPROTECT, 6},
	{FIELD_CONTINUE, 7},
	{FIELD_POISON, 8},
};

static uint64_t userfaultfd_api(const struct profile *p)
{
	uint64_t ioctls = IOCTLS_ALWAYS;
	size_t i;

	for (i = 0; i < WANTS_N(userfaultfd_ioctls); i++)
		if (profile_field(p, userfaultfd_ioctls[i].field)->present)
			ioctls |= 1ULL << userfaultfd_ioctls[i].number;
	return ioctls;
}

/* Of each those that have not been read, then those that have. */
struct fault_lists {
	size_t n;
	struct list *v;
};

static void fault_lists_deinit(struct fault_lists *l)
{
	size_t i;

	for (i = 0; i < l->n && l->v; i++)
		list_deinit(&l->v[i]);
	free(l->v);
}

static int fault_lists_read(struct kernel *k, const uint64_t *addrs,
			    struct fault_lists *l, struct err *err)
{
	static const uint32_t heads[] = {FIELD_PENDING, FIELD_FAULTS};
	size_t i;

	l->v = calloc(l->n + 1, sizeof(*l->v));
	if (!l->v)
		return err_nomem(err);
	for (i = 0; i < l->n; i++) {
		uint64_t at = addrs[i / 2];

		if (at)
			at += profile_field(k->profile, heads[i % 2])->offset;
		l->v[i] = (struct list){.head = at, .most = USERFAULTS_MAX_ALL};
	}
	return lists_read_within(k, l->v, l->n, USERFAULTS_MAX_ALL, err);
}

static bool fault_list_whole(const struct list *l)
{
	return l->head && !l->cut && !l->torn;
}

int userfaultfds_read(struct kernel *k, const uint64_t *addrs, size_t n,
		      struct userfaultfd *out, struct err *err)
{
	static const uint32_t features = FIELD_FEATURES;
	_cleanup_(fault_lists_deinit) struct fault_lists l = {.n = 2 * n};
	_cleanup_(records_deinit) struct records r = {0};
	uint64_t ioctls = userfaultfd_api(k->profile);
	size_t i;
	int rc;

	for (i = 0; i < n; i++)
		out[i] = (struct userfaultfd){0};
	rc = records_read(k, addrs, n, &features, 1, &r, err);
	if (!rc)
		rc = fault_lists_read(k, addrs, &l, err);
	for (i = 0; i < n && !rc; i++) {
		const struct list *pending = &l.v[2 * i];

		if (!r.ok[i] || !fault_list_whole(pending) ||
		    !fault_list_whole(pending + 1))
			continue;
		out[i] = (struct userfaultfd){
			.known = true,
			.pending = pending->links.n,
			.total = pending->links.n + pending[1].links.n,
			.features = (uint32_t)records_u64(&r, i, features),
			.ioctls = ioctls};
	}
	return rc;
}
