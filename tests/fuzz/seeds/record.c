/* SPDX-License-Identifier: BSD-2-Clause */
/* Records a guest as an image (image.h), and makes seeds of what it holds. */
#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/map.h"
#include "fuzz/image.h"
#include "fuzz/seeds/cut.h"
#include "fuzz/seeds/seed.h"
#include "kernel/idr.h"
#include "kernel/readers.h"
#include "machine/cache.h"
#include "profile/store.h"
#include "qemu/qemu.h"

#define TASKS 64  /* that can be chosen */
#define KEPT  16u /* PIDs up to this are kernel threads, and stay */

struct line {
	uint64_t number; /* physical address / CACHE_LINE */
	uint8_t bytes[CACHE_LINE];
};

/*
 * A provider of memory that notes which lines pass through it.  Pointers to be
 * hidden read as zero, so that what they lead to is not read.
 */
struct recorder {
	const struct machine_ops *ops;
	void *ctx;
	struct map hidden, seen;
	VEC(struct line) lines;
};

static void check(int rc, const struct err *err)
{
	if (!rc)
		return;
	fprintf(stderr, "record: %s\n", err->text);
	exit(1);
}

static void note(struct recorder *r, const struct mem_read *read)
{
	const uint8_t *from = read->dst;
	size_t at;

	/* What goes by the cache is whole lines. */
	for (at = 0; at + CACHE_LINE <= read->len; at += CACHE_LINE) {
		struct line l = {.number = (read->pa + at) / CACHE_LINE};

		memcpy(l.bytes, from + at, CACHE_LINE);
		if (map_get(&r->seen, l.number, NULL))
			continue;
		if (map_put(&r->seen, l.number, 0) || vec_push(&r->lines, l))
			abort();
	}
}

static void hide(const struct recorder *r, struct mem_read *read)
{
	uint8_t *p = read->dst;
	size_t at;

	for (at = 0; at + 8 <= read->len; at += 8)
		if (map_get(&r->hidden, le64(p + at), NULL))
			memset(p + at, 0, 8);
}

static int record_read(void *ctx, struct mem_read *reads, size_t n,
		       struct err *err)
{
	struct recorder *r = ctx;
	int rc = r->ops->read(r->ctx, reads, n, err);
	size_t i;

	for (i = 0; i < n && !rc; i++)
		if (reads[i].status == MEM_OK) {
			hide(r, &reads[i]);
			note(r, &reads[i]);
		}
	return rc;
}

static void record(struct recorder *r, struct machine *m)
{
	static const struct machine_ops ops = {.read = record_read};

	r->ops = m->ops;
	r->ctx = m->ctx;
	m->ops = &ops;
	m->ctx = r;
	machine_drop_cache(m);
}

static int by_number(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

static void put(struct buf *out, uint64_t value, size_t size)
{
	buf_add(out, &value, size);
}

/* The lines as runs, and their bytes. */
static void put_lines(const struct recorder *r, struct buf *out)
{
	struct buf runs = {0}, bytes = {0};
	size_t i, n = 0, len = 0;

	for (i = 0; i < r->lines.n; i++) {
		const struct line *l = &r->lines.v[i];

		if (!i || l[-1].number + 1 != l->number) {
			if (i)
				put(&runs, len, 4);
			put(&runs, l->number * CACHE_LINE, 8);
			len = 0;
			n++;
		}
		len += CACHE_LINE;
		buf_add(&bytes, l->bytes, CACHE_LINE);
	}
	put(&runs, len, 4);
	put(out, n, 4);
	buf_add(out, runs.data, runs.len);
	buf_add(out, bytes.data, bytes.len);
	buf_deinit(&runs);
	buf_deinit(&bytes);
}

static void put_machine(struct machine *m, struct buf *out)
{
	size_t i, r;

	put(out, m->ram.n, 4);
	for (i = 0; i < m->ram.n; i++) {
		put(out, m->ram.v[i].start, 8);
		put(out, m->ram.v[i].size, 8);
	}
	put(out, m->vcpus.n, 4);
	for (i = 0; i < m->vcpus.n; i++)
		for (r = 0; r < IMAGE_REGS; r++)
			put(out, *image_reg(&m->vcpus.v[i], r), 8);
}

/* Written without a time, so that the same bytes give the same file. */
static void write_packed(const char *path, const struct buf *b)
{
	struct archive *a = archive_write_new();
	struct archive_entry *e = archive_entry_new();

	archive_write_add_filter_gzip(a);
	archive_write_set_options(a,
				  "gzip:!timestamp,gzip:compression-level=9");
	archive_write_set_format_raw(a);
	archive_entry_set_filetype(e, AE_IFREG);
	if (archive_write_open_filename(a, path) ||
	    archive_write_header(a, e) ||
	    archive_write_data(a, b->data, b->len) != (la_ssize_t)b->len ||
	    archive_write_close(a)) {
		fprintf(stderr, "%s: %s\n", path, archive_error_string(a));
		exit(1);
	}
	archive_entry_free(e);
	archive_write_free(a);
	printf("%s: %zu bytes, packed\n", path, b->len);
}

/* What the image is to be read with: the guest's own profile, cut down. */
static void make_profile(struct machine *m, const char *path)
{
	const struct profile_opts opts = {.no_cache = true};
	_cleanup_close_ int fd = -1;
	struct parts parts = {.readers = &kernel_readers};
	struct err err = {0};
	struct profile *profile;
	struct kernel *k;
	bool stale;

	check(profile_create(&opts, &kernel_readers, &profile, &err), &err);
	check(kernel_open(m, profile, NULL, &k, &err), &err);
	check(profile_save(profile, AT_FDCWD, path, &err), &err);
	kernel_close(k);
	profile_destroy(profile);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	check(store_load(fd, &parts, &stale, &err), &err);
	cut_profile(&parts, path);
	parts_deinit(&parts);
}

static void put_file(const char *path, struct buf *out)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct mapped file;
	struct err err = {0};

	check(mapped_open(&file, fd, &err), &err);
	put(out, file.len, 4);
	buf_add(out, file.bytes, file.len);
	mapped_close(&file);
}

/* The first task of each name. */
static void find_tasks(const struct task_list *l, char **comms,
		       struct task *tasks)
{
	size_t i, j;

	for (j = 0; comms[j]; j++) {
		for (i = 0; i < l->n; i++)
			if (!strcmp(l->v[i].comm, comms[j]))
				break;
		if (i == l->n) {
			fprintf(stderr, "no task %s\n", comms[j]);
			exit(1);
		}
		tasks[j] = l->v[i];
	}
}

/* Some kernel threads stay, and the processes chosen with their threads. */
static bool is_kept(const struct task *t, const struct task *tasks, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (t->tgid == tasks[i].tgid)
			return true;
	return t->pid <= KEPT;
}

/* Take all other tasks out of the PID table: less is faster. */
static void hide_others(struct kernel *k, const struct task_list *l,
			const struct task *tasks, size_t n, struct map *hidden)
{
	struct idr idr;
	struct err err = {0};
	size_t i, j;

	check(idr_read(k, NULL, 0, &idr, &err), &err);
	for (i = 0; i < idr.entries.n; i++) {
		const struct idr_entry *e = &idr.entries.v[i];

		for (j = 0; j < l->n; j++)
			if (l->v[j].pid == e->nr && is_kept(&l->v[j], tasks, n))
				break;
		if (j == l->n && map_put(hidden, e->pid, 0))
			abort();
	}
	idr_deinit(&idr);
}

/* What the arguments say. */
struct job {
	const char *gdb, *name, *images, *corpus;
	char **comms;
	size_t n;
	struct task tasks[TASKS];
	uint32_t pids[TASKS];
};

/* Choose the tasks, and make seeds of the first. */
static void choose(struct job *j, struct machine *m, const char *file,
		   struct map *hidden)
{
	const struct profile_opts opts = {.file = file};
	struct profile *profile;
	struct task_list list;
	struct err err = {0};
	char path[300];
	struct kernel *k;
	size_t i;

	check(profile_create(&opts, &kernel_readers, &profile, &err), &err);
	check(kernel_open(m, profile, NULL, &k, &err), &err);
	check(task_list_read(k, true, &list, &err), &err);
	find_tasks(&list, j->comms, j->tasks);
	for (i = 0; i < j->n; i++)
		j->pids[i] = j->tasks[i].pid;
	snprintf(path, sizeof(path), "%s/walk/%s", j->corpus, j->name);
	seed_walk(k, &j->tasks[0], path);
	snprintf(path, sizeof(path), "%s/vma/%s", j->corpus, j->name);
	seed_vma(k, &j->tasks[0], path);
	/* That one has many VMAs, and has done its duty. */
	memmove(j->pids, j->pids + 1, --j->n * sizeof(j->pids[0]));
	hide_others(k, &list, j->tasks + 1, j->n, hidden);
	task_list_deinit(&list);
	kernel_close(k);
	profile_destroy(profile);
}

static void put_all(const struct job *j, const struct recorder *r,
		    struct machine *m, const char *profile,
		    const struct buf *text, struct buf *out)
{
	buf_puts(out, IMAGE_MAGIC);
	put_machine(m, out);
	put(out, j->n, 4);
	buf_add(out, j->pids, j->n * sizeof(j->pids[0]));
	put(out, text->len, 4);
	buf_add(out, text->data, text->len);
	put_file(profile, out);
	put_lines(r, out);
}

static void qemu_destroy_it(struct qemu **t)
{
	qemu_destroy(*t);
}

static void run(struct job *j)
{
	struct qemu_opts opts = {
		.address = j->gdb, .memory = MEMORY_STUB, .timeout_ms = 10000};
	_cleanup_(buf_deinit) struct buf out = {0}, text = {0};
	_cleanup_(qemu_destroy_it) struct qemu *t = NULL;
	struct recorder r = {0};
	char profile[300], image[300];
	struct err err = {0};
	struct machine *m;

	snprintf(image, sizeof(image), "%s/%s.gz", j->images, j->name);
	snprintf(profile, sizeof(profile), "%s/%s.profile", j->images, j->name);
	check(qemu_open(&opts, &t, &err), &err);
	m = qemu_machine(t);
	make_profile(m, profile);
	choose(j, m, profile, &r.hidden);
	record(&r, m);
	check(image_maps(m, profile, j->pids, j->n, &text, &err), &err);
	check(qemu_release(t, &err), &err);
	qsort(r.lines.v, r.lines.n, sizeof(*r.lines.v), by_number);
	put_all(j, &r, m, profile, &text, &out);
	write_packed(image, &out);
	unlink(profile);
	fputs(text.data, stdout);
	map_deinit(&r.hidden);
	map_deinit(&r.seen);
	vec_deinit(&r.lines);
}

/*
 * record GDB NAME IMAGES CORPUS COMM...: makes seeds of the first task with
 * the first name, and IMAGES/NAME.gz with the maps of those with the others.
 */
int main(int argc, char **argv)
{
	struct job j = {0};

	if (argc < 7 || argc - 5 > TASKS) {
		fprintf(stderr,
			"usage: record GDB NAME IMAGES CORPUS COMM COMM...\n");
		return 2;
	}
	j.gdb = argv[1];
	j.name = argv[2];
	j.images = argv[3];
	j.corpus = argv[4];
	j.comms = argv + 5;
	j.n = (size_t)argc - 5;
	run(&j);
	return 0;
}
