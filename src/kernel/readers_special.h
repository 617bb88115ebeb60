/* SPDX-License-Identifier: BSD-2-Clause */
/* Readers of what special files say of themselves; a part of readers.h. */
#ifndef KERNEL_READERS_SPECIAL_H
#define KERNEL_READERS_SPECIAL_H

#define SPECIAL_FILE_READERS(R)             \
	R(BPF_LINK, bpf_link)               \
	R(BPF_LINK_TARGET, bpf_link_target) \
	R(BPF_MAP, bpf_map)                 \
	R(BPF_MAP_KINDS, bpf_map_kinds)     \
	R(BPF_PROG, bpf_prog)               \
	R(EPOLL, epoll)                     \
	R(FSNOTIFY, fsnotify)               \
	R(FSNOTIFY_OBJECT, fsnotify_object) \
	R(IO_URING, io_uring)               \
	R(IO_URING_KEPT, io_uring_kept)     \
	R(IO_URING_POLLS, io_uring_polls)   \
	R(OPEN_FILE_EXTRA, open_file_extra) \
	R(PIDFD, pidfd)                     \
	R(TIMERFD, timerfd)                 \
	R(USERFAULTFD, userfaultfd)

#endif
