/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * This program in the place of the kernel that asks a file system of ours: a
 * socket in the place of /dev/fuse.
 */
#ifndef TESTS_FUSE_KIT_H
#define TESTS_FUSE_KIT_H

#include <linux/fuse.h>
#include <unistd.h>

#include "mount/serve.h"
#include "unit/task_kit.h"

/* What is served: the tasks of that kernel. */
extern struct fuse_kit {
	struct fake_kernel f;
	struct mount_tree tree;
	struct serve serve;
} fuse_kit;

void fuse_kit_init(void);
void fuse_kit_deinit(void);

/* Of a guest that is let go whenever that is asked, and about which nobody
 * hears anything. */
int fuse_kit_go(void *ctx, struct err *err);
void fuse_kit_complain(void *ctx, const struct err *err);

/* Serve while a child asks; all that it asks for must be right. */
void fuse_kit_serve(void (*child)(void), const struct mount_tree_guest *of,
		    unsigned int refresh_ms);

/* The kernel's side, in that child: it ends with the line of the first answer
 * that is wrong, or with 0. */
#define MUST(is)                                         \
	do {                                             \
		if (!(is))                               \
			_exit(fuse_kit_wrong(__LINE__)); \
	} while (0)

int fuse_kit_wrong(int line);

/* The last answer. */
extern struct fuse_answer {
	struct fuse_out_header head;
	char body[70000];
} answer;

/* What was told unasked since ask() was called last. */
extern struct fuse_notes {
	unsigned int n;
	struct fuse_note {
		struct fuse_out_header head;
		char body[200];
	} v[8];
} notes;

/* Send a request; the errno of its answer, whose body is then in `answer`. */
int ask(uint32_t opcode, uint64_t node, const void *body, size_t len);

void greet(void);

/* The node of a name, and its attributes; 0 and the errno in *error. */
uint64_t look_up(uint64_t parent, const char *name, struct fuse_attr *attr,
		 int *error);

/* The node of a path that is there. */
uint64_t walk(const char *path);

int open_node(uint32_t opcode, uint64_t node, uint32_t flags,
	      struct fuse_open_out *out);

/* How much came; what that is stands in `answer`. */
int read_node(uint32_t opcode, uint64_t node, uint64_t fh, uint64_t at,
	      uint32_t size);

void release(uint32_t opcode, uint64_t node, uint64_t fh);

/* The kernel knows a node no more that it was told of so often. */
void forget(uint64_t node, uint64_t times);

#endif
