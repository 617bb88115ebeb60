/* SPDX-License-Identifier: BSD-2-Clause */
/* Open files of processes, for the files of /proc that tell of them. */
#ifndef PROC_PID_FD_H
#define PROC_PID_FD_H

#include "kernel/fs/bpf_link.h"
#include "kernel/fs/bpf_map.h"
#include "kernel/fs/bpf_prog.h"
#include "kernel/fs/epoll.h"
#include "kernel/fs/file.h"
#include "kernel/fs/file_locks.h"
#include "kernel/fs/fsnotify.h"
#include "kernel/fs/io_uring.h"
#include "kernel/fs/open_file.h"
#include "kernel/fs/pidfd.h"
#include "kernel/fs/task_fds.h"
#include "kernel/fs/timerfd.h"
#include "kernel/fs/userfaultfd.h"
#include "proc/proc.h"

/* Of files that are of a special kind, what takes steps of its own to read;
 * nr tells of each file which one of its kind it is. */
struct fd_specials {
	size_t *nr;
	struct epolls epolls;
	struct pidfds pidfds;
	struct timerfd *timers;
	struct fsnotify_groups inotifies, fanotifies;
	struct userfaultfd *faults;
	struct bpf_maps bpf_maps;
	struct bpf_progs bpf_progs;
	struct bpf_links bpf_links;
	struct bpf_types *bpf_types;
	struct io_urings rings;
};

/* What proc_values.own of them is; a record is a descriptor. */
struct fd_values {
	struct task_fds *fds; /* of each part */
	size_t n;
	struct file_infos infos;
	struct open_file *open; /* of infos.files; fd/ has none */
	struct open_file_form form;
	struct inode_locks locks; /* of these, and then */
	struct fd_specials specials;
};

/*
 * Read the descriptors and where they lead, and with `open` their state; in
 * the parts is what of the tables is missing.
 */
int proc_fds_read(struct kernel *k, struct proc_values *out, bool open,
		  struct err *err);
void proc_fds_deinit(struct proc_values *v);

/* The number of a descriptor, as the name of an entry. */
void proc_fds_entry(const struct proc_values *v, size_t i, size_t record,
		    struct buf *out);

const struct task_fd *proc_fds_fd(const struct proc_values *v, size_t i,
				  size_t record);
const struct file_info *proc_fds_info(const struct proc_values *v, size_t i,
				      size_t record);
const struct open_file *proc_fds_open(const struct proc_values *v, size_t i,
				      size_t record);

/* Read the locks of the files that are open; the descriptors' state has been.
 */
int proc_fds_read_locks(struct kernel *k, struct fd_values *own,
			struct err *err);

/* Append a line for each lock that a process has by a descriptor, or just tell
 * whether all are known (out is NULL). */
bool proc_fds_put_locks(const struct proc_values *v, size_t i, size_t record,
			struct buf *out);

/* Read what files of special kinds say of themselves; the state has been. */
int proc_fds_read_specials(struct kernel *k, struct fd_values *own,
			   struct err *err);
void proc_fds_specials_deinit(struct fd_specials *s);

/* Append the lines of one, or just tell whether all are known (out is NULL). */
bool proc_fds_put_special(const struct fd_values *own,
			  const struct open_file *f, struct buf *out);

/* Say in the parts which paths are not known. */
void proc_fds_paths(struct proc_values *v);

/* Descriptors, what they lead to, and how: rows, and no file of /proc. */
extern const struct proc_file proc_open_files;

#endif
