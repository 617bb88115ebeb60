/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest's /proc as a tree of directories, files and links, moment by moment.
 */
#ifndef MOUNT_TREE_H
#define MOUNT_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "mount/moment.h"
#include "mount/tree_guest.h"
#include "mount/windows.h"
#include "proc/path.h"

/* What was done so far. */
struct mount_tree_counts {
	uint64_t pauses, opens;
};

/*
 * At most one pause at a time, and none but for a call that cannot be answered
 * from the moment that there is.  A new moment has, beside what is asked for
 * now, all that was asked for lately: so that what a program opens while it
 * goes through all processes is of one moment.  What such a moment lacks is
 * read in a pause of its own and added (moment_extend()), with twice as much
 * each time of what is likely to be asked for next: so that who goes through
 * all files of all processes has a handful of pauses, whatever their number.
 */
struct mount_tree {
	const struct mount_tree_guest *guest;
	uint64_t refresh_us;   /* how long a moment lasts, at least */
	uint64_t cost_us;      /* how long the last pause took */
	struct kernel *kernel; /* the guest is held, for good; or NULL */
	bool has_moment;
	bool torn;   /* that tasks may be missing was said */
	bool narrow; /* all tasks at once took longer than a pause may be */
	struct moment moment;
	VEC(struct moment_want) wants; /* what was asked for lately */
	size_t ahead;  /* so many more are read when the moment is added to */
	uint32_t boot; /* how many other kernels there were */
	void (*booted)(void *ctx); /* called when it is one more; or NULL */
	void *booted_ctx;
	struct err failure; /* of the last pause, or code 0 */
	uint64_t failed_us; /* when that was */
	VEC(const struct proc_file *) lacking; /* that it was said of */
	struct mount_tree_counts counts;
	/* The entry that was looked up last, and where the next one is. */
	const struct moment_reading *near;
	size_t near_part, near_record;
	VEC(struct ram_range) ram; /* as in the last pause */
	struct windows windows;
};

enum mount_tree_kind {
	TREE_DIR,
	TREE_TEXT,
	TREE_BYTES, /* read at offsets, not as a whole */
	TREE_LINK,
	TREE_OBJECT /* what a link leads to that has no path: "socket:[7]" */
};

/* What a path leads to.  It has to stay where it is. */
struct mount_tree_place {
	enum mount_tree_kind kind;
	struct proc_path path;
	const struct task *task;      /* whose it is, of the moment; or NULL */
	const struct proc_file *file; /* NULL: it is of none */
	const char *target; /* of a link that /proc itself has; or NULL */
	const char *rest;   /* the entry of a file that is a directory; "" */
	bool lasts; /* all tasks have such a name, or none, in any kernel */
	const struct moment_reading *reading; /* with `rest`: where it is */
	size_t part, record;
};

struct mount_tree_name {
	char *name;
	enum mount_tree_kind kind;
};

struct mount_tree_names {
	VEC(struct mount_tree_name) v;
};

/*
 * The guest has to stay.  refresh_ms: how long opens see the same moment;
 * longer where pauses take long, so that the guest runs for most of the time.
 * 0: each open sees its own.
 */
void mount_tree_init(struct mount_tree *t, const struct mount_tree_guest *guest,
		     unsigned int refresh_ms);
void mount_tree_deinit(struct mount_tree *t);

/* Stop the guest for as long as the tree is there; mount_tree_deinit() lets it
 * go. */
int mount_tree_hold(struct mount_tree *t, struct err *err);

/*
 * What a path below /proc ("": itself) leads to.  The object that a link of a
 * directory leads to is found beside the link, but not listed.  Valid until the
 * next call of the tree.  ERR_NOT_FOUND: nothing; ERR_UNREADABLE: what it would
 * be among is damaged, so that this cannot be told.  Each of these three pauses
 * the guest once at most, where the moment is too old or lacks what is asked
 * for.
 */
int mount_tree_find(struct mount_tree *t, const char *path,
		    struct mount_tree_place *out, struct err *err);

/*
 * Append the text of a file, or where a link leads, of one moment.  *whole: it
 * is all; else something is missing that cannot be read.  ERR_NOT_FOUND: it is
 * gone, or the link leads nowhere; ERR_USAGE: it is no text.
 */
int mount_tree_text(struct mount_tree *t, const char *path, struct buf *out,
		    bool *whole, struct err *err);

/* How long the text of a place is; 0 where that is not whole, or not in this
 * moment, for which the guest is not paused. */
size_t mount_tree_text_length(const struct mount_tree *t,
			      const struct mount_tree_place *p);

/* What a path to a file leads to, if anything, by its name: TREE_BYTES,
 * TREE_OBJECT, or what has a text. */
enum mount_tree_kind mount_tree_kind_named(const char *path);

/* Whether each read of it gets one record at most. */
bool mount_tree_by_records(const char *path);

/*
 * Read bytes of a file; b->got is less than asked for where it ends, which it
 * does where the process is gone, and, of memory, before the first page that is
 * not there.  In a pause for them alone; but memory that was read in this or
 * the last refresh time is that of that moment, and who goes on where a read
 * ended has more and more of it in one pause (windows.h).  ERR_USAGE: not at
 * such an offset, or not so many; ERR_UNREADABLE.
 */
int mount_tree_read_bytes(struct mount_tree *t,
			  const struct mount_tree_bytes *of,
			  struct proc_bytes *b, struct err *err);

/*
 * Write bytes of a file of memory, in a pause for them alone: all or none, and
 * what was read before holds no more.  ERR_NOT_FOUND: the process has that
 * memory no more; ERR_REFUSED: they may not be written.
 */
int mount_tree_write_bytes(struct mount_tree *t,
			   const struct mount_tree_write *w, struct err *err);

/* Whether a file can be written at all. */
bool mount_tree_is_written(const struct mount_tree *t,
			   const struct proc_file *f);

/* How large a file is: RAM for one, else 0; and how much of that there is. */
uint64_t mount_tree_size(const struct mount_tree *t, const struct proc_file *f,
			 uint64_t *there);

/*
 * The first offset from *at on that has data, or, with `hole`, has none; of a
 * file that has a size.  ERR_NOT_FOUND: it ends before; ERR_USAGE: it is no
 * such file.
 */
int mount_tree_seek(const struct mount_tree *t, const struct proc_file *f,
		    bool hole, uint64_t *at, struct err *err);

/* What lies in a directory, without "." and "..", of one moment; *whole as
 * above.  The caller frees with mount_tree_names_deinit(), also after an error.
 */
int mount_tree_list(struct mount_tree *t, const char *path,
		    struct mount_tree_names *out, bool *whole, struct err *err);
void mount_tree_names_deinit(struct mount_tree_names *n);

/* How long what was found holds, in microseconds. */
uint64_t mount_tree_left_us(const struct mount_tree *t);

#endif
