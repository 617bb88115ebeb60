/* SPDX-License-Identifier: BSD-2-Clause */
/* Per-CPU memory: the areas of CPUs, and the chunks that they are made of. */
#ifndef KERNEL_PERCPU_CHUNK_H
#define KERNEL_PERCPU_CHUNK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/remarks.h"

enum percpu_kind {
	PERCPU_RESERVED, /* of the first chunk: static variables of modules */
	PERCPU_FIRST,	 /* of the first chunk: the rest */
	PERCPU_OTHER
};

/* "reserved" */
const char *percpu_kind_words(enum percpu_kind kind);

/* A struct pcpu_chunk: the same offsets in the area of each CPU. */
struct percpu_chunk {
	uint64_t addr;
	enum percpu_kind kind;
	uint64_t base;	    /* of the first unit's part */
	uint64_t size;	    /* what it serves of a unit, bytes */
	uint64_t free;	    /* of these */
	uint32_t populated; /* pages of a unit that it has memory for */
};

/* What a CPU has. */
struct percpu_area {
	uint32_t cpu;
	uint64_t base;	 /* where its static variables begin */
	uint64_t offset; /* __per_cpu_offset: to be added to a symbol */
};

struct percpu_areas {
	/*
	 * Each unit of unit_size bytes in the first chunk:
	 *
	 *   | static | reserved | dynamic | not used |
	 */
	uint64_t base; /* of unit 0 */
	uint64_t unit_size, units;
	uint64_t static_size, reserved_size, dynamic_size;
	uint64_t memory; /* of all units and chunks: Percpu of /proc/meminfo */
	VEC(struct percpu_area) cpus;
	VEC(struct percpu_chunk) chunks; /* those of the first chunk first */
};

/*
 * Read all of it (docs/facts/kernel.md, "Per-CPU memory"): the lists of chunks
 * in step, what they lead to in one batch.  What is damaged is left out, with a
 * remark.  ERR_NO_LINUX where the kernel keeps them in no way that is known.
 * The caller frees with percpu_areas_deinit(), also after an error.
 */
int percpu_areas_read(struct kernel *k, struct percpu_areas *out,
		      struct remarks *remarks, struct err *err);
void percpu_areas_deinit(struct percpu_areas *a);

#endif
