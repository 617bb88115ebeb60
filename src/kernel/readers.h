/* SPDX-License-Identifier: BSD-2-Clause */
/* All readers that want something of a kernel's types: a line each. */
#ifndef KERNEL_READERS_H
#define KERNEL_READERS_H

#include "profile/wants.h"

/*
 * R(NUMBER, file): READER_NUMBER; file_wants in the file of that name, where
 * its members stand.
 */
#define KERNEL_READERS(R)                   \
	R(ALIAS, alias)                     \
	R(BOOT, boot)                       \
	R(BTF_MODULES, btf_modules)         \
	R(CLOCK, clock)                     \
	R(DENTRY, dentry)                   \
	R(DENTRY_NAME, dentry_name)         \
	R(FIB_TRIE, fib_trie)               \
	R(FILE, file)                       \
	R(GENERATED, generated)             \
	R(IDR, idr)                         \
	R(INET6_ADDR, inet6_addr)           \
	R(INODE_PATH, inode_path)           \
	R(KERNEL, kernel)                   \
	R(KTHREAD, kthread)                 \
	R(LRU_BATCH, lru_batch)             \
	R(MAPLE, maple)                     \
	R(MM, mm)                           \
	R(MM_LAYOUT, mm_layout)             \
	R(MODULE_LETTERS, module_letters)   \
	R(MODULE_PARAMS, module_params)     \
	R(MODULE_SECTIONS, module_sections) \
	R(MODULE_STATUS, module_status)     \
	R(MODULES, modules)                 \
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
	R(PAGE_STACK, page_stack)           \
	R(PAGE_TYPE, page_type)             \
	R(PAGE_WORDS, page_words)           \
	R(PAGE_ZONE, page_zone)             \
	R(PATH, path)                       \
	R(PERCPU_CHUNK, percpu_chunk)       \
	R(PRINTK, printk)                   \
	R(RBTREE, rbtree)                   \
	R(ROUTE, route)                     \
	R(RSS, rss)                         \
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
	R(SWAP_AREA, swap_area)             \
	R(SWAP_CACHE, swap_cache)           \
	R(SWAP_TREES, swap_trees)           \
	R(SYSCTL_TREE, sysctl_tree)         \
	R(SYSCTL_VALUE, sysctl_value)       \
	R(TASK, task)                       \
	R(TASK_ARGS, task_args)             \
	R(TASK_FDS, task_fds)               \
	R(TASK_GROUP, task_group)           \
	R(TASK_NS, task_ns)                 \
	R(TASK_PATHS, task_paths)           \
	R(TASK_SETTINGS, task_settings)     \
	R(TASK_STACK, task_stack)           \
	R(TASK_TIME, task_time)             \
	R(TASKLIST, tasklist)               \
	R(UNMAPPED, unmapped_lookup)        \
	R(VCPU, vcpu)                       \
	R(VMA, vma)                         \
	R(VMA_NAME, vma_name)               \
	R(VMALLOC, vmalloc)                 \
	R(VMALLOC_NODES, vmalloc_nodes)     \
	R(X86_64_BORDERS, x86_64_borders)   \
	R(X86_64_FIXMAP, x86_64_fixmap)     \
	R(X86_64_LAYOUT, x86_64_layout)     \
	R(X86_64_ORC, x86_64_orc)           \
	R(X86_64_SLEEPER, x86_64_sleeper)   \
	R(X86_64_SWAP, x86_64_swap)         \
	R(X86_64_USER_SP, x86_64_user_sp)   \
	R(XARRAY, xarray)                   \
	R(ZONE, zone)                       \
	R(ZONE_BLOCKS, zone_blocks)         \
	R(ZONE_FREE, zone_free)             \
	R(ZONE_PCP, zone_pcp)               \
	R(ZONE_STATS, zone_stats)

#define READER_NUMBER(number, file) READER_##number,
enum reader {
	KERNEL_READERS(READER_NUMBER) READERS
};
#undef READER_NUMBER

#define READER_WANTS(number, file) extern const struct wants file##_wants;
KERNEL_READERS(READER_WANTS)
#undef READER_WANTS

/* The same as a table, for profile_create(). */
extern const struct readers kernel_readers;

#endif
