/* SPDX-License-Identifier: BSD-2-Clause */
/* The tree as a file system: what the kernel asks, answered. */
#ifndef MOUNT_SERVE_H
#define MOUNT_SERVE_H

#include <signal.h>
#include <stdbool.h>

#include "base/err.h"
#include "mount/inodes.h"
#include "mount/tree.h"

struct fuse_session;

/* Plain values; zero-initialise. */
struct serve {
	struct fuse_session *session;
	struct inodes inodes;
	struct mount_tree *tree;
	bool lingers; /* there are CPUs for that */
	bool holds;   /* the kernel can be handed texts (held.h) */
	/* Whoever looks itself up by its number, which no process of the guest
	 * has, finds what `self` leads to. */
	bool numbers;
	/* What is beside /proc is found there, too, if not listed: `/sys` is
	 * `.sys`, for who binds it to its place. */
	bool beside;
};

/*
 * Take a descriptor of /dev/fuse that is mounted, which is the session's once
 * that is made, or have libfuse mount on `directory` (fd -1).  To be done
 * before this process is confined.  ERR_SYS.
 */
int serve_open(struct serve *s, int fd, const char *directory, bool allow_other,
	       struct err *err);

/* When to stop. */
struct serve_end {
	const volatile sig_atomic_t *interrupt; /* not 0: at once */
	const sigset_t *asleep; /* what is blocked while it sleeps, alone */
	int fd;			/* when it can be read; -1: none */
};

/* Answer until one of these, or until it is unmounted.  ERR_SYS. */
int serve_run(struct serve *s, struct mount_tree *tree,
	      const struct serve_end *end, struct err *err);

/* Close the descriptor: whoever waits for an answer gets an error. */
void serve_close(struct serve *s);

#endif
