/* SPDX-License-Identifier: BSD-2-Clause */
/* Rings of io_uring: what is in them, and what waits. */
#ifndef KERNEL_IO_URING_H
#define KERNEL_IO_URING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/fs/file.h"
#include "kernel/kernel.h"

enum io_uring_napi {
	IO_URING_NAPI_NONE,    /* this kernel tells nothing of it */
	IO_URING_NAPI_SWITCH,  /* on, or 0: off */
	IO_URING_NAPI_TRACKING /* in which way, or 255: off */
};

/* A completion that nobody has taken yet. */
struct io_uring_done {
	uint32_t index;
	uint64_t user_data;
	int32_t result;
	uint32_t flags;
};

/* A request that waits until it can go on. */
struct io_uring_poll {
	uint8_t opcode; /* IORING_OP_* */
	bool task_works;
};

#define IO_URING_NAME 64

/* A file that was given to a ring, or none at its place. */
struct io_uring_file {
	bool none;
	char name[IO_URING_NAME]; /* that lies in its dentry */
	const char *path;	  /* where paths are told; raw bytes */
};

/* The same of a buffer: where it begins in its process, and its bytes. */
struct io_uring_buffer {
	bool none;
	uint64_t at, len;
};

/* One struct io_ring_ctx (io_uring/fdinfo.c, in 5.10 io_uring/io_uring.c; 5.10
 * to 7.2). */
struct io_uring {
	/* false: it cannot be read, or has what is not read here: a thread of
	 * its own, requests that were not taken, credentials, completions that
	 * are longer or that had no room */
	bool known;
	uint32_t sq_entries, sq_head, sq_tail, sq_cached_head;
	uint32_t cq_entries, cq_head, cq_tail, cq_cached_tail;
	size_t first_done, n_done, first_poll, n_polls;
	size_t first_file, n_files, first_buffer, n_buffers;
	uint8_t napi; /* as the kernel has it */
	uint64_t napi_timeout;
	bool napi_preferred;
};

struct io_urings {
	struct io_uring *v;
	struct io_uring_done *done;
	struct io_uring_poll *polls;
	struct io_uring_file *files;
	struct io_uring_buffer *buffers;
	struct file_infos infos; /* of files whose paths are told */
	bool paths;	/* of files, and no lines of missing ones (7.2) */
	bool rings;	/* lines of both rings, and what had no room (5.16) */
	bool times;	/* of threads (6.8) */
	bool own_flags; /* completions have `flags`, which was `flag` before */
	enum io_uring_napi napi;
};

/*
 * Read n of them: three batches, five of files and buffers, one of tables,
 * those of chains (chain.h), and two or three of what is in these.
 * IO_URING_PARTS_MAX_ALL of each kind.  The caller frees with
 * io_urings_deinit(), also after an error.
 */
int io_urings_read(struct kernel *k, const uint64_t *addrs, size_t n,
		   struct io_urings *out, struct err *err);
void io_urings_deinit(struct io_urings *u);

#endif
