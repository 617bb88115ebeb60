/* SPDX-License-Identifier: BSD-2-Clause */
/* What questions led to in a guest's memory, kept for the next time. */
#ifndef GUEST_RECALL_H
#define GUEST_RECALL_H

#include <stdint.h>

#include "base/err.h"
#include "machine/machine.h"
#include "machine/places.h"

/*
 * The places (machine/places.h) of a question in one machine are a record.  All
 * records are one file of the cache's directory, in host byte order:
 *
 *   magic | checksum of the rest | record, record...
 *   record: machine, question, number of places, places
 *
 * the newest first.  A machine is known by its own word (machine.h); none is
 * kept of one that has no such word.  Nothing rests on what the file says: it
 * is only read ahead, of memory that is RAM now.  So a file that is damaged, or
 * cannot be had or written, is none.
 */
#define RECALL_FILE	"places"
#define RECALL_RECORDS	32u
#define RECALL_FILE_MAX (RECALL_RECORDS * (PLACES_MAX * 8u + 32u) + 32u)

struct recall_record {
	uint64_t machine, question;
	struct places places;
};

/* Zero-initialise. */
struct recall {
	VEC(struct recall_record) records;
	bool changed;
};

/* Read the file, before there is a guest; dirfd -1: there is none. */
int recall_load(struct recall *r, int dirfd, struct err *err);

/* Write it, when the guest runs again, if records are new. */
void recall_store(struct recall *r, int dirfd);
void recall_deinit(struct recall *r);

/*
 * Read ahead, as one batch: what that question led to last time, or, where it
 * was not asked before, the way that other questions took of late; and the top
 * tables of vCPUs.  0, or as machine_read().
 */
int recall_fetch(const struct recall *r, struct machine *m, uint64_t question,
		 struct err *err);

/*
 * At the end of the pause: note what the question led to, where that was not
 * foreseen, and there is memory for it.
 */
void recall_note(struct recall *r, struct machine *m, uint64_t question);

#endif
