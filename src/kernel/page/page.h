/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel knows of physical pages: struct page, judged. */
#ifndef KERNEL_PAGE_H
#define KERNEL_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/map.h"
#include "base/vec.h"
#include "kernel/kernel.h"

/*
 * struct page (include/linux/mm_types.h, >= 4.18; 64 bytes), one for each
 * frame, at vmemmap + pfn * sizeof(struct page):
 *
 *    0  flags      node | zone | ... | PG_* bits (enum pageflags)
 *    8  head       odd in a tail page: the way to its head page, which is
 *                  the value - 1, or from 7.1 on the page's own address & value
 *   16
 *   24  mapping    low bits 01 anonymous, 11 KSM, 10 movable (up to 6.16);
 *                  else the address_space of a file
 *   32  index      offset in file or VMA, in pages
 *   40  private    of a free block: its order
 *   48  mapcount   mappings - 1; or what type of page it is
 *   52  refcount   0: free (or owned by one who does not count)
 *   56  memcg
 *
 * Members are found by name; nothing here depends on these offsets.  More of
 * it: docs/facts/kernel.md, "Pages"
 */

enum page_kind {
	PAGE_UNKNOWN,	   /* it has no struct page that can be read */
	PAGE_NOT_RAM,	   /* no RAM of the machine */
	PAGE_FREE,	   /* in the buddy allocator */
	PAGE_UNREFERENCED, /* nobody counts on it, yet no free block has it */
	PAGE_ZERO,	   /* the zero page of all processes */
	PAGE_HUGE_ZERO,	   /* the huge one */
	PAGE_ANON,	   /* anonymous, mapped once at most */
	PAGE_ANON_SHARED,  /* anonymous, mapped more than once: copy on write */
	PAGE_KSM,	   /* merged by KSM */
	PAGE_SWAP_CACHE,   /* a page of shared memory on its way to swap */
	PAGE_FILE,	   /* page cache of a file */
	PAGE_SHMEM,	   /* page cache of tmpfs or of shared memory */
	PAGE_DAX,	   /* persistent memory that processes map as it is */
	PAGE_TEXT,	   /* code of the kernel image */
	PAGE_RODATA,	   /* its read-only data */
	PAGE_DATA,	   /* its data and bss */
	PAGE_PERCPU,	   /* first chunk of the per-CPU areas */
	PAGE_TABLE,	   /* a page table */
	PAGE_SLAB,	   /* slab objects */
	PAGE_KERNEL,	   /* any other allocation: vmalloc, stack, driver... */
	PAGE_RESERVED,	   /* set aside at boot */
	PAGE_DEVICE,	   /* other memory of a device's */
	PAGE_OFFLINE,	   /* given back to the host, or not online */
	PAGE_POISONED,	   /* has a hardware error */
	PAGE_KINDS
};

/* One word for a kind, for tables and JSON: "anon-shared". */
const char *page_kind_name(enum page_kind kind);
/* The same in words, with an article: "an anonymous page". */
const char *page_kind_words(enum page_kind kind);

/* One frame.  Of a compound page, what is marked so is that of its head. */
struct page_info {
	uint64_t pfn;
	uint64_t addr; /* of its struct page */
	enum page_kind kind;
	uint64_t head;	  /* pfn of the head; itself where not compound */
	uint32_t nr;	  /* frames of the compound page (head), else 1 */
	int8_t order;	  /* of the compound page, or of the free block; or 0 */
	bool in_buddy;	  /* that is, of a block of the buddy allocator */
	bool hugetlb;	  /* of hugetlbfs, or MAP_HUGETLB (head) */
	uint64_t flags;	  /* PG_* bits (head) */
	uint64_t kpf;	  /* its word in /proc/kpageflags; page_kpf.h */
	uint64_t mapping; /* address_space or anon_vma, without low bits (head);
			     0 where its kind has none */
	uint64_t index;	  /* (head) */
	uint64_t memcg;	  /* whom it is charged to, for page_groups_read(); or 0
			     (head) */
	uint64_t cache;	  /* of a slab: its kmem_cache, for page_slabs_read()
			     (head) */
	int8_t migrate;	  /* in_buddy: for page_migrate_name(); -1 unknown */
	/*
	 * Entries of page tables that map this frame, and who refers to it
	 * (head); counted: whether the kernel counts these for such a page.  It
	 * does not count mappings of frames as such (PFNMAP: vvar, /dev/mem),
	 * so that 0 means something for the pages of processes and files only.
	 */
	uint32_t mapcount;
	int32_t refcount;
	bool maps_counted, refs_counted;
	/*
	 * Of an anonymous page: references beyond those that mappings, the
	 * swap cache and the LRU's batches hold (head): a pin, a pipe...
	 */
	int32_t extra_refs;
	bool dirty;	 /* PG_dirty (head) */
	bool swap_cache; /* anonymous, with a place in swap (head) */
	bool lazy_free;	 /* anonymous, free to drop while clean (head) */
	bool uptodate;	 /* what it holds is what it is there for (head) */
	/*
	 * In the swap cache, also as PAGE_SWAP_CACHE: the slot of its first
	 * frame, for swap_slot_of(); else 0 (head).
	 */
	uint64_t swap_slot;
};

/* Anonymous pages, which processes own: these four kinds and KSM. */
bool page_is_anon(enum page_kind kind);
/* What files hold: PAGE_FILE, PAGE_SHMEM and PAGE_DAX. */
bool page_is_file(enum page_kind kind);

/*
 * Judge n frames at once: a fixed number of batches, whatever n is.  What
 * cannot be read gives PAGE_UNKNOWN.  ERR_NO_LINUX where the profile lacks
 * struct page.  (Linux: mm_types.h, page-flags.h, mm/page_alloc.c
 * is_free_buddy_page(), fs/proc/page.c.)
 */
int page_read(struct kernel *k, const uint64_t *pfns, size_t n,
	      struct page_info *out, struct err *err);

/*
 * Judge the n frames from `first` on, a part of them at a time so that it takes
 * no memory for all: visit() sees each part, in order.  What page_read() or
 * visit() says ends it.
 */
typedef int page_visit(void *ctx, const struct page_info *pages, size_t n,
		       struct err *err);
int page_scan(struct kernel *k, uint64_t first, uint64_t n, page_visit *visit,
	      void *ctx, struct err *err);

/* Where the zero page lies; false: this kernel does not tell. */
bool page_zero(const struct kernel *k, uint64_t *pa);

/* The first frame of the huge zero page; UINT64_MAX: there is none. */
int page_huge_zero(struct kernel *k, uint64_t *pfn, struct err *err);

/* The names of the PG_* bits set in flags: "uptodate,dirty,lru"; cut to size.
 */
void page_flag_names(const struct kernel *k, uint64_t flags, char *text,
		     size_t size);

/* The file of an address_space. */
struct page_file {
	char *path;  /* one of its names; NULL: none can be told */
	char fs[32]; /* type of the file system; "" unknown */
	bool known;  /* whether these are; the number may be 0 */
	uint64_t ino;
	uint32_t dev; /* kernel dev_t: major << 20 | minor */
};

struct page_files {
	struct map at; /* address_space to index */
	VEC(struct page_file) list;
};

/*
 * The files behind those of n pages that are page cache, each once; see
 * inode_path.h for which path.  The caller frees with page_files_deinit(), also
 * after an error.
 */
int page_files_read(struct kernel *k, const struct page_info *pages, size_t n,
		    struct page_files *out, struct err *err);
void page_files_deinit(struct page_files *f);

/* The file of a page, or NULL where it has none. */
const struct page_file *page_file_of(const struct page_files *f,
				     const struct page_info *page);

#endif
