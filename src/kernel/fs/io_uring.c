/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads rings of io_uring, and what nobody has taken from them. */
#include "kernel/fs/io_uring.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/stored.h"
#include "kernel/fs/io_uring_kept.h"
#include "kernel/fs/io_uring_polls.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_RINGS = WANTS_OF(READER_IO_URING),
	FIELD_FLAGS,
	FIELD_LOCK,
	FIELD_SQ_ENTRIES,
	FIELD_CQ_ENTRIES,
	FIELD_SQ_HEAD_CACHED,
	FIELD_CQ_TAIL_CACHED,
	FIELD_OVERFLOW,
	FIELD_CREDENTIALS,
	FIELD_TABLE,
	FIELD_TABLE_LOCKED,
	FIELD_HASH,
	FIELD_SUBMIT_REQS,
	FIELD_WORK_TIME,
	FIELD_NAPI_ENABLED,
	FIELD_NAPI_MODE,
	FIELD_NAPI_TIMEOUT,
	FIELD_NAPI_PREFER,
	FIELD_SQ_HEAD,
	FIELD_SQ_TAIL,
	FIELD_CQ_HEAD,
	FIELD_CQ_TAIL,
	FIELD_CQES,
	FIELD_IS_128
};

static const struct want want_table[] = {
	FIELD(RINGS, "io_ring_ctx", REQUIRED, "rings"),
	FIELD(FLAGS, "io_ring_ctx", REQUIRED, "flags"),
	FIELD(LOCK, "io_ring_ctx", REQUIRED, "uring_lock.owner"),
	FIELD(SQ_ENTRIES, "io_ring_ctx", REQUIRED, "sq_entries"),
	FIELD(CQ_ENTRIES, "io_ring_ctx", REQUIRED, "cq_entries"),
	FIELD(SQ_HEAD_CACHED, "io_ring_ctx", REQUIRED, "cached_sq_head"),
	FIELD(CQ_TAIL_CACHED, "io_ring_ctx", REQUIRED, "cached_cq_tail"),
	FIELD(OVERFLOW, "io_ring_ctx", REQUIRED, "cq_overflow_list"),
	FIELD(CREDENTIALS, "io_ring_ctx", REQUIRED, "personalities.xa_head"),
	FIELD(TABLE, "io_ring_ctx", OPTIONAL, "cancel_table.hbs"),
	FIELD(TABLE_LOCKED, "io_ring_ctx", OPTIONAL,
	      "cancel_table_locked.hbs"),		     /* 6.1, 6.12 */
	FIELD(HASH, "io_ring_ctx", OPTIONAL, "cancel_hash"), /* 5.10 */
	FIELD(SUBMIT_REQS, "io_submit_state", OPTIONAL, "reqs"),
	FIELD(WORK_TIME, "io_sq_data", OPTIONAL, "work_time"), /* 6.12 */
	FIELD(NAPI_ENABLED, "io_ring_ctx", OPTIONAL, "napi_enabled"),
	FIELD(NAPI_MODE, "io_ring_ctx", OPTIONAL, "napi_track_mode"),
	FIELD(NAPI_TIMEOUT, "io_ring_ctx", OPTIONAL, "napi_busy_poll_dt"),
	FIELD(NAPI_PREFER, "io_ring_ctx", OPTIONAL, "napi_prefer_busy_poll"),
	FIELD(SQ_HEAD, "io_rings", REQUIRED, "sq.head"),
	FIELD(SQ_TAIL, "io_rings", REQUIRED, "sq.tail"),
	FIELD(CQ_HEAD, "io_rings", REQUIRED, "cq.head"),
	FIELD(CQ_TAIL, "io_rings", REQUIRED, "cq.tail"),
	FIELD(CQES, "io_rings", REQUIRED, "cqes"),
	FIELD(IS_128, "io_issue_def", OPTIONAL, "is_128"), /* 7.2 */
};

const struct wants io_uring_wants = {.reader = "rings of io_uring",
				     .v = want_table,
				     .n = WANTS_N(want_table)};

/* include/uapi/linux/io_uring.h */
#define SETUP_SQPOLL	 (1u << 1)
#define SETUP_CQE32	 (1u << 11)
#define SETUP_NO_SQARRAY (1u << 16)
#define CQE_IS_32	 (1u << 15)
#define CQE_BYTES	 16u /* user_data, res, flags */

struct urings_work {
	struct kernel *k;
	const uint64_t *addrs;
	size_t n;
	struct io_urings *out;
	uint64_t *rings; /* of each */
	uint32_t *flags;
	bool old, later; /* forms that are known: 5.10; 6.1, 6.12, or 7.2 */
};

static bool uring_has(const struct kernel *k, uint32_t field)
{
	return profile_field(k->profile, field)->present;
}

static void urings_form(struct urings_work *w)
{
	struct io_urings *out = w->out;
	const struct kernel *k = w->k;

	out->rings = uring_has(k, FIELD_TABLE);
	out->times = uring_has(k, FIELD_WORK_TIME);
	out->own_flags = uring_has(k, FIELD_IS_128);
	w->old = !out->rings && uring_has(k, FIELD_HASH) &&
		 uring_has(k, FIELD_SUBMIT_REQS);
	w->later = out->rings &&
		   (uring_has(k, FIELD_TABLE_LOCKED) || out->own_flags);
	if (uring_has(k, FIELD_NAPI_MODE))
		out->napi = IO_URING_NAPI_TRACKING;
	else if (uring_has(k, FIELD_NAPI_ENABLED) &&
		 uring_has(k, FIELD_NAPI_TIMEOUT))
		out->napi = IO_URING_NAPI_SWITCH;
}

static const uint32_t ctx_fields[] = {
	FIELD_RINGS,	      FIELD_FLAGS,	FIELD_LOCK,
	FIELD_SQ_ENTRIES,     FIELD_CQ_ENTRIES, FIELD_SQ_HEAD_CACHED,
	FIELD_CQ_TAIL_CACHED, FIELD_OVERFLOW,	FIELD_CREDENTIALS,
	FIELD_NAPI_ENABLED,   FIELD_NAPI_MODE,	FIELD_NAPI_TIMEOUT,
	FIELD_NAPI_PREFER};

/* Whether it has nothing that is not told here, and is at rest: while it is
 * locked the kernel itself leaves out what it cannot see. */
static bool uring_is_plain(const struct urings_work *w, const struct records *r,
			   size_t i)
{
	uint64_t overflow =
		profile_field(w->k->profile, FIELD_OVERFLOW)->offset;
	const uint8_t *list = records_bytes(r, i, FIELD_OVERFLOW);

	return r->ok[i] && list && records_size(r, FIELD_OVERFLOW) >= 8 &&
	       le64(list) == w->addrs[i] + overflow &&
	       !records_u64(r, i, FIELD_LOCK) &&
	       !records_u64(r, i, FIELD_CREDENTIALS) &&
	       !(records_u64(r, i, FIELD_FLAGS) & SETUP_SQPOLL);
}

static int urings_read_own(struct urings_work *w, struct err *err)
{
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc = records_read(w->k, w->addrs, w->n, ctx_fields,
			      WANTS_N(ctx_fields), &r, err);

	for (i = 0; i < w->n && !rc; i++) {
		struct io_uring *u = &w->out->v[i];
		uint32_t mode = w->out->napi == IO_URING_NAPI_TRACKING
					? FIELD_NAPI_MODE
					: FIELD_NAPI_ENABLED;

		u->known = (w->old || w->later) && uring_is_plain(w, &r, i);
		u->sq_entries = (uint32_t)records_u64(&r, i, FIELD_SQ_ENTRIES);
		u->cq_entries = (uint32_t)records_u64(&r, i, FIELD_CQ_ENTRIES);
		u->sq_cached_head =
			(uint32_t)records_u64(&r, i, FIELD_SQ_HEAD_CACHED);
		u->cq_cached_tail =
			(uint32_t)records_u64(&r, i, FIELD_CQ_TAIL_CACHED);
		u->napi = (uint8_t)records_u64(&r, i, mode);
		u->napi_timeout = records_u64(&r, i, FIELD_NAPI_TIMEOUT);
		u->napi_preferred = records_u64(&r, i, FIELD_NAPI_PREFER);
		w->rings[i] = records_u64(&r, i, FIELD_RINGS);
		w->flags[i] = (uint32_t)records_u64(&r, i, FIELD_FLAGS);
	}
	return rc;
}

static int urings_read_rings(struct urings_work *w, struct err *err)
{
	static const uint32_t fields[] = {FIELD_SQ_HEAD, FIELD_SQ_TAIL,
					  FIELD_CQ_HEAD, FIELD_CQ_TAIL};
	_cleanup_(records_deinit) struct records r = {0};
	size_t i, left = IO_URING_PARTS_MAX_ALL;
	int rc = w->out->rings ? records_read(w->k, w->rings, w->n, fields,
					      WANTS_N(fields), &r, err)
			       : 0;

	for (i = 0; i < w->n && !rc && w->out->rings; i++) {
		struct io_uring *u = &w->out->v[i];
		bool unseen =
			w->flags[i] & SETUP_NO_SQARRAY && !w->out->own_flags;

		u->sq_head = (uint32_t)records_u64(&r, i, FIELD_SQ_HEAD);
		u->sq_tail = (uint32_t)records_u64(&r, i, FIELD_SQ_TAIL);
		u->cq_head = (uint32_t)records_u64(&r, i, FIELD_CQ_HEAD);
		u->cq_tail = (uint32_t)records_u64(&r, i, FIELD_CQ_TAIL);
		u->known &= r.ok[i] && (unseen || u->sq_head == u->sq_tail);
		u->n_done = u->cq_tail - u->cq_head;
		if (u->n_done > u->cq_entries)
			u->n_done = u->cq_entries;
		u->known &= !u->n_done ||
			    (u->n_done <= left && !(w->flags[i] & SETUP_CQE32));
		if (!u->known)
			u->n_done = 0;
		left -= u->n_done;
	}
	return rc;
}

/* Where completion j of a ring lies. */
static uint32_t uring_done_index(const struct io_uring *u, size_t j)
{
	return (u->cq_head + (uint32_t)j) & (u->cq_entries - 1);
}

static void urings_take_done(struct urings_work *w, const uint8_t *bytes,
			     const struct space_read *reads)
{
	size_t i, j, at = 0;

	for (i = 0; i < w->n; i++) {
		struct io_uring *u = &w->out->v[i];

		u->first_done = at;
		for (j = 0; j < u->n_done; j++, at++) {
			const uint8_t *own = bytes + at * CQE_BYTES;
			struct io_uring_done *d = &w->out->done[at];

			*d = (struct io_uring_done){
				.index = uring_done_index(u, j),
				.user_data = le64(own),
				.result = (int32_t)le32(own + 8),
				.flags = le32(own + 12)};
			/* longer ones stand among others in 7.2 */
			u->known &=
				reads[at].got == CQE_BYTES &&
				!(w->out->own_flags && d->flags & CQE_IS_32);
		}
	}
}

static int urings_read_done(struct urings_work *w, struct err *err)
{
	uint32_t cqes = profile_field(w->k->profile, FIELD_CQES)->offset;
	_cleanup_free_ struct space_read *reads = NULL;
	_cleanup_free_ uint8_t *bytes = NULL;
	size_t i, j, all = 0, at = 0;
	int rc;

	for (i = 0; i < w->n; i++)
		all += w->out->v[i].n_done;
	reads = calloc(all + 1, sizeof(*reads));
	bytes = calloc(all + 1, CQE_BYTES);
	w->out->done = calloc(all + 1, sizeof(*w->out->done));
	if (!reads || !bytes || !w->out->done)
		return err_nomem(err);
	for (i = 0; i < w->n; i++)
		for (j = 0; j < w->out->v[i].n_done; j++, at++)
			reads[at] = (struct space_read){
				.root = &w->k->root,
				.va = w->rings[i] + cqes +
				      (uint64_t)CQE_BYTES *
					      uring_done_index(&w->out->v[i],
							       j),
				.dst = bytes + at * CQE_BYTES,
				.len = CQE_BYTES};
	rc = all ? space_read(w->k->machine, reads, all, err) : 0;
	if (!rc)
		urings_take_done(w, bytes, reads);
	return rc;
}

int io_urings_read(struct kernel *k, const uint64_t *addrs, size_t n,
		   struct io_urings *out, struct err *err)
{
	_cleanup_free_ uint64_t *rings = calloc(n + 1, sizeof(*rings));
	_cleanup_free_ uint32_t *flags = calloc(n + 1, sizeof(*flags));
	struct urings_work w = {.k = k,
				.addrs = addrs,
				.n = n,
				.out = out,
				.rings = rings,
				.flags = flags};
	size_t i;
	int rc;

	*out = (struct io_urings){.v = calloc(n + 1, sizeof(*out->v))};
	if (!rings || !flags || !out->v)
		return err_nomem(err);
	urings_form(&w);
	rc = urings_read_own(&w, err);
	if (!rc)
		rc = urings_read_rings(&w, err);
	if (!rc)
		rc = urings_read_done(&w, err);
	if (!rc)
		rc = io_uring_kept_read(k, addrs, n, out, err);
	if (!rc)
		rc = io_uring_polls_read(k, addrs, n, out, err);
	for (i = 0; i < n && rc; i++)
		out->v[i].known = false;
	return rc;
}

void io_urings_deinit(struct io_urings *u)
{
	free(u->v);
	free(u->done);
	free(u->polls);
	free(u->files);
	file_infos_deinit(&u->infos);
	free(u->buffers);
	*u = (struct io_urings){0};
}
