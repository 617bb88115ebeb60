/* SPDX-License-Identifier: BSD-2-Clause */
/* Zone, node and section of a page, by the word of its flags and its number. */
#ifndef KERNEL_PAGE_ZONE_H
#define KERNEL_PAGE_ZONE_H

#include <stdint.h>

#include "kernel/kernel.h"

/*
 * From page.flags, whose upper bits are, from the top: the node, the zone
 * (docs/facts/kernel.md, "Zones and blocks of pages").  The number of the node;
 * -1 where this kernel's types do not tell how many bits that has.
 */
int page_node(const struct kernel *k, uint64_t flags);

/* "DMA", "DMA32", "Normal", "Movable", "Device", as /proc/zoneinfo has them;
 * NULL where it is not known. */
const char *page_zone_name(const struct kernel *k, uint64_t flags);

/* Sections have 128 MiB. */
#define PAGE_SECTION_FRAMES (1u << 15)

#endif
