/* SPDX-License-Identifier: BSD-2-Clause */
/* The part of wanted.h that is about pages. */
#ifndef PROFILE_WANTED_PAGES_H
#define PROFILE_WANTED_PAGES_H

/* Members of struct page and folio, of files behind pages, of LRU batches. */
#define WANTED_PAGE_FIELDS(F)                                                 \
	F(PAGE_FLAGS, "page", OPTIONAL, "flags.f|flags") /* 6.18 */           \
	F(PAGE_HEAD, "page", OPTIONAL,                                        \
	  "compound_info|compound_head") /* 7.1 */                            \
	F(PAGE_MAPPING, "page", OPTIONAL, "mapping")                          \
	F(PAGE_INDEX, "page", OPTIONAL, "index|__folio_index") /* 6.16 */     \
	F(PAGE_PRIVATE, "page", OPTIONAL, "private")                          \
	F(PAGE_MAPCOUNT, "page", OPTIONAL, "_mapcount")                       \
	F(PAGE_TYPE, "page", OPTIONAL, "page_type")	       /* 4.18 */     \
	F(PAGE_REFCOUNT, "page", OPTIONAL, "_refcount|_count") /* 4.6 */      \
	F(PAGE_PGMAP, "page|folio", OPTIONAL, "pgmap")	       /* 6.15 */     \
	F(PGMAP_TYPE, "dev_pagemap", OPTIONAL, "type")                        \
	F(PGMAP_NR_RANGE, "dev_pagemap", OPTIONAL, "nr_range") /* 5.10 */     \
	F(PGMAP_RANGE, "dev_pagemap", OPTIONAL, "range")       /* 5.10 */     \
	F(PAGE_MEMCG_DATA, "page", OPTIONAL, "memcg_data")     /* 5.11 */     \
	F(PAGE_MEM_CGROUP, "page", OPTIONAL, "mem_cgroup")                    \
	F(COMPOUND_MAPCOUNT, "page", OPTIONAL, "compound_mapcount")           \
	F(COMPOUND_DTOR, "page", OPTIONAL, "compound_dtor")                   \
	F(COMPOUND_NR, "page", OPTIONAL, "compound_nr")                       \
	F(FOLIO_ENTIRE_MAPCOUNT, "folio", OPTIONAL, "_entire_mapcount")       \
	F(FOLIO_LARGE_MAPCOUNT, "folio", OPTIONAL,                            \
	  "_large_mapcount") /* 6.10 */                                       \
	F(FOLIO_NR_PAGES, "folio", OPTIONAL, "_nr_pages|_folio_nr_pages")     \
	F(FOLIO_DTOR, "folio", OPTIONAL, "_folio_dtor")                       \
	F(MAPPING_HOST, "address_space", OPTIONAL, "host")                    \
	F(MAPPING_NRPAGES, "address_space", OPTIONAL, "nrpages")              \
	F(INODE_MAPPING, "inode", OPTIONAL, "i_mapping")                      \
	F(INODE_DENTRY, "inode", OPTIONAL, "i_dentry.first")                  \
	F(DENTRY_ALIAS, "dentry", OPTIONAL, "d_u.d_alias|d_alias") /* 7.1 */  \
	F(SB_TYPE, "super_block", OPTIONAL, "s_type")                         \
	F(SB_ROOT, "super_block", OPTIONAL, "s_root")                         \
	F(SB_MOUNTS, "super_block", OPTIONAL, "s_mounts")                     \
	F(MOUNT_INSTANCE, "mount", OPTIONAL, "mnt_instance")                  \
	F(MOUNT_NEXT_FOR_SB, "mount", OPTIONAL, "mnt_next_for_sb") /* 6.18 */ \
	F(MOUNT_NS, "mount", OPTIONAL, "mnt_ns")                              \
	F(FS_TYPE_NAME, "file_system_type", OPTIONAL, "name")                 \
	F(LRU_ADD, "cpu_fbatches|lru_pvecs", OPTIONAL, "lru_add") /* 5.19 */  \
	F(LRU_DEACTIVATE_FILE, "cpu_fbatches|lru_pvecs", OPTIONAL,            \
	  "lru_deactivate_file")                                              \
	F(LRU_DEACTIVATE, "cpu_fbatches|lru_pvecs", OPTIONAL,                 \
	  "lru_deactivate")                                                   \
	F(LRU_LAZYFREE, "cpu_fbatches|lru_pvecs", OPTIONAL, "lru_lazyfree")   \
	F(LRU_ACTIVATE, "cpu_fbatches|lru_pvecs", OPTIONAL,                   \
	  "lru_activate|activate|activate_page")                              \
	F(LRU_MOVE_TAIL, "cpu_fbatches", OPTIONAL, "lru_move_tail")           \
	F(LRU_ROTATE, "lru_rotate", OPTIONAL, "fbatch|pvec")                  \
	F(MLOCK_BATCH, "mlock_fbatch|mlock_pvec", OPTIONAL, "fbatch|vec")     \
	F(BATCH_NR, "folio_batch|pagevec", OPTIONAL, "nr")                    \
	F(BATCH_PAGES, "folio_batch|pagevec", OPTIONAL, "folios|pages")

/* Bits of page.flags, and what page.page_type tells: docs/facts/kernel.md,
 * "Pages". */
#define WANTED_PAGE_CONSTANTS(C)                                            \
	C(PG_LOCKED, "pageflags", "PG_locked")                              \
	C(PG_REFERENCED, "pageflags", "PG_referenced")                      \
	C(PG_UPTODATE, "pageflags", "PG_uptodate")                          \
	C(PG_DIRTY, "pageflags", "PG_dirty")                                \
	C(PG_LRU, "pageflags", "PG_lru")                                    \
	C(PG_HEAD, "pageflags", "PG_head")                                  \
	C(PG_ACTIVE, "pageflags", "PG_active")                              \
	C(PG_SLAB, "pageflags", "PG_slab") /* up to 6.9 */                  \
	C(PG_RESERVED, "pageflags", "PG_reserved")                          \
	C(PG_PRIVATE, "pageflags", "PG_private")                            \
	C(PG_WRITEBACK, "pageflags", "PG_writeback")                        \
	C(PG_SWAPCACHE, "pageflags", "PG_swapcache")                        \
	C(PG_SWAPBACKED, "pageflags", "PG_swapbacked")                      \
	C(PG_UNEVICTABLE, "pageflags", "PG_unevictable")                    \
	C(PG_MLOCKED, "pageflags", "PG_mlocked")                            \
	C(PG_HWPOISON, "pageflags", "PG_hwpoison")                          \
	C(PG_DOUBLE_MAP, "pageflags", "PG_double_map") /* up to 6.1 */      \
	C(PG_HUGETLB, "pageflags", "PG_hugetlb")       /* 6.6 to 6.8 */     \
	C(HUGETLB_DTOR, "compound_dtor_id", "HUGETLB_PAGE_DTOR") /* <=6.5*/ \
	C(MEMORY_FS_DAX, "memory_type", "MEMORY_DEVICE_FS_DAX")             \
	C(MEMORY_GENERIC, "memory_type", "MEMORY_DEVICE_GENERIC")           \
	C(PGTY_BUDDY, "pagetype", "PGTY_buddy") /* these: 6.12 */           \
	C(PGTY_OFFLINE, "pagetype", "PGTY_offline")                         \
	C(PGTY_TABLE, "pagetype", "PGTY_table")                             \
	C(PGTY_HUGETLB, "pagetype", "PGTY_hugetlb")                         \
	C(PGTY_SLAB, "pagetype", "PGTY_slab")                               \
	C(TYPE_BUDDY, "pagetype", "PG_buddy") /* these: 6.11 */             \
	C(TYPE_OFFLINE, "pagetype", "PG_offline")                           \
	C(TYPE_TABLE, "pagetype", "PG_table")                               \
	C(TYPE_HUGETLB, "pagetype", "PG_hugetlb")                           \
	C(TYPE_SLAB, "pagetype", "PG_slab")

#endif
