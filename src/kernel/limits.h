/* SPDX-License-Identifier: BSD-2-Clause */
/* How much a guest's structures may cost: each limit, and its reason. */
#ifndef KERNEL_LIMITS_H
#define KERNEL_LIMITS_H

#include "kernel/limits_system.h"
#include "kernel/limits_tasks.h"

/*
 * A guest's kernel can say anything, and any program in a guest can have many
 * of a thing.  What lies beyond these is not read; the rest is marked as cut,
 * and the words say that it is qvmi's limit.  Time has its own: the pause ends
 * by --max-pause.
 */

/*
 * Areas of a process: the largest vm.max_map_count that distributions set
 * (1048576; the kernel's default is 65530), and the nodes that it takes.  Of
 * all of them: more than is good to be asked for at once.
 */
#define VMA_MAX	    ((1u << 20) + (1u << 18))
#define VMA_MAX_ALL (1u << 21)

/*
 * Trees: ten levels of a maple tree of 10 children each are 10^10 areas; a
 * red-black tree of 2^20 nodes is at most 40 deep.
 */
#define MAPLE_DEPTH_MAX	 10
#define RBTREE_DEPTH_MAX 64

/*
 * A list cannot be read at once: each element tells where the next one lies.
 * So many are followed, a batch for every two of them.
 */
#define TASKLIST_MAX (128u << 10)

/* Links of all lists that are followed together: free blocks of a large machine
 * are some 1,000,000. */
#define LIST_LINKS_MAX_ALL (1u << 22)

/*
 * Paths, beyond what they need: /proc prints them without any limit (seq_file
 * makes its buffer larger), and while no path that a program names has more
 * than PATH_MAX bytes, hence 2,048 components, one can go deeper step by step.
 * Each component takes a batch of its own.
 */
#define PATH_COMPONENTS_MAX 4096
#define PATH_BYTES_MAX	    (1u << 20)
/* Of all paths that are resolved together. */
#define PATH_BYTES_MAX_ALL  (256u << 20)
#define PATH_ROUNDS_MAX_ALL (4 * PATH_COMPONENTS_MAX)
#define PATH_DENTRIES_MAX   (1u << 20)

/* Arguments: what is read of one process at most, and of all together. */
#define TASK_ARGS_MAX	  (128u << 10)
#define TASK_ARGS_ALL_MAX (64u << 20)

/* Groups of one process (NGROUPS_MAX), and of all together. */
#define CRED_GROUPS_MAX	    65536u
#define CRED_GROUPS_MAX_ALL (1u << 22)

/* Timers of one process (as many as signals can wait for a user, mostly), and
 * of all together. */
#define TASK_TIMERS_MAX	    16384u
#define TASK_TIMERS_MAX_ALL (1u << 18)

/* Nodes of memory of all tasks together, with what balancing found there. */
#define SCHED_NUMA_MAX_ALL (1u << 20)

/* Memory policies that are told apart: a machine has some 10. */
#define MEMPOLICIES_MAX (1u << 16)

/* Entries of page tables that are counted at once: 32 GiB in pages of 4 KiB. */
#define VMA_USE_MAX (1u << 23)

/* Mounts: fs.mount-max is 100000 for a namespace. */
#define MOUNTS_MAX (1u << 17)
/* The same mounts from several root directories; and steps from a mount to the
 * master of its master: containers in containers take a few. */
#define MOUNT_POINTS_MAX_ALL (1u << 18)
#define MOUNT_MASTERS_MAX    64u

/* Locks of files: a mail server has some thousands; and steps from one that
 * waits to another that waits for it. */
#define LOCKS_MAX	(1u << 17)
#define LOCK_LEVELS_MAX 64u

/* Dentries in a chain of their table; there are as many chains. */
#define DCACHE_CHAIN_MAX 4096u

/* A file that is read out of the page cache. */
#define CACHED_FILE_SIZE_MAX (256ULL << 20)

/* CPUs' shares of counters that are read at once. */
#define RSS_SHARES_MAX (1u << 17)

/* struct pages that are read, in all, to count mappings one by one. */
#define COUNT_MAX (1u << 20)

/* Nodes of page caches and swap caches: those of 64 GiB, page by page. */
#define XARRAY_NODES_MAX (1u << 18)

/* Pieces of memory without a table that are looked up at once: 16 GiB of pages
 * that lie apart. */
#define UNMAPPED_PARTS_MAX (1u << 22)

/* Modules that are looked at; a distribution's kernel has 6,000 in all, and a
 * machine some 300 of them. */
#define MODULES_MAX 4096u

/* Modules that use one: some 100 use a bus or a library of a desktop. */
#define MODULE_USERS_MAX 512u

/* Sections and parameters of one: drivers have some 100 of either. */
#define MODULE_SECTIONS_MAX 1024u
#define MODULE_PARAMS_MAX   512u

/* What is read of modules' symbols beside these: a desktop's have 1 MiB. */
#define MODULE_LETTERS_ROOM (32ULL << 20)

/* Types of modules, in all: a desktop's have some 20 MiB. */
#define BTF_MODULES_ROOM (128ULL << 20)

/* Free blocks of one kind: a GiB in the smallest would be four times as many.
 */
#define ZONE_FREE_MAX (1u << 16)

/* Frames of a zone: 4 TiB. */
#define ZONE_SPAN_MAX (1ULL << 30)

/*
 * Areas of vmalloc in a list: a server with many containers has some 20,000 in
 * all; lists (the kernel makes 128 at most), and pages whose node is looked up.
 */
#define VMALLOC_AREAS_MAX (1u << 15)
#define VMALLOC_NODES_MAX 128
#define VMALLOC_PAGES_MAX (1u << 18)

/*
 * Slab caches: distributions have some 200, and drivers add their own; the
 * partial slabs of one on a node.
 */
#define SLAB_CACHES_MAX	 4096u
#define SLAB_PARTIAL_MAX (1u << 16)

/*
 * Slabs of one cache that are looked into (a file server has some 100,000 of
 * dentry), their objects, places in them that were overwritten, and in the code
 * that allocated them; slabs in a CPU's own list, which the kernel keeps to
 * some 30.
 */
#define SLAB_SLABS_MAX	 (1u << 18)
#define SLAB_OBJECTS_MAX (1u << 25)
#define SLAB_DAMAGES_MAX 1024u
#define SLAB_USERS_MAX	 4096u
#define SLAB_CHAIN_MAX	 1024u

/* Sheaves of a node (the kernel keeps 10), and objects in one (up to 60). */
#define SLAB_SHEAVES_MAX  32u
#define SHEAF_OBJECTS_MAX 512u

/* Words of kpageflags that are counted apart: a machine has some 200. */
#define CENSUS_CLASSES_MAX (1u << 14)

/* Lists of chunks of per-CPU memory (some 17, or twice as many), and chunks in
 * one: each has 32 KiB or more for every CPU. */
#define PERCPU_LISTS_MAX  256u
#define PERCPU_CHUNKS_MAX 16384u

/* Symbols of one generator: BPF programs, ftrace trampolines. */
#define GENERATED_MAX 16384u

/*
 * The kernel's log: log_buf_len= takes up to 2^31 bytes, machines with very
 * many CPUs have 2^25; and it has a record for each 32 bytes of them.
 */
#define PRINTK_SIZE_BITS_MAX  28
#define PRINTK_COUNT_BITS_MAX 23

/*
 * Rules for unwinding of the image, and once more of all modules: distributions
 * have up to 500,000, of 16 bytes each.
 */
#define ORC_RULES_MAX (1u << 20)

/* Remarks that are kept: a hostile guest could give reason for any number. */
#define REMARKS_MAX 16u

#endif
