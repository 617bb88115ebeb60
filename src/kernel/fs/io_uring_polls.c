/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads requests of io_uring that wait, from the tables that they are found in
 * when they are to be cancelled. */
#include "kernel/fs/io_uring_polls.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/stored.h"
#include "kernel/chain.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_TABLE = WANTS_OF(READER_IO_URING_POLLS),
	FIELD_TABLE_BITS,
	FIELD_HASH,
	FIELD_HASH_BITS,
	FIELD_LOCKED,
	FIELD_LOCKED_BITS,
	FIELD_BUCKET_LIST,
	FIELD_REQ_NODE,
	FIELD_REQ_OPCODE,
	FIELD_REQ_TASK,
	FIELD_REQ_TCTX,
	FIELD_TCTX_TASK,
	FIELD_TASK_WORKS,
	STRUCT_BUCKET
};

static const struct want want_table[] = {
	FIELD(TABLE, "io_ring_ctx", OPTIONAL, "cancel_table.hbs"),
	FIELD(TABLE_BITS, "io_ring_ctx", OPTIONAL, "cancel_table.hash_bits"),
	FIELD(HASH, "io_ring_ctx", OPTIONAL, "cancel_hash"), /* 5.10 */
	FIELD(HASH_BITS, "io_ring_ctx", OPTIONAL, "cancel_hash_bits"),
	FIELD(LOCKED, "io_ring_ctx", OPTIONAL, "cancel_table_locked.hbs"),
	FIELD(LOCKED_BITS, "io_ring_ctx", OPTIONAL,
	      "cancel_table_locked.hash_bits"),
	FIELD(BUCKET_LIST, "io_hash_bucket", OPTIONAL, "list"),
	FIELD(REQ_NODE, "io_kiocb", REQUIRED, "hash_node"),
	FIELD(REQ_OPCODE, "io_kiocb", REQUIRED, "opcode"),
	FIELD(REQ_TASK, "io_kiocb", OPTIONAL, "task"), /* up to 6.12 */
	FIELD(REQ_TCTX, "io_kiocb", OPTIONAL, "tctx"),
	FIELD(TCTX_TASK, "io_uring_task", OPTIONAL, "task"),
	FIELD(TASK_WORKS, "task_struct", REQUIRED, "task_works"),
	STRUCT(BUCKET, "io_hash_bucket", OPTIONAL),
};

const struct wants io_uring_polls_wants = {.reader = "requests of io_uring",
					   .v = want_table,
					   .n = WANTS_N(want_table)};

/* Two tables of each ring at most, of 2^bits buckets. */
struct poll_table {
	uint64_t at;
	size_t n; /* buckets; 0: none */
};

struct polls_work {
	struct kernel *k;
	size_t n;
	struct io_urings *out;
	struct poll_table *tables; /* 2 n of them */
	size_t stride, head;	   /* of a bucket, and where its list is */
	uint64_t *firsts;	   /* of all chains, as the kernel goes on */
	size_t n_firsts;
	size_t *ring; /* of these: whose they are */
};

static void polls_work_deinit(struct polls_work *w)
{
	free(w->tables);
	free(w->firsts);
	free(w->ring);
}

#define BITS_MAX 16u

/* What may be the tables of a ring: the first, or in its place the hash. */
static const struct {
	uint32_t at, bits;
	size_t which;
} poll_tables[] = {
	{FIELD_TABLE, FIELD_TABLE_BITS, 0},
	{FIELD_HASH, FIELD_HASH_BITS, 0},
	{FIELD_LOCKED, FIELD_LOCKED_BITS, 1},
};

static void polls_set_tables(struct polls_work *w, const struct records *r,
			     size_t i)
{
	struct io_uring *u = &w->out->v[i];
	size_t j;

	u->known &= r->ok[i];
	for (j = 0; j < WANTS_N(poll_tables); j++) {
		uint64_t bits = records_u64(r, i, poll_tables[j].bits);

		if (!records_have(r, poll_tables[j].at))
			continue;
		u->known &= bits <= BITS_MAX;
		if (u->known)
			w->tables[2 * i + poll_tables[j].which] =
				(struct poll_table){
					.at = records_u64(r, i,
							  poll_tables[j].at),
					.n = (size_t)1 << bits};
	}
}

static int polls_read_tables(struct polls_work *w, const uint64_t *addrs,
			     struct err *err)
{
	static const uint32_t fields[] = {FIELD_TABLE,	FIELD_TABLE_BITS,
					  FIELD_HASH,	FIELD_HASH_BITS,
					  FIELD_LOCKED, FIELD_LOCKED_BITS};
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc = records_read(w->k, addrs, w->n, fields, WANTS_N(fields), &r,
			      err);

	for (i = 0; i < w->n && !rc; i++) {
		struct poll_table *t = &w->tables[2 * i];
		struct io_uring *u = &w->out->v[i];

		polls_set_tables(w, &r, i);
		/* those of one are as many as those of the other */
		u->known &= t[0].n && (!t[1].n || t[0].n == t[1].n);
		if (t[0].n + t[1].n > IO_URING_PARTS_MAX_ALL - w->n_firsts)
			u->known = false;
		if (!u->known)
			t[0].n = t[1].n = 0;
		w->n_firsts += t[0].n + t[1].n;
	}
	return rc;
}

/* Chains of a ring: bucket by bucket, of the one table, then the other. */
static size_t polls_take_firsts(struct polls_work *w, size_t i, size_t at,
				uint8_t *const bytes[2])
{
	const struct poll_table *t = &w->tables[2 * i];
	size_t bucket, which;

	for (bucket = 0; bucket < t->n; bucket++)
		for (which = 0; which < 2; which++) {
			if (!t[which].n)
				continue;
			w->ring[at] = i;
			w->firsts[at++] = le64(bytes[which] +
					       bucket * w->stride + w->head);
		}
	return at;
}

static int polls_read_firsts(struct polls_work *w, struct err *err)
{
	_cleanup_free_ struct space_read *reads =
		calloc(2 * w->n + 1, sizeof(*reads));
	_cleanup_free_ uint8_t *bytes = calloc(w->n_firsts + 1, w->stride);
	uint8_t *to = bytes;
	size_t i, at = 0;
	int rc;

	w->firsts = calloc(w->n_firsts + 1, sizeof(*w->firsts));
	w->ring = calloc(w->n_firsts + 1, sizeof(*w->ring));
	if (!reads || !bytes || !w->firsts || !w->ring)
		return err_nomem(err);
	for (i = 0; i < 2 * w->n; i++) {
		reads[i] =
			(struct space_read){.root = &w->k->root,
					    .va = w->tables[i].at,
					    .dst = to,
					    .len = w->tables[i].n * w->stride};
		to += reads[i].len;
	}
	rc = space_read(w->k->machine, reads, 2 * w->n, err);
	for (i = 0; i < w->n && !rc; i++) {
		uint8_t *const of[] = {reads[2 * i].dst, reads[2 * i + 1].dst};

		w->out->v[i].known &=
			reads[2 * i].got == reads[2 * i].len &&
			reads[2 * i + 1].got == reads[2 * i + 1].len;
		at = polls_take_firsts(w, i, at, of);
	}
	return rc;
}

/* at[] are requests; then their tasks. */
static int polls_read_requests(struct polls_work *w, uint64_t *at, size_t n,
			       const struct chains *c, struct err *err)
{
	bool direct = profile_field(w->k->profile, FIELD_REQ_TASK)->present;
	const uint32_t fields[] = {FIELD_REQ_OPCODE,
				   direct ? FIELD_REQ_TASK : FIELD_REQ_TCTX};
	static const uint32_t tctx[] = {FIELD_TCTX_TASK};
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_(records_deinit) struct records more = {0};
	size_t i;
	int rc = records_read(w->k, at, n, fields, 2, &r, err);

	for (i = 0; i < n && !rc; i++) {
		struct io_uring *u = &w->out->v[w->ring[c->links.v[i].of]];

		u->known &= r.ok[i] && records_have(&r, fields[1]);
		w->out->polls[i].opcode =
			(uint8_t)records_u64(&r, i, FIELD_REQ_OPCODE);
		at[i] = records_u64(&r, i, fields[1]);
	}
	if (rc || direct)
		return rc;
	rc = records_read(w->k, at, n, tctx, 1, &more, err);
	for (i = 0; i < n && !rc; i++) {
		struct io_uring *u = &w->out->v[w->ring[c->links.v[i].of]];

		u->known &= more.ok[i] && records_have(&more, tctx[0]);
		at[i] = records_u64(&more, i, FIELD_TCTX_TASK);
	}
	return rc;
}

static int polls_read_works(struct polls_work *w, const uint64_t *tasks,
			    size_t n, const struct chains *c, struct err *err)
{
	static const uint32_t works[] = {FIELD_TASK_WORKS};
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc = records_read(w->k, tasks, n, works, 1, &r, err);

	for (i = 0; i < n && !rc; i++) {
		struct io_uring *u = &w->out->v[w->ring[c->links.v[i].of]];

		u->known &= r.ok[i];
		if (!u->n_polls++)
			u->first_poll = i;
		w->out->polls[i].task_works =
			records_u64(&r, i, FIELD_TASK_WORKS);
	}
	return rc;
}

/* What is torn is any of them. */
static int polls_follow(struct polls_work *w, struct err *err)
{
	const struct chain_kind kind = CHAIN_OF_LINKS(IO_URING_PARTS_MAX_ALL);
	uint32_t node = profile_field(w->k->profile, FIELD_REQ_NODE)->offset;
	_cleanup_(chains_deinit) struct chains c = {0};
	_cleanup_free_ uint64_t *at = NULL;
	size_t i;
	int rc = chains_read(w->k, w->firsts, w->n_firsts, &kind, &c, err);

	if (rc)
		return rc;
	for (i = 0; i < w->n && (c.torn_at || c.cut); i++)
		w->out->v[i].known = false;
	at = calloc(c.links.n + 1, sizeof(*at));
	w->out->polls = calloc(c.links.n + 1, sizeof(*w->out->polls));
	if (!at || !w->out->polls)
		return err_nomem(err);
	for (i = 0; i < c.links.n; i++)
		at[i] = c.links.v[i].at - node;
	rc = polls_read_requests(w, at, c.links.n, &c, err);
	return rc ? rc : polls_read_works(w, at, c.links.n, &c, err);
}

int io_uring_polls_read(struct kernel *k, const uint64_t *addrs, size_t n,
			struct io_urings *out, struct err *err)
{
	_cleanup_(polls_work_deinit) struct polls_work w = {
		.k = k,
		.n = n,
		.out = out,
		.tables = calloc(2 * n + 1, sizeof(*w.tables)),
		.stride = sizeof(uint64_t)};
	int rc;

	if (!w.tables)
		return err_nomem(err);
	if (out->rings) {
		w.stride = profile_sizeof(k->profile, STRUCT_BUCKET);
		w.head = profile_field(k->profile, FIELD_BUCKET_LIST)->offset;
		if (w.stride < w.head + sizeof(uint64_t))
			return profile_unknown(k->profile,
					       "how io_uring finds requests is "
					       "not known",
					       err);
	}
	rc = polls_read_tables(&w, addrs, err);
	if (!rc)
		rc = polls_read_firsts(&w, err);
	return rc ? rc : polls_follow(&w, err);
}
