/* SPDX-License-Identifier: BSD-2-Clause */
/* How much of what a system has once may cost: networks, sysctls, devices; a
 * part of kernel/limits.h. */
#ifndef KERNEL_LIMITS_SYSTEM_H
#define KERNEL_LIMITS_SYSTEM_H

/* Sockets in hash tables, and buckets of these: the kernel makes up to 2^19 of
 * TCP where it is not told of more. */
#define SOCKS_MAX	 (1u << 18)
#define SOCK_BUCKETS_MAX (1u << 21)

/* IPv6 addresses of all interfaces of a namespace. */
#define INET6_ADDRS_MAX (1u << 16)

/* Network devices, of all namespaces that are read: a host of many containers
 * has some 10,000; and entries of the table of ARP, of which the kernel keeps
 * 1024 where it is not told of more. */
#define NET_DEVICES_MAX 65536u
#define NEIGHBOURS_MAX	(1u << 17)

/* Shares of CPUs in what network devices count.  Queues of one: the kernel
 * allows 4096 (net/core/rtnetlink.c); and counters of all of them: 1,000
 * containers, with a queue for each of 64 CPUs, have 640,000. */
#define NET_SHARES_MAX	     (1u << 22)
#define NET_QUEUES_MAX	     4096u
#define NET_QUEUE_COUNTS_MAX (1u << 20)

/* Shares of CPUs in the counters of network namespaces. */
#define SNMP_SHARES_MAX (1u << 18)

/* Routes, and places for them in tries: a table of all of the internet has a
 * million of them. */
#define ROUTES_MAX (1u << 22)

/* Sysctls: a network namespace has some 90 for each interface; and how deep
 * their directories are (6). */
#define SYSCTLS_MAX	  (1u << 18)
#define SYSCTL_LEVELS_MAX 32u
#define SYSCTL_BYTES_MAX  65536u /* of a value */
/* Of all values, which have 4 or 8 bytes as a rule, and of all paths, which
 * have some 40. */
#define SYSCTL_BYTES_MAX_ALL	  (1u << 25)
#define SYSCTL_PATH_BYTES_MAX_ALL (1u << 25)

/* Block devices: a loaded server has some 1,000; and parts of 64 MiB of a swap
 * area, each with a cache of its own: 2 TiB. */
#define BLOCK_DEVICES_MAX 65536u
#define SWAP_SPACES_MAX	  32768u

/* Arrays of disks, of which there are a few; devices and places for them of all
 * together: an array has 384 at most (max_disks of drivers/md/md.c). */
#define MD_ARRAYS_MAX  4096u
#define MD_DEVICES_MAX 65536u

/* Numbers of interrupts: NR_VECTORS + 64 * NR_CPUS, or so many for I/O APICs.
 */
#define IRQS_MAX (1u << 20)
/* Of all of them, what CPUs counted: 4,000 of 4,096 CPUs. */
#define IRQ_COUNTS_MAX (1u << 24)

/* Whom pages can be charged to: 65535 memory cgroups, of which some have gone
 * and left an obj_cgroup on each node. */
#define PAGE_CHARGES_MAX (1u << 18)

/* Devices that asked for interrupts: a large server has some 10,000. */
#define IRQ_USERS_MAX 65536u

/* Crypto algorithms: distributions have some 200. */
#define CRYPTO_ALGS_MAX 8192u

/* Domains of all CPUs: eight levels of 8,192. */
#define SCHED_DOMAINS_MAX (1u << 16)

/* Clocks of a CPU (8), and timers of high resolution of all of them together,
 * but so many of each at least. */
#define HRTIMER_BASES_MAX 16u
#define HRTIMERS_MAX_ALL  (1u << 20)
#define HRTIMERS_LEAST	  256u

/* Ranges of addresses that somebody has: a large server has some 5,000. */
#define RESOURCES_MAX 65536u

/* Who has major numbers of devices, types of file systems, and their like:
 * distributions have some 50. */
#define MAJORS_MAX   4096u
#define FS_TYPES_MAX 1024u
#define CONSOLES_MAX 256u
#define MISC_MAX     4096u

/* Devices of a class: a loaded server has some thousands of disks and parts. */
#define CLASS_DEVICES_MAX 8192u

/* Users that have keys: a machine with very many users has some 10,000. */
#define KEY_USERS_MAX (1u << 17)

/* Segments of shared memory, sets of semaphores, queues of messages: 32768 of
 * each, and 2^24 with ipcmni_extend; nodes of their tables, which are numbered
 * in a ring; and semaphores of all sets: large databases have some 50,000. */
#define IPC_OBJECTS_MAX	       (1u << 16)
#define IPC_NODES_MAX	       (1u << 15)
#define IPC_SEMAPHORES_MAX_ALL (1u << 18)

/* Files that name users: of 100,000 users they have some 10 MiB. */
#define ETC_FILE_MAX (64u << 20)

/* Blocks of memory are of 128 MiB to 2 GiB, and have sections of 128 MiB; what
 * has 64 of them in a node has some thousands where memory is largest. */
#define MEMORY_BLOCK_SECTIONS_MAX 1024u
#define MEMORY_BLOCK_NODES_MAX	  4096u

/* What is read of variables of all CPUs at once: 4,000 disks with 256 CPUs. */
#define CPU_BYTES_MAX (1u << 28)

#endif
