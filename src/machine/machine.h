/* SPDX-License-Identifier: BSD-2-Clause */
/* A stopped machine: physical memory and vCPU registers as plain values. */
#ifndef MACHINE_MACHINE_H
#define MACHINE_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/arch.h"
#include "base/err.h"
#include "base/map.h"
#include "base/vec.h"

#define PAGE_SIZE_4K	 4096u
#define MACHINE_INSTANCE 384u /* bytes */

/* Guest physical memory that is RAM: [start, start + size). */
struct ram_range {
	uint64_t start;
	uint64_t size;
	uint64_t offset; /* of its first byte in the block behind it */
	char name[32];	 /* of that block, e.g. "pc.ram" */
};

enum mem_status {
	MEM_PENDING, /* nobody has answered yet */
	MEM_OK,
	MEM_NOT_RAM, /* not wholly RAM: the provider was never asked */
	MEM_FAILED   /* the provider could not read it */
};

/* One physical read: len bytes at pa go to dst, which the caller owns. */
struct mem_read {
	uint64_t pa;
	void *dst;
	size_t len;
	enum mem_status status;
};

/* One physical write: len bytes of src, which stays the caller's, to pa. */
struct mem_write {
	uint64_t pa;
	const void *src;
	size_t len;
	enum mem_status status;
};

/* What a provider of memory (a stub, a core file, a test array) implements. */
struct machine_ops {
	/*
	 * Asked in place of a read that the cache answers: ERR_INTERRUPTED is
	 * the end of it.  A provider that is asked to read decides that there.
	 * NULL: there is no limit.
	 */
	int (*go_on)(void *ctx, struct err *err);
	/*
	 * Answer all n reads in any order and set every status.  All lie in
	 * RAM, perhaps across adjoining ranges.  A negative code: the provider
	 * is gone and no status counts.
	 */
	int (*read)(void *ctx, struct mem_read *reads, size_t n,
		    struct err *err);
	/*
	 * The same by whoever takes the writes, where machine.apart is set.
	 */
	int (*read_own)(void *ctx, struct mem_read *reads, size_t n,
			struct err *err);
	/*
	 * Write all n pieces, which lie in RAM and do not overlap, and set
	 * every status.  ERR_PARTIAL: some are MEM_FAILED; ERR_INTERRUPTED:
	 * nothing was written; another code: the provider is gone, and what is
	 * MEM_PENDING may be written or not.  NULL: it cannot be done.
	 */
	int (*write)(void *ctx, struct mem_write *writes, size_t n,
		     struct err *err);
	/*
	 * Set one register of the vCPU with that index: 0 says that it was
	 * asked for, read_regs() whether it was taken.  ERR_REFUSED and
	 * ERR_INTERRUPTED: nothing was tried.  NULL: it cannot be done.
	 */
	int (*write_reg)(void *ctx, unsigned int vcpu,
			 const struct arch_reg *reg, uint64_t value,
			 struct err *err);
	/* Read all registers of vCPU v->index once more.  NULL likewise. */
	int (*read_regs)(void *ctx, struct vcpu *v, struct err *err);
};

/* Places that were read: see places.h. */
struct places {
	VEC(uint64_t) v;
};

/* What it took so far; a batch is one call of machine_ops.read. */
struct machine_stats {
	uint64_t batches;
	uint64_t read_bytes;
	uint64_t pieces; /* that were asked for, of the cache as well */
};

/*
 * A machine is filled by whoever provides it (machine_init(), then RAM ranges
 * and vCPUs) and valid while the guest stands still.
 */
struct machine {
	const struct machine_ops *ops;
	void *ctx;
	VEC(struct ram_range) ram; /* ascending, disjoint */
	VEC(struct vcpu) vcpus;
	const struct arch *arch; /* of all of them */
	/*
	 * The provider's own word on which machine this is, and since when: no
	 * guest has a say in it, and no two share it.  "": it does not tell.
	 */
	char instance[MACHINE_INSTANCE];
	bool apart; /* ops.read has another way than ops.read_own, or had one */
	struct machine_stats stats;
	struct map cache;	    /* page number to struct cache_page */
	struct cache_block *blocks; /* the one that is filled first */
	struct cache_page *pages;   /* all of them, the oldest first */
	struct cache_page *last_page;
	struct places places; /* of pages that were dropped, places.h */
	uint64_t steps;	      /* batches of few pieces that nothing foresaw */
};

void machine_init(struct machine *m, const struct machine_ops *ops, void *ctx);
void machine_deinit(struct machine *m);

/*
 * Add a RAM range, cut to whole 4 KiB pages and kept in order; it begins at
 * `offset` in the block of that name.  0, ERR_NOMEM, or ERR_CORRUPT on overlap.
 */
int machine_add_ram(struct machine *m, uint64_t start, uint64_t size,
		    const char *name, uint64_t offset, struct err *err);

/* Where RAM ends, of n ranges, ascending; 0: there is none. */
uint64_t ram_end(const struct ram_range *v, size_t n);

/* The range that pa lies in, or NULL: it is no RAM. */
const struct ram_range *machine_ram_at(const struct machine *m, uint64_t pa);

/* True where [pa, pa + len) is RAM throughout, in one or adjoining ranges. */
bool machine_is_ram(const struct machine *m, uint64_t pa, size_t len);

/*
 * Read all n pieces, each of any length and alignment, as one batch, and set
 * every status.  Pieces that were read before in this pause come from the
 * cache; the rest is fetched in one call of the provider (in some, where it
 * is more than the cache holds).  0, or a negative code when the provider is
 * gone or memory ran out; ERR_INTERRUPTED; ERR_REFUSED: it is more than one
 * pause may ask for (limits.h).
 */
int machine_read(struct machine *m, struct mem_read *reads, size_t n,
		 struct err *err);

/*
 * The same, for the cache alone: before anybody asks for it.  Who does later
 * finds it there.
 */
int machine_read_ahead(struct machine *m, struct mem_read *reads, size_t n,
		       struct err *err);

/* machine_read() of tables and the like, which only lead to what is wanted. */
int machine_read_way(struct machine *m, struct mem_read *reads, size_t n,
		     struct err *err);

/*
 * machine_read() past the cache, for much that is read once: one call of the
 * provider, and nothing is kept.
 */
int machine_read_past(struct machine *m, struct mem_read *reads, size_t n,
		      struct err *err);

/*
 * machine_read_past() of what may be written back later.  It is asked of
 * whoever takes the writes: where memory is read in another way, nobody hears
 * from us what stands there.
 */
int machine_read_own(struct machine *m, struct mem_read *reads, size_t n,
		     struct err *err);

/*
 * Write n pieces of RAM that do not overlap, then read all back in one batch
 * and set every status; the cache forgets all pages.  0; ERR_REFUSED, and
 * nothing is written, where one is not RAM; ERR_PARTIAL, naming the first
 * of those that are MEM_FAILED, where bytes cannot be written or others are
 * read back; or what the provider said.
 */
int machine_write(struct machine *m, struct mem_write *writes, size_t n,
		  struct err *err);

/* Forget all that was read: the guest has run, or was written to. */
void machine_drop_cache(struct machine *m);

#endif
