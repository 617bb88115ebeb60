/* SPDX-License-Identifier: BSD-2-Clause */
/* All readers that want something of a kernel's types: a line each. */
#ifndef KERNEL_READERS_H
#define KERNEL_READERS_H

#include "kernel/readers_ipc.h"
#include "kernel/readers_special.h"
#include "kernel/readers_x86_64.h"
#include "profile/wants.h"

/* R(NUMBER, file): READER_NUMBER; file_wants, in the file of that name. */
#define KERNEL_READERS(R)                   \
	R(ALIAS, alias)                     \
	R(APPARMOR, apparmor)               \
	R(AUTOGROUP, autogroup)             \
	R(BLOCK_DEVICES, block_devices)     \
	R(BOOT, boot)                       \
	R(BTF_MODULES, btf_modules)         \
	R(CGROUP_SUBSYS, cgroup_subsys)     \
	R(CGROUP_VALUES, cgroup_values)     \
	R(CLASS_DEVICES, class_devices)     \
	R(CLOCK, clock)                     \
	R(CONSOLES, consoles)               \
	R(CPU_DEVICES, cpu_devices)         \
	R(CPU_TIMES, cpu_times)             \
	R(CRED, cred)                       \
	R(CRYPTO_ALGS, crypto_algs)         \
	R(CRYPTO_VALUES, crypto_values)     \
	R(DCACHE, dcache)                   \
	R(DENTRY, dentry)                   \
	R(DENTRY_NAME, dentry_name)         \
	R(DISK_STATS, disk_stats)           \
	R(FIB_TRIE, fib_trie)               \
	R(FILE, file)                       \
	R(FILE_LOCKS, file_locks)           \
	R(FILE_LOOKUP, file_lookup)         \
	R(FRAMEBUFFERS, framebuffers)       \
	R(FS_TYPES, fs_types)               \
	R(GENERATED, generated)             \
	R(HRTIMERS, hrtimers)               \
	R(IDR, idr)                         \
	R(INET6_ADDR, inet6_addr)           \
	R(INODE_PATH, inode_path)           \
	IPC_READERS(R)                      \
	R(IRQS, irqs)                       \
	R(KERNEL, kernel)                   \
	R(KERNFS_PATH, kernfs_path)         \
	R(KEY_USERS, key_users)             \
	R(KTHREAD, kthread)                 \
	R(LAST_PID, last_pid)               \
	R(LRU_BATCH, lru_batch)             \
	R(MAJORS, majors)                   \
	R(MAPLE, maple)                     \
	R(MD, md)                           \
	R(MD_CONF, md_conf)                 \
	R(MEMINFO, meminfo)                 \
	R(MEMINFO_PARTS, meminfo_parts)     \
	R(MEMORY_BLOCKS, memory_blocks)     \
	R(MEMPOLICY, mempolicy)             \
	R(MISC_DEVICES, misc_devices)       \
	R(MM, mm)                           \
	R(MM_LAYOUT, mm_layout)             \
	R(MM_NUMBERS, mm_numbers)           \
	R(MODULE_LETTERS, module_letters)   \
	R(MODULE_PARAMS, module_params)     \
	R(MODULE_SECTIONS, module_sections) \
	R(MODULE_STATUS, module_status)     \
	R(MODULES, modules)                 \
	R(MOUNT_AUTOFS, mount_autofs)       \
	R(MOUNT_CGROUP, mount_cgroup)       \
	R(MOUNT_EXT4, mount_ext4)           \
	R(MOUNT_FUSE, mount_fuse)           \
	R(MOUNT_MEMORY, mount_memory)       \
	R(MOUNT_OTHER, mount_other)         \
	R(MOUNT_OVERLAY, mount_overlay)     \
	R(MOUNT_SUPER, mount_super)         \
	R(MOUNT_VIEW, mount_view)           \
	R(MOUNTS, mounts)                   \
	R(MOUNTS_FIND, mounts_find)         \
	R(MOUNTS_NAMES, mounts_names)       \
	R(NEIGHBOURS, neighbours)           \
	R(NET_COUNTS, net_counts)           \
	R(NET_DEVICE_LIST, net_device_list) \
	R(NET_DEVICES, net_devices)         \
	R(NET_DRIVERS, net_drivers)         \
	R(NET_PARTS, net_parts)             \
	R(NODE_MEMINFO, node_meminfo)       \
	R(NODE_PLACES, node_places)         \
	R(OPEN_FILE, open_file)             \
	R(PAGE, page)                       \
	R(PAGE_BLOCK, page_block)           \
	R(PAGE_CACHE, page_cache)           \
	R(PAGE_COMPOUND, page_compound)     \
	R(PAGE_DEVICE, page_device)         \
	R(PAGE_FACTS, page_facts)           \
	R(PAGE_FILE, page_file)             \
	R(PAGE_GROUP, page_group)           \
	R(PAGE_KIND, page_kind)             \
	R(PAGE_KPF, page_kpf)               \
	R(PAGE_SLAB, page_slab)             \
	R(PAGE_TYPE, page_type)             \
	R(PAGE_USE, page_use)               \
	R(PAGE_WORDS, page_words)           \
	R(PAGE_ZONE, page_zone)             \
	R(PAGEMAP, pagemap)                 \
	R(PATH, path)                       \
	R(PERCPU_CHUNK, percpu_chunk)       \
	R(PID, pid)                         \
	R(PRESSURE, pressure)               \
	R(PRINTK, printk)                   \
	R(PROC_ENTRY, proc_entry)           \
	R(RBTREE, rbtree)                   \
	R(RESOURCES, resources)             \
	R(ROUTE, route)                     \
	R(RSS, rss)                         \
	R(SCHED_NUMA, sched_numa)           \
	R(SCHED_STATS, sched_stats)         \
	R(SCHED_UCLAMP, sched_uclamp)       \
	R(SHARED_POLICY, shared_policy)     \
	R(SLAB, slab)                       \
	R(SLAB_FIND, slab_find)             \
	R(SLAB_LAYOUT, slab_layout)         \
	R(SLAB_NODES, slab_nodes)           \
	R(SLAB_OBJECT, slab_object)         \
	R(SLAB_SHEAF, slab_sheaf)           \
	R(SLAB_TRACK, slab_track)           \
	R(SLAB_VIEW, slab_view)             \
	R(SNMP, snmp)                       \
	R(SOCK, sock)                       \
	R(SOCK_FIELDS, sock_fields)         \
	R(SOCK_NETLINK, sock_netlink)       \
	R(SOCK_TABLE, sock_table)           \
	R(SOCKSTAT, sockstat)               \
	R(SOFTIRQS, softirqs)               \
	R(SWAP_AREA, swap_area)             \
	R(SWAP_CACHE, swap_cache)           \
	R(SWAP_TREES, swap_trees)           \
	R(SYSCTL_LISTS, sysctl_lists)       \
	R(SYSCTL_RECIPES, sysctl_recipes)   \
	R(SYSCTL_SUMS, sysctl_sums)         \
	R(SYSCTL_TREE, sysctl_tree)         \
	R(SYSCTL_VALUE, sysctl_value)       \
	R(TASK, task)                       \
	R(TASK_ARGS, task_args)             \
	R(TASK_CGROUP, task_cgroup)         \
	R(TASK_CHILDREN, task_children)     \
	R(TASK_CPUSET, task_cpuset)         \
	R(TASK_DELAY, task_delay)           \
	R(TASK_FDS, task_fds)               \
	R(TASK_GROUP, task_group)           \
	R(TASK_IO, task_io)                 \
	R(TASK_LIMITS, task_limits)         \
	R(TASK_MASKS, task_masks)           \
	R(TASK_NS, task_ns)                 \
	R(TASK_NUMBERS, task_numbers)       \
	R(TASK_OOM, task_oom)               \
	R(TASK_PATHS, task_paths)           \
	R(TASK_PIDS, task_pids)             \
	R(TASK_SCHED, task_sched)           \
	R(TASK_SIGNALS, task_signals)       \
	R(TASK_STACK, task_stack)           \
	R(TASK_TIME, task_time)             \
	R(TASK_TIMERS, task_timers)         \
	R(TASK_TTY, task_tty)               \
	R(TASKLIST, tasklist)               \
	R(TICK_DEVICES, tick_devices)       \
	R(THP, thp)                         \
	R(TIME_NS, time_ns)                 \
	R(TREE, tree)                       \
	R(USER_NS, user_ns)                 \
	R(VCPU, vcpu)                       \
	R(VM_COUNTERS, vm_counters)         \
	R(VMA, vma)                         \
	R(VMA_FLAGS, vma_flags)             \
	R(VMA_NAME, vma_name)               \
	R(VMA_POLICY, vma_policy)           \
	R(VMA_USE, vma_use)                 \
	R(VMALLOC, vmalloc)                 \
	R(VMALLOC_NODES, vmalloc_nodes)     \
	R(VMSTAT, vmstat)                   \
	SPECIAL_FILE_READERS(R)             \
	X86_64_READERS(R)                   \
	R(XARRAY, xarray)                   \
	R(ZONE, zone)                       \
	R(ZONE_FREE, zone_free)             \
	R(ZONE_PCP, zone_pcp)               \
	R(ZONE_STATS, zone_stats)

#define READER_NUMBER(number, file) READER_##number,
enum reader {
	KERNEL_READERS(READER_NUMBER) READERS
};
#define READER_WANTS(number, file) extern const struct wants file##_wants;
KERNEL_READERS(READER_WANTS)
/* The same as a table, for profile_create(). */
extern const struct readers kernel_readers;

#endif
