/* SPDX-License-Identifier: BSD-2-Clause */
/* A recorded guest: its memory, its registers, and what was said of it. */
#include "stub/image.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cursor.h"
#include "gdbrsp/packet.h"

/* Where registers stand in the `g` of i386-64bit.xml. */
#define G_CR3	   204
#define G_CR4	   212
#define G_CS	   140
#define G_EFER	   228

#define EFER_LMA   0x400ULL
#define USER32_CS  0x23 /* __USER32_CS, arch/x86/include/asm/segment.h */

#define ENTRY_P	   1ULL
#define ENTRY_PS   0x80ULL
#define ENTRY_ADDR 0x000ffffffffff000ULL
#define CR4_5LEVEL 0x1000ULL

void die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("stub: ", stderr);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputs("\n", stderr);
	exit(1);
}

void *xalloc(size_t n)
{
	void *p = calloc(1, n);

	if (!p)
		die("out of memory");
	return p;
}

char *image_file(const struct image *i, const char *name, size_t *len)
{
	char path[1024], *text;
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", i->dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	if (fstat(fd, &st))
		die("%s: %s", path, strerror(errno));
	text = xalloc((size_t)st.st_size + 1);
	if (read(fd, text, (size_t)st.st_size) != st.st_size)
		die("%s: cannot be read whole", path);
	close(fd);
	*len = (size_t)st.st_size;
	return text;
}

static char *need_file(const struct image *i, const char *name)
{
	size_t len;
	char *text = image_file(i, name, &len);

	if (!text)
		die("%s/%s: %s", i->dir, name, strerror(errno));
	return text;
}

/* A memfd: what lies on a disk would not be read as a guest's RAM. */
static int copy_to_memory(int fd, uint64_t size)
{
	int memory = memfd_create("ram", MFD_CLOEXEC);
	ssize_t n = 1;

	while (memory >= 0 && size && n > 0) {
		n = sendfile(memory, fd, NULL, size);
		size -= n > 0 ? (uint64_t)n : 0;
	}
	return n > 0 ? memory : -1;
}

/* Room for all of the machine's memory, and the file at its start. */
static void map_ram(struct image *i)
{
	char path[1024];
	struct stat st;
	int fd, memory;

	snprintf(path, sizeof(path), "%s/ram", i->dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st))
		die("%s: %s", path, strerror(errno));
	i->file_size = (uint64_t)st.st_size;
	if (i->size < i->file_size)
		i->size = i->file_size;
	i->ram = mmap(NULL, i->size, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	memory = copy_to_memory(fd, i->file_size);
	if (i->ram == MAP_FAILED || memory < 0 ||
	    mmap(i->ram, i->file_size, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, memory,
		 0) == MAP_FAILED)
		die("%s: %s", path, strerror(errno));
	close(memory);
	close(fd);
}

static void load_vcpus(struct image *i)
{
	char *text = need_file(i, "vcpus"), *rest = text, *line, *space;

	while ((line = strsep(&rest, "\n"))) {
		space = strchr(line, ' ');
		if (!space)
			continue;
		*space = '\0';
		if (vec_push(&i->vcpus, {.halted = !strcmp(line, "halted"),
					 .regs = strdup(space + 1),
					 .recorded = strdup(space + 1)}))
			die("out of memory");
	}
	free(text);
	if (!i->vcpus.n)
		die("%s/vcpus: no vCPU", i->dir);
}

struct image *image_open(const char *dir, uint64_t size)
{
	struct image *i = xalloc(sizeof(*i));

	i->dir = strdup(dir);
	i->size = size;
	map_ram(i);
	i->monitor = need_file(i, "monitor");
	load_vcpus(i);
	return i;
}

void image_free(struct image *i)
{
	size_t n;

	for (n = 0; n < i->vcpus.n; n++)
		free(i->vcpus.v[n].regs), free(i->vcpus.v[n].recorded);
	vec_deinit(&i->vcpus);
	munmap(i->ram, i->size);
	free(i->monitor);
	free(i->dir);
	free(i);
}

void image_reset(struct image *i)
{
	size_t n;

	for (n = 0; n < i->vcpus.n; n++)
		memcpy(i->vcpus.v[n].regs, i->vcpus.v[n].recorded,
		       strlen(i->vcpus.v[n].recorded));
	/* Private pages are dropped: the file, and zeros, show again. */
	if (madvise(i->ram, i->size, MADV_DONTNEED))
		die("madvise: %s", strerror(errno));
}

void image_poke(struct image *i, const char *file)
{
	FILE *f = fopen(file, "re");
	uint64_t head[2];
	uint8_t *at;

	if (!f)
		die("%s: %s", file, strerror(errno));
	while (fread(head, sizeof(head), 1, f) == 1) {
		at = image_at(i, head[0], head[1]);
		if (!at)
			die("%s: no memory at 0x%" PRIx64, file, head[0]);
		if (head[1] && fread(at, head[1], 1, f) != 1)
			die("%s: cut off", file);
	}
	fclose(f);
}

uint8_t *image_at(const struct image *i, uint64_t pa, uint64_t len)
{
	if (pa > i->size || len > i->size - pa)
		return NULL;
	return i->ram + pa;
}

/* Eight bytes of a vCPU's registers. */
static uint64_t reg(const struct image *i, unsigned int vcpu, size_t offset)
{
	uint8_t bytes[8] = {0};

	if (strlen(i->vcpus.v[vcpu].regs) >= 2 * (offset + 8))
		gdbrsp_hex_decode(bytes, i->vcpus.v[vcpu].regs + 2 * offset, 8);
	return le64(bytes);
}

bool image_runs_64_bit(const struct image *i, unsigned int vcpu)
{
	return reg(i, vcpu, G_EFER) & EFER_LMA &&
	       (uint32_t)reg(i, vcpu, G_CS) != USER32_CS;
}

bool image_translate(const struct image *i, unsigned int vcpu, uint64_t va,
		     uint64_t *pa)
{
	uint64_t table = reg(i, vcpu, G_CR3) & ENTRY_ADDR, entry;
	int level = reg(i, vcpu, G_CR4) & CR4_5LEVEL ? 5 : 4;
	const uint8_t *at;
	unsigned int shift;

	for (;; level--) {
		shift = 12 + 9 * (unsigned int)(level - 1);
		at = image_at(i, table + (va >> shift & 511) * 8, 8);
		entry = at ? le64(at) : 0;
		if (!(entry & ENTRY_P))
			return false;
		if (level == 1 || (level < 4 && entry & ENTRY_PS))
			break;
		table = entry & ENTRY_ADDR;
	}
	*pa = (entry & ENTRY_ADDR & ~((1ULL << shift) - 1)) |
	      (va & ((1ULL << shift) - 1));
	return true;
}

/* A machine with more memory says so where its last range ends. */
static void put_ends(const struct image *i, struct buf *out, const char *text,
		     size_t len)
{
	char old[20], new[20];
	const char *hit;

	snprintf(old, sizeof(old), "-%016" PRIx64, i->file_size - 1);
	snprintf(new, sizeof(new), "-%016" PRIx64, i->size - 1);
	hit = memmem(text, len, old, strlen(old));
	if (!hit) {
		buf_add(out, text, len);
		return;
	}
	buf_add(out, text, (size_t)(hit - text));
	buf_puts(out, new);
	hit += strlen(old);
	put_ends(i, out, hit, len - (size_t)(hit - text));
}

bool image_monitor(const struct image *i, const char *command, struct buf *out)
{
	const char *at = i->monitor, *end, *next;
	char head[256];

	snprintf(head, sizeof(head), "> %.200s\n", command);
	at = !strncmp(at, head, strlen(head)) ? at : NULL;
	if (!at) {
		snprintf(head, sizeof(head), "\n> %.200s\n", command);
		at = strstr(i->monitor, head);
	}
	if (!at)
		return false;
	at += strlen(head);
	next = strstr(at - 1, "\n> ");
	end = next ? next + 1 : at + strlen(at);
	put_ends(i, out, at, (size_t)(end - at));
	return true;
}
