/* SPDX-License-Identifier: BSD-2-Clause */
/* The one table of structures, members and constants that qvmi reads. */
#ifndef PROFILE_WANTED_H
#define PROFILE_WANTED_H

#include "profile/wanted_log.h"
#include "profile/wanted_pages.h"
#include "profile/wanted_symbols.h"
#include "profile/wanted_tasks.h"

/*
 * F(id, struct, need, members): a member and where it lives.  `struct` and
 * `members` list alternatives, tried in order, parted by '|'; dots go into
 * nested members, anonymous structs and unions are looked through.  REQUIRED:
 * without it there is no profile.  OPTIONAL: absence is an answer.  Where a
 * name changed, the version is that of mainline (docs/facts/kernel.md, "Members
 * that changed their names").
 */
#define WANTED_FIELDS(F)                                                       \
	F(TASK_STATE, "task_struct", REQUIRED, "__state|state") /* 5.14 */     \
	F(TASK_EXIT_STATE, "task_struct", REQUIRED, "exit_state")              \
	F(TASK_FLAGS, "task_struct", REQUIRED, "flags")                        \
	F(TASK_PID, "task_struct", REQUIRED, "pid")                            \
	F(TASK_TGID, "task_struct", REQUIRED, "tgid")                          \
	F(TASK_MM, "task_struct", REQUIRED, "mm")                              \
	F(TASK_REAL_PARENT, "task_struct", REQUIRED, "real_parent")            \
	F(TASK_REAL_CRED, "task_struct", REQUIRED, "real_cred")                \
	F(TASK_COMM, "task_struct", REQUIRED, "comm")                          \
	F(TASK_FS, "task_struct", OPTIONAL, "fs")                              \
	F(TASK_TASKS, "task_struct", OPTIONAL, "tasks")                        \
	F(TASK_CANARY, "task_struct", OPTIONAL, "stack_canary")                \
	F(TASK_START_TIME, "task_struct", OPTIONAL, "start_time")              \
	F(TASK_SIGNAL, "task_struct", OPTIONAL, "signal")                      \
	F(TASK_THREAD_NODE, "task_struct", OPTIONAL, "thread_node")            \
	F(SIGNAL_THREAD_HEAD, "signal_struct", OPTIONAL, "thread_head")        \
	F(TASK_PID_LINKS, "task_struct", OPTIONAL, "pid_links") /* 4.19 */     \
	F(TASK_KTHREAD, "task_struct", OPTIONAL,                               \
	  "worker_private|set_child_tid") /* 5.17 */                           \
	F(KTHREAD_DATA, "kthread", OPTIONAL, "data")                           \
	F(KTHREAD_FULL_NAME, "kthread", OPTIONAL, "full_name") /* 5.17 */      \
	F(WORKER_DESC, "worker", OPTIONAL, "desc")                             \
	F(WORKER_CURRENT_WORK, "worker", OPTIONAL, "current_work")             \
	F(WORKER_POOL, "worker", OPTIONAL, "pool")                             \
	F(WORKER_RESCUE_WQ, "worker", OPTIONAL, "rescue_wq")                   \
	F(WORKQUEUE_NAME, "workqueue_struct", OPTIONAL, "name")                \
	F(CRED_UID, "cred", REQUIRED, "uid")                                   \
	F(CRED_GID, "cred", REQUIRED, "gid")                                   \
	F(CRED_EUID, "cred", REQUIRED, "euid")                                 \
	F(CRED_EGID, "cred", REQUIRED, "egid")                                 \
	F(PID_TASKS, "pid", OPTIONAL, "tasks")                                 \
	F(PIDNS_IDR, "pid_namespace", OPTIONAL,                                \
	  "idr.idr_rt.xa_head") /* 4.20 */                                     \
	F(XA_NODE_SHIFT, "xa_node|radix_tree_node", OPTIONAL, "shift")         \
	F(XA_NODE_SLOTS, "xa_node|radix_tree_node", OPTIONAL, "slots")         \
	F(FS_ROOT_MNT, "fs_struct", OPTIONAL, "root.mnt")                      \
	F(FS_ROOT_DENTRY, "fs_struct", OPTIONAL, "root.dentry")                \
	F(MM_PGD, "mm_struct", REQUIRED, "pgd")                                \
	F(MM_MT_ROOT, "mm_struct", OPTIONAL, "mm_mt.ma_root") /* 6.1 */        \
	F(MM_RB, "mm_struct", OPTIONAL, "mm_rb.rb_node")      /* up to 6.0 */  \
	F(RB_LEFT, "rb_node", OPTIONAL, "rb_left")                             \
	F(RB_RIGHT, "rb_node", OPTIONAL, "rb_right")                           \
	F(MM_MAP_COUNT, "mm_struct", REQUIRED, "map_count")                    \
	F(MM_START_BRK, "mm_struct", REQUIRED, "start_brk")                    \
	F(MM_BRK, "mm_struct", REQUIRED, "brk")                                \
	F(MM_START_STACK, "mm_struct", REQUIRED, "start_stack")                \
	F(MM_RSS_COUNT, "mm_struct", OPTIONAL, "rss_stat.count") /* <= 6.1 */  \
	F(MM_RSS_STAT, "mm_struct", OPTIONAL, "rss_stat")                      \
	F(MM_CONTEXT_FLAGS, "mm_struct", OPTIONAL, "context.flags") /* 5.12 */ \
	F(MM_IA32_COMPAT, "mm_struct", OPTIONAL, "context.ia32_compat")        \
	F(PERCPU_COUNTER_COUNT, "percpu_counter", OPTIONAL, "count")           \
	F(PERCPU_COUNTER_COUNTERS, "percpu_counter", OPTIONAL, "counters")     \
	F(MAPLE_R64_PIVOT, "maple_range_64", OPTIONAL, "pivot")                \
	F(MAPLE_R64_SLOT, "maple_range_64", OPTIONAL, "slot")                  \
	F(MAPLE_R64_META_END, "maple_range_64", OPTIONAL, "meta.end")          \
	F(MAPLE_A64_PIVOT, "maple_arange_64", OPTIONAL, "pivot")               \
	F(MAPLE_A64_SLOT, "maple_arange_64", OPTIONAL, "slot")                 \
	F(MAPLE_A64_META_END, "maple_arange_64", OPTIONAL, "meta.end")         \
	F(MAPLE_DENSE_SLOT, "maple_node", OPTIONAL, "slot")                    \
	F(VMA_START, "vm_area_struct", REQUIRED, "vm_start")                   \
	F(VMA_END, "vm_area_struct", REQUIRED, "vm_end")                       \
	F(VMA_NEXT, "vm_area_struct", OPTIONAL, "vm_next") /* up to 6.0 */     \
	F(VMA_RB, "vm_area_struct", OPTIONAL, "vm_rb")	   /* up to 6.0 */     \
	F(VMA_MM, "vm_area_struct", REQUIRED, "vm_mm")                         \
	F(VMA_FLAGS, "vm_area_struct", REQUIRED, "vm_flags")                   \
	F(VMA_PGOFF, "vm_area_struct", REQUIRED, "vm_pgoff")                   \
	F(VMA_FILE, "vm_area_struct", REQUIRED, "vm_file")                     \
	F(VMA_OPS, "vm_area_struct", REQUIRED, "vm_ops")                       \
	F(VMA_PRIVATE, "vm_area_struct", REQUIRED, "vm_private_data")          \
	F(VMA_ANON_NAME, "vm_area_struct", OPTIONAL, "anon_name") /* 5.17 */   \
	F(VMA_SHARED, "vm_area_struct", OPTIONAL, "shared")                    \
	F(VM_OPS_NAME, "vm_operations_struct", OPTIONAL, "name")               \
	F(SPECIAL_MAPPING_NAME, "vm_special_mapping", OPTIONAL, "name")        \
	F(ANON_VMA_NAME_NAME, "anon_vma_name", OPTIONAL, "name")               \
	F(FILE_PATH_MNT, "file", REQUIRED, "f_path.mnt|__f_path.mnt")          \
	F(FILE_PATH_DENTRY, "file", REQUIRED, "f_path.dentry|__f_path.dentry") \
	F(FILE_INODE, "file", REQUIRED, "f_inode")                             \
	F(FILE_MODE, "file", REQUIRED, "f_mode")                               \
	F(FILE_VERSION, "file", OPTIONAL, "f_version") /* up to 6.11 */        \
	F(BACKING_USER_MNT, "backing_file", OPTIONAL, "user_path.mnt")         \
	F(BACKING_USER_DENTRY, "backing_file", OPTIONAL, "user_path.dentry")   \
	F(DENTRY_PARENT, "dentry", REQUIRED, "d_parent")                       \
	F(DENTRY_NAME, "dentry", REQUIRED, "d_name.name")                      \
	F(DENTRY_LEN, "dentry", REQUIRED, "d_name.len")                        \
	F(DENTRY_INLINE, "dentry", OPTIONAL, "d_shortname|d_iname") /* 6.14 */ \
	F(DENTRY_HASH_PPREV, "dentry", REQUIRED, "d_hash.pprev")               \
	F(DENTRY_OP, "dentry", REQUIRED, "d_op")                               \
	F(DENTRY_INODE, "dentry", REQUIRED, "d_inode")                         \
	F(DENTRY_OPS_DNAME, "dentry_operations", REQUIRED, "d_dname")          \
	F(DENTRY_FSDATA, "dentry", OPTIONAL, "d_fsdata")                       \
	F(DMABUF_NAME, "dma_buf", OPTIONAL, "name") /* 5.3 */                  \
	F(INODE_PRIVATE, "inode", OPTIONAL, "i_private")                       \
	F(NS_OPS, "ns_common", OPTIONAL, "ops")                                \
	F(NS_OPS_NAME, "proc_ns_operations", OPTIONAL, "name")                 \
	F(PID_STASHED, "pid", OPTIONAL, "stashed") /* 6.9 */                   \
	F(MOUNT_MNT_ROOT, "mount", REQUIRED, "mnt.mnt_root")                   \
	F(MOUNT_PARENT, "mount", REQUIRED, "mnt_parent")                       \
	F(MOUNT_MOUNTPOINT, "mount", REQUIRED, "mnt_mountpoint")               \
	F(MOUNT_MNT, "mount", REQUIRED, "mnt")                                 \
	F(INODE_INO, "inode", REQUIRED, "i_ino")                               \
	F(INODE_SB, "inode", REQUIRED, "i_sb")                                 \
	F(INODE_CTIME, "inode", OPTIONAL,                                      \
	  "__i_ctime|i_ctime_sec") /* 6.6, 11 */                               \
	F(SB_DEV, "super_block", REQUIRED, "s_dev")                            \
	F(UTS_NS_NAME, "uts_namespace", REQUIRED, "name")                      \
	F(UTSNAME_RELEASE, "new_utsname", REQUIRED, "release")                 \
	F(CPUINFO_CAPABILITY, "cpuinfo_x86", OPTIONAL, "x86_capability")       \
	F(PCPU_HOT_CURRENT, "pcpu_hot", OPTIONAL, "current_task") /* 6.2-14 */ \
	WANTED_PAGE_FIELDS(F)                                                  \
	WANTED_LOG_FIELDS(F)                                                   \
	WANTED_TASK_FIELDS(F)                                                  \
	WANTED_SYMBOL_FIELDS(F)

/* S(id, struct): a struct whose size is needed. */
#define WANTED_STRUCTS(S)                   \
	S(TASK, "task_struct")              \
	S(VMA, "vm_area_struct")            \
	S(PERCPU_COUNTER, "percpu_counter") \
	S(PAGE, "page")                     \
	S(HLIST_NODE, "hlist_node")         \
	WANTED_TASK_STRUCTS(S)              \
	WANTED_LOG_STRUCTS(S)               \
	WANTED_SYMBOL_STRUCTS(S)

/* C(id, enum or "" for any, enumerator): a constant that varies. */
#define WANTED_CONSTANTS(C)                                               \
	C(MM_FILEPAGES, "", "MM_FILEPAGES")                               \
	C(MM_ANONPAGES, "", "MM_ANONPAGES")                               \
	C(MM_SWAPENTS, "", "MM_SWAPENTS")                                 \
	C(MM_SHMEMPAGES, "", "MM_SHMEMPAGES")                             \
	C(PG_ANON_EXCLUSIVE, "pageflags", "PG_anon_exclusive") /* 5.19 */ \
	C(PIDTYPE_PID, "pid_type", "PIDTYPE_PID")                         \
	C(PIDTYPE_TGID, "pid_type", "PIDTYPE_TGID") /* 4.19 */            \
	WANTED_PAGE_CONSTANTS(C)                                          \
	WANTED_TASK_CONSTANTS(C)                                          \
	WANTED_SYMBOL_CONSTANTS(C)

#define WANTED_FIELD_ID(id, s, need, m) FIELD_##id,
enum field_id {
	WANTED_FIELDS(WANTED_FIELD_ID) FIELD_COUNT
};
#undef WANTED_FIELD_ID

#define WANTED_STRUCT_ID(id, s) STRUCT_##id,
enum struct_id {
	WANTED_STRUCTS(WANTED_STRUCT_ID) STRUCT_COUNT
};
#undef WANTED_STRUCT_ID

#define WANTED_CONSTANT_ID(id, e, n) CONSTANT_##id,
enum constant_id {
	WANTED_CONSTANTS(WANTED_CONSTANT_ID) CONSTANT_COUNT
};
#undef WANTED_CONSTANT_ID

#endif
