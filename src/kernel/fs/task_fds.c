/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the descriptor tables of tasks. */
#include "kernel/fs/task_fds.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "walk/space.h"

/* What is wanted of the types. */
enum {
	FIELD_TASK_FILES = WANTS_OF(READER_TASK_FDS),
	FIELD_FILES_FDT,
	FIELD_FDT_MAX,
	FIELD_FDT_FD,
	FIELD_FDT_OPEN,
	FIELD_FDT_CLOSE_ON_EXEC
};

static const struct want want_table[] = {
	FIELD(TASK_FILES, "task_struct", OPTIONAL, "files"),
	FIELD(FILES_FDT, "files_struct", OPTIONAL, "fdt"),
	FIELD(FDT_MAX, "fdtable", OPTIONAL, "max_fds"),
	FIELD(FDT_FD, "fdtable", OPTIONAL, "fd"),
	FIELD(FDT_OPEN, "fdtable", OPTIONAL, "open_fds"),
	FIELD(FDT_CLOSE_ON_EXEC, "fdtable", OPTIONAL, "close_on_exec"),
};

const struct wants task_fds_wants = {
	.reader = "open files", .v = want_table, .n = WANTS_N(want_table)};

/* One task's table. */
struct table {
	uint64_t fd, open, close_on_exec;
	uint32_t max;
	size_t bytes;	/* of each bitmap */
	uint8_t *maps;	/* open_fds, then close_on_exec */
	uint8_t *files; /* pointers, up to the last that is open */
	size_t n;	/* of these */
};

struct reading {
	struct kernel *k;
	size_t n;
	struct task_fds *out;
	uint64_t *addrs;
	struct table *tables;
	struct space_read *reads; /* two for each */
};

static void task_fds_reading_deinit(struct reading *r)
{
	size_t i;

	for (i = 0; r->tables && i < r->n; i++) {
		free(r->tables[i].maps);
		free(r->tables[i].files);
	}
	free(r->tables);
	free(r->addrs);
	free(r->reads);
}

/* Follow a pointer of each object that there is: addrs[] become those. */
static int follow(struct reading *r, uint32_t field, struct err *err)
{
	_cleanup_(records_deinit) struct records rec = {0};
	size_t i;
	int rc = records_read(r->k, r->addrs, r->n, &field, 1, &rec, err);

	for (i = 0; i < r->n && !rc; i++) {
		if (r->addrs[i] && !records_have(&rec, field))
			r->out[i].state = TASK_FDS_UNKNOWN;
		else if (r->addrs[i] && !rec.ok[i])
			r->out[i].state = TASK_FDS_TORN;
		r->addrs[i] = records_u64(&rec, i, field);
	}
	return rc;
}

static int read_tables(struct reading *r, struct err *err)
{
	static const uint32_t fields[] = {FIELD_FDT_MAX, FIELD_FDT_FD,
					  FIELD_FDT_OPEN,
					  FIELD_FDT_CLOSE_ON_EXEC};
	_cleanup_(records_deinit) struct records rec = {0};
	size_t i, left = TASK_FDS_MAX_ALL;
	int rc = records_read(r->k, r->addrs, r->n, fields, 4, &rec, err);

	for (i = 0; i < r->n && !rc; i++) {
		struct table *t = &r->tables[i];

		if (!r->addrs[i])
			continue;
		if (!rec.ok[i]) {
			r->out[i].state = TASK_FDS_TORN;
			continue;
		}
		t->fd = records_u64(&rec, i, FIELD_FDT_FD);
		t->open = records_u64(&rec, i, FIELD_FDT_OPEN);
		t->close_on_exec =
			records_u64(&rec, i, FIELD_FDT_CLOSE_ON_EXEC);
		t->max = (uint32_t)records_u64(&rec, i, FIELD_FDT_MAX);
		if (t->max > left) {
			r->out[i].state = TASK_FDS_CUT;
			t->max = (uint32_t)left & ~63u;
		}
		left -= t->max;
		t->bytes = (t->max + 63) / 64 * 8;
	}
	return rc;
}

static int read_bitmaps(struct reading *r, struct err *err)
{
	size_t i, at = 0;
	int rc;

	for (i = 0; i < r->n; i++) {
		struct table *t = &r->tables[i];

		if (!t->bytes)
			continue;
		t->maps = calloc(2, t->bytes);
		if (!t->maps)
			return err_nomem(err);
		r->reads[at++] = (struct space_read){.root = &r->k->root,
						     .va = t->open,
						     .dst = t->maps,
						     .len = t->bytes};
		r->reads[at++] = (struct space_read){.root = &r->k->root,
						     .va = t->close_on_exec,
						     .dst = t->maps + t->bytes,
						     .len = t->bytes};
	}
	rc = space_read(r->k->machine, r->reads, at, err);
	for (i = at = 0; i < r->n && !rc; i++) {
		struct table *t = &r->tables[i];

		if (!t->bytes)
			continue;
		if (r->reads[at].got < t->bytes ||
		    r->reads[at + 1].got < t->bytes)
			r->out[i].state = TASK_FDS_TORN;
		at += 2;
	}
	return rc;
}

static bool task_fds_bit(const uint8_t *map, size_t i)
{
	return map[i / 8] >> i % 8 & 1;
}

/* The pointers up to the last open one. */
static int read_pointers(struct reading *r, struct err *err)
{
	size_t i, at = 0;
	int rc;

	for (i = 0; i < r->n; i++) {
		struct table *t = &r->tables[i];

		for (t->n = t->maps ? t->max : 0;
		     t->n && !task_fds_bit(t->maps, t->n - 1); t->n--)
			;
		if (!t->n)
			continue;
		t->files = calloc(t->n, 8);
		if (!t->files)
			return err_nomem(err);
		r->reads[at++] = (struct space_read){.root = &r->k->root,
						     .va = t->fd,
						     .dst = t->files,
						     .len = t->n * 8};
	}
	rc = space_read(r->k->machine, r->reads, at, err);
	for (i = at = 0; i < r->n && !rc; i++)
		if (r->tables[i].n && r->reads[at++].got < r->tables[i].n * 8)
			r->out[i].state = TASK_FDS_TORN;
	return rc;
}

/*
 * A descriptor is one whose pointer is there: a bit alone is a number that is
 * being opened (fs/file.c, alloc_fd()).
 */
static int collect(const struct table *t, struct task_fds *out)
{
	size_t fd;

	for (fd = 0; fd < t->n; fd++) {
		uint64_t file = le64(t->files + fd * 8);

		if (!file || !task_fds_bit(t->maps, fd))
			continue;
		if (vec_push(&out->v, {.fd = (uint32_t)fd,
				       .close_on_exec = task_fds_bit(
					       t->maps + t->bytes, fd),
				       .file = file}))
			return ERR_NOMEM;
	}
	return 0;
}

int task_fds_read(struct kernel *k, const struct task *tasks, size_t n,
		  struct task_fds *out, struct err *err)
{
	_cleanup_(task_fds_reading_deinit) struct reading r = {
		.k = k,
		.n = n,
		.out = out,
		.addrs = calloc(n + 1, sizeof(*r.addrs)),
		.tables = calloc(n + 1, sizeof(*r.tables)),
		.reads = calloc(2 * n + 1, sizeof(*r.reads))};
	size_t i;
	int rc;

	for (i = 0; i < n; i++)
		out[i] = (struct task_fds){0};
	if (!r.addrs || !r.tables || !r.reads)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		r.addrs[i] = tasks[i].addr;
	rc = follow(&r, FIELD_TASK_FILES, err);
	for (i = 0; i < n; i++)
		out[i].files = r.addrs[i];
	if (!rc)
		rc = follow(&r, FIELD_FILES_FDT, err);
	if (!rc)
		rc = read_tables(&r, err);
	if (!rc)
		rc = read_bitmaps(&r, err);
	if (!rc)
		rc = read_pointers(&r, err);
	for (i = 0; i < n && !rc; i++)
		if (collect(&r.tables[i], &out[i]))
			rc = err_nomem(err);
	return rc;
}

void task_fds_deinit(struct task_fds *f, size_t n)
{
	size_t i;

	for (i = 0; f && i < n; i++)
		vec_deinit(&f[i].v);
}
