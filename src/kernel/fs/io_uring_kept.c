/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads files and buffers that programs have given to rings of io_uring. */
#include "kernel/fs/io_uring_kept.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/stored.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_N_FILES = WANTS_OF(READER_IO_URING_KEPT),
	FIELD_FILES,
	FIELD_FILE_NODES,
	FIELD_N_BUFFERS,
	FIELD_BUFFERS,
	FIELD_NODES,
	FIELD_FILE_DENTRY,
	FIELD_FILE_INODE,
	FIELD_DENTRY_NAME,
	FIELD_DENTRY_INODE,
	FIELD_NODE_FILE,
	FIELD_NODE_BUFFER,
	FIELD_BUFFER_AT,
	FIELD_BUFFER_LEN,
	FIELD_BUFFER_END
};

static const struct want want_table[] = {
	FIELD(N_FILES, "io_ring_ctx", REQUIRED,
	      "nr_user_files|file_table.data.nr"),
	FIELD(FILES, "io_ring_ctx", OPTIONAL, "file_table.files"),
	FIELD(FILE_NODES, "io_ring_ctx", OPTIONAL,
	      "file_table.data.nodes"), /* 7.2 */
	FIELD(N_BUFFERS, "io_ring_ctx", REQUIRED, "nr_user_bufs|buf_table.nr"),
	FIELD(BUFFERS, "io_ring_ctx", OPTIONAL, "user_bufs"),
	FIELD(NODES, "io_ring_ctx", OPTIONAL, "buf_table.nodes"), /* 7.2 */
	FIELD(FILE_DENTRY, "file", REQUIRED, "f_path.dentry|__f_path.dentry"),
	FIELD(FILE_INODE, "file", REQUIRED, "f_inode"),
	FIELD(DENTRY_NAME, "dentry", OPTIONAL, "d_iname"), /* up to 6.12 */
	FIELD(DENTRY_INODE, "dentry", REQUIRED, "d_inode"),
	FIELD(NODE_FILE, "io_rsrc_node", OPTIONAL, "file_ptr"),
	FIELD(NODE_BUFFER, "io_rsrc_node", OPTIONAL, "buf"),
	FIELD(BUFFER_AT, "io_mapped_ubuf", REQUIRED, "ubuf"),
	FIELD(BUFFER_LEN, "io_mapped_ubuf", OPTIONAL, "len"), /* 6.12 */
	FIELD(BUFFER_END, "io_mapped_ubuf", OPTIONAL, "ubuf_end"),
};

const struct wants io_uring_kept_wants = {.reader = "what io_uring keeps",
					  .v = want_table,
					  .n = WANTS_N(want_table)};

/* Flags in pointers to files. */
#define FILE_FLAGS 7u

/* Pointers of one kind that rings have, ring after ring. */
struct kept {
	uint64_t *arrays; /* of each ring */
	size_t *counts;	  /* of each ring */
	size_t n;	  /* of all */
	uint64_t *at;	  /* of each, and then where it leads; 0: nothing */
	size_t *ring;	  /* of each: whose it is */
};

struct kept_work {
	struct kernel *k;
	size_t n;
	struct io_urings *out;
	struct kept files, buffers;
};

static void kept_deinit(struct kept *k)
{
	free(k->arrays);
	free(k->counts);
	free(k->at);
	free(k->ring);
}

static void kept_work_deinit(struct kept_work *w)
{
	kept_deinit(&w->files);
	kept_deinit(&w->buffers);
}

static int kept_init(struct kept *k, size_t n)
{
	k->arrays = calloc(n + 1, sizeof(*k->arrays));
	k->counts = calloc(n + 1, sizeof(*k->counts));
	return k->arrays && k->counts ? 0 : ERR_NOMEM;
}

/* A ring with more than are read is not known. */
static void kept_set(struct io_uring *u, struct kept *k, size_t i, uint64_t at,
		     uint64_t n)
{
	u->known &= n <= IO_URING_PARTS_MAX_ALL - k->n && (!n || at);
	if (!u->known)
		return;
	k->arrays[i] = at;
	k->counts[i] = n;
	k->n += n;
}

static int kept_read_own(struct kept_work *w, const uint64_t *addrs,
			 struct err *err)
{
	static const uint32_t fields[] = {FIELD_N_FILES,    FIELD_FILES,
					  FIELD_FILE_NODES, FIELD_N_BUFFERS,
					  FIELD_BUFFERS,    FIELD_NODES};
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc = records_read(w->k, addrs, w->n, fields, WANTS_N(fields), &r,
			      err);

	for (i = 0; i < w->n && !rc; i++) {
		struct io_uring *u = &w->out->v[i];
		uint32_t buffers = records_have(&r, FIELD_BUFFERS)
					   ? FIELD_BUFFERS
					   : FIELD_NODES;
		uint32_t files = w->out->paths ? FIELD_FILE_NODES : FIELD_FILES;

		u->known &= r.ok[i];
		kept_set(u, &w->files, i, records_u64(&r, i, files),
			 records_u64(&r, i, FIELD_N_FILES));
		kept_set(u, &w->buffers, i, records_u64(&r, i, buffers),
			 records_u64(&r, i, FIELD_N_BUFFERS));
	}
	return rc;
}

/* The pointers; each ring's first one is what the kind numbers them from. */
static int kept_read_pointers(struct kept_work *w, struct kept *k,
			      struct err *err)
{
	_cleanup_free_ struct space_read *reads =
		calloc(w->n + 1, sizeof(*reads));
	size_t i, j, at = 0;
	int rc;

	k->at = calloc(k->n + 1, sizeof(*k->at));
	k->ring = calloc(k->n + 1, sizeof(*k->ring));
	if (!reads || !k->at || !k->ring)
		return err_nomem(err);
	for (i = 0; i < w->n; i++) {
		reads[i] = (struct space_read){.root = &w->k->root,
					       .va = k->arrays[i],
					       .dst = k->at + at,
					       .len = 8 * k->counts[i]};
		for (j = 0; j < k->counts[i]; j++)
			k->ring[at++] = i;
	}
	rc = space_read(w->k->machine, reads, w->n, err);
	for (i = 0; i < w->n && !rc; i++)
		w->out->v[i].known &= reads[i].got == reads[i].len;
	for (i = 0; i < k->n; i++)
		k->at[i] = le64(&k->at[i]);
	return rc;
}

/* Where there is a node before each: the member of it that leads on. */
static int kept_read_nodes(struct kept_work *w, struct kept *k,
			   const uint32_t *member, struct err *err)
{
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc = records_read(w->k, k->at, k->n, member, 1, &r, err);

	for (i = 0; i < k->n && !rc; i++) {
		w->out->v[k->ring[i]].known &=
			!k->at[i] || (r.ok[i] && records_have(&r, *member));
		k->at[i] = records_u64(&r, i, *member);
	}
	return rc;
}

/* seq_file_path() */
static int kept_read_paths(struct kept_work *w, struct err *err)
{
	const struct kept *k = &w->files;
	struct file_infos *infos = &w->out->infos;
	size_t i;
	int rc;

	for (i = 0; i < k->n; i++)
		if (file_infos_add(infos, k->at[i]))
			return err_nomem(err);
	rc = file_infos_read(w->k, infos, err);
	for (i = 0; i < k->n && !rc; i++) {
		const struct file_info *f = file_infos_get(infos, k->at[i]);

		w->out->files[i].path = f ? f->path : NULL;
		w->out->v[k->ring[i]].known &= !k->at[i] || (f && f->path);
	}
	return rc;
}

/* d_iname, which is not the whole of a long name. */
static int kept_read_names(struct kept_work *w, struct err *err)
{
	static const uint32_t file[] = {FIELD_FILE_DENTRY, FIELD_FILE_INODE};
	static const uint32_t dentry[] = {FIELD_DENTRY_NAME,
					  FIELD_DENTRY_INODE};
	struct kept *k = &w->files;
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_(records_deinit) struct records d = {0};
	size_t i;
	int rc = records_read(w->k, k->at, k->n, file, 2, &r, err);

	for (i = 0; i < k->n && !rc; i++)
		k->at[i] = records_u64(&r, i, FIELD_FILE_DENTRY);
	if (!rc)
		rc = records_read(w->k, k->at, k->n, dentry, 2, &d, err);
	for (i = 0; i < k->n && !rc; i++) {
		const uint8_t *name = records_bytes(&d, i, FIELD_DENTRY_NAME);
		uint32_t size = records_size(&d, FIELD_DENTRY_NAME);
		struct io_uring_file *f = &w->out->files[i];

		if (f->none)
			continue;
		/* or it is that of an overlay, which has another one */
		w->out->v[k->ring[i]].known &=
			r.ok[i] && d.ok[i] && name && size < IO_URING_NAME &&
			records_u64(&d, i, FIELD_DENTRY_INODE) ==
				records_u64(&r, i, FIELD_FILE_INODE);
		if (name && size < IO_URING_NAME)
			memcpy(f->name, name, size);
	}
	return rc;
}

static int kept_read_files(struct kept_work *w, struct err *err)
{
	static const uint32_t member = FIELD_NODE_FILE;
	struct kept *k = &w->files;
	size_t i;
	int rc = w->out->paths ? kept_read_nodes(w, k, &member, err) : 0;

	w->out->files = calloc(k->n + 1, sizeof(*w->out->files));
	if (!w->out->files)
		return err_nomem(err);
	for (i = 0; i < k->n && !rc; i++) {
		k->at[i] &= ~(uint64_t)FILE_FLAGS;
		w->out->files[i].none = !k->at[i];
	}
	if (rc)
		return rc;
	return w->out->paths ? kept_read_paths(w, err)
			     : kept_read_names(w, err);
}

static int kept_read_buffers(struct kept_work *w, struct err *err)
{
	static const uint32_t fields[] = {FIELD_BUFFER_AT, FIELD_BUFFER_LEN,
					  FIELD_BUFFER_END};
	static const uint32_t member = FIELD_NODE_BUFFER;
	struct kept *k = &w->buffers;
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	bool nodes = profile_field(w->k->profile, FIELD_NODES)->present;
	int rc = nodes ? kept_read_nodes(w, k, &member, err) : 0;

	w->out->buffers = calloc(k->n + 1, sizeof(*w->out->buffers));
	if (!w->out->buffers)
		return err_nomem(err);
	if (!rc)
		rc = records_read(w->k, k->at, k->n, fields, 3, &r, err);
	for (i = 0; i < k->n && !rc; i++) {
		struct io_uring_buffer *b = &w->out->buffers[i];
		bool *known = &w->out->v[k->ring[i]].known;

		b->none = !k->at[i];
		if (b->none) { /* older ones have none that is missing */
			*known &= nodes;
			continue;
		}
		*known &= r.ok[i] && (records_have(&r, FIELD_BUFFER_LEN) ||
				      records_have(&r, FIELD_BUFFER_END));
		b->at = records_u64(&r, i, FIELD_BUFFER_AT);
		b->len = records_have(&r, FIELD_BUFFER_LEN)
				 ? records_u64(&r, i, FIELD_BUFFER_LEN)
				 : (uint32_t)(records_u64(&r, i,
							  FIELD_BUFFER_END) -
					      b->at);
	}
	return rc;
}

int io_uring_kept_read(struct kernel *k, const uint64_t *addrs, size_t n,
		       struct io_urings *out, struct err *err)
{
	_cleanup_(kept_work_deinit) struct kept_work w = {
		.k = k, .n = n, .out = out};
	size_t i, files = 0, buffers = 0;
	int rc;

	if (kept_init(&w.files, n) || kept_init(&w.buffers, n))
		return err_nomem(err);
	out->paths = profile_field(k->profile, FIELD_FILE_NODES)->present;
	rc = kept_read_own(&w, addrs, err);
	for (i = 0; i < n; i++) {
		out->v[i].first_file = files;
		out->v[i].first_buffer = buffers;
		files += out->v[i].n_files = w.files.counts[i];
		buffers += out->v[i].n_buffers = w.buffers.counts[i];
	}
	if (!rc)
		rc = kept_read_pointers(&w, &w.files, err);
	if (!rc)
		rc = kept_read_pointers(&w, &w.buffers, err);
	if (!rc)
		rc = kept_read_files(&w, err);
	return rc ? rc : kept_read_buffers(&w, err);
}
