/* SPDX-License-Identifier: BSD-2-Clause */
/* A machine whose memory is an array: what tests of upper layers stand on. */
#ifndef TESTS_ARRAY_MACHINE_H
#define TESTS_ARRAY_MACHINE_H

#include <stddef.h>
#include <stdint.h>

#include "machine/machine.h"

/*
 * `size` bytes of RAM from physical address 0 on, all zero at first, and
 * counts of what was asked of it.
 */
struct array_machine {
	struct machine machine;
	uint8_t *bytes;
	size_t size;
	size_t calls, reads, read_bytes, writes;
	uint64_t fail_from, fail_to;	 /* reads in there fail */
	uint64_t refuse_from, refuse_to; /* writes in there fail */
	bool drop_writes;		 /* writes claim to work, and do not */
};

void array_machine_init(struct array_machine *a, size_t size);
void array_machine_deinit(struct array_machine *a);

/* Store little-endian values at a physical address. */
void array_put64(struct array_machine *a, uint64_t pa, uint64_t value);
void array_put32(struct array_machine *a, uint64_t pa, uint32_t value);

#endif
