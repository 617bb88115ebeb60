/* SPDX-License-Identifier: BSD-2-Clause */
/* What a command changes goes into the journal first. */
#ifndef EDIT_RECORD_H
#define EDIT_RECORD_H

#include <stdbool.h>

#include "guest/guest.h"
#include "journal/journal.h"

/* Who changes a guest, and where that is recorded. */
struct editor {
	struct guest *guest;
	struct journal *journal; /* opened before the guest is stopped */
	struct err note; /* code 0: there is nothing to say of the journal */
};

/* A change's place in the journal.  Zero-initialise for a new entry. */
struct record {
	unsigned int undoes;	 /* the entry that is undone; 0: a new one */
	enum journal_state from; /* its state, as found */
	unsigned int entry;	 /* the entry; 0: none yet */
};

/*
 * The order of things in each command that changes a guest:
 *
 *	journal_open()		before it is stopped: no journal, no write
 *	journal_entry_add()	for all that is to be changed, with `command`
 *	record_begin()		durable from here on, "unfinished"
 *	...			the change itself, and reading it back
 *	record_end()		what became of it
 */

/*
 * Fills in the guest and the time of a new entry; e is not looked at for an
 * undo.  An error: do not write.
 */
int record_begin(struct editor *ed, struct record *r, struct journal_entry *e,
		 struct err *err);

/* What became of a change. */
enum record_end {
	RECORD_DONE,	/* written, or undone */
	RECORD_AS_WAS,	/* it failed, and the old bytes were put back */
	RECORD_NOT_SENT /* the guest saw nothing of it */
};

/*
 * Settle the entry, which stays unfinished without this.  What goes wrong
 * becomes a note: the guest is changed already.
 */
void record_end(struct editor *ed, const struct record *r, enum record_end end);

#define RECORD_BOOT 17

/* The boot of the guest; "" where nothing tells it from another. */
int record_boot(struct guest *g, char boot[RECORD_BOOT], struct err *err);

#endif
