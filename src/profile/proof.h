/* SPDX-License-Identifier: BSD-2-Clause */
/* What binds a cached profile to all of the bytes that it was made of. */
#ifndef PROFILE_PROOF_H
#define PROFILE_PROOF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "profile/identity.h"
#include "profile/image.h"

/*
 * A guest may copy every byte that identity.h looks at from another kernel and
 * change one of the others: a member in its BTF, an offset in its kallsyms.
 * What is made of that is stored beside the other kernel's, and samples cannot
 * tell the two apart, wherever they are taken: there are some 8 MB, and a lie
 * needs four of them.  (Nor can the records alone that an answer stands on:
 * types and symbols go by their number, which is where they come in a row of
 * others, so that a record says nothing without all in front of it.)
 *
 * So a cached profile is used only in a guest whose tables have been read
 * whole and had the digest of those that the profile was made of.  Symbols and
 * types follow from these bytes, their places and where _text is.
 *
 * That is done once per boot of a guest.  A boot is known again by the host's
 * word on which machine it is (machine.h), in which no guest has a say: one
 * that is a copy of another, down to the last byte, is still not that one.
 * Within one machine it is known by where KASLR put the kernel, some 30 bits
 * that a boot cannot know of the next.  Where the host does not tell (a stub
 * on another host), or KASLR is off, no boot is known, and all is read each
 * time.  What is left is one boot of one machine: a guest that lies about
 * itself now is believed about itself later.
 */
enum proof_span {
	PROOF_COUNT, /* kallsyms_num_syms */
	PROOF_TOKENS,
	PROOF_NAMES,
	PROOF_OFFSETS,	 /* or else: */
	PROOF_ADDRESSES, /* those of the image count as distances from _text */
	PROOF_BTF,
	PROOF_SPANS
};

#define PROOF_BOOTS 64u
#define PROOF_BYTES 32u /* SHA-256 */

#define PROOF_MARK  16u /* the first of a SHA-256 */

struct proof_boot {
	uint8_t mark[PROOF_MARK]; /* see proof_boot_of() */
	uint32_t machine; /* the first of the digest of machine.instance: where
			     it differs there is no need to look */
	uint32_t text;	  /* the lower half of its page number */
	uint64_t pgd;	  /* of the kernel itself, bit 0: of five levels; 0: not
			     known.  Whether it still is, the mark says. */
};

/* A plain value, stored as it is.  have: 1, or 0 where there is no proof. */
struct proof {
	uint32_t have;
	uint32_t n_boots;
	struct image_span span[PROOF_SPANS];
	uint8_t digest[PROOF_BYTES];
	struct proof_boot boot[PROOF_BOOTS]; /* in a ring, n_boots put in */
};

/*
 * Take the proof of a profile while the bytes that it was made of are there:
 * kallsyms in the window, the BTF beside it.  Without all of them there is
 * none.
 */
void proof_make(struct proof *p, const struct landmarks *places,
		const struct image_window *w, const uint8_t *btf);

/* Whether the numbers of a stored proof make sense. */
bool proof_valid(const struct proof *p);

/*
 * Read all that the profile was made of from a guest: 1 it is the same, 0 it
 * is not, or a negative code.
 */
int proof_check(const struct proof *p, const struct profile_image *img,
		struct err *err);

/*
 * The mark of the guest's boot: which machine it is, where its kernel lies,
 * virtually and physically, and the upper half of its top page table; where the
 * kernel was not moved, but its direct map was, the place of that, too.  1, 0
 * where that is not known, or a negative code.
 */
int proof_boot_of(const struct profile_image *img, struct proof_boot *boot,
		  struct err *err);

/* Where the profile was proven in that boot, or PROOF_BOOTS; note that it was:
 * where that is. */
size_t proof_find(const struct proof *p, const struct proof_boot *boot);
size_t proof_remember(struct proof *p, const struct proof_boot *boot);

void proof_set_root(struct proof_boot *boot, const struct walk_root *root);

/* The roots that are known of boots of this machine, up to max. */
size_t proof_roots(const struct proof *p, const struct machine *m,
		   struct profile_root *roots, size_t max);

#endif
