/* SPDX-License-Identifier: BSD-2-Clause */
/* What QEMU's human monitor says, as values. */
#include "gdbrsp/monitor.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A line of foreign text, without its end. */
struct line {
	const char *s;
	int len;
};

/* Cut the next line off *text; false at the end. */
static bool next_line(const char **text, struct line *line)
{
	const char *s = *text;
	size_t len = strcspn(s, "\n");

	if (!*s)
		return false;
	*text = s + len + (s[len] == '\n');
	while (len && s[len - 1] == '\r')
		len--;
	*line = (struct line){.s = s, .len = (int)(len < 512 ? len : 512)};
	return true;
}

/* The line as a string, for sscanf() and strstr(). */
static const char *line_text(const struct line *line, char buf[513])
{
	memcpy(buf, line->s, (size_t)line->len);
	buf[line->len] = '\0';
	return buf;
}

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

/* `memory backend: NAME` for each back end, details indented below it. */
static bool is_backend(const char *memdev, const char *name)
{
	static const char key[] = "memory backend: ";
	char buf[513];
	struct line line;

	while (next_line(&memdev, &line)) {
		const char *s = line_text(&line, buf);

		if (!strncmp(s, key, strlen(key)) &&
		    !strcmp(base_name(s + strlen(key)), base_name(name)))
			return true;
	}
	return false;
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

static int add_range(const char *s, struct monitor_rams *rams, struct err *err)
{
	const struct monitor_ram *last;
	struct monitor_ram ram = {0};
	int ret;

	ret = parse_range(s, &ram, err);
	if (ret <= 0)
		return ret;
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
	struct line line;
	char buf[513];
	int ret;

	while (next_line(&mtree, &line)) {
		const char *s = line_text(&line, buf);

		if (!strncmp(s, " AS \"memory\",", 13))
			ours = true;
		else if (!strncmp(s, " Root memory region:", 20))
			ranges = ours;
		else if (ranges && !*s)
			return 0;
		else if (ranges && !strncmp(s, "  No rendered", 13))
			continue;
		else if (ranges && (ret = add_range(s, rams, err)))
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
static void sift(struct monitor_rams *rams, const char *memdev)
{
	bool known = false;
	size_t i, n = 0;

	for (i = 0; i < rams->v.n; i++)
		known |= is_backend(memdev, rams->v.v[i].name);
	for (i = 0; i < rams->v.n; i++) {
		const char *name = rams->v.v[i].name;

		if (known ? is_backend(memdev, name) : may_be_system_ram(name))
			rams->v.v[n++] = rams->v.v[i];
	}
	rams->v.n = n;
}

int monitor_parse_ram(const char *mtree, const char *memdev,
		      struct monitor_rams *rams, struct err *err)
{
	int ret;

	ret = collect(mtree, rams, err);
	if (ret)
		return ret;
	sift(rams, memdev);
	if (!rams->v.n)
		return err_set(err, ERR_CORRUPT,
			       "`info mtree -f`: no RAM in the address space "
			       "\"memory\"");
	return 0;
}

/* A back end, and how much of it the lines of the view hold so far. */
struct backend {
	char name[64];
	uint64_t size;
	uint64_t held;
	uint64_t end, offset; /* of its last line: what follows on it */
	uint64_t other;	      /* bytes of lines of others since then */
	bool begun;
};

static void hold(struct backend *b, uint64_t start, uint64_t size,
		 const char *name, uint64_t offset)
{
	if (strcmp(base_name(name), b->name) != 0) {
		b->other += size;
		return;
	}
	/* What others lie over does not show. */
	if (b->begun && start - b->end == b->other &&
	    offset - b->offset == b->other)
		b->held += b->other;
	b->held += size;
	b->end = start + size;
	b->offset = offset + size;
	b->other = 0;
	b->begun = true;
}

static bool is_held(const char *mtree, struct backend *b)
{
	uint64_t start, end, offset;
	char buf[513], name[64];
	struct line line;
	bool ours = false;
	int at;

	while (next_line(&mtree, &line)) {
		const char *s = line_text(&line, buf);

		ours |= !strncmp(s, " AS \"memory\",", 13);
		if (!*s && ours)
			break;
		at = 0;
		offset = 0;
		if (!ours ||
		    sscanf(s, " %16" SCNx64 "-%16" SCNx64 " (%*[^)]): %n",
			   &start, &end, &at) < 2 ||
		    !at ||
		    sscanf(s + at, "%63s @%16" SCNx64, name, &offset) < 1)
			continue;
		hold(b, start, end - start + 1, name, offset);
	}
	return b->held == b->size;
}

bool monitor_ram_adds_up(const char *mtree, const char *memdev)
{
	struct backend b = {0};
	struct line line;
	char buf[513];
	bool all = true;

	while (all && next_line(&memdev, &line)) {
		const char *s = line_text(&line, buf);
		char name[sizeof(b.name)];

		if (sscanf(s, "memory backend: %63s", name) == 1) {
			all = !*b.name; /* the one before tells no size */
			b = (struct backend){0};
			snprintf(b.name, sizeof(b.name), "%s", base_name(name));
		} else if (sscanf(s, " size: %" SCNu64, &b.size) == 1) {
			all = *b.name && is_held(mtree, &b);
			b = (struct backend){0};
		}
	}
	return all && !*b.name;
}

void monitor_rams_deinit(struct monitor_rams *rams)
{
	vec_deinit(&rams->v);
}

int monitor_parse_cpus(const char *text, struct monitor_cpus *cpus,
		       struct err *err)
{
	struct line line;
	char buf[513];

	while (next_line(&text, &line)) {
		const char *s = line_text(&line, buf);
		const char *tid = strstr(s, "thread_id=");
		struct monitor_cpu cpu;

		if (!tid || sscanf(s, "%*[* ]CPU #%9u:", &cpu.index) != 1 ||
		    sscanf(tid, "thread_id=%18ld", &cpu.thread_id) != 1)
			continue;
		if (vec_push(&cpus->v, cpu))
			return err_nomem(err);
	}
	return 0;
}

void monitor_cpus_deinit(struct monitor_cpus *cpus)
{
	vec_deinit(&cpus->v);
}

int monitor_parse_hva(const char *text, uint64_t gpa, uint64_t *hva,
		      struct err *err)
{
	const char *is = strstr(text, ") is 0x");
	uint64_t of, at;

	if (!is ||
	    sscanf(text, " Host virtual address for 0x%16" SCNx64 " (", &of) !=
		    1 ||
	    sscanf(is, ") is 0x%16" SCNx64, &at) != 1 || of != gpa || !at)
		return err_set(err, ERR_NOT_FOUND,
			       "`gpa2hva 0x%" PRIx64 "`: %.*s", gpa,
			       (int)strcspn(text, "\r\n"), text);
	*hva = at;
	return 0;
}

int monitor_parse_64_bit(const char *text, unsigned int index, bool *is_64_bit,
			 struct err *err)
{
	bool ours = false;
	struct line line;
	unsigned int cpu;
	char buf[513];

	while (next_line(&text, &line)) {
		const char *s = line_text(&line, buf);

		if (sscanf(s, " CPU#%9u", &cpu) == 1)
			ours = cpu == index;
		if (!ours || !*s || strncmp(s + 1, "AX=", 3) != 0)
			continue;
		*is_64_bit = *s == 'R';
		return 0;
	}
	return err_set(err, ERR_REFUSED,
		       "`info registers -a` does not say whether vCPU %u runs "
		       "64-bit code",
		       index);
}
