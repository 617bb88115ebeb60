/* SPDX-License-Identifier: BSD-2-Clause */
/* What a command changes goes into the journal first. */
#ifndef CLI_RECORD_H
#define CLI_RECORD_H

#include <stdbool.h>

#include "cli/session.h"
#include "journal/journal.h"

/*
 * The order of things in each command that changes a guest:
 *
 *	record_prepare()	as its `prepare`: no journal, no write
 *	journal_entry_add()	for all that is to be changed, with `command`
 *	record_begin()		durable from here on, "unfinished"
 *	...			the change itself, and reading it back
 *	record_end()		"written", or "put back"
 */
int record_prepare(struct session *s, void *state, struct err *err);

/* Fills in the guest and the time.  An error: do not write. */
int record_begin(struct session *s, struct journal_entry *e, struct err *err);

/*
 * The state of an unfinished entry that is settled.  What goes wrong becomes a
 * note of the session: the guest is changed already.
 */
void record_end(struct session *s, unsigned int id, enum journal_state state);

/* Nothing was sent to the guest: there is no such entry. */
void record_drop(struct session *s, unsigned int id);

#define RECORD_BOOT 17

/* The boot of the guest; "" where nothing tells it from another. */
int record_boot(struct session *s, char boot[RECORD_BOOT], struct err *err);

#endif
