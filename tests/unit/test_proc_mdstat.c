/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of /proc/mdstat, on memory written by hand, of a kernel that has md and
 * all personalities in its image. */
#include "proc/proc.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/limits.h"
#include "unit/proc_kit.h"

#define ALL	     (DIRECT + 0x1000)
#define PENDING	     (DIRECT + 0x1010)
#define PERS_LIST    (DIRECT + 0x1020)
#define OPS	     (DIRECT + 0x1030)
#define JIFFIES	     (DIRECT + 0x1040)
#define ROOT	     (DIRECT + 0x1080)
#define ENTRY(i)     (DIRECT + 0x1100 + (i)*0x80ULL)
#define PERS(i)	     (DIRECT + 0x2000 + (i)*0x80ULL) /* by enum md_kind */
#define MD(i)	     (DIRECT + 0x4000 + (i)*0x200ULL)
#define CONF(i)	     (DIRECT + 0x8000 + (i)*0x80ULL)
#define BITMAP(i)    (DIRECT + 0xa000 + (i)*0x40ULL)
#define DISK(i)	     (DIRECT + 0xc000 + (i)*0x40ULL)
#define BDEV(i)	     (DIRECT + 0x10000 + (i)*0x40ULL)
#define RDEV(i)	     (DIRECT + 0x14000 + (i)*0x40ULL)
#define SLOT(i)	     (DIRECT + 0x20000 + (i)*0x100ULL)
#define CODE(i)	     (0xffffffff81000000ULL + (i)*0x100ULL)
#define NOWHERE	     (DIRECT + 0x7fff0000)

#define FAULTY	     1u
#define IN_SYNC	     2u
#define WRITE_MOSTLY 8u
#define DONE	     8u /* of recovery */
#define SYNC	     0x40u
#define CHECK	     0x100u
#define RESHAPE	     0x400u
#define REMOTE	     0x800u
#define BROKEN	     0x200u /* of an array's flags */
#define DELETED	     0x400u

enum kind {
	LINEAR,
	RAID0,
	RAID1,
	RAID10,
	RAID5,
	FAULT,
	KINDS
};

static const char *const kinds[KINDS][2] = {
	{"linear", "linear_status"}, {"raid0", "raid0_status"},
	{"raid1", "raid1_status"},   {"raid10", "raid10_status"},
	{"raid6", "raid5_status"},   {"faulty", "faulty_status"}};

static struct fake_kernel f;
static struct proc_values values;
static struct buf text;
static unsigned int disks, arrays;
static uint64_t links[2][64]; /* of devices; of arrays */

static void fields(void)
{
	static const struct fake_member list[] = {
		{"mddev.all_mddevs", 0, 16},
		{"mddev.disks", 16, 16},
		{"mddev.flags", 32, 8},
		{"mddev.gendisk", 40, 8},
		{"mddev.ro", 48, 4},
		{"mddev.major_version", 52, 4},
		{"mddev.minor_version", 56, 4},
		{"mddev.persistent", 60, 4},
		{"mddev.external", 64, 4},
		{"mddev.chunk_sectors", 68, 4},
		{"mddev.metadata_type", 72, 17},
		{"mddev.level", 92, 4},
		{"mddev.layout", 96, 4},
		{"mddev.raid_disks", 100, 4},
		{"mddev.array_sectors", 104, 8},
		{"mddev.degraded", 112, 4},
		{"mddev.curr_resync", 120, 8},
		{"mddev.recovery", 128, 8},
		{"mddev.resync_offset", 136, 8},
		{"mddev.pers", 144, 8},
		{"mddev.private", 152, 8},
		{"mddev.bitmap", 160, 8},
		{"mddev.bitmap_info.chunksize", 168, 8},
		{"mddev.dev_sectors", 184, 8},
		{"mddev.resync_max_sectors", 192, 8},
		{"mddev.resync_mark", 200, 8},
		{"mddev.resync_mark_cnt", 208, 8},
		{"mddev.curr_mark_cnt", 216, 8},
		{"mddev.recovery_active.counter", 224, 4},
		{"clocksource.mult", 0, 4},
		{"clocksource.shift", 4, 4},
		{"md_rdev.same_set", 0, 16},
		{"md_rdev.bdev", 16, 8},
		{"md_rdev.desc_nr", 24, 4},
		{"md_rdev.raid_disk", 28, 4},
		{"md_rdev.flags", 32, 8},
		{"md_rdev.sectors", 40, 8},
		{"md_personality.head.name", 0, 8},
		{"md_personality.list", 8, 16},
		{"md_personality.status", 24, 8},
		{"md_personality.sync_request", 32, 8},
		{"bitmap.storage.sb_page", 0, 8},
		{"bitmap.storage.file", 8, 8},
		{"bitmap.counts.pages", 16, 8},
		{"bitmap.counts.missing_pages", 24, 8},
		{"gendisk.disk_name", 0, 32},
		{"block_device.bd_disk", 0, 8},
		{"block_device.bd_partno", 8, 1},
		{"r1conf.mirrors", 0, 8},
		{"r1conf.raid_disks", 8, 4},
		{"raid1_info.rdev", 8, 8},
		{"r10conf.mirrors", 0, 8},
		{"r10conf.geo.raid_disks", 8, 4},
		{"r10conf.geo.near_copies", 12, 4},
		{"r10conf.geo.far_copies", 16, 4},
		{"r10conf.geo.far_offset", 20, 4},
		{"r10conf.geo.far_set_size", 24, 4},
		{"raid10_info.rdev", 0, 8},
		{"r5conf.disks", 0, 8},
		{"r5conf.raid_disks", 8, 4},
		{"r5conf.chunk_sectors", 12, 4},
		{"disk_info.rdev", 0, 8},
	};

	fake_fields(list, sizeof(list) / sizeof(list[0]));
	fake_sizeof("raid1_info", 16);
	fake_sizeof("raid10_info", 16);
	fake_sizeof("disk_info", 16);
	fake_constant("flag_bits.Faulty", 0);
	fake_constant("flag_bits.In_sync", 1);
	fake_constant("flag_bits.WriteMostly", 3);
	fake_constant("flag_bits.Journal", 9);
	fake_constant("flag_bits.Replacement", 12);
	fake_constant("mddev_flags.MD_BROKEN", 9);
	fake_constant("mddev_flags.MD_DELETED", 10);
	fake_constant("recovery_flags.MD_RECOVERY_DONE", 3);
	fake_constant("recovery_flags.MD_RESYNCING_REMOTE", 11);
	fake_constant("recovery_flags.MD_RECOVERY_SYNC", 6);
	fake_constant("recovery_flags.MD_RECOVERY_CHECK", 8);
	fake_constant("recovery_flags.MD_RECOVERY_RESHAPE", 10);
}

static void setup(void)
{
	uint64_t all[KINDS];
	size_t i;

	fake_kernel_init(&f);
	fields();
	disks = arrays = 0;
	fake_symbol("all_mddevs", ALL);
	fake_symbol("pending_raid_disks", PENDING);
	fake_symbol("pers_list", PERS_LIST);
	for (i = 0; i < KINDS; i++) {
		fake_symbol(kinds[i][1], CODE(i));
		fake_put64(&f, PERS(i), PERS(i) + 0x40);
		fake_puts(&f, PERS(i) + 0x40, kinds[i][0]);
		fake_put64(&f, PERS(i) + 24, CODE(i));
		fake_put64(&f, PERS(i) + 32, i < RAID1 ? 0 : CODE(KINDS));
		all[i] = PERS(i) + 8;
	}
	fake_ring(&f, PERS_LIST, all, 3);
	fake_ring(&f, PENDING, NULL, 0);
	fake_ring(&f, ALL, NULL, 0);
}

static void teardown(void)
{
	buf_deinit(&text);
	proc_values_deinit(&values);
	fake_kernel_deinit(&f);
}

static void setup_again(void)
{
	teardown();
	setup();
}

/* A disk, or a partition of it. */
static void disk(const char *name, uint32_t partition)
{
	fake_puts(&f, DISK(disks), name);
	fake_put64(&f, BDEV(disks), DISK(disks));
	fake_put32(&f, BDEV(disks) + 8, partition);
	fake_put64(&f, RDEV(disks) + 16, BDEV(disks));
}

/* A device in a place of an array, or -1. */
static void device(const char *name, uint32_t number, int32_t role,
		   uint64_t flags)
{
	disk(name, 0);
	fake_put32(&f, RDEV(disks) + 24, number);
	fake_put32(&f, RDEV(disks) + 28, (uint32_t)role);
	fake_put64(&f, RDEV(disks) + 32, flags);
	fake_put64(&f, RDEV(disks) + 40, 4096);
	links[0][disks] = RDEV(disks);
	disks++;
}

static void pair(const char *one, const char *other)
{
	device(one, 0, 0, IN_SYNC);
	device(other, 1, 1, IN_SYNC);
}

/* An array of the last n devices, all of which are in its places. */
static uint64_t array(const char *name, enum kind kind, unsigned int n)
{
	uint64_t md = MD(arrays), conf = CONF(arrays);
	unsigned int i, at = kind == RAID1 ? 8 : 0;

	fake_puts(&f, md + 0x1c0, name);
	fake_put64(&f, md + 40, md + 0x1c0);
	fake_ring(&f, md + 16, links[0] + disks - n, n);
	fake_put32(&f, md + 68, 128);
	fake_put32(&f, md + 100, n);
	fake_put64(&f, md + 104, 8192);
	fake_put64(&f, md + 136, UINT64_MAX);
	fake_put64(&f, md + 144, kind < KINDS ? PERS(kind) : 0);
	fake_put64(&f, md + 152, conf);
	fake_put64(&f, conf, SLOT(arrays));
	fake_put32(&f, conf + 8, n);
	for (i = 0; i < n; i++)
		fake_put64(&f, SLOT(arrays) + i * 16ULL + at,
			   RDEV(disks - n + i));
	links[1][arrays++] = md;
	fake_ring(&f, ALL, links[1], arrays);
	return md;
}

static int read_it(struct err *err)
{
	return proc_kit_read(&f, &proc_mdstat, &values, &text, err);
}

static const char *read_text(void)
{
	struct err err = {0};

	ck_assert_msg(!read_it(&err), "%s", err.text);
	return text.data ? text.data : "";
}

#define FIRST "Personalities : [linear] [raid0] [raid1] \n"
#define LAST  "unused devices: <none>\n"

static void reads(const char *between)
{
	struct buf all = {0};

	buf_printf(&all, "%s%s%s", FIRST, between, LAST);
	ck_assert_str_eq(read_text(), all.data);
	ck_assert_msg(!values.parts->why.len, "%s", values.parts->why.data);
	buf_deinit(&all);
}

/* The only array is left out, and why. */
static void lacks(const char *why)
{
	ck_assert_str_eq(read_text(), FIRST LAST);
	ck_assert(values.parts->torn);
	ck_assert_msg(strstr(values.parts->why.data, why), "%s",
		      values.parts->why.data);
}

START_TEST(nothing_but_modules)
{
	reads("");
	disk("sdz", 3);
	fake_ring(&f, PENDING, (const uint64_t[]){RDEV(0)}, 1);
	ck_assert_str_eq(read_text(), FIRST "unused devices: sdz3 \n");
}
END_TEST

START_TEST(every_personality)
{
	uint64_t md;

	pair("sda", "sdb");
	array("md0", LINEAR, 2);
	pair("sdc", "sdd");
	array("md1", RAID0, 2);
	pair("sde", "sdf");
	array("md2", RAID1, 2);
	pair("sdg", "sdh");
	md = array("md3", RAID5, 2);
	fake_put32(&f, md + 92, 6);
	fake_put32(&f, md + 96, 2);
	fake_put32(&f, CONF(3) + 12, 1024);
	reads("md0 : active linear sda[0] sdb[1]\n"
	      "      4096 blocks super non-persistent 64k rounding\n"
	      "      \n"
	      "md1 : active raid0 sdc[0] sdd[1]\n"
	      "      4096 blocks super non-persistent 64k chunks\n"
	      "      \n"
	      "md2 : active raid1 sde[0] sdf[1]\n"
	      "      4096 blocks super non-persistent [2/2] [UU]\n"
	      "      \n"
	      "md3 : active raid6 sdg[0] sdh[1]\n"
	      "      4096 blocks super non-persistent level 6, 512k chunk, "
	      "algorithm 2 [2/2] [UU]\n"
	      "      \n");
}
END_TEST

/* raid10 of two devices: near, far and offset copies, and sets. */
START_TEST(copies)
{
	static const struct {
		uint32_t near, far, offset, set;
		const char *text;
	} v[] = {{2, 1, 0, 2, " 2 near-copies"},
		 {1, 2, 0, 2, " 64K chunks 2 far-copies"},
		 {1, 2, 1, 2, " 64K chunks 2 offset-copies"},
		 {1, 2, 0, 1, " 64K chunks 2 far-copies 1 devices per set"}};
	struct buf all = {0};
	size_t i;

	device("sda", 0, 0, IN_SYNC);
	device("sdb", 1, 1, 0);
	array("md0", RAID10, 2);
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		fake_put32(&f, CONF(0) + 12, v[i].near);
		fake_put32(&f, CONF(0) + 16, v[i].far);
		fake_put32(&f, CONF(0) + 20, v[i].offset);
		fake_put32(&f, CONF(0) + 24, v[i].set);
		buf_reset(&all);
		buf_printf(&all,
			   "md0 : active raid10 sda[0] sdb[1]\n"
			   "      4096 blocks super non-persistent%s [2/2] "
			   "[U_]\n      \n",
			   v[i].text);
		reads(all.data);
	}
	buf_deinit(&all);
}
END_TEST

START_TEST(devices_and_states)
{
	uint64_t md;

	device("nvme0n1", 0, 0, IN_SYNC | WRITE_MOSTLY);
	fake_put32(&f, BDEV(0) + 8, 2); /* a partition */
	device("sdb", 1, -1, FAULTY);
	device("sdc", 2, -1, 0);
	device("sdd", 3, 0, 1u << 12);
	device("sde", 4, -1, 1u << 9);
	md = array("md0", RAID1, 5);
	fake_put32(&f, CONF(0) + 8, 2);
	fake_put32(&f, md + 112, 1);
	fake_put32(&f, md + 48, 2);
	fake_put32(&f, md + 60, 1);
	fake_put32(&f, md + 52, 1);
	fake_put32(&f, md + 56, 2);
	fake_put64(&f, md + 136, 0);
	fake_put64(&f, md + 160, BITMAP(0));
	fake_put64(&f, md + 168, 65536);
	fake_put64(&f, BITMAP(0), 1);
	fake_put64(&f, BITMAP(0) + 16, 3);
	fake_put64(&f, BITMAP(0) + 24, 1);
	reads("md0 : active (auto-read-only) raid1 nvme0n1p2[0](W) sdb[1](F) "
	      "sdc[2](S) sdd[3](R) sde[4](J)(S)\n"
	      "      4096 blocks super 1.2 [2/1] [U_]\n"
	      "      \tresync=PENDING\n"
	      "      bitmap: 2/3 pages [8KB], 64KB chunk\n\n");
	fake_put64(&f, md + 120, 2);
	fake_put32(&f, md + 48, 1);
	fake_put32(&f, md + 52, 0);
	fake_put32(&f, md + 56, 90);
	fake_put64(&f, md + 168, 512);
	reads("md0 : active (read-only) raid1 nvme0n1p2[0](W) sdb[1](F) "
	      "sdc[2](S) sdd[3](R) sde[4](J)(S)\n"
	      "      4096 blocks [2/1] [U_]\n"
	      "      \tresync=DELAYED\n"
	      "      bitmap: 2/3 pages [8KB], 512B chunk\n\n");
	fake_put64(&f, md + 144, 0);
	fake_put32(&f, md + 60, 0);
	fake_put32(&f, md + 64, 1);
	fake_puts(&f, md + 72, "imsm");
	fake_put64(&f, md + 160, 0);
	reads("md0 : inactive nvme0n1p2[0](W) sdb[1](F) sdc[2](S) sdd[3](R) "
	      "sde[4](J)(S)\n"
	      "      8192 blocks super external:imsm\n"
	      "       \n");
}
END_TEST

/* One that has nothing yet, and one that goes away. */
START_TEST(what_is_not_shown)
{
	uint64_t md;

	array("md0", KINDS, 0);
	device("sda", 0, 0, IN_SYNC);
	md = array("md1", RAID1, 1);
	fake_put64(&f, md + 32, DELETED);
	reads("");
	fake_field("mddev.bitmap_ops", 176, 8);
	ck_assert_str_eq(read_text(), FIRST); /* then nobody says that */
}
END_TEST

START_TEST(what_is_left_out)
{
	uint64_t md;

	device("sda", 0, 0, IN_SYNC);
	md = array("md0", RAID1, 1);
	fake_put64(&f, md + 120, 4096);
	lacks("md0 is left out: how far a resync is is not known"); /* no HZ */
	fake_put64(&f, md + 120, 0);
	fake_put64(&f, md + 128, REMOTE);
	lacks("another machine");
	fake_put64(&f, md + 128, 0);
	fake_put64(&f, md + 32, BROKEN);
	lacks("shown as broken");
	fake_put64(&f, md + 32, 0);
	fake_put64(&f, md + 144, PERS(FAULT));
	lacks("what its personality says");
	fake_put64(&f, md + 144, NOWHERE);
	lacks("its personality, which cannot be read");
	fake_put64(&f, md + 144, PERS(RAID1));
	fake_put64(&f, md + 160, BITMAP(0));
	fake_put64(&f, BITMAP(0) + 8, 1);
	lacks("its bitmap");
	fake_put64(&f, BITMAP(0) + 8, 0);
	fake_symbol("bitmap_ops", OPS);
	fake_field("mddev.bitmap_ops", 176, 8);
	lacks("its bitmap"); /* of a kind of its own */
	fake_put64(&f, md + 176, OPS);
	fake_put64(&f, md + 32, BROKEN);
	reads("md0 : broken raid1 sda[0]\n"
	      "      4096 blocks super non-persistent [1/1] [U]\n"
	      "      \n");
}
END_TEST

/* What one says that has 6000 sectors to do. */
static void resyncs(const char *wanted)
{
	struct buf all = {0};

	buf_printf(&all,
		   "md0 : active raid1 sda[0]\n"
		   "      4096 blocks super non-persistent [1/1] [U]\n"
		   "      %s\n      \n",
		   wanted);
	reads(all.data);
	buf_deinit(&all);
}

START_TEST(how_far_a_resync_is)
{
	uint64_t md;

	fake_symbol("jiffies", JIFFIES);
	fake_symbol("clocksource_jiffies", JIFFIES + 16);
	fake_put64(&f, JIFFIES, 10000);
	fake_put32(&f, JIFFIES + 16, 4000000u << 8); /* 250 in a second */
	fake_put32(&f, JIFFIES + 20, 8);
	device("sda", 0, 0, IN_SYNC);
	md = array("md0", RAID1, 1);
	fake_put64(&f, md + 120, 3100);
	fake_put64(&f, md + 184, 6000);
	fake_put64(&f, md + 192, 8000);
	fake_put64(&f, md + 200, 9000); /* 4 seconds ago */
	fake_put64(&f, md + 208, 100);
	fake_put64(&f, md + 216, 3300);
	fake_put32(&f, md + 224, 100);
	/* of 3000 sectors: 3100 in 4 seconds, as many more as are left */
	resyncs("[======>..............]  recovery = 33.3% (1500/3000) "
		"finish=0.0min speed=387K/sec");
	fake_put64(&f, md + 128, SYNC);
	resyncs("[=====>...............]  resync = 25.0% (1500/4000) "
		"finish=0.1min speed=387K/sec");
	fake_put64(&f, md + 128, SYNC | CHECK);
	resyncs("[=====>...............]  check = 25.0% (1500/4000) "
		"finish=0.1min speed=387K/sec");
	fake_put64(&f, md + 128, RESHAPE);
	fake_put64(&f, md + 120, 9000); /* more than there are */
	resyncs("[=================>...]  reshape = 87.5% (4000/4000) "
		"finish=0.0min speed=387K/sec");
	fake_put64(&f, md + 128, SYNC | DONE);
	fake_put64(&f, md + 120, 0);
	fake_put64(&f, md + 216, 0);
	resyncs("[=================>...]  resync = 87.5% (4000/4000) "
		"finish=0.0min speed=0K/sec");
	fake_put64(&f, md + 128, SYNC);
	fake_put64(&f, md + 120, 50); /* less than is under way */
	lacks("how far a resync is");
	fake_field("mddev.bitmap_ops", 176, 8);
	resyncs("[>....................]  resync =  0.0% (1/4000) "
		"finish=16.6min speed=0K/sec");
	fake_put64(&f, md + 192, ((1ULL << 32) - 1) << 10);
	lacks("how far a resync is");
}
END_TEST

START_TEST(damage)
{
	uint64_t md;

	device("sda", 0, 0, IN_SYNC);
	md = array("md0", RAID1, 1);
	fake_put32(&f, CONF(0) + 8, MD_DEVICES_MAX + 1);
	lacks("which of its devices are in sync");
	fake_put32(&f, CONF(0) + 8, 1);
	fake_put64(&f, SLOT(0) + 8, NOWHERE);
	lacks("which of its devices are in sync");
	fake_put64(&f, SLOT(0) + 8, 0); /* no device */
	reads("md0 : active raid1 sda[0]\n"
	      "      4096 blocks super non-persistent [1/1] [_]\n"
	      "      \n");
	fake_put64(&f, BDEV(0), NOWHERE);
	lacks("what a device of it is called");
	fake_put64(&f, BDEV(0), DISK(0));
	fake_put64(&f, md + 24, NOWHERE);
	lacks("which devices it has");
	fake_no_field("r1conf.mirrors");
	lacks("whose types are not there");
	fake_put64(&f, ALL, NOWHERE);
	read_text();
	ck_assert_ptr_nonnull(
		strstr(values.parts->why.data, "the list of arrays"));
}
END_TEST

START_TEST(what_it_is_kept_in)
{
	struct err err = {0};

	fake_no_field("mddev.disks");
	ck_assert_int_eq(read_it(&err), ERR_NO_LINUX);
	fake_kernel_deinit(&f);
	fake_kernel_init(&f);
	fields();
	ck_assert_int_eq(read_it(&err), ERR_NOT_FOUND);
}
END_TEST

/* From 6.15 on; an xarray of one entry has it in its head. */
START_TEST(personalities_in_an_xarray)
{
	static const struct fake_member list[] = {
		{"md_personality.head.type", 8, 4},
		{"xarray.xa_head", 8, 8},
		{"xa_node.shift", 0, 1},
		{"xa_node.slots", 8, 512},
	};

	fake_no_field("md_personality.list");
	fake_fields(list, sizeof(list) / sizeof(list[0]));
	fake_constant("md_submodule_type.MD_PERSONALITY", 7);
	fake_symbol("md_submodule", ROOT);
	fake_put64(&f, ROOT + 8, PERS(RAID0));
	fake_put32(&f, PERS(RAID0) + 8, 7);
	ck_assert_str_eq(read_text(), "Personalities : [raid0] \n" LAST);
	fake_put32(&f, PERS(RAID0) + 8, 6); /* something else */
	ck_assert_str_eq(read_text(), "Personalities : \n" LAST);
}
END_TEST

static uint64_t batches(void)
{
	uint64_t before = f.memory.machine.stats.batches;

	read_text();
	return f.memory.machine.stats.batches - before;
}

START_TEST(as_many_batches_for_many_as_for_one)
{
	uint64_t one;
	unsigned int i;

	device("sda", 0, 0, IN_SYNC);
	array("md0", RAID1, 1);
	one = batches();
	for (i = 0; i < 15; i++)
		array("mdx", RAID1, 1);
	/* but for the list, two in each */
	ck_assert_uint_le(batches(), one + 8);
}
END_TEST

/* Whatever memory says, there is an answer. */
START_TEST(hostile_memory)
{
	uint32_t state = 1;
	unsigned int i, round;
	struct err err = {0};

	for (round = 0; round < 60; round++) {
		disks = arrays = 0;
		for (i = 0; i < KINDS; i++) {
			pair("sda", "sdb");
			array("md0", (enum kind)i, 2);
		}
		for (i = 0; i < 400; i++) {
			state = state * 1664525 + 1013904223;
			fake_put64(&f,
				   DIRECT + 0x1000 + state / 8 % 0x1f000 * 8,
				   state >> 29 ? DIRECT + state / 4096
					       : state % 5 * 0x40000000ULL);
		}
		read_it(&err);
		setup_again();
	}
}
END_TEST

/* An entry of the guest's own /proc, with those below it. */
static void entry(unsigned int i, const char *name, uint64_t left,
		  uint64_t right)
{
	fake_put64(&f, ENTRY(i) + 8, right ? right + 8 : 0);
	fake_put64(&f, ENTRY(i) + 16, left ? left + 8 : 0);
	fake_put64(&f, ENTRY(i) + 32, ENTRY(i) + 0x40);
	fake_put32(&f, ENTRY(i) + 40, (uint32_t)strlen(name));
	fake_puts(&f, ENTRY(i) + 0x40, name);
}

static bool is_listed(void)
{
	bool there = false;

	machine_drop_cache(&f.memory.machine);
	ck_assert(!proc_is_listed(&proc_mdstat, &f.kernel, &there, NULL));
	return there;
}

START_TEST(only_where_proc_has_it)
{
	static const struct fake_member list[] = {
		{"proc_dir_entry.subdir.rb_node", 0, 8},
		{"proc_dir_entry.subdir_node", 8, 24},
		{"proc_dir_entry.subdir_node.rb_right", 8, 8},
		{"proc_dir_entry.subdir_node.rb_left", 16, 8},
		{"proc_dir_entry.name", 32, 8},
		{"proc_dir_entry.namelen", 40, 1},
	};

	fake_fields(list, sizeof(list) / sizeof(list[0]));
	ck_assert(is_listed()); /* who knows? */
	fake_symbol("proc_root", ROOT);
	ck_assert(!is_listed());
	fake_put64(&f, ROOT, ENTRY(0) + 8);
	entry(0, "mdstas", 0, ENTRY(1));
	entry(1, "meminfo", ENTRY(2), 0);
	entry(2, "mdstau", ENTRY(3), 0);
	entry(3, "mdstat", 0, 0);
	ck_assert(is_listed());
	entry(3, "mdstaa", 0, 0);
	ck_assert(!is_listed());
	entry(2, "mdstau", ENTRY(0), 0); /* a circle */
	ck_assert(is_listed());
	fake_put64(&f, ROOT, NOWHERE);
	ck_assert(is_listed());
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc/mdstat");
	TCase *t = tcase_create("mdstat");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, nothing_but_modules);
	tcase_add_test(t, every_personality);
	tcase_add_test(t, copies);
	tcase_add_test(t, devices_and_states);
	tcase_add_test(t, what_is_not_shown);
	tcase_add_test(t, what_is_left_out);
	tcase_add_test(t, how_far_a_resync_is);
	tcase_add_test(t, damage);
	tcase_add_test(t, what_it_is_kept_in);
	tcase_add_test(t, personalities_in_an_xarray);
	tcase_add_test(t, as_many_batches_for_many_as_for_one);
	tcase_add_test(t, hostile_memory);
	tcase_add_test(t, only_where_proc_has_it);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
