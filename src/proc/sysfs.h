/* SPDX-License-Identifier: BSD-2-Clause */
/* What directories below /sys have in common: objects with small files each. */
#ifndef PROC_SYSFS_H
#define PROC_SYSFS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/vec.h"
#include "proc/proc.h"

struct sysfs_record;

/* A file that objects of a kind have; a table of them is a directory. */
struct sysfs_leaf {
	const char *name;  /* one that ends in a slash is an empty directory */
	unsigned int what; /* for those that share a text() */
	/* Append what it holds, or where it leads. */
	void (*text)(const void *values, const struct sysfs_record *r,
		     struct buf *out);
	bool is_link;
	/* Append what belongs to the name of one of several; NULL: nothing. */
	void (*more)(const void *values, const struct sysfs_record *r,
		     struct buf *out);
};

#define SYSFS_LEAF(label, of, put)                           \
	{                                                    \
		.name = (label), .what = (of), .text = (put) \
	}

#define SYSFS_TOP UINT32_MAX /* no object: beside their directories */

struct sysfs_record {
	uint32_t object;
	uint32_t which; /* of several */
	const struct sysfs_leaf *leaf;
};

/* The `own` of such a file of ours; zero-initialise. */
struct sysfs {
	void *values; /* owned */
	void (*values_free)(void *values);
	/* Append the name of an object's directory. */
	void (*dir)(const void *values, uint32_t object, struct buf *out);
	VEC(struct sysfs_record) v; /* those of an object side by side */
	bool oom;
};

/* Begin out->own; NULL: no memory, of the values neither, which are zeroed. */
struct sysfs *sysfs_create(struct proc_values *out, size_t values_size);

/* Append a record. */
void sysfs_add(struct sysfs *s, uint32_t object, const struct sysfs_leaf *leaf);
void sysfs_add_one(struct sysfs *s, uint32_t object,
		   const struct sysfs_leaf *leaf, uint32_t which);

/* They are all: the part has that many records.  ERR_NOMEM. */
int sysfs_end(const struct sysfs *s, struct proc_values *out, struct err *err);

/* Members of struct proc_file for such. */
void sysfs_text(const struct proc_values *v, size_t i, size_t record,
		struct buf *out);
void sysfs_entry(const struct proc_values *v, size_t i, size_t record,
		 struct buf *out);
bool sysfs_is_link(const struct proc_values *v, size_t i, size_t record);
void sysfs_deinit(struct proc_values *v);

#define SYSFS_FILE                                                       \
	.scope = PROC_BESIDE, .kind = PROC_TEXT_DIR, .text = sysfs_text, \
	.entry = sysfs_entry, .is_link = sysfs_is_link, .deinit = sysfs_deinit

#endif
