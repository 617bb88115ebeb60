/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files that read arrays of disks have from each other. */
#ifndef KERNEL_MD_WORK_H
#define KERNEL_MD_WORK_H

#include "kernel/code/module_types.h"
#include "kernel/code/symbols.h"
#include "kernel/device/md.h"
#include "kernel/list.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the module's types; the table is in md.c. */
enum {
	FIELD_MDDEV_LINK = WANTS_OF(READER_MD),
	FIELD_MDDEV_DISKS,
	FIELD_MDDEV_FLAGS,
	FIELD_MDDEV_RO,
	FIELD_MDDEV_GENDISK,
	FIELD_MDDEV_MAJOR,
	FIELD_MDDEV_MINOR,
	FIELD_MDDEV_PERSISTENT,
	FIELD_MDDEV_EXTERNAL,
	FIELD_MDDEV_METADATA,
	FIELD_MDDEV_CHUNK,
	FIELD_MDDEV_LEVEL,
	FIELD_MDDEV_LAYOUT,
	FIELD_MDDEV_RAID_DISKS,
	FIELD_MDDEV_SECTORS,
	FIELD_MDDEV_DEGRADED,
	FIELD_MDDEV_RESYNC,
	FIELD_MDDEV_RECOVERY,
	FIELD_MDDEV_DEV_SECTORS,
	FIELD_MDDEV_RESYNC_MAX,
	FIELD_MDDEV_MARK,
	FIELD_MDDEV_MARK_COUNT,
	FIELD_MDDEV_COUNT,
	FIELD_MDDEV_UNDER_WAY,
	FIELD_MDDEV_OFFSET,
	FIELD_MDDEV_PERS,
	FIELD_MDDEV_PRIVATE,
	FIELD_MDDEV_BITMAP,
	FIELD_MDDEV_BITMAP_CHUNK,
	FIELD_MDDEV_BITMAP_OPS,
	FIELD_RDEV_LINK,
	FIELD_RDEV_BDEV,
	FIELD_RDEV_NUMBER,
	FIELD_RDEV_FLAGS,
	FIELD_RDEV_ROLE,
	FIELD_RDEV_SECTORS,
	FIELD_PERS_NAME,
	FIELD_PERS_STATUS,
	FIELD_PERS_SYNC,
	FIELD_PERS_LINK,
	FIELD_PERS_TYPE,
	FIELD_BITMAP_SB,
	FIELD_BITMAP_FILE,
	FIELD_BITMAP_PAGES,
	FIELD_BITMAP_MISSING,
	FIELD_GENDISK_NAME,
	FIELD_XARRAY_HEAD,
	CONSTANT_FAULTY,
	CONSTANT_IN_SYNC,
	CONSTANT_WRITE_MOSTLY,
	CONSTANT_JOURNAL,
	CONSTANT_REPLACEMENT,
	CONSTANT_BROKEN,
	CONSTANT_DELETED,
	CONSTANT_DONE,
	CONSTANT_REMOTE,
	CONSTANT_SYNC,
	CONSTANT_CHECK,
	CONSTANT_RESHAPE,
	CONSTANT_PERSONALITY
};

/* The modules that can have a struct of their own for an array. */
#define MD_CONFS 3

struct md_work {
	struct kernel *k;
	struct md_arrays *out;
	struct remarks *remarks;
	struct symbols symbols;
	const char *module; /* that makes arrays; NULL: the image */
	/* The module's, and then those of personalities */
	struct module_types types[1 + MD_CONFS];
	size_t n_types;
	const struct wanted_value *own; /* NULL: the kernel's */
	const struct wanted_value *conf[MD_CONFS];
	struct list all, pending, pers; /* of struct md_personality */
	uint64_t *at;			/* of each struct mddev */
	size_t n;
	struct md_array *arrays; /* of each */
	uint64_t *priv;		 /* of each, what its personality keeps */
	uint64_t jiffies;	 /* where some array resyncs */
	uint32_t hz;		 /* 0: not known */
};

/* What members of a struct mddev tell of a resync; before the first one the
 * clock is read, where it is wanted. */
int md_resync_clock(struct md_work *w, const struct records *dev,
		    struct err *err);
void md_resync_take(const struct md_work *w, const struct records *dev,
		    size_t i, struct md_array *a);

/* What arrays have for devices, and which there are that none has; 3 batches,
 * and those that lists take. */
int md_devices_read(struct md_work *w, struct err *err);

/* Which of an array's places have a device that is in sync, and what else its
 * personality keeps for itself; 3 batches for each of the three. */
int md_confs_read(struct md_work *w, struct err *err);

/* In which way an array is shown, by the function that does. */
enum md_kind md_kind_of(const char *function);

/* Of the module of each conf, its name. */
extern const char *const md_conf_modules[MD_CONFS];

/* A bit of flags, by an enumerator, and whether a number is one: false where
 * the types have none. */
bool md_bit(const struct md_work *w, uint64_t flags, uint32_t id);
bool md_is(const struct md_work *w, uint64_t value, uint32_t id);

/* A variable that is where the list of arrays is; 0: there is none. */
int md_variable(struct md_work *w, const char *name, uint64_t *at,
		struct err *err);

/* What arrays say of themselves, and the names of all personalities; 4 batches,
 * and those that the list of personalities takes. */
int md_array_values_read(struct md_work *w, struct err *err);

#endif
