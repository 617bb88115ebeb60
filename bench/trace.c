/* SPDX-License-Identifier: BSD-2-Clause */
/* Records what is read of a machine, and keeps it in a file. */
#include "bench.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

void trace_deinit(struct trace *t)
{
	vec_deinit(&t->pieces);
	vec_deinit(&t->ends);
}

int trace_add(struct trace *t, uint64_t pa, uint64_t len)
{
	size_t first = t->ends.n ? t->ends.v[t->ends.n - 1] : 0;
	struct trace_piece *last;

	if (t->pieces.n > first) {
		last = &t->pieces.v[t->pieces.n - 1];
		if (last->pa + last->len == pa) {
			last->len += len;
			return 0;
		}
	}
	return vec_push(&t->pieces, {pa, len});
}

int trace_end(struct trace *t)
{
	return vec_push(&t->ends, t->pieces.n);
}

static void close_file(FILE **f)
{
	if (*f)
		fclose(*f);
}

/* Two counts, then the ends of the batches, then the pieces. */
int trace_save(const struct trace *t, const char *path, struct err *err)
{
	_cleanup_(close_file) FILE *f = fopen(path, "w");
	uint64_t head[2] = {t->ends.n, t->pieces.n};

	if (!f || fwrite(head, sizeof(head), 1, f) != 1 ||
	    fwrite(t->ends.v, sizeof(*t->ends.v), head[0], f) != head[0] ||
	    fwrite(t->pieces.v, sizeof(*t->pieces.v), head[1], f) != head[1] ||
	    fflush(f))
		return err_sys(err, ERR_SYS, "cannot write %s", path);
	return 0;
}

int trace_load(struct trace *t, const char *path, struct err *err)
{
	_cleanup_(close_file) FILE *f = fopen(path, "r");
	uint64_t head[2];

	if (!f)
		return err_sys(err, ERR_SYS, "cannot open %s", path);
	if (fread(head, sizeof(head), 1, f) != 1)
		return err_set(err, ERR_CORRUPT, "%s is no trace", path);
	if (vec_reserve(&t->ends, head[0]) || vec_reserve(&t->pieces, head[1]))
		return err_nomem(err);
	t->ends.n = fread(t->ends.v, sizeof(*t->ends.v), head[0], f);
	t->pieces.n = fread(t->pieces.v, sizeof(*t->pieces.v), head[1], f);
	if (t->ends.n != head[0] || t->pieces.n != head[1])
		return err_set(err, ERR_CORRUPT, "%s is cut off", path);
	return 0;
}

static int record(void *ctx, struct mem_read *reads, size_t n, struct err *err)
{
	struct recorder *r = ctx;
	size_t i;

	for (i = 0; i < n; i++)
		if (trace_add(&r->trace, reads[i].pa, reads[i].len))
			return err_nomem(err);
	if (trace_end(&r->trace))
		return err_nomem(err);
	return r->ops->read(r->ctx, reads, n, err);
}

static int pass_write(void *ctx, struct mem_write *writes, size_t n,
		      struct err *err)
{
	struct recorder *r = ctx;

	return r->ops->write(r->ctx, writes, n, err);
}

static const struct machine_ops recorder_ops = {
	.read = record,
	.write = pass_write,
};

void recorder_start(struct recorder *r, struct machine *m)
{
	r->ops = m->ops;
	r->ctx = m->ctx;
	m->ops = &recorder_ops;
	m->ctx = r;
}
