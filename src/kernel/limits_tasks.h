/* SPDX-License-Identifier: BSD-2-Clause */
/* How much of what all tasks have may cost together; a part of kernel/limits.h.
 */
#ifndef KERNEL_LIMITS_TASKS_H
#define KERNEL_LIMITS_TASKS_H

/* Children of all tasks that are asked for: each has one parent, who may be
 * asked for twice (TASKLIST_MAX). */
#define TASK_CHILDREN_MAX_ALL (256u << 10)

/* Threads that count for processes which were asked for. */
#define TASK_THREADS_MAX_ALL (256u << 10)

/* Extents of the maps of ids of user namespaces (340 for one), of all tasks. */
#define USER_NS_EXTENTS_MAX_ALL (1u << 20)

/* Nodes of kernfs that are climbed, and bytes of the paths of all: a server
 * with many containers has some 10,000 control groups, and a path for each
 * task. */
#define KERNFS_NODES_MAX     (1u << 18)
#define KERNFS_PATHS_MAX_ALL (64u << 20)

/* Hierarchies of control groups (one for each controller, and by name), and
 * groups of all tasks in all of them. */
#define HIERARCHIES_MAX	     128u
#define TASK_CGROUPS_MAX_ALL (1u << 21)

/*
 * Descriptors: what tables have room for, of all tasks together; fs.nr_open is
 * 1048576 for one.
 */
#define TASK_FDS_MAX_ALL (1u << 23)

/* What epoll instances watch, all together: a proxy may watch 100,000 files. */
#define EPOLL_WATCHES_MAX_ALL (1u << 22)

/* Those of inotify, and of fanotify: an editor watches some 100,000 files; and
 * a batch for every two of the instance that has most. */
#define FSNOTIFY_MARKS_MAX_ALL (1u << 17)

/* Page faults that wait for programs to handle them: one for each thread. */
#define USERFAULTS_MAX_ALL (1u << 17)

/* What rings of io_uring have of one kind: a server has some 10,000 requests
 * that wait, and 256 chains of them for each ring, in two tables. */
#define IO_URING_PARTS_MAX_ALL (1u << 18)

#endif
