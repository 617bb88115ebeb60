/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Texts that the kernel of the host holds, so that who reads one does not wait
 * for an answer: it is handed over when it is opened, into the page cache of
 * its node (docs/facts/fuse.md, "Texts in the page cache").
 */
#ifndef MOUNT_HELD_H
#define MOUNT_HELD_H

#include "mount/serve.h"

/* Longer ones are read bit by bit. */
#define HELD_MAX 65536u

/*
 * What is told of a text that is looked up: its size, so that reads know where
 * it ends.  Of one that is open it stays what it was; of one that will not be
 * held, or is not in this moment, it is 0, as in procfs.
 */
void held_look(struct serve *s, uint64_t node,
	       const struct mount_tree_place *p);

/*
 * A file is opened, which held_close() ends.  text: it is to be held; NULL: it
 * is not.  true: it is, and reads need not be asked for.  One at a time: while
 * the node is open the text of another opening is not.
 */
bool held_open(struct serve *s, uint64_t node, const struct buf *text);
void held_close(struct serve *s, uint64_t node);

/* The guest has booted anew: with the next read of a text that is held its
 * attributes are asked for.  The context is a struct serve. */
void held_expire(void *serve);

#endif
