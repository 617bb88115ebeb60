/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes the names of files that have no path, by the functions there are. */
#include "kernel/fs/dentry_name.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/map.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_DENTRY_FSDATA = WANTS_OF(READER_DENTRY_NAME),
	FIELD_DMABUF_NAME,
	FIELD_INODE_PRIVATE,
	FIELD_NS_OPS,
	FIELD_NS_OPS_NAME,
	FIELD_PID_STASHED,
	FIELD_INODE_INO
};

static const struct want want_table[] = {
	FIELD(DENTRY_FSDATA, "dentry", OPTIONAL, "d_fsdata"),
	FIELD(DMABUF_NAME, "dma_buf", OPTIONAL, "name"), /* 5.3 */
	FIELD(INODE_PRIVATE, "inode", OPTIONAL, "i_private"),
	FIELD(NS_OPS, "ns_common", OPTIONAL, "ops"),
	FIELD(NS_OPS_NAME, "proc_ns_operations", OPTIONAL, "name"),
	FIELD(PID_STASHED, "pid", OPTIONAL, "stashed"), /* 6.9 */
	FIELD(INODE_INO, "inode", REQUIRED, "i_ino"),
};

const struct wants dentry_name_wants = {
	.reader = "dentry names", .v = want_table, .n = WANTS_N(want_table)};

/* Strings elsewhere that are part of a name, with their NUL. */
#define WORD_MAX 64

/* Where a word that is part of a name lies, beside the dentry and its inode. */
enum word {
	NO_WORD,
	DMABUF_NAME,
	NAMESPACE_TYPE,
	WORDS
};

/*
 * All functions of Linux 3.16 to 7.2 that make up names (docs/facts/kernel.md,
 * "Names and paths"), and what they print: %n is the dentry's name, %i the
 * inode number, %w the word.
 */
static const struct {
	const char *function, *format;
	enum word word;
} makers[] = {
	/* fs/d_path.c: shmem, memfd, hugetlbfs, aio, secretmem, DRM... */
	{"simple_dname", "/%n (deleted)", NO_WORD},
	{"sockfs_dname", "socket:[%i]", NO_WORD},	  /* net/socket.c */
	{"pipefs_dname", "pipe:[%i]", NO_WORD},		  /* fs/pipe.c */
	{"anon_inodefs_dname", "anon_inode:%n", NO_WORD}, /* fs/anon_inodes.c */
	{"dmabuffs_dname", "/%n:%w", DMABUF_NAME},	/* dma-buf.c, >= 5.3 */
	{"ns_dname", "%w:[%i]", NAMESPACE_TYPE},	/* fs/nsfs.c, >= 3.19 */
	{"pidfs_dname", "anon_inode:[pidfd]", NO_WORD}, /* pidfs.c, >= 6.10 */
};

#define MAKERS (sizeof(makers) / sizeof(makers[0]))

/* The way to a word: from the dentry or its inode, member by member. */
struct way {
	bool from_inode;
	uint32_t member[3]; /* pointers; the last one's target is it */
	size_t n;
};

/*
 * dentry.d_fsdata is the struct dma_buf, or was the operations of a
 * namespace's type; from 6.9 on (struct pid has `stashed` since) these are
 * found through inode.i_private, the struct ns_common.
 */
static struct way way_to(const struct kernel *k, enum word word)
{
	static const struct way dmabuf = {
		false, {FIELD_DENTRY_FSDATA, FIELD_DMABUF_NAME}, 2};
	static const struct way ns_old = {
		false, {FIELD_DENTRY_FSDATA, FIELD_NS_OPS_NAME}, 2};
	static const struct way ns = {
		true,
		{FIELD_INODE_PRIVATE, FIELD_NS_OPS, FIELD_NS_OPS_NAME},
		3};

	if (word == NO_WORD)
		return (struct way){0};
	if (word == DMABUF_NAME)
		return dmabuf;
	return profile_field(k->profile, FIELD_PID_STASHED)->present ? ns
								     : ns_old;
}

/* Compilers may give a function's symbol a suffix: ".llvm.12345". */
static bool is_function(const char *symbol, const char *function)
{
	size_t len = strlen(function);

	return !strncmp(symbol, function, len) &&
	       (!symbol[len] || symbol[len] == '.');
}

static bool can_go(const struct kernel *k, enum word word)
{
	const struct way way = way_to(k, word);
	size_t i = 0;

	while (i < way.n && profile_field(k->profile, way.member[i])->present)
		i++;
	return i == way.n;
}

/* Which of the makers a function is; MAKERS: none. */
static size_t find_maker(const struct kernel *k, uint64_t function)
{
	const char *symbol = "";
	uint64_t offset = 0;
	size_t i = 0;

	if (!profile_nearest(k->profile, function, &symbol, &offset) || offset)
		return MAKERS;
	while (i < MAKERS && !is_function(symbol, makers[i].function))
		i++;
	return i < MAKERS && can_go(k, makers[i].word) ? i : MAKERS;
}

/* All that names are made of. */
struct making {
	struct kernel *k;
	struct dentry_name *v;
	size_t n;
	size_t *maker;
	uint64_t *ino;
	char (*words)[WORD_MAX];
};

static void making_deinit(struct making *m)
{
	free(m->maker);
	free(m->ino);
	free(m->words);
}

static int making_init(struct making *m, struct kernel *k,
		       struct dentry_name *v, size_t n)
{
	_cleanup_(map_deinit) struct map known = {0};
	uint64_t which;
	size_t i;

	*m = (struct making){.k = k, .v = v, .n = n};
	m->maker = calloc(n, sizeof(*m->maker));
	m->ino = calloc(n, sizeof(*m->ino));
	m->words = calloc(n, sizeof(*m->words));
	if (!m->maker || !m->ino || !m->words)
		return ERR_NOMEM;
	for (i = 0; i < n; i++) {
		if (!map_get(&known, v[i].function, &which)) {
			which = find_maker(k, v[i].function);
			if (map_put(&known, v[i].function, which))
				return ERR_NOMEM;
		}
		m->maker[i] = which;
	}
	return 0;
}

static bool needs_inode(const struct making *m, size_t i)
{
	return m->maker[i] < MAKERS && strstr(makers[m->maker[i]].format, "%i");
}

static void dentry_name_fail(struct dentry_name *d, uint64_t at)
{
	if (!d->torn_at)
		d->torn_at = at;
}

static int dentry_name_read_numbers(struct making *m, struct err *err)
{
	static const uint32_t fields[] = {FIELD_INODE_INO};
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_free_ uint64_t *addrs = calloc(m->n, sizeof(*addrs));
	size_t i, n = 0;
	int rc;

	if (!addrs)
		return err_nomem(err);
	for (i = 0; i < m->n; i++)
		if (needs_inode(m, i))
			addrs[n++] = m->v[i].inode;
	rc = records_read(m->k, addrs, n, fields, 1, &r, err);
	for (i = n = 0; i < m->n && !rc; i++) {
		if (!needs_inode(m, i))
			continue;
		if (!r.ok[n])
			dentry_name_fail(&m->v[i], m->v[i].inode);
		m->ino[i] = records_u64(&r, n++, FIELD_INODE_INO);
	}
	return rc;
}

/* Go one member further with those that have got so far: addrs, owners. */
static int follow_member(struct making *m, uint32_t member, uint64_t *addrs,
			 const size_t *owners, size_t n, struct err *err)
{
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc = records_read(m->k, addrs, n, &member, 1, &r, err);

	for (i = 0; i < n && !rc; i++) {
		if (!r.ok[i])
			dentry_name_fail(&m->v[owners[i]],
					 addrs[i] ? addrs[i]
						  : m->v[owners[i]].dentry);
		addrs[i] = records_u64(&r, i, member);
	}
	return rc;
}

/* Read one kind of word for all names that have it. */
static int dentry_name_read_words(struct making *m, enum word word,
				  struct err *err)
{
	const struct way way = way_to(m->k, word);
	_cleanup_free_ uint64_t *addrs = calloc(m->n, sizeof(*addrs));
	_cleanup_free_ size_t *owners = calloc(m->n, sizeof(*owners));
	_cleanup_free_ char **out = calloc(m->n, sizeof(*out));
	_cleanup_free_ bool *ok = calloc(m->n, sizeof(*ok));
	size_t i, n = 0;
	int rc = 0;

	if (!addrs || !owners || !out || !ok)
		return err_nomem(err);
	for (i = 0; i < m->n; i++)
		if (m->maker[i] < MAKERS && makers[m->maker[i]].word == word) {
			owners[n] = i;
			out[n] = m->words[i];
			addrs[n++] =
				way.from_inode ? m->v[i].inode : m->v[i].dentry;
		}
	for (i = 0; i < way.n && n && !rc; i++)
		rc = follow_member(m, way.member[i], addrs, owners, n, err);
	if (rc || !n)
		return rc;
	rc = records_strings(m->k, addrs, n, WORD_MAX, out, ok, err);
	for (i = 0; i < n && !rc; i++)
		if (addrs[i] && !ok[i]) /* a dma_buf without a name has 0 */
			dentry_name_fail(&m->v[owners[i]], addrs[i]);
	return rc;
}

static void dentry_name_add_name(struct buf *b, const struct making *m,
				 size_t i)
{
	const struct dentry_name *d = &m->v[i];
	const char *format = makers[m->maker[i]].format;

	for (; *format; format++) {
		if (*format != '%')
			buf_add(b, format, 1);
		else if (*++format == 'n')
			buf_add(b, d->name, d->len);
		else if (*format == 'w')
			buf_puts(b, m->words[i]);
		else
			buf_printf(b, "%llu", (unsigned long long)m->ino[i]);
	}
}

static int make_name(const struct making *m, size_t i, struct dentry_name *d)
{
	_cleanup_(buf_deinit) struct buf b = {0};

	if (m->maker[i] == MAKERS || d->torn_at)
		return 0;
	dentry_name_add_name(&b, m, i);
	if (!b.oom && b.data)
		d->text = strndup(b.data, b.len);
	return d->text ? 0 : ERR_NOMEM;
}

int dentry_names_make(struct kernel *k, struct dentry_name *v, size_t n,
		      struct err *err)
{
	_cleanup_(making_deinit) struct making m = {0};
	enum word word;
	size_t i;
	int rc;

	for (i = 0; i < n; i++) {
		v[i].text = NULL;
		v[i].torn_at = 0;
	}
	if (!n)
		return 0;
	if (making_init(&m, k, v, n))
		return err_nomem(err);
	rc = dentry_name_read_numbers(&m, err);
	for (word = NO_WORD + 1; word < WORDS && !rc; word++)
		rc = dentry_name_read_words(&m, word, err);
	for (i = 0; i < n && !rc; i++)
		if (make_name(&m, i, &v[i]))
			return err_nomem(err);
	return rc;
}
