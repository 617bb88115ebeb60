/* SPDX-License-Identifier: BSD-2-Clause */
/* A page walk as a lesson: what is read beside it, and what is said of it. */
#ifndef LESSON_LESSON_H
#define LESSON_LESSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "guest/guest.h"
#include "guest/place.h"
#include "kernel/page/page.h"
#include "kernel/mm/swap_area.h"
#include "kernel/mm/vma.h"
#include "walk/walk.h"

/* So many entries are shown on each side of the one that was taken. */
#define LESSON_SIDE   4u
#define LESSON_AROUND (2 * LESSON_SIDE + 1)

/* Entries of one table that follow each other. */
struct lesson_around {
	unsigned int first, n; /* n is 0 where they could not be read */
	uint64_t entry[LESSON_AROUND];
};

/* Something that is said, and what of: "result", "area", "tlb"... */
struct lesson_says {
	const char *about;
	char *words;
};

/* What an access comes to: "user write". */
struct lesson_access {
	const char *name;
	bool works;
	char because[96]; /* "": it works */
};

#define LESSON_ACCESSES 6

/* Zero-initialise; borrows place and walk. */
struct lesson {
	const struct place *place;
	const struct walk *walk;
	const struct arch *arch;
	bool paired;  /* under PTI, in a process: has a twin... */
	bool of_user; /* ...and is itself the one of user mode */
	struct walk_root twin_root;
	struct walk twin; /* by the other set of tables */
	bool has_areas;
	struct vma_list areas; /* of the process */
	bool has_page;
	struct page_info page; /* behind walk.pa */
	struct swap_area swap; /* where it is swapped */
	const struct vcpu *by; /* a vCPU that has this root, or NULL */
	unsigned int by_root;  /* which of its roots that is */
	/* One whose control registers count: that one, or any of those that
	 * walk such tables, where they are alike; or NULL. */
	const struct vcpu *control;
	struct lesson_around around[PAGING_MAX_LEVELS];
	/* lesson_tell() fills these. */
	VEC(struct lesson_says) says;
	struct lesson_access access[LESSON_ACCESSES];
	size_t n_accesses;
	bool oom;
};

/*
 * While the guest stands still: read what stands beside a walk that was done.
 * What this kernel's types do not tell is left out.  A negative code when the
 * machine is gone.  Free with lesson_deinit(), also after an error.
 */
int lesson_take(struct guest *g, const struct place *place,
		const struct walk *walk, struct lesson *l, struct err *err);

/* Put it into words.  ERR_NOMEM. */
int lesson_tell(struct lesson *l, struct err *err);

void lesson_deinit(struct lesson *l);

/* For lesson_tell(): say something more; accesses, and why they fault. */
void lesson_say(struct lesson *l, const char *about, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void lesson_try_accesses(struct lesson *l);
void lesson_tell_result(struct lesson *l);
void lesson_tell_control(struct lesson *l);

/* The area that holds the address, or NULL. */
const struct vma *lesson_area(const struct lesson *l);

/* 4096 as "4 KiB". */
struct lesson_size {
	char text[24];
};
struct lesson_size lesson_size(uint64_t bytes);

/* Where entry i leads: a table or a page; false: nowhere. */
bool lesson_leads_to(const struct walk *w, unsigned int i, uint64_t *pa);

/*
 * How that came out of the entry, as arithmetic: "0x3c1c867 &
 * 0xffffffffff000 = 0x3c1c000".
 */
void lesson_arithmetic(const struct walk *w, unsigned int i, char *text,
		       size_t size);

#endif
