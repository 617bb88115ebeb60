/* SPDX-License-Identifier: BSD-2-Clause */
/* A recorded guest as a machine. */
#include "fuzz/image.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "arch/x86_64.h"
#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/kernel.h"
#include "kernel/readers.h"
#include "kernel/task/task.h"
#include "proc/proc.h"
#include "profile/store.h"

#define UNPACKED_MAX (16u << 20)

uint64_t *image_reg(struct vcpu *v, size_t i)
{
	uint64_t *const regs[IMAGE_REGS] = {
		&v->reg[X86_RIP],  &v->reg[X86_GS_BASE], &v->reg[X86_K_GS_BASE],
		&v->reg[X86_CR0],  &v->reg[X86_CR3],	 &v->reg[X86_CR4],
		&v->reg[X86_EFER], &v->reg[X86_EFLAGS]};

	return regs[i];
}

/* The first run that ends behind pa. */
static size_t run_at(const struct image *img, uint64_t pa)
{
	size_t lo = 0, hi = img->runs.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (img->runs.v[mid].pa + img->runs.v[mid].len <= pa)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void read_one(const struct image *img, struct mem_read *r)
{
	size_t i = run_at(img, r->pa);

	memset(r->dst, 0, r->len);
	for (; i < img->runs.n && img->runs.v[i].pa < r->pa + r->len; i++) {
		const struct image_run *run = &img->runs.v[i];
		uint64_t from = run->pa > r->pa ? run->pa : r->pa;
		uint64_t to = run->pa + run->len;

		if (to > r->pa + r->len)
			to = r->pa + r->len;
		memcpy((uint8_t *)r->dst + (from - r->pa),
		       img->bytes + run->at + (from - run->pa), to - from);
	}
	r->status = MEM_OK;
}

static int read_image(void *ctx, struct mem_read *reads, size_t n,
		      struct err *err)
{
	size_t i;

	(void)err;
	for (i = 0; i < n; i++)
		read_one(ctx, &reads[i]);
	return 0;
}

static void *must(void *p)
{
	if (!p)
		abort();
	return p;
}

/* All of a packed file; the caller frees. */
static uint8_t *unpack(const char *path, size_t *len)
{
	struct archive *a = archive_read_new();
	uint8_t *bytes = must(malloc(UNPACKED_MAX));
	struct archive_entry *entry;
	la_ssize_t n;

	archive_read_support_filter_gzip(a);
	archive_read_support_format_raw(a);
	if (archive_read_open_filename(a, path, 1 << 16) ||
	    archive_read_next_header(a, &entry)) {
		fprintf(stderr, "%s: %s\n", path, archive_error_string(a));
		abort();
	}
	*len = 0;
	while ((n = archive_read_data(a, bytes + *len, UNPACKED_MAX - *len)) >
	       0)
		*len += (size_t)n;
	archive_read_free(a);
	return bytes;
}

/* A copy of the next `n` bytes, with a NUL behind them. */
static void *take(struct cursor *c, size_t n)
{
	const uint8_t *from = cursor_bytes(c, n);
	uint8_t *p = must(calloc(1, n + 1));

	if (from)
		memcpy(p, from, n);
	return p;
}

static void load_machine(struct image *img, struct cursor *c)
{
	uint64_t start, size;
	uint32_t n, i, r;

	for (n = cursor_u32(c); n && !c->bad; n--) {
		start = cursor_u64(c);
		size = cursor_u64(c);
		if (machine_add_ram(&img->machine, start, size, "ram", 0, NULL))
			abort();
	}
	for (n = cursor_u32(c), i = 0; i < n && !c->bad; i++) {
		struct vcpu v = {.arch = &arch_x86_64, .index = i};

		for (r = 0; r < IMAGE_REGS; r++)
			*image_reg(&v, r) = cursor_u64(c);
		if (vec_push(&img->machine.vcpus, v))
			abort();
	}
	for (n = cursor_u32(c); n && !c->bad; n--)
		if (vec_push(&img->pids, cursor_u32(c)))
			abort();
}

static void load_runs(struct image *img, struct cursor *c)
{
	struct image_run r;
	uint32_t n;

	for (n = cursor_u32(c); n && !c->bad; n--) {
		r.pa = cursor_u64(c);
		r.len = cursor_u32(c);
		r.at = img->len;
		img->len += r.len;
		if (vec_push(&img->runs, r))
			abort();
	}
	img->bytes = take(c, img->len);
}

/* The profile as store_write() would have it now. */
static void rewrite_profile(struct image *img, const struct parts *p)
{
	char dir[] = "/tmp/qvmi-fuzz-XXXXXX";
	_cleanup_close_ int dirfd = -1, fd = -1;
	struct mapped file;

	if (!mkdtemp(dir))
		abort();
	dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (store_write(p, dirfd, "profile", NULL))
		abort();
	fd = openat(dirfd, "profile", O_RDONLY | O_CLOEXEC);
	if (mapped_open(&file, fd, NULL))
		abort();
	free(img->profile);
	img->profile = must(malloc(file.len));
	memcpy(img->profile, file.bytes, file.len);
	img->profile_len = file.len;
	mapped_close(&file);
	unlinkat(dirfd, "profile", 0);
	rmdir(dir);
}

static void refresh_profile(struct image *img)
{
	_cleanup_close_ int fd = memfd_create("profile", MFD_CLOEXEC);
	struct parts p = {.readers = &kernel_readers};
	bool stale;

	if (write(fd, img->profile, img->profile_len) !=
		    (ssize_t)img->profile_len ||
	    store_load(fd, &p, &stale, NULL))
		abort();
	if (stale)
		rewrite_profile(img, &p);
	parts_deinit(&p);
}

void image_load(struct image *img, const char *path)
{
	static const struct machine_ops ops = {.read = read_image};
	_cleanup_free_ uint8_t *file = NULL;
	const uint8_t *magic;
	struct cursor c;
	uint32_t len;
	size_t n;

	*img = (struct image){0};
	machine_init(&img->machine, &ops, img);
	img->machine.arch = &arch_x86_64;
	file = unpack(path, &n);
	cursor_init(&c, file, n);
	magic = cursor_bytes(&c, strlen(IMAGE_MAGIC));
	if (!magic || memcmp(magic, IMAGE_MAGIC, strlen(IMAGE_MAGIC)) != 0)
		abort();
	load_machine(img, &c);
	len = cursor_u32(&c);
	img->text = take(&c, len);
	img->profile_len = cursor_u32(&c);
	img->profile = take(&c, img->profile_len);
	load_runs(img, &c);
	if (c.bad || cursor_left(&c))
		abort();
	refresh_profile(img);
}

void image_deinit(struct image *img)
{
	machine_deinit(&img->machine);
	vec_deinit(&img->runs);
	vec_deinit(&img->pids);
	free(img->bytes);
	free(img->profile);
	free(img->text);
}

void image_drop_cache(struct image *img)
{
	machine_drop_cache(&img->machine);
}

/* The tasks of the list go to its front; their number. */
static size_t choose(struct task_list *l, const uint32_t *pids, size_t n)
{
	size_t i, j, chosen = 0;

	for (i = 0; i < l->n; i++)
		for (j = 0; j < n; j++)
			if (l->v[i].pid == pids[j] && l->v[i].mm) {
				l->v[chosen++] = l->v[i];
				break;
			}
	return chosen;
}

static int print_maps(struct kernel *k, const struct task *tasks, size_t n,
		      struct buf *out, struct err *err)
{
	_cleanup_(proc_values_deinit) struct proc_values maps = {0};
	int rc = proc_read(&proc_pid_maps, k, tasks, n, &maps, err);
	size_t i, line;

	for (i = 0; i < maps.n; i++) {
		const struct proc_part *part = &maps.parts[i];

		buf_printf(out, "==> %u %s <==\n", tasks[i].pid, tasks[i].comm);
		for (line = 0; line < part->records; line++)
			proc_text(&maps, i, line, out);
		if (part->torn)
			buf_printf(out, "torn: %s\n", part->why.data);
	}
	return rc;
}

int image_maps(struct machine *m, const char *profile, const uint32_t *pids,
	       size_t n, struct buf *out, struct err *err)
{
	const struct profile_opts opts = {.file = profile};
	struct kernel_vcpu *vcpus =
		must(calloc(m->vcpus.n + 1, sizeof(*vcpus)));
	struct task_list list = {0};
	struct profile *p = NULL;
	struct kernel *k = NULL;
	int rc = profile_create(&opts, &kernel_readers, &p, err);

	if (!rc)
		rc = kernel_open(m, p, NULL, &k, err);
	if (!rc)
		rc = kernel_vcpus(k, vcpus, err);
	if (!rc)
		rc = task_list_read(k, true, &list, err);
	if (!rc && list.torn)
		buf_printf(out, "torn: %s\n", list.why);
	if (!rc)
		rc = print_maps(k, list.v, choose(&list, pids, n), out, err);
	task_list_deinit(&list);
	kernel_close(k);
	profile_destroy(p);
	free(vcpus);
	return rc;
}
