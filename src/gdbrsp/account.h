/* SPDX-License-Identifier: BSD-2-Clause */
/* What a stub does while an answer is awaited, and whether that is too much. */
#ifndef GDBRSP_ACCOUNT_H
#define GDBRSP_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "gdbrsp/packet.h"

/*
 * Opened for each answer, or for some that are asked for together; of those
 * that come, each begins its counts anew, and none gets more time.
 */
struct gdbrsp_account {
	uint64_t since_us; /* when it was opened; 0: never, all is in order */
	uint64_t until_us; /* when the answer is to be there */
	uint64_t credit;   /* bytes that still buy time */
	uint64_t bytes;	   /* that came since then */
	uint64_t wire, wire_max;	    /* those since the last answer */
	unsigned int came[GDBRSP_JUNK + 1]; /* events, likewise */
};

/*
 * From now on: an answer is to be there after some patience, and a bit more for
 * each of `bytes` that moves.  body_max: the longest of its packets.
 */
void gdbrsp_account_open(struct gdbrsp_account *a, unsigned int patience_ms,
			 size_t body_max, uint64_t bytes);

/* So many bytes were sent or have come. */
void gdbrsp_account_move(struct gdbrsp_account *a, size_t n);

/*
 * What the parser made of n bytes more: an event, or GDBRSP_MORE.  A
 * packet that is no stop reply is an answer.  0; ERR_NO_GUEST,
 * with words that begin with `name`, where anything is one too many.
 */
int gdbrsp_account_book(struct gdbrsp_account *a, size_t n,
			const struct gdbrsp_parser *parser,
			enum gdbrsp_event event, const char *name,
			struct err *err);

/* The words where until_us is over; ERR_NO_GUEST. */
int gdbrsp_account_late(const struct gdbrsp_account *a, const char *name,
			struct err *err);

#endif
