/* SPDX-License-Identifier: BSD-2-Clause */
/* Which pages of a process the host has backed, by its pagemap; why that is
 * asked first: docs/facts/gdbstub.md, "Physical memory". */
#ifndef QEMU_PRESENT_H
#define QEMU_PRESENT_H

#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"
#include "base/map.h"
#include "qemu/bound.h"

/* What is asked for and kept at once: a bit for each page of a word. */
#define PRESENT_PAGES 64u
#define PRESENT_SPAN  ((uint64_t)PRESENT_PAGES * 4096)

/*
 * What was learnt is kept, for pages of a guest that stands still stay as they
 * are.  Zero-initialise.
 */
struct qemu_present {
	bool is_open;
	int fd; /* of /proc/PID/pagemap */
	struct map words;
};

/*
 * Have the pagemap of a process, once; its words are of that one until
 * qemu_present_deinit().  ERR_SYS, with errno as open(2) left it: there is
 * none for us.
 */
int qemu_present_use(struct qemu_present *p, const struct qemu_bound *bound,
		     struct err *err);
void qemu_present_deinit(struct qemu_present *p);

/* Forget what was learnt: pages may have come since. */
void qemu_present_forget(struct qemu_present *p);

/*
 * The pages of the PRESENT_SPAN that hva lies in: bit i is set where page i is
 * mapped or swapped out.  A clear bit says that this process has no page
 * there: private anonymous memory is zeros then, and a file may still have
 * something.  ERR_SYS: the process has ended, or has no such address;
 * ERR_NOMEM.
 */
int qemu_present_word(struct qemu_present *p, uint64_t hva, uint64_t *word,
		      struct err *err);

/*
 * How many bytes from hva on, `len` at most, lie on pages that are alike, and
 * whether these are present.
 */
int qemu_present_run(struct qemu_present *p, uint64_t hva, uint64_t len,
		     bool *present, uint64_t *run, struct err *err);

#endif
