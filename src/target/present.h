/* SPDX-License-Identifier: BSD-2-Clause */
/* Which pages of a process the host has backed, by its pagemap; why that is
 * asked first: docs/facts/gdbstub.md, "Physical memory". */
#ifndef TARGET_PRESENT_H
#define TARGET_PRESENT_H

#include <stdbool.h>
#include <stdint.h>
#include "base/err.h"
#include "base/map.h"
#include "target/bound.h"

/* What is asked for and kept at once: a bit for each page of a word. */
#define PRESENT_PAGES 64u
#define PRESENT_SPAN  ((uint64_t)PRESENT_PAGES * 4096)

/*
 * What was learnt is kept, for pages of a guest that stands still stay as they
 * are.  Zero-initialise.
 */
struct target_present {
	bool is_open;
	int fd; /* of /proc/PID/pagemap */
	struct map words;
};

/*
 * Have the pagemap of a process, once; its words are of that one until
 * target_present_deinit().  ERR_SYS, with errno as open(2) left it: there is
 * none for us.
 */
int target_present_use(struct target_present *p,
		       const struct target_bound *bound, struct err *err);
void target_present_deinit(struct target_present *p);

/* Forget what was learnt: pages may have come since. */
void target_present_forget(struct target_present *p);

/*
 * The pages of the PRESENT_SPAN that hva lies in: bit i is set where page i is
 * mapped or swapped out.  A clear bit says that this process has no page
 * there: private anonymous memory is zeros then, and a file may still have
 * something.  ERR_SYS: the process has ended, or has no such address;
 * ERR_NOMEM.
 */
int target_present_word(struct target_present *p, uint64_t hva, uint64_t *word,
			struct err *err);

/*
 * How many bytes from hva on, `len` at most, lie on pages that are alike, and
 * whether these are present.
 */
int target_present_run(struct target_present *p, uint64_t hva, uint64_t len,
		       bool *present, uint64_t *run, struct err *err);

#endif
