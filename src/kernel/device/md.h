/* SPDX-License-Identifier: BSD-2-Clause */
/* Arrays of disks that md makes (drivers/md), and what they are made of. */
#ifndef KERNEL_MD_H
#define KERNEL_MD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/device/block_devices.h"
#include "kernel/kernel.h"
#include "kernel/remarks.h"

#define MD_NAME	    33u /* disk_name and a NUL */
#define MD_PERS	    16u /* a personality's name, cut there */
#define MD_METADATA 18u /* metadata_type[17] and a NUL */

/* How a personality shows an array: the function that does. */
enum md_kind {
	MD_NONE, /* the array is not active */
	MD_LINEAR,
	MD_RAID0,
	MD_RAID1,
	MD_RAID10,
	MD_RAID456,
	MD_KINDS
};

/* Of a device in an array; a faulty one is shown as nothing else behind it. */
#define MD_WRITE_MOSTLY 1u
#define MD_JOURNAL	2u
#define MD_FAULTY	4u
#define MD_SPARE	8u
#define MD_REPLACEMENT	16u

struct md_device {
	char name[BLOCK_NAME]; /* raw */
	int32_t number;	       /* desc_nr */
	uint32_t flags;
	uint64_t sectors;
};

/* What an array says of a resync (status_resync() of md.c). */
enum md_resync {
	MD_AT_REST,
	MD_PENDING,
	MD_DELAYED,
	MD_RUNS /* see struct md_progress */
};

/* Of sectors, how many are done; and as of the guest's last tick how long it
 * will take, in seconds, and how many KiB it does in one. */
struct md_progress {
	const char *what; /* "check" */
	uint64_t done, all;
	uint32_t per_mille; /* 1000 at most */
	uint64_t finish, speed;
};

struct md_array {
	/* NULL: all that is shown of it is known; else what is not, as "what a
	 * resync does" */
	const char *lacks;
	bool deleted;	    /* of no concern: it is not among those shown */
	char name[MD_NAME]; /* raw */
	enum md_kind kind;
	char pers[MD_PERS]; /* "raid1"; raw */
	bool broken;
	int32_t ro; /* 1: read-only; 2: that for itself */
	uint64_t sectors;
	bool persistent, external;
	int32_t major, minor; /* of the superblock's format */
	char metadata[MD_METADATA];
	int32_t chunk_sectors, level, layout, raid_disks, degraded;
	int32_t near_copies, far_copies, far_offset, far_set_size; /* raid10 */
	bool resyncs; /* the personality can */
	enum md_resync resync;
	struct md_progress progress;
	bool bitmap;
	uint64_t pages, missing_pages, chunk; /* of its bitmap; in bytes */
	size_t first, n;		      /* devices, in their order */
	size_t first_slot, n_slots; /* one for each device it is to have */
};

struct md_arrays {
	VEC(struct md_array) v; /* those that are shown, in that order */
	VEC(struct md_device) devices;
	VEC(char) slots;	       /* 'U': in sync, '_' */
	VEC(struct md_device) pending; /* devices that no array has */
	VEC(char) pers;		       /* names, each with its NUL */
	bool open; /* nothing is said of devices that no array has */
};

/*
 * Read all: the symbols of modules (kernel/code/symbols.h), the types of those
 * that make arrays (kernel/code/module_types.h), and some 20 batches, however
 * many arrays there are.  ERR_NOT_FOUND: md is not there; ERR_UNREADABLE: it
 * is in a module, whose types are not there (up to 5.10); ERR_NO_LINUX: they
 * are in no way that is known.  What is damaged is left
 * out with a remark.  The caller frees with md_arrays_deinit(), also after an
 * error.
 */
int md_arrays_read(struct kernel *k, struct md_arrays *out,
		   struct remarks *remarks, struct err *err);
void md_arrays_deinit(struct md_arrays *a);

#endif
