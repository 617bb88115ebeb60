/* SPDX-License-Identifier: BSD-2-Clause */
/* Blocks of memory, as the kernel switches them on and off. */
#ifndef KERNEL_MEMORY_BLOCKS_H
#define KERNEL_MEMORY_BLOCKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/remarks.h"

enum memory_state {
	MEMORY_UNKNOWN,
	MEMORY_ONLINE,
	MEMORY_GOING_OFFLINE,
	MEMORY_OFFLINE
};

/* A struct memory_block (include/linux/memory.h). */
struct memory_block {
	uint64_t index; /* of all blocks that memory could have */
	enum memory_state state;
	int32_t node; /* -1: of several, or not known */
	/* The zone that all its pages are in, "" where they are in several;
	 * known where it is online, from 5.18 on. */
	bool zone_known;
	char zone[16];
};

struct memory_blocks {
	uint64_t size;	/* bytes of each; 0: not known */
	bool removable; /* the kernel can take memory away (offline_pages()) */
	VEC(struct memory_block) v; /* in order */
};

/*
 * Read all of them (memory_blocks, an xarray, from 5.8 on): some batches.
 * ERR_NO_LINUX: kept in no way that is known; ERR_UNREADABLE.  What is damaged
 * is left out, with a remark.  The caller frees with memory_blocks_deinit(),
 * also after an error.
 */
int memory_blocks_read(struct kernel *k, struct memory_blocks *out,
		       struct remarks *remarks, struct err *err);
void memory_blocks_deinit(struct memory_blocks *b);

#endif
