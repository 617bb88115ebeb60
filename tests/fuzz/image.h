/* SPDX-License-Identifier: BSD-2-Clause */
/* A recorded guest: what qvmi read of one, as a machine that can be changed. */
#ifndef TESTS_FUZZ_IMAGE_H
#define TESTS_FUZZ_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "machine/machine.h"

/*
 * A file, packed with gzip, of little-endian numbers:
 *
 *   "qvmiimg1"
 *   u32 n, {u64 start, u64 size}[n]		RAM
 *   u32 n, {u64 value[IMAGE_REGS]}[n]		vCPUs: see image.c
 *   u32 n, u32 pid[n]				whose maps are told below
 *   u32 len, text				what image_maps() must print
 *   u32 len, bytes				a profile (profile/store.h)
 *   u32 n, {u64 pa, u32 len}[n], bytes		memory; all else is zero
 *
 * The profile has only the symbols and types that are needed (seeds/cut.h).
 */
#define IMAGE_MAGIC "qvmiimg1"
#define IMAGE_REGS  8

/* Bytes that lie at physical address pa, and at `at` in the image's bytes. */
struct image_run {
	uint64_t pa;
	size_t len, at;
};

struct image {
	struct machine machine;
	VEC(struct image_run) runs; /* ascending */
	VEC(uint32_t) pids;
	uint8_t *bytes; /* of all runs */
	size_t len;
	uint8_t *profile;
	size_t profile_len;
	char *text;
};

/*
 * Load a file; aborts when it is none.  The image may then be changed.  A
 * profile made for readers that wanted other things is resolved anew.
 */
void image_load(struct image *img, const char *path);
void image_deinit(struct image *img);

/* The machine's memory again as the runs now are: nothing is cached. */
void image_drop_cache(struct image *img);

/* A value of a vCPU that is kept, by its number. */
uint64_t *image_reg(struct vcpu *v, size_t i);

/*
 * What `ps` and `maps` do: open the kernel by a profile, read all tasks and
 * vCPUs, and print the maps of those that are in the list.  What is torn is
 * said on a line of its own.  0, or what a reader said.
 */
int image_maps(struct machine *m, const char *profile, const uint32_t *pids,
	       size_t n, struct buf *out, struct err *err);

#endif
