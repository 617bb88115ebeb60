/* SPDX-License-Identifier: BSD-2-Clause */
/* Struct pages as they lie in memory, before they are judged. */
#ifndef KERNEL_PAGE_RAW_H
#define KERNEL_PAGE_RAW_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/page/page.h"
#include "kernel/page/page_type.h"

/* Orders of free blocks are 0 to 10 on x86-64, in all versions. */
#define PAGE_ORDERS 11

/* The words of one struct page; zero where it cannot be read. */
struct page_words {
	bool ok;
	uint64_t flags, head, mapping, index, pgmap;
	uint64_t order;	  /* of a free block that begins here; in the swap
			     cache this word is its slot */
	uint64_t memcg;	  /* mem_cgroup or obj_cgroup, with marks */
	uint64_t cache;	  /* of a slab */
	int32_t mapcount; /* - 1 is none */
	uint32_t type;	  /* the same word, as page_type */
	int32_t refcount;
};

/* Memory of devices that has struct pages (ZONE_DEVICE). */
enum page_device {
	DEVICE_NONE,
	DEVICE_FS_DAX,	/* of a file system */
	DEVICE_GENERIC, /* of a DAX device; or a hypervisor's */
	DEVICE_OTHER
};

/* All that a judgement is made of. */
struct page_raw {
	uint64_t pfn;
	struct page_words page; /* itself */
	uint64_t head_pfn;
	struct page_words head; /* of a compound page, else the same */
	bool compound;
	uint32_t nr;	       /* frames of the compound page; 0 unknown */
	int32_t entire;	       /* mappings of all of it at once */
	int32_t all_maps;      /* of all its frames; -1 unknown */
	uint64_t second_flags; /* of its second struct page */
	bool hugetlb;	       /* as its destructor says (up to 6.5) */
	bool in_free_block;    /* of refcount 0: the buddy allocator has it */
	uint8_t free_order;    /* of that block */
	bool file;	       /* mapping is the address_space of an inode */
	bool cached;	       /* and that has page cache */
	enum page_device device;
	uint32_t batched; /* references that LRU batches hold */
};

/* The frames that are read together, and how this kernel's are to be read. */
struct page_work {
	struct kernel *k;
	uint32_t size; /* of a struct page */
	struct page_types types;
	bool unsummed; /* all_maps is not wanted where it is a sum */
	size_t n;
	struct page_raw *raw;
};

/* Where the struct page of a pfn is. */
static inline uint64_t page_addr(const struct page_work *w, uint64_t pfn)
{
	return w->k->vmemmap_base + pfn * w->size;
}

/* For none, at first.  ERR_NO_LINUX: this kernel has not what it takes. */
int page_work_init(struct page_work *w, struct kernel *k, struct err *err);

/* Read those of n frames, in one batch; many that follow each other past the
 * machine's cache. */
int page_words_read(struct page_work *w, const uint64_t *pfns, size_t n,
		    struct page_words *out, struct err *err);

/* Distinct pfns, and the words of their struct pages once they are read. */
struct pfns {
	struct map at; /* pfn to index */
	VEC(uint64_t) list;
	struct page_words *words;
};

int pfns_add(struct pfns *p, uint64_t pfn);
/* One batch for all of them. */
int pfns_read(struct page_work *w, struct pfns *p, struct err *err);
/* What was read for a pfn; NULL where it is not in the set. */
const struct page_words *pfns_words(const struct pfns *p, uint64_t pfn);
void pfns_deinit(struct pfns *p);

/*
 * Set the head of each frame, and its words; one that leads nowhere is not ok.
 * Puts those of compound pages into `heads`, which is zeroed.  Two batches.
 */
int compound_find(struct page_work *w, struct pfns *heads, struct err *err);

/* Fill in what heads say of their compound pages, from nr on. */
int compound_read(struct page_work *w, const struct pfns *heads,
		  struct err *err);

/* Set what device each frame is of. */
int page_devices_read(struct page_work *w, struct err *err);

/* Frames [first, end) that have a kind by where they are. */
struct page_range {
	uint64_t first, end;
	enum page_kind kind;
};

/* What is the same for all pages. */
struct page_facts {
	uint64_t zero, huge_zero;      /* pfns; UINT64_MAX: none */
	VEC(struct page_range) ranges; /* of the reserved ones */
	uint64_t copied[64]; /* what each bit of flags is in kpageflags */
};

int page_facts_read(struct kernel *k, struct page_facts *f, struct err *err);
void page_facts_deinit(struct page_facts *f);

/* Fill in what a frame of RAM is, by all that was read of it. */
void page_judge(const struct page_work *w, const struct page_facts *f,
		const struct page_raw *r, struct page_info *out);

/* True where a struct page's words say that a free block begins there. */
static inline bool page_is_buddy(const struct page_work *w,
				 const struct page_words *words)
{
	return page_is_type(&w->types, words->type, PAGE_TYPE_FREE);
}

/* True where a head, or its destructor, says that it is hugetlb's. */
static inline bool page_is_huge(const struct page_work *w,
				const struct page_raw *r)
{
	return r->hugetlb ||
	       page_is_type(&w->types, r->head.type, PAGE_TYPE_HUGE);
}

/* True where a head's words say that objects of a slab are there. */
bool page_is_slab(const struct page_work *w, const struct page_words *head);

/* How often that frame itself is mapped, as page_mapcount() counts. */
uint32_t page_maps(const struct page_work *w, const struct page_raw *r);

/* A PG_* bit of flags; false where this kernel does not have it. */
bool page_flag(const struct kernel *k, uint64_t flags, uint32_t bit);

#endif
