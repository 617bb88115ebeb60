/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds the hash tables of netlink: a resizable one for each protocol. */
#include <inttypes.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/net/sock_buckets.h"

/* What is wanted of the types. */
enum {
	FIELD_TABLE_HASH = WANTS_OF(READER_SOCK_NETLINK),
	FIELD_BUCKETS_SIZE,
	FIELD_BUCKETS_NEST,
	FIELD_BUCKETS,
	FIELD_SOCK_NODE,
	STRUCT_TABLE
};

static const struct want want_table[] = {
	FIELD(TABLE_HASH, "netlink_table", OPTIONAL, "hash.tbl"),
	FIELD(BUCKETS_SIZE, "bucket_table", OPTIONAL, "size"),
	FIELD(BUCKETS_NEST, "bucket_table", OPTIONAL, "nest"),
	FIELD(BUCKETS, "bucket_table", OPTIONAL, "buckets"),
	FIELD(SOCK_NODE, "netlink_sock", OPTIONAL, "node"),
	STRUCT(TABLE, "netlink_table", OPTIONAL),
};

const struct wants sock_netlink_wants = {.reader = "tables of netlink",
					 .v = want_table,
					 .n = WANTS_N(want_table)};

#define MAX_LINKS 32 /* include/uapi/linux/netlink.h */

/* What a bucket_table says of itself, as one array. */
static int sock_netlink_add_one(struct sock_tables *t, const struct records *r,
				size_t i, uint64_t at)
{
	struct kernel *k = t->k;

	if (!at)
		return 0;
	if (!r->ok[i] || records_u64(r, i, FIELD_BUCKETS_NEST)) {
		remarks_add(t->remarks,
			    "a table of netlink cannot be read, at 0x%" PRIx64,
			    at);
		return 0;
	}
	return sock_buckets_add(
		t, (struct buckets){
			   .table = SOCK_TABLE_NETLINK,
			   .base = at + profile_field(k->profile, FIELD_BUCKETS)
						->offset,
			   .n = records_u64(r, i, FIELD_BUCKETS_SIZE),
			   .stride = 8,
			   .node = profile_field(k->profile, FIELD_SOCK_NODE)
					   ->offset,
			   .locks = true,
		   });
}

/* Where the tables of all protocols are: an array of MAX_LINKS. */
static bool sock_netlink_find(struct kernel *k, uint64_t *at, uint32_t *size)
{
	*size = profile_sizeof(k->profile, STRUCT_TABLE);
	return *size && profile_symbol(k->profile, "nl_table", at) &&
	       profile_field(k->profile, FIELD_TABLE_HASH)->present &&
	       profile_field(k->profile, FIELD_BUCKETS)->present &&
	       profile_field(k->profile, FIELD_SOCK_NODE)->present;
}

int sock_netlink_add(struct sock_tables *t, struct err *err)
{
	static const uint32_t table[] = {FIELD_TABLE_HASH};
	static const uint32_t buckets[] = {FIELD_BUCKETS_SIZE,
					   FIELD_BUCKETS_NEST};
	struct kernel *k = t->k;
	_cleanup_(records_deinit) struct records r = {0}, b = {0};
	uint64_t at, tables[MAX_LINKS] = {0};
	uint32_t size;
	size_t i;
	int rc;

	if (!sock_netlink_find(k, &at, &size)) {
		remarks_add(t->remarks, "the kernel keeps its netlink sockets "
					"in no way that qvmi knows");
		return 0;
	}
	rc = kernel_read_symbol(k, "nl_table", 8, &at, err);
	for (i = 0; i < MAX_LINKS && !rc; i++)
		tables[i] = at + i * size;
	if (!rc)
		rc = records_read(k, tables, MAX_LINKS, table, 1, &r, err);
	for (i = 0; i < MAX_LINKS && !rc; i++)
		tables[i] = records_u64(&r, i, FIELD_TABLE_HASH);
	if (!rc)
		rc = records_read(k, tables, MAX_LINKS, buckets, 2, &b, err);
	for (i = 0; i < MAX_LINKS && !rc; i++)
		if (sock_netlink_add_one(t, &b, i, tables[i]))
			rc = err_nomem(err);
	return rc;
}
