/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads what was read from disks and written to them. */
#include "kernel/device/disk_stats.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/cpus.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_BDEV_STATS = WANTS_OF(READER_DISK_STATS),
	FIELD_PART_STATS,
	FIELD_STATS_NS,
	FIELD_STATS_SECTORS,
	FIELD_STATS_IOS,
	FIELD_STATS_MERGES,
	FIELD_STATS_TICKS,
	FIELD_STATS_IN_FLIGHT,
	FIELD_DISK_QUEUE,
	FIELD_QUEUE_MQ,
	FIELD_QUEUE_USERS,
	STRUCT_STATS
};

static const struct want want_table[] = {
	FIELD(BDEV_STATS, "block_device", OPTIONAL, "bd_stats"), /* 5.11 */
	FIELD(PART_STATS, "hd_struct", OPTIONAL, "dkstats"),
	FIELD(STATS_NS, "disk_stats", REQUIRED, "nsecs"),
	FIELD(STATS_SECTORS, "disk_stats", REQUIRED, "sectors"),
	FIELD(STATS_IOS, "disk_stats", REQUIRED, "ios"),
	FIELD(STATS_MERGES, "disk_stats", REQUIRED, "merges"),
	FIELD(STATS_TICKS, "disk_stats", REQUIRED, "io_ticks"),
	FIELD(STATS_IN_FLIGHT, "disk_stats", REQUIRED, "in_flight"),
	FIELD(DISK_QUEUE, "gendisk", REQUIRED, "queue"),
	FIELD(QUEUE_MQ, "request_queue", REQUIRED, "mq_ops"),
	FIELD(QUEUE_USERS, "request_queue", REQUIRED,
	      "q_usage_counter.percpu_count_ptr"),
	STRUCT(STATS, "disk_stats", REQUIRED),
};

const struct wants disk_stats_wants = {.reader = "statistics of disks",
				       .v = want_table,
				       .n = WANTS_N(want_table)};

/* __PERCPU_REF_ATOMIC_DEAD (include/linux/percpu-refcount.h): it is no pointer
 * to counts of CPUs. */
#define REF_FLAGS	3u

#define STATS_BYTES_MAX 4096u

struct disk_reader {
	struct kernel *k;
	const struct block_device *devices;
	size_t n;
	struct cpus cpus;
	uint64_t *queue;	    /* of each: its address, then its users */
	bool *mq;		    /* of each */
	struct cpu_variable *stats; /* of each, then users of its queue */
};

static void disk_reader_deinit(struct disk_reader *r)
{
	cpus_deinit(&r->cpus);
	free(r->queue);
	free(r->mq);
	if (r->stats)
		cpu_variables_deinit(r->stats, 2 * r->n);
	free(r->stats);
}

/* Per-CPU pointers of devices, and the queues of their disks. */
static int disk_read_pointers(struct disk_reader *r, uint64_t *stats,
			      struct err *err)
{
	bool today = profile_field(r->k->profile, FIELD_BDEV_STATS)->present;
	const uint32_t field = today ? FIELD_BDEV_STATS : FIELD_PART_STATS;
	static const uint32_t disk[] = {FIELD_DISK_QUEUE};
	_cleanup_free_ uint64_t *at = calloc(2 * r->n + 1, sizeof(*at));
	const struct records_want wants[] = {{at, r->n, &field, 1},
					     {at + r->n, r->n, disk, 1}};
	struct records rec[2] = {0};
	size_t i;
	int rc;

	if (!at)
		return err_nomem(err);
	for (i = 0; i < r->n; i++) {
		at[i] = r->devices[i].addr;
		at[r->n + i] = r->devices[i].disk;
	}
	rc = records_read_all(r->k, wants, 2, rec, err);
	for (i = 0; i < r->n && !rc; i++) {
		stats[i] = records_u64(&rec[0], i, field);
		r->queue[i] = records_u64(&rec[1], i, FIELD_DISK_QUEUE);
	}
	records_deinit(&rec[0]);
	records_deinit(&rec[1]);
	return rc;
}

/* Of each queue: whether it has several, and who uses it; queue[] has where
 * CPUs count these, or 0. */
static int disk_read_queues(struct disk_reader *r, struct err *err)
{
	static const uint32_t fields[] = {FIELD_QUEUE_MQ, FIELD_QUEUE_USERS};
	_cleanup_(records_deinit) struct records rec = {0};
	size_t i;
	int rc = records_read(r->k, r->queue, r->n, fields, 2, &rec, err);

	for (i = 0; i < r->n && !rc; i++) {
		uint64_t users = records_u64(&rec, i, FIELD_QUEUE_USERS);

		r->mq[i] = !rec.ok[i] || records_u64(&rec, i, FIELD_QUEUE_MQ);
		r->queue[i] = users & REF_FLAGS ? 0 : users;
	}
	return rc;
}

static uint64_t disk_sum(const struct disk_reader *r,
			 const struct cpu_variable *v, uint32_t offset)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < r->cpus.n; i++)
		sum += le64(cpu_variable_of(v, i) + offset);
	return sum;
}

/*
 * Requests of several queues are counted with others' from 6.16 on; before,
 * there are none where nobody uses the queue, and else they cannot be told.
 */
static void disk_take_in_flight(const struct disk_reader *r, size_t i,
				struct disk_stat *out)
{
	uint32_t at =
		profile_field(r->k->profile, FIELD_STATS_IN_FLIGHT)->offset;
	int64_t sum = (int64_t)(disk_sum(r, &r->stats[i], at) +
				disk_sum(r, &r->stats[i], at + 8));
	uint64_t va;

	out->in_flight = sum > 0 ? (uint32_t)sum : 0;
	out->in_flight_known =
		!r->mq[i] ||
		profile_symbol(r->k->profile, "bdev_count_inflight", &va) ||
		(r->stats[r->n + i].known &&
		 !disk_sum(r, &r->stats[r->n + i], 0));
}

static void disk_take(const struct disk_reader *r, size_t i,
		      struct disk_stat *out)
{
	static const uint32_t fields[] = {FIELD_STATS_NS, FIELD_STATS_SECTORS,
					  FIELD_STATS_IOS, FIELD_STATS_MERGES};
	uint64_t *const to[] = {out->ns, out->sectors, out->ios, out->merges};
	const struct cpu_variable *v = &r->stats[i];
	uint32_t ticks =
		profile_field(r->k->profile, FIELD_STATS_TICKS)->offset;
	uint32_t op, j;

	for (j = 0; j < WANTS_N(fields); j++)
		for (op = 0; op < DISK_OPS; op++)
			to[j][op] =
				disk_sum(r, v,
					 profile_field(r->k->profile, fields[j])
							 ->offset +
						 op * 8);
	out->ticks = disk_sum(r, v, ticks);
	out->known = v->known;
	disk_take_in_flight(r, i, out);
}

/* What is summed lies in a copy of the structure. */
static bool disk_stats_fit(const struct kernel *k)
{
	uint32_t size = profile_sizeof(k->profile, STRUCT_STATS), i;

	for (i = FIELD_STATS_NS; i <= FIELD_STATS_IN_FLIGHT; i++) {
		const struct profile_field *f = profile_field(k->profile, i);
		uint32_t least = i == FIELD_STATS_TICKS	      ? 8
				 : i == FIELD_STATS_IN_FLIGHT ? 16
							      : DISK_OPS * 8;

		if (f->size < least || f->offset + f->size > size)
			return false;
	}
	return size <= STATS_BYTES_MAX;
}

int disk_stats_read(struct kernel *k, const struct block_device *devices,
		    size_t n, struct disk_stat *out, struct err *err)
{
	_cleanup_(disk_reader_deinit) struct disk_reader r = {
		.k = k,
		.devices = devices,
		.n = n,
		.queue = calloc(n + 1, sizeof(*r.queue)),
		.mq = calloc(n + 1, sizeof(*r.mq)),
		.stats = calloc(2 * n + 1, sizeof(*r.stats))};
	_cleanup_free_ uint64_t *stats = calloc(n + 1, sizeof(*stats));
	size_t i;
	int rc = profile_check_reader(k->profile, READER_DISK_STATS, err);

	if (rc)
		return rc;
	if (!r.queue || !r.mq || !r.stats || !stats)
		return err_nomem(err);
	if (!disk_stats_fit(k))
		return profile_unknown(k->profile,
				       "statistics of disks are kept in no way "
				       "that is known",
				       err);
	rc = cpus_read(k, &r.cpus, err);
	if (!rc)
		rc = disk_read_pointers(&r, stats, err);
	if (!rc)
		rc = disk_read_queues(&r, err);
	for (i = 0; i < n && !rc; i++) {
		r.stats[i] = (struct cpu_variable){
			.va = stats[i],
			.size = profile_sizeof(k->profile, STRUCT_STATS)};
		r.stats[n + i] =
			(struct cpu_variable){.va = r.queue[i], .size = 8};
	}
	if (!rc)
		rc = cpu_variables_read(k, &r.cpus, r.stats, 2 * n, err);
	for (i = 0; i < n && !rc; i++) {
		out[i] = (struct disk_stat){0};
		disk_take(&r, i, &out[i]);
	}
	return rc;
}
