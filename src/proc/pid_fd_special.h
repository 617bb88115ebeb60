/* SPDX-License-Identifier: BSD-2-Clause */
/* Kinds of special files; a part of pid_fd.h. */
#ifndef PROC_PID_FD_SPECIAL_H
#define PROC_PID_FD_SPECIAL_H

#include "proc/pid_fd.h"

/*
 * How files of a kind are read, n together, and shown, nr being one of those:
 * its lines, or just whether they are known (out is NULL).
 */
struct fd_special {
	int (*read)(struct kernel *k, const uint64_t *at, size_t n,
		    struct fd_specials *out, struct err *err);
	bool (*put)(const struct fd_specials *s, size_t nr, struct buf *out);
};

/* Instances that watch files, or more. */
extern const struct fd_special proc_fd_inotify;
extern const struct fd_special proc_fd_fanotify;

/* Those of BPF. */
extern const struct fd_special proc_fd_bpf_map;
extern const struct fd_special proc_fd_bpf_prog;
extern const struct fd_special proc_fd_bpf_link;
extern const struct fd_special proc_fd_bpf_types;

/* Rings of io_uring. */
extern const struct fd_special proc_fd_io_uring;

#endif
