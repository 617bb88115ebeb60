/* SPDX-License-Identifier: BSD-2-Clause */
/* Changing guest memory: check all of it, then write, old and new kept. */
#ifndef CLI_CHANGE_H
#define CLI_CHANGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "cli/guard.h"
#include "cli/out.h"
#include "cli/place.h"

/* Bytes that were, or are to be, changed. */
struct change {
	struct pieces pieces; /* of at most CHANGE_LINE bytes */
	uint8_t *old, *new;   /* len each */
	size_t len;
	size_t done;		 /* written so far */
	struct page_info *pages; /* what each piece is in */
	bool blind;		 /* that is not known */
};

#define CHANGE_LINE 16

/* Why a process may not write somewhere, in the words of mtest. */
enum change_right {
	CHANGE_ALLOWED,
	CHANGE_NO_VMA,
	CHANGE_NO_WRITE
};

/*
 * Whether the VMAs of p (ADDR_PID) let it write all of len bytes from p->at
 * on; *at is the first address where they do not.
 */
int change_right(struct session *s, const struct place *p, size_t len,
		 enum change_right *right, uint64_t *at, struct err *err);

/*
 * Write len bytes to p->at after the pages were checked (guard_check(): allow
 * is of enum guard_allow) and the old bytes read: all or, when a check fails,
 * none.  An error later says how many bytes were written.
 */
int change_write(struct session *s, const struct place *p, const void *bytes,
		 size_t len, unsigned int allow, struct change *c,
		 struct err *err);

/* Fill the out: a row for each piece. */
void change_show(const struct change *c, struct out *out);

/* What to say where change.blind is set. */
extern const char change_blind_note[];

void change_deinit(struct change *c);

#endif
