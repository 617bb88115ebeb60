/* SPDX-License-Identifier: BSD-2-Clause */
/* /sys/devices/system/memory (drivers/base/memory.c). */
#include "proc/sysfs.h"

#include <inttypes.h>

#include "base/cleanup.h"
#include "kernel/device/memory_blocks.h"

static const struct memory_block *memory_of(const void *values,
					    const struct sysfs_record *r)
{
	const struct memory_blocks *all = values;

	return &all->v.v[r->object];
}

static void memory_put_size(const void *values, const struct sysfs_record *r,
			    struct buf *out)
{
	const struct memory_blocks *all = values;

	(void)r;
	buf_printf(out, "%" PRIx64 "\n", all->size);
}

static void memory_put_index(const void *values, const struct sysfs_record *r,
			     struct buf *out)
{
	buf_printf(out, "%08" PRIx64 "\n", memory_of(values, r)->index);
}

static void memory_put_removable(const void *values,
				 const struct sysfs_record *r, struct buf *out)
{
	const struct memory_blocks *all = values;

	(void)r;
	buf_printf(out, "%d\n", all->removable);
}

static void memory_put_state(const void *values, const struct sysfs_record *r,
			     struct buf *out)
{
	static const char *const names[] = {
		[MEMORY_UNKNOWN] = "",
		[MEMORY_ONLINE] = "online",
		[MEMORY_GOING_OFFLINE] = "going-offline",
		[MEMORY_OFFLINE] = "offline",
	};

	buf_printf(out, "%s\n", names[memory_of(values, r)->state]);
}

static void memory_put_zones(const void *values, const struct sysfs_record *r,
			     struct buf *out)
{
	const struct memory_block *b = memory_of(values, r);

	buf_printf(out, "%s\n", *b->zone ? b->zone : "none");
}

static void memory_put_node(const void *values, const struct sysfs_record *r,
			    struct buf *out)
{
	buf_printf(out, "%" PRId32, memory_of(values, r)->node);
}

static void memory_put_link(const void *values, const struct sysfs_record *r,
			    struct buf *out)
{
	buf_puts(out, "../../node/node");
	memory_put_node(values, r, out);
}

static const struct sysfs_leaf size_leaf = {.name = "block_size_bytes",
					    .text = memory_put_size};
static const struct sysfs_leaf index_leaf = {.name = "phys_index",
					     .text = memory_put_index};
static const struct sysfs_leaf removable_leaf = {.name = "removable",
						 .text = memory_put_removable};
static const struct sysfs_leaf state_leaf = {.name = "state",
					     .text = memory_put_state};
static const struct sysfs_leaf zones_leaf = {.name = "valid_zones",
					     .text = memory_put_zones};
static const struct sysfs_leaf node_leaf = {.name = "node",
					    .text = memory_put_link,
					    .is_link = true,
					    .more = memory_put_node};

static void memory_add(struct sysfs *s, uint32_t i)
{
	const struct memory_blocks *all = s->values;
	const struct memory_block *b = &all->v.v[i];

	sysfs_add(s, i, &index_leaf);
	sysfs_add(s, i, &removable_leaf);
	if (b->state != MEMORY_UNKNOWN)
		sysfs_add(s, i, &state_leaf);
	if (b->zone_known)
		sysfs_add(s, i, &zones_leaf);
	if (b->node >= 0)
		sysfs_add(s, i, &node_leaf);
}

static void memory_dir(const void *values, uint32_t i, struct buf *out)
{
	const struct memory_blocks *all = values;

	buf_printf(out, "memory%" PRIu64, all->v.v[i].index);
}

static void memory_free(void *values)
{
	memory_blocks_deinit(values);
}

static int sysfs_memory_read(struct kernel *k, struct proc_values *out,
			     struct err *err)
{
	_cleanup_(remarks_deinit) struct remarks remarks = {0};
	struct sysfs *s = sysfs_create(out, sizeof(struct memory_blocks));
	struct memory_blocks *all = s ? s->values : NULL;
	uint32_t i;
	int rc;

	if (!all)
		return err_nomem(err);
	s->values_free = memory_free;
	s->dir = memory_dir;
	rc = memory_blocks_read(k, all, &remarks, err);
	if (rc)
		return rc;
	proc_part_remarks(out->parts, &remarks);
	out->parts->missing = out->parts->why.len;
	sysfs_add(s, SYSFS_TOP, &size_leaf);
	for (i = 0; i < all->v.n; i++)
		memory_add(s, i);
	return sysfs_end(s, out, err);
}

const struct proc_file proc_sysfs_memory = {
	.name = "sys/devices/system/memory",
	.read = sysfs_memory_read,
	SYSFS_FILE,
};
