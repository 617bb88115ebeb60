/* SPDX-License-Identifier: BSD-2-Clause */
/* Looks names up in the table of dentries (fs/dcache.c). */
#include "kernel/fs/dcache.h"

#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/fs/dentry.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_DENTRY_HASH = WANTS_OF(READER_DCACHE),
	FIELD_DENTRY_PARENT,
	FIELD_DENTRY_NAME,
	FIELD_DENTRY_LEN
};

static const struct want want_table[] = {
	FIELD(DENTRY_HASH, "dentry", REQUIRED, "d_hash.next"),
	FIELD(DENTRY_PARENT, "dentry", REQUIRED, "d_parent"),
	FIELD(DENTRY_NAME, "dentry", REQUIRED, "d_name.name"),
	FIELD(DENTRY_LEN, "dentry", REQUIRED, "d_name.len"),
};

const struct wants dcache_wants = {.reader = "the cache of names",
				   .v = want_table,
				   .n = WANTS_N(want_table)};

/* docs/facts/kernel.md, "Names and paths" */
#define GOLDEN_RATIO_64 0x61c8864680b583ebULL

static uint64_t dcache_rotate(uint64_t x, unsigned int by)
{
	return x << by | x >> (64 - by);
}

uint32_t dcache_hash(uint64_t parent, const char *name, size_t len)
{
	uint64_t x = 0, y = parent, word;
	uint8_t last[8] = {0};

	for (; len >= 8; name += 8, len -= 8) {
		word = le64(name);
		x ^= word;
		y ^= x;
		x = dcache_rotate(x, 12);
		x += y;
		y = dcache_rotate(y, 45);
		y *= 9;
	}
	memcpy(last, name, len);
	x ^= le64(last);
	y ^= x * GOLDEN_RATIO_64;
	y *= GOLDEN_RATIO_64;
	return (uint32_t)(y >> 32);
}

/* The first of the chain that a name would be in. */
static int dcache_chain(struct kernel *k, uint32_t hash, uint64_t *first,
			struct err *err)
{
	uint64_t table, shift;
	int rc = kernel_read_symbol(k, "dentry_hashtable", 8, &table, err);

	if (!rc)
		rc = kernel_read_symbol(k, "d_hash_shift", 4, &shift, err);
	if (rc == ERR_NOT_FOUND)
		return err_set(err, ERR_NO_LINUX,
			       "this kernel does not tell where its cache of "
			       "names is (dentry_hashtable)");
	if (!rc && shift > 31)
		rc = err_set(err, ERR_CORRUPT,
			     "the cache of names has no such size");
	if (rc)
		return rc;
	return kernel_read(k, table + 8 * (uint64_t)(hash >> shift), first, 8,
			   err);
}

/* Whether a dentry that was read has that name below that parent. */
static int dcache_is(struct kernel *k, const struct records *r, uint64_t parent,
		     const char *name, size_t len, bool *same, struct err *err)
{
	char bytes[DENTRY_NAME_MAX];
	int rc;

	*same = false;
	if (records_u64(r, 0, FIELD_DENTRY_PARENT) != parent ||
	    records_u64(r, 0, FIELD_DENTRY_LEN) != len || len > sizeof(bytes))
		return 0;
	rc = kernel_read(k, records_u64(r, 0, FIELD_DENTRY_NAME), bytes, len,
			 err);
	*same = !rc && !memcmp(bytes, name, len);
	return rc;
}

int dcache_find(struct kernel *k, uint64_t parent, const char *name, size_t len,
		uint64_t *dentry, struct err *err)
{
	static const uint32_t fields[] = {FIELD_DENTRY_HASH,
					  FIELD_DENTRY_PARENT,
					  FIELD_DENTRY_NAME, FIELD_DENTRY_LEN};
	uint32_t in_dentry =
		profile_field(k->profile, FIELD_DENTRY_HASH)->offset;
	uint64_t node = 0, at;
	unsigned int steps;
	bool same = false;
	int rc = profile_check_reader(k->profile, READER_DCACHE, err);

	*dentry = 0;
	if (!rc)
		rc = dcache_chain(k, dcache_hash(parent, name, len), &node,
				  err);
	node = le64(&node) & ~1ULL; /* a lock */
	for (steps = 0; node && !rc && !same; steps++) {
		_cleanup_(records_deinit) struct records r = {0};

		at = node - in_dentry;
		if (steps == DCACHE_CHAIN_MAX)
			return err_set(err, ERR_CORRUPT,
				       "a chain of the cache of names does not "
				       "end");
		rc = records_read(k, &at, 1, fields, 4, &r, err);
		if (!rc && !r.ok[0])
			rc = err_set(err, ERR_UNREADABLE,
				     "a chain of the cache of names is torn");
		if (!rc)
			rc = dcache_is(k, &r, parent, name, len, &same, err);
		node = records_u64(&r, 0, FIELD_DENTRY_HASH);
		if (same)
			*dentry = at;
	}
	return rc;
}
