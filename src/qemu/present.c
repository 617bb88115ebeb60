/* SPDX-License-Identifier: BSD-2-Clause */
/* Which pages of a process the host has backed, by its pagemap. */
#include "qemu/present.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/files.h"

#define PAGE_SHIFT 12

/*
 * Documentation/admin-guide/mm/pagemap.rst: one entry a page, these bits since
 * Linux 2.6.25 and for everybody who may look at the process (what needs
 * CAP_SYS_ADMIN since 4.0 is the frame number alone).
 */
#define ENTRY_PRESENT (1ULL << 63)
#define ENTRY_SWAPPED (1ULL << 62)

/* Words by one read of the pagemap, where a long piece asks for many. */
#define WORDS_MAX 16u

int qemu_present_use(struct qemu_present *p, const struct qemu_bound *bound,
		     struct err *err)
{
	int fd;

	if (p->is_open)
		return 0;
	fd = openat(bound->dir, "pagemap", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, ERR_SYS, "pagemap");
	p->fd = fd;
	p->is_open = true;
	return 0;
}

void qemu_present_deinit(struct qemu_present *p)
{
	if (p->is_open)
		close(p->fd);
	p->is_open = false;
	qemu_present_forget(p);
}

void qemu_present_forget(struct qemu_present *p)
{
	map_deinit(&p->words);
}

static uint64_t pack_word(const uint64_t *entries)
{
	uint64_t word = 0;
	unsigned int i;

	for (i = 0; i < PRESENT_PAGES; i++)
		if (entries[i] & (ENTRY_PRESENT | ENTRY_SWAPPED))
			word |= 1ULL << i;
	return word;
}

/* Learn n words from this one on; the end of the file is the process's. */
static int present_learn(struct qemu_present *p, uint64_t number, size_t n,
			 struct err *err)
{
	uint64_t entries[WORDS_MAX * PRESENT_PAGES];
	size_t i, size = n * PRESENT_PAGES * sizeof(*entries);
	ssize_t got = files_read_at(p->fd, entries, size,
				    number * PRESENT_PAGES * sizeof(*entries));

	if (got < 0)
		return err_sys(err, ERR_SYS, "pagemap");
	if ((size_t)got < size)
		return err_set(err, ERR_SYS, "the pagemap says nothing of it");
	for (i = 0; i < n; i++)
		if (map_put(&p->words, number + i,
			    pack_word(entries + i * PRESENT_PAGES)))
			return err_nomem(err);
	return 0;
}

/* As qemu_present_word(), and `len` bytes from hva on will be asked for. */
static int present_get(struct qemu_present *p, uint64_t hva, uint64_t len,
		       uint64_t *word, struct err *err)
{
	uint64_t number = hva / PRESENT_SPAN;
	uint64_t last = (hva + (len - 1)) / PRESENT_SPAN, known;
	size_t n = 1;
	int ret;

	if (map_get(&p->words, number, word))
		return 0;
	while (n < WORDS_MAX && number + n <= last &&
	       !map_get(&p->words, number + n, &known))
		n++;
	ret = present_learn(p, number, n, err);
	if (!ret)
		map_get(&p->words, number, word);
	return ret;
}

int qemu_present_word(struct qemu_present *p, uint64_t hva, uint64_t *word,
		      struct err *err)
{
	return present_get(p, hva, 1, word, err);
}

int qemu_present_run(struct qemu_present *p, uint64_t hva, uint64_t len,
		     bool *present, uint64_t *run, struct err *err)
{
	uint64_t at = hva, word = 0, left;
	unsigned int page, n;
	bool first = true;
	int ret;

	for (; at - hva < len; first = false) {
		ret = present_get(p, at, len - (at - hva), &word, err);
		if (ret)
			return ret;
		page = (at >> PAGE_SHIFT) % PRESENT_PAGES;
		if (first)
			*present = (word >> page) & 1;
		/* From here on set bits are pages of the other kind. */
		word = (*present ? ~word : word) >> page;
		n = word ? (unsigned int)__builtin_ctzll(word)
			 : PRESENT_PAGES - page;
		at = ((at >> PAGE_SHIFT) + n) << PAGE_SHIFT;
		if (page + n < PRESENT_PAGES)
			break;
	}
	left = at - hva;
	*run = left < len ? left : len;
	return 0;
}
