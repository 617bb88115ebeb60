/* SPDX-License-Identifier: BSD-2-Clause */
/* What QEMU's human monitor says of the machine's RAM. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "gdbrsp/limits.h"
#include "qemu/lines.h"
#include "qemu/monitor_text.h"

/*
 * RAM blocks that no machine uses as system RAM; consulted only where
 * `info memdev` does not tell.  Matched at the end of the name.
 */
static const char *const not_system_ram[] = {
	"vram",	  ".rom",   ".bios", "rom",	"bios",	       "flash0",
	"flash1", ".flash", "vga",   "ivshmem", ".shmem",      "shmem",
	"cache",  "sram",   "nvram", "edid",	"framebuffer",
};

static bool ends_with(const char *s, const char *tail)
{
	size_t n = strlen(s), m = strlen(tail);

	return n >= m && !strcmp(s + n - m, tail);
}

static bool may_be_system_ram(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(not_system_ram) / sizeof(*not_system_ram); i++)
		if (ends_with(name, not_system_ram[i]))
			return false;
	return !strchr(name, ':');
}

/* Old machine types call the block of an object by its path, "/objects/m0". */
static const char *base_name(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash ? slash + 1 : name;
}

/*
 * A back end, by the last part of its name, and how much of it the lines of the
 * view hold so far.
 */
struct backend {
	char name[64];
	uint64_t size;
	bool has_size;
	bool begun;
	uint64_t held;
	uint64_t end, offset; /* of its last line: what follows on it */
	uint64_t before;      /* bytes of all lines up to that one */
};

/* Sorted by name once all are there. */
struct backends {
	VEC(struct backend) v;
	bool whole; /* each tells its name and its size */
};

static void backends_deinit(struct backends *b)
{
	vec_deinit(&b->v);
}

static int by_name(const void *a, const void *b)
{
	const struct backend *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int backends_add(struct backends *b, const char *name, struct err *err)
{
	struct backend new = {0};

	if (b->v.n == GDBRSP_BACKENDS_MAX)
		return err_set(err, ERR_CORRUPT,
			       "`info memdev`: more than %u back ends",
			       GDBRSP_BACKENDS_MAX);
	snprintf(new.name, sizeof(new.name), "%s", base_name(name));
	return vec_push(&b->v, new) ? err_nomem(err) : 0;
}

static void backends_size(struct backends *b, uint64_t size)
{
	struct backend *last = b->v.n ? &b->v.v[b->v.n - 1] : NULL;

	b->whole &= last && !last->has_size;
	if (!last)
		return;
	last->size = size;
	last->has_size = true;
}

/* `memory backend: NAME` for each, details indented below it. */
static int backends_load(struct backends *b, const char *memdev,
			 struct err *err)
{
	char line[LINE_SIZE], name[sizeof(b->v.v->name)];
	uint64_t size;
	size_t i;
	int ret = 0;

	b->whole = true;
	while (!ret && lines_next(&memdev, line)) {
		if (sscanf(line, "memory backend: %63s", name) == 1)
			ret = backends_add(b, name, err);
		else if (sscanf(line, " size: %" SCNu64, &size) == 1)
			backends_size(b, size);
	}
	for (i = 0; i < b->v.n; i++)
		b->whole &= b->v.v[i].has_size;
	if (b->v.n)
		qsort(b->v.v, b->v.n, sizeof(*b->v.v), by_name);
	return ret;
}

/* The one that a block of that name belongs to, or NULL. */
static struct backend *backends_find(const struct backends *b, const char *name)
{
	struct backend key = {0};

	snprintf(key.name, sizeof(key.name), "%s", base_name(name));
	return b->v.n ? bsearch(&key, b->v.v, b->v.n, sizeof(key), by_name)
		      : NULL;
}

static int bad_line(const char *s, struct err *err)
{
	return err_set(err, ERR_CORRUPT,
		       "`info mtree -f`: a line that makes no sense: %.80s", s);
}

/*
 * A line of a flat view into *ram.  1: it is writable memory; 0: it is
 * something else; or an error.
 */
static int parse_range(const char *s, struct monitor_ram *ram, struct err *err)
{
	char type[16], name[sizeof(ram->name)];
	uint64_t start = 0, end = 0, offset = 0;
	int prio, at = 0;

	if (sscanf(s, " %16" SCNx64 "-%16" SCNx64 " (prio %d, %15[^)]): %n",
		   &start, &end, &prio, type, &at) < 4 ||
	    !at)
		return bad_line(s, err);
	if (strcmp(type, "ram") != 0 && strcmp(type, "nv-ram") != 0)
		return 0;
	if (sscanf(s + at, "%63s @%16" SCNx64, name, &offset) < 1 ||
	    end < start || end - start == UINT64_MAX)
		return bad_line(s, err);
	*ram = (struct monitor_ram){
		.start = start, .size = end - start + 1, .offset = offset};
	memcpy(ram->name, name, sizeof(name));
	return 1;
}

static int monitor_ram_add_range(const char *s, struct monitor_rams *rams,
				 struct err *err)
{
	const struct monitor_ram *last;
	struct monitor_ram ram = {0};
	int ret;

	ret = parse_range(s, &ram, err);
	if (ret <= 0)
		return ret;
	if (rams->v.n == GDBRSP_RANGES_MAX)
		return err_set(err, ERR_CORRUPT,
			       "`info mtree -f`: more than %u ranges of RAM",
			       GDBRSP_RANGES_MAX);
	last = rams->v.n ? &rams->v.v[rams->v.n - 1] : NULL;
	if (last && ram.start <= last->start + (last->size - 1))
		return bad_line(s, err);
	return vec_push(&rams->v, ram) ? err_nomem(err) : 0;
}

/*
 * All writable memory of the view that holds AS "memory".  A view begins with
 * its line "FlatView", names its address spaces one by a line, and ends with
 * an empty line.
 */
static int collect(const char *mtree, struct monitor_rams *rams,
		   struct err *err)
{
	bool ours = false, ranges = false;
	char s[LINE_SIZE];
	int ret;

	while (lines_next(&mtree, s)) {
		if (!strncmp(s, " AS \"memory\",", 13))
			ours = true;
		else if (!strncmp(s, " Root memory region:", 20))
			ranges = ours;
		else if (ranges && !*s)
			return 0;
		else if (ranges && !strncmp(s, "  No rendered", 13))
			continue;
		else if (ranges && (ret = monitor_ram_add_range(s, rams, err)))
			return ret;
		else if (!*s)
			ours = false;
	}
	if (ranges)
		return 0;
	return err_set(err, ERR_CORRUPT,
		       "`info mtree -f`: no view of the address space "
		       "\"memory\"");
}

/* Keep the back ends' ranges, or, where none is one, what may be RAM. */
static void sift(struct monitor_rams *rams, const struct backends *backends)
{
	bool known = false;
	size_t i, n = 0;

	for (i = 0; i < rams->v.n; i++)
		known |= backends_find(backends, rams->v.v[i].name) != NULL;
	for (i = 0; i < rams->v.n; i++) {
		const char *name = rams->v.v[i].name;

		if (known ? backends_find(backends, name) != NULL
			  : may_be_system_ram(name))
			rams->v.v[n++] = rams->v.v[i];
	}
	rams->v.n = n;
}

int monitor_parse_ram(const char *mtree, const char *memdev,
		      struct monitor_rams *rams, struct err *err)
{
	_cleanup_(backends_deinit) struct backends backends = {0};
	int ret;

	ret = collect(mtree, rams, err);
	if (!ret)
		ret = backends_load(&backends, memdev, err);
	if (ret)
		return ret;
	sift(rams, &backends);
	if (!rams->v.n)
		return err_set(err, ERR_CORRUPT,
			       "`info mtree -f`: no RAM in the address space "
			       "\"memory\"");
	return 0;
}

/* A line of the view that holds some of a back end; `total`: all before it. */
static void hold(struct backend *b, uint64_t start, uint64_t size,
		 uint64_t offset, uint64_t total)
{
	uint64_t other = total - b->before;

	/* What others lie over does not show. */
	if (b->begun && start - b->end == other && offset - b->offset == other)
		b->held += other;
	b->held += size;
	b->end = start + size;
	b->offset = offset + size;
	b->before = total + size;
	b->begun = true;
}

static void hold_all(const char *mtree, const struct backends *backends)
{
	uint64_t start, end, offset, total = 0;
	char line[LINE_SIZE], name[64];
	struct backend *b;
	bool ours = false;
	int at;

	while (lines_next(&mtree, line)) {
		ours |= !strncmp(line, " AS \"memory\",", 13);
		if (!*line && ours)
			break;
		at = 0;
		offset = 0;
		if (!ours ||
		    sscanf(line, " %16" SCNx64 "-%16" SCNx64 " (%*[^)]): %n",
			   &start, &end, &at) < 2 ||
		    !at ||
		    sscanf(line + at, "%63s @%16" SCNx64, name, &offset) < 1)
			continue;
		b = backends_find(backends, name);
		if (b)
			hold(b, start, end - start + 1, offset, total);
		total += end - start + 1;
	}
}

bool monitor_ram_adds_up(const char *mtree, const char *memdev)
{
	_cleanup_(backends_deinit) struct backends backends = {0};
	bool all;
	size_t i;

	all = !backends_load(&backends, memdev, NULL) && backends.whole;
	hold_all(mtree, &backends);
	for (i = 0; i < backends.v.n; i++)
		all &= backends.v.v[i].held == backends.v.v[i].size;
	return all;
}

void monitor_rams_deinit(struct monitor_rams *rams)
{
	vec_deinit(&rams->v);
}
