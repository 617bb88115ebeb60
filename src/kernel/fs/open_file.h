/* SPDX-License-Identifier: BSD-2-Clause */
/* Open files as those see them who have them open: where in it, and how. */
#ifndef KERNEL_OPEN_FILE_H
#define KERNEL_OPEN_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

/* What a file of a special kind says of itself in fdinfo. */
enum open_file_extra {
	OPEN_FILE_PLAIN,   /* nothing */
	OPEN_FILE_EVENTFD, /* count, id, semaphore */
	OPEN_FILE_SIGNALFD,
	OPEN_FILE_UNIX,	     /* a socket; scm_fds where it has a sock */
	OPEN_FILE_EPOLL,     /* data is a struct eventpoll (epoll.h) */
	OPEN_FILE_PIDFD,     /* data is a struct pid (pidfd.h) */
	OPEN_FILE_TIMERFD,   /* data is a struct timerfd_ctx (timerfd.h) */
	OPEN_FILE_INOTIFY,   /* data is a struct fsnotify_group (fsnotify.h) */
	OPEN_FILE_FANOTIFY,  /* the same */
	OPEN_FILE_USERFAULT, /* data is a struct userfaultfd_ctx
				(userfaultfd.h) */
	OPEN_FILE_BPF_MAP,   /* data is a struct bpf_map (bpf_map.h) */
	OPEN_FILE_BPF_PROG,  /* data is a struct bpf_prog (bpf_prog.h) */
	OPEN_FILE_BPF_LINK,  /* data is a struct bpf_link (bpf_link.h) */
	OPEN_FILE_BPF_TYPES, /* data is a struct btf (bpf_prog.h) */
	OPEN_FILE_IO_URING,  /* data is a struct io_ring_ctx (io_uring.h) */
	OPEN_FILE_UNKNOWN    /* something, which is not known here */
};

/* One struct file; docs/facts/kernel.md, "Open files". */
struct open_file {
	bool known; /* false: it cannot be read, and nothing else is set */
	int64_t pos;
	uint32_t flags; /* O_* */
	uint32_t mode;	/* of its inode */
	int32_t mnt_id;
	uint64_t ino;
	uint64_t locks; /* its inode's struct file_lock_context, where somebody
			   has any; else 0 */
	enum open_file_extra extra;
	uint64_t data; /* what it says that of */
	uint64_t show; /* the function that shows it; 0: none */
	uint64_t count;
	int32_t id;
	bool semaphore, has_sock;
	uint64_t sigmask; /* without those that it waits for */
	uint32_t scm_fds;
};

/* Which lines this kernel's fdinfo has. */
struct open_file_form {
	bool ino;	/* 5.14 */
	bool semaphore; /* of an eventfd; 6.5 */
};

/* Read n of them, in six batches at most. */
int open_files_read(struct kernel *k, const uint64_t *files, size_t n,
		    struct open_file *out, struct err *err);
struct open_file_form open_file_form(const struct kernel *k);

#endif
