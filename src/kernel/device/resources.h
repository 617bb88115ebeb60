/* SPDX-License-Identifier: BSD-2-Clause */
/* Ranges of physical addresses, or of I/O ports, and who has them. */
#ifndef KERNEL_RESOURCES_H
#define KERNEL_RESOURCES_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/remarks.h"

#define RESOURCE_NAME	   128
#define RESOURCE_NO_PARENT SIZE_MAX

/* A struct resource (include/linux/ioport.h). */
struct resource {
	uint64_t addr;
	uint64_t start, end;	  /* the last one is part of it */
	uint64_t flags;		  /* IORESOURCE_* */
	uint32_t depth;		  /* below the root: 0 */
	size_t parent;		  /* what it lies in: a number in the list */
	char name[RESOURCE_NAME]; /* raw bytes; "" where it has none */
};

struct resources {
	uint64_t end;		   /* of the root */
	VEC(struct resource) list; /* each before what lies in it */
};

/*
 * Read all that lie in the root of that name (iomem_resource,
 * ioport_resource): a batch for each further one of the longest row of
 * siblings, and for each level.  ERR_NOT_FOUND: there is no such root;
 * ERR_NO_LINUX; damage is in the remarks.  The caller frees with
 * resources_deinit(), also after an error.
 */
int resources_read(struct kernel *k, const char *root, struct resources *out,
		   struct remarks *remarks, struct err *err);
void resources_deinit(struct resources *r);

#endif
