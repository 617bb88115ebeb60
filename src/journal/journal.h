/* SPDX-License-Identifier: BSD-2-Clause */
/* The journal of writes: what was changed in which guest, kept on this host. */
#ifndef JOURNAL_JOURNAL_H
#define JOURNAL_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"

/*
 * $XDG_STATE_HOME/qvmi, else ~/.local/state/qvmi, by the rules of home.h, has
 * a file for each entry:
 *
 *	write-17.written	the number, and the state
 *
 * An entry appears there, whole and unfinished, before the first byte goes to
 * the guest.  A new state is a rename: it needs no room, and of two who want
 * to change it one is refused.  An entry that is changed while it is applied,
 * by a write or an undo, is unfinished.
 */
enum journal_state {
	JOURNAL_UNFINISHED, /* some bytes may be the old, some the new ones */
	JOURNAL_WRITTEN,
	JOURNAL_UNDONE,
	JOURNAL_PUT_BACK, /* it failed, and the old bytes were put back */
	JOURNAL_STATES
};

/* "unfinished", "written", "undone", "put back". */
const char *journal_state_name(enum journal_state state);

/* Bytes that lie together, in memory or in a register. */
struct journal_item {
	char *written;	/* where, in the user's own words */
	char *address;	/* the same, resolved: "89:0x7f..", "cpu0:rip" */
	bool is_memory; /* else a register */
	uint64_t pa;	/* of memory */
	size_t len;
};

/* Zero-initialise; journal_entry_deinit() frees what is in it. */
struct journal_entry {
	unsigned int id;
	enum journal_state state;
	int64_t time;  /* seconds since 1970 */
	char *gdb;     /* the stub's address */
	char *kernel;  /* its banner; NULL: no kernel was seen */
	char *boot;    /* tells this boot from others; NULL: unknown */
	char *command; /* what changed it: "write", "devmem" */
	VEC(struct journal_item) items;
	struct buf old, now; /* all items' bytes, one behind the other */
};

/* Copies all.  is_memory: the physical address is pa. 0 or ERR_NOMEM. */
int journal_entry_add(struct journal_entry *e, const struct journal_item *item,
		      const void *old, const void *now);
void journal_entry_deinit(struct journal_entry *e);

/* As the text of a file, and back; ERR_CORRUPT.  id and state are the name's.
 */
int journal_encode(const struct journal_entry *e, struct buf *b,
		   struct err *err);
int journal_decode(const void *bytes, size_t len, struct journal_entry *e,
		   struct err *err);

struct journal;

/*
 * Open the directory; with `write` made where there is none, and a file is
 * made for the entry that is to come: where that cannot be, it is said before
 * a guest is touched.  ERR_SYS, ERR_REFUSED.  Without `write` a directory
 * that is not there is an empty one.
 */
int journal_open(bool write, struct journal **out, struct err *err);
void journal_close(struct journal *j);

/* The descriptor of its directory; -1: it is not there. */
int journal_dir(const struct journal *j);

/* Make a file for the entry to come, unless there is one: before each but the
 * first.  ERR_SYS, ERR_REFUSED. */
int journal_ready(struct journal *j, struct err *err);

/*
 * Store an entry, unfinished, with a new number in e->id: durable on return.
 * Once for each journal_open() or journal_ready().  ERR_SYS: full disk, and so
 * on.
 */
int journal_record(struct journal *j, struct journal_entry *e, struct err *err);

/*
 * Change an entry's state, durably.  ERR_NOT_FOUND where it does not have the
 * state that it is to lose; ERR_SYS.
 */
int journal_move(struct journal *j, unsigned int id, enum journal_state from,
		 enum journal_state to, struct err *err);

/* What is there: a number and a state. */
struct journal_name {
	unsigned int id;
	enum journal_state state;
	int64_t changed; /* the file's time of last change of its bytes */
};

/* All of them, by number; the caller frees *list. */
int journal_list(struct journal *j, struct journal_name **list, size_t *n,
		 struct err *err);

/* The one of that number; ERR_NOT_FOUND. */
int journal_find(struct journal *j, unsigned int id, struct journal_name *name,
		 struct err *err);

/* Read one; errors name the file.  ERR_CORRUPT, ERR_SYS, ERR_NOMEM. */
int journal_load(struct journal *j, const struct journal_name *name,
		 struct journal_entry *e, struct err *err);

/* Remove one. */
int journal_forget(struct journal *j, const struct journal_name *name,
		   struct err *err);

#endif
