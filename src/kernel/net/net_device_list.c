/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds the network devices of namespaces, and names them. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/limits.h"
#include "kernel/net/net_devices.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_NET_HEADS = WANTS_OF(READER_NET_DEVICE_LIST),
	FIELD_DEV_LINK
};

static const struct want want_table[] = {
	FIELD(NET_HEADS, "net", REQUIRED, "dev_index_head"),
	FIELD(DEV_LINK, "net_device", REQUIRED, "index_hlist"),
};

const struct wants net_device_list_wants = {
	.reader = "network devices", .v = want_table, .n = WANTS_N(want_table)};

#define HEADS 256u /* NETDEV_HASHENTRIES, include/linux/netdevice.h */

void net_device_name(const struct records *r, size_t i, uint32_t field,
		     char out[NET_DEVICE_NAME])
{
	const uint8_t *name = records_bytes(r, i, field);

	if (name && records_size(r, field) == NET_DEVICE_NAME)
		memcpy(out, name, NET_DEVICE_NAME - 1);
}

/* The chains of all namespaces, by their interfaces' numbers. */
int net_devices_find(struct kernel *k, const struct sock_nets *nets,
		     struct chains *out, struct remarks *remarks,
		     struct err *err)
{
	static const uint32_t fields[] = {FIELD_NET_HEADS};
	const struct chain_kind kind = {
		.next = profile_field(k->profile, FIELD_DEV_LINK)->offset,
		.inside = true,
		.most = NET_DEVICES_MAX};
	_cleanup_(records_deinit) struct records r = {0};
	size_t i, n = nets->n;
	_cleanup_free_ struct space_read *reads = calloc(n + 1, sizeof(*reads));
	_cleanup_free_ uint64_t(*heads)[HEADS] = calloc(n + 1, sizeof(*heads));
	uint64_t *all = heads ? *heads : NULL;
	int rc;

	*out = (struct chains){0};
	if (!reads || !heads)
		return err_nomem(err);
	rc = profile_check_reader(k->profile, READER_NET_DEVICE_LIST, err);
	if (!rc)
		rc = records_read(k, nets->v, n, fields, 1, &r, err);
	if (rc)
		return rc;
	sock_nets_remark(nets, r.ok, remarks);
	for (i = 0; i < n; i++)
		reads[i] = (struct space_read){
			.root = &k->root,
			.va = records_u64(&r, i, FIELD_NET_HEADS),
			.dst = heads[i],
			.len = r.ok[i] ? sizeof(heads[i]) : 0};
	rc = space_read(k->machine, reads, n, err);
	for (i = 0; i < n && !rc; i++)
		if (reads[i].got < reads[i].len)
			remarks_add(remarks,
				    "network devices cannot be read, at "
				    "0x%" PRIx64,
				    reads[i].va);
	for (i = 0; i < n * HEADS; i++)
		all[i] = le64(&all[i]);
	if (!rc)
		rc = chains_read(k, all, n * HEADS, &kind, out, err);
	for (i = 0; i < out->links.n; i++)
		out->links.v[i].of /= HEADS;
	chains_remark(out, "network devices", remarks);
	return rc;
}
