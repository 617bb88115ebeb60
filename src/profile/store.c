/* SPDX-License-Identifier: BSD-2-Clause */
/* Profiles as files. */
#include "profile/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/files.h"

#define PIECE		(64u << 10) /* of what is summed up */
#define VERSION		3u
#define BYTE_ORDER_MARK 0x01020304u

enum section_id {
	IDENTITY,
	VALUES,
	SYMBOLS,
	TYPES,
	SECTIONS
};

struct section {
	uint64_t at, len, sum;
};

/* A profile's kernel: how it is told, and what proves it. */
struct kernel_id {
	struct identity id;
	struct proof proof;
};

struct header {
	char magic[8];
	uint32_t order, version;
	uint64_t file_len;
	uint64_t wanted; /* wanted_hash() of the readers */
	uint64_t link_text;
	struct section section[SECTIONS];
	uint64_t sum; /* of all above */
};

static const char magic[] = "qvmiprof"; /* without its NUL */

bool store_is(const void *bytes, size_t len)
{
	return len >= sizeof(struct header) &&
	       !memcmp(bytes, magic, sizeof(magic) - 1);
}

bool store_is_file(int fd)
{
	struct header h;

	return pread(fd, &h, sizeof(h), 0) == (ssize_t)sizeof(h) &&
	       store_is(&h, sizeof(h));
}

static int check_header(const struct header *h, uint64_t file_len,
			struct err *err)
{
	uint64_t at = sizeof(*h);
	size_t i;

	if (memcmp(h->magic, magic, sizeof(h->magic)) != 0 ||
	    h->order != BYTE_ORDER_MARK || h->version != VERSION)
		return err_set(err, ERR_CORRUPT,
			       "not a profile of this version of qvmi");
	if (h->sum != files_checksum(h, offsetof(struct header, sum)) ||
	    h->file_len != file_len)
		return err_set(err, ERR_CORRUPT, "damaged profile");
	for (i = 0; i < SECTIONS; i++) {
		const struct section *s = &h->section[i];

		if (s->at != at || s->at > file_len ||
		    s->len > file_len - s->at)
			return err_set(err, ERR_CORRUPT, "damaged profile");
		at = (s->at + s->len + 7) & ~7ULL;
	}
	if (h->section[IDENTITY].len != sizeof(struct kernel_id))
		return err_set(err, ERR_CORRUPT, "damaged profile");
	return 0;
}

static bool intact(const struct section *s, const void *bytes)
{
	return s->sum == files_checksum(bytes, s->len);
}

/* ERR_CORRUPT when it is damaged; `partial`: it may be without an identity. */
static int check_id(const struct section *s, const struct kernel_id *k,
		    bool partial, struct err *err)
{
	if (!intact(s, k) || !proof_valid(&k->proof) ||
	    !(identity_valid(&k->id) || (partial && !k->id.n)))
		return err_set(err, ERR_CORRUPT, "damaged profile");
	return 0;
}

int store_identity(int fd, struct identity *id, struct proof *proof,
		   struct err *err)
{
	struct {
		struct header h;
		struct kernel_id k;
	} head;
	struct stat st;
	int rc;

	if (fstat(fd, &st))
		return err_sys(err, ERR_SYS, "profile");
	if (pread(fd, &head, sizeof(head), 0) != (ssize_t)sizeof(head))
		return err_set(err, ERR_CORRUPT, "damaged profile");
	rc = check_header(&head.h, (uint64_t)st.st_size, err);
	if (!rc)
		rc = check_id(&head.h.section[IDENTITY], &head.k, false, err);
	if (rc)
		return rc;
	*id = head.k.id;
	*proof = head.k.proof;
	return 0;
}

/* Values as stored, or resolved anew where the table has changed. */
static int take_types(const struct header *h, struct parts *p, bool *stale,
		      struct err *err)
{
	const struct section *values = &h->section[VALUES];
	const struct section *types = &h->section[TYPES];
	const uint8_t *btf = p->map.bytes + types->at;
	size_t n;

	*stale = false;
	if (!values->len && !types->len)
		return 0; /* of a file without types */
	n = wanted_count(p->readers);
	*stale = h->wanted != wanted_hash(p->readers) ||
		 values->len != n * sizeof(*p->values.v);
	if (*stale) {
		if (!types->len || !intact(types, btf))
			return err_set(err, ERR_CORRUPT, "damaged profile");
		return parts_take_btf(p, btf, types->len, NULL, err);
	}
	if (!intact(values, p->map.bytes + values->at))
		return err_set(err, ERR_CORRUPT, "damaged profile");
	p->values.v = malloc(values->len + 1);
	if (!p->values.v)
		return err_nomem(err);
	p->values.n = n;
	memcpy(p->values.v, p->map.bytes + values->at, values->len);
	if (!wanted_valid(p->readers, &p->values))
		return err_set(err, ERR_CORRUPT, "damaged profile");
	p->have_values = true;
	if (types->len) {
		/* Only looked at when it is needed: see store_write(). */
		p->btf = btf;
		p->btf_len = types->len;
		p->btf_sum = types->sum;
	}
	return 0;
}

/*
 * As intact(), but of a file by its descriptor: to touch each page of a mapping
 * for the first time costs more than a copy of it does.
 */
static bool intact_in(const struct section *s, int fd, uint8_t piece[PIECE])
{
	struct files_sum sum = FILES_SUM;
	uint64_t at;

	for (at = 0; at < s->len; at += PIECE) {
		size_t n = s->len - at < PIECE ? (size_t)(s->len - at) : PIECE;

		if (files_read_at(fd, piece, n, s->at + at) != (ssize_t)n)
			return false;
		files_sum_add(&sum, piece, n);
	}
	return s->sum == files_sum_end(&sum);
}

/* Of a file that is mapped, by its descriptor, or (-1) in memory. */
static int take_symbols(const struct section *s, int fd, struct parts *p,
			struct err *err)
{
	const uint8_t *bytes = p->map.bytes + s->at;
	_cleanup_free_ uint8_t *piece = fd < 0 ? NULL : malloc(PIECE);

	if (fd >= 0 && !piece)
		return err_nomem(err);
	if (fd < 0 ? !intact(s, bytes) : !intact_in(s, fd, piece))
		return err_set(err, ERR_CORRUPT, "damaged profile");
	return symtab_view(&p->sym, bytes, s->len, err);
}

static int take_all(struct parts *p, int fd, bool *stale, struct err *err)
{
	const struct section *identity;
	struct kernel_id k;
	struct header h;
	int rc;

	if (p->map.len < sizeof(h))
		return err_set(err, ERR_CORRUPT, "damaged profile");
	memcpy(&h, p->map.bytes, sizeof(h));
	rc = check_header(&h, p->map.len, err);
	if (rc)
		return rc;
	identity = &h.section[IDENTITY];
	memcpy(&k, p->map.bytes + identity->at, sizeof(k));
	rc = check_id(identity, &k, true, err);
	if (rc)
		return rc;
	rc = take_symbols(&h.section[SYMBOLS], fd, p, err);
	p->id = k.id;
	p->proof = k.proof;
	p->link_text = h.link_text;
	return rc ? rc : take_types(&h, p, stale, err);
}

static int store_take_from(struct mapped *file, int fd, struct parts *p,
			   bool *stale, struct err *err)
{
	int rc;

	*p = (struct parts){.map = *file, .readers = p->readers};
	*file = (struct mapped){0};
	rc = take_all(p, fd, stale, err);
	if (rc)
		parts_deinit(p);
	return rc;
}

int store_take(struct mapped *file, struct parts *p, bool *stale,
	       struct err *err)
{
	return store_take_from(file, -1, p, stale, err);
}

int store_load(int fd, struct parts *p, bool *stale, struct err *err)
{
	struct mapped file;
	int rc = mapped_open(&file, fd, err);

	*p = (struct parts){.readers = p->readers};
	if (!rc)
		rc = store_take_from(&file, fd, p, stale, err);
	if (rc || (p->sym.n && p->have_values && p->id.n))
		return rc;
	parts_deinit(p);
	return err_set(err, ERR_CORRUPT, "damaged profile");
}

/* Write header and sections to fd; -1 with errno, or 0. */
static int write_sections(int fd, struct header *h,
			  const void *const bytes[SECTIONS])
{
	static const char zeros[8];
	uint64_t end = sizeof(*h);
	size_t i;

	if (files_write(fd, h, sizeof(*h)))
		return -1;
	for (i = 0; i < SECTIONS; i++) {
		if (files_write(fd, zeros, h->section[i].at - end) ||
		    files_write(fd, bytes[i], h->section[i].len))
			return -1;
		end = h->section[i].at + h->section[i].len;
	}
	return 0;
}

/* Lay the sections out one behind the other. */
static void fill_header(struct header *h, const struct parts *p,
			const void *const bytes[SECTIONS])
{
	const size_t len[SECTIONS] = {sizeof(struct kernel_id),
				      p->values.n * sizeof(*p->values.v),
				      p->sym.blob_len, p->btf_len};
	uint64_t at = sizeof(*h), end = at;
	size_t i;

	*h = (struct header){.order = BYTE_ORDER_MARK,
			     .version = VERSION,
			     .wanted = wanted_hash(p->readers),
			     .link_text = p->link_text};
	memcpy(h->magic, magic, sizeof(h->magic));
	for (i = 0; i < SECTIONS; i++) {
		h->section[i] = (struct section){
			at, len[i], files_checksum(bytes[i], len[i])};
		end = at + len[i];
		at = (end + 7) & ~7ULL;
	}
	h->file_len = end;
	h->sum = files_checksum(h, offsetof(struct header, sum));
}

int store_put(const struct parts *p, int fd, struct err *err)
{
	const struct kernel_id k = {p->id, p->proof};
	const void *const bytes[SECTIONS] = {&k, p->values.v, p->sym.blob,
					     p->btf};
	struct header h;

	fill_header(&h, p, bytes);
	if (p->btf_sum && p->btf_sum != h.section[TYPES].sum)
		return err_set(err, ERR_CORRUPT,
			       "the profile that it comes "
			       "from is damaged");
	if (write_sections(fd, &h, bytes))
		return err_sys(err, ERR_SYS, "profile");
	return 0;
}

int store_write(const struct parts *p, int dirfd, const char *name,
		struct err *err)
{
	_cleanup_(files_new_close) struct files_new f = {.fd = -1};
	int rc;

	if (!p->sym.n || !p->have_values || !p->id.n)
		return err_set(err, ERR_CORRUPT, "profile is incomplete");
	rc = files_new_open(&f, dirfd, name, err);
	if (!rc)
		rc = store_put(p, f.fd, err);
	if (!rc)
		rc = files_new_sync(&f, err);
	return rc ? rc : files_new_keep(&f, err);
}
