/* SPDX-License-Identifier: BSD-2-Clause */
/* What a command changes goes into the journal first. */
#ifndef CLI_RECORD_H
#define CLI_RECORD_H

#include <stdbool.h>

#include "cli/session.h"
#include "journal/journal.h"

/* A change's place in the journal.  Zero-initialise for a new entry. */
struct record {
	unsigned int undoes;	 /* the entry that is undone; 0: a new one */
	enum journal_state from; /* its state, as found */
	unsigned int entry;	 /* the entry; 0: none yet */
};

/*
 * The order of things in each command that changes a guest:
 *
 *	record_prepare()	as its `prepare`: no journal, no write
 *	journal_entry_add()	for all that is to be changed, with `command`
 *	record_begin()		durable from here on, "unfinished"
 *	...			the change itself, and reading it back
 *	record_end()		what became of it
 */
int record_prepare(struct session *s, void *state, struct err *err);

/*
 * Fills in the guest and the time of a new entry; e is not looked at for an
 * undo.  An error: do not write.
 */
int record_begin(struct session *s, struct record *r, struct journal_entry *e,
		 struct err *err);

/* What became of a change. */
enum record_end {
	RECORD_DONE,	/* written, or undone */
	RECORD_AS_WAS,	/* it failed, and the old bytes were put back */
	RECORD_NOT_SENT /* the guest saw nothing of it */
};

/*
 * Settle the entry, which stays unfinished without this.  What goes wrong
 * becomes a note of the session: the guest is changed already.
 */
void record_end(struct session *s, const struct record *r, enum record_end end);

#define RECORD_BOOT 17

/* The boot of the guest; "" where nothing tells it from another. */
int record_boot(struct session *s, char boot[RECORD_BOOT], struct err *err);

#endif
