/* SPDX-License-Identifier: BSD-2-Clause */
/* A recorded guest: its memory, its registers, and what was said of it. */
#ifndef STUB_IMAGE_H
#define STUB_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/vec.h"

/*
 * A directory:
 *
 *	ram		physical memory from 0 on, holes where it is zeros
 *	monitor		"> COMMAND" lines, each with the command's output below
 *	vcpus		a line per vCPU: "running" or "halted", and its `g`
 *	*.xml		target.xml and what it includes
 */
struct image_vcpu {
	bool halted;
	char *regs;	/* the reply to `g`: hex digits */
	char *recorded; /* as they were at first */
};

/* Owns all of it.  ram is private: the file never changes. */
struct image {
	char *dir;
	uint8_t *ram;
	uint64_t size; /* what the machine has: at least file_size */
	uint64_t file_size;
	char *monitor;
	VEC(struct image_vcpu) vcpus;
};

/* All that can go wrong here ends the program with a line on stderr. */
__attribute__((noreturn, format(printf, 1, 2))) void die(const char *fmt, ...);
void *xalloc(size_t n);
char *image_file(const struct image *i, const char *name, size_t *len);

/* size 0: as recorded; else the machine is said to have RAM up to there. */
struct image *image_open(const char *dir, uint64_t size);
void image_free(struct image *i);

/* Memory and registers as they were recorded again. */
void image_reset(struct image *i);

/*
 * Write what a file of pokes lists: physical address and length (u64 each,
 * host order), then the bytes.
 */
void image_poke(struct image *i, const char *file);

/* [pa, pa + len) of the machine's memory, or NULL. */
uint8_t *image_at(const struct image *i, uint64_t pa, uint64_t len);

/* Whether a vCPU runs 64-bit code, as far as a Linux guest goes. */
bool image_runs_64_bit(const struct image *i, unsigned int vcpu);

/* Virtual to physical by a vCPU's CR3 and CR4; false: not mapped. */
bool image_translate(const struct image *i, unsigned int vcpu, uint64_t va,
		     uint64_t *pa);

/* The output recorded for a monitor command into out; false: none was. */
bool image_monitor(const struct image *i, const char *command, struct buf *out);

#endif
