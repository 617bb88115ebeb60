/* SPDX-License-Identifier: BSD-2-Clause */
/* What the benchmark's programs share: traces of reads, and its operations. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"
#include "guest/guest.h"
#include "kernel/kernel.h"
#include "kernel/mm/mm.h"
#include "kernel/task/task.h"
#include "machine/machine.h"

/* So many bytes of guest physical memory. */
struct trace_piece {
	uint64_t pa, len;
};

/*
 * The reads that were made of a machine, where they were fetched: batch b
 * holds the pieces from ends.v[b - 1] (0 for the first) up to ends.v[b].
 */
struct trace {
	VEC(struct trace_piece) pieces;
	VEC(size_t) ends;
};

void trace_deinit(struct trace *t);

/*
 * Append a piece to the batch that is being made, or to the last piece of it
 * where the two adjoin; then end the batch.  0 or ERR_NOMEM.
 */
int trace_add(struct trace *t, uint64_t pa, uint64_t len);
int trace_end(struct trace *t);

int trace_save(const struct trace *t, const char *path, struct err *err);
int trace_load(struct trace *t, const char *path, struct err *err);

/* Reads go through these ops on their way to the machine's own. */
struct recorder {
	struct trace trace;
	const struct machine_ops *ops;
	void *ctx;
};

/* From now on; the machine keeps a pointer to the recorder. */
void recorder_start(struct recorder *r, struct machine *m);

/* All processes with memory of their own, and that memory. */
struct users {
	struct task_list tasks;
	uint64_t *addrs;
	struct mm *mms; /* one per task */
};

/* Zero-initialise; users_deinit() also after an error. */
int users_read(struct users *u, struct kernel *k, struct err *err);
void users_deinit(struct users *u);

/* One user page of a process; file of `pick`, read by `translate`. */
struct bench_page {
	uint64_t pid, va;
};

#define BENCH_MOST_PAGES 10000000u

/*
 * What is done in one pause of a guest, which bench/workload.c opens.  The
 * state begins as zeros, and anew in each pause.
 */
struct operation {
	const char *name;
	const char *words; /* that it takes, for the usage */
	int n_words;
	bool needs_kernel;
	bool parts; /* it reads much: see guest_part() */
	size_t state_size;
	/* Before the guest is stopped, with n_words words; may be NULL. */
	int (*prepare)(void *state, char **words, struct err *err);
	/* While it stands still. */
	int (*look)(struct guest *g, void *state, struct err *err);
	/* It runs again: the answer, or that it is none. */
	int (*tell)(void *state, struct buf *out, struct err *err);
	void (*deinit)(void *state);
};

extern const struct operation bench_ps, bench_maps, bench_read, bench_pick,
	bench_translate, bench_scale, bench_elf, bench_ptdump, bench_whomaps,
	bench_pages, bench_slab, bench_print, bench_file;

#endif
