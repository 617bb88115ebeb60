/* SPDX-License-Identifier: BSD-2-Clause */
/* What proves that two kernels are the same build: bytes at known places. */
#ifndef PROFILE_IDENTITY_H
#define PROFILE_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "profile/image.h"
#include "symbols/symtab.h"

#define IDENTITY_PROBES 64u
#define IDENTITY_BYTES	8192u
#define IDENTITY_BANNER 512u /* longest banner that is looked at */
#define IDENTITY_SAMPLE 64u

/*
 * Places of data that a kernel build fixes: but for `addresses` no address in
 * them that KASLR relocates, nothing that is patched at run time.  A span of
 * length 0 is not known.
 */
struct landmarks {
	struct image_span banner; /* len: at most so much */
	struct image_span notes;  /* .notes; only the build id is taken */
	struct image_span num_syms, tokens, names, offsets; /* kallsyms */
	struct image_span addresses; /* in place of offsets: u64, relocated */
	struct image_span btf;
};

struct probe {
	uint32_t offset; /* from _text */
	uint32_t len;
	uint32_t data; /* position in data[] */
};

/*
 * A plain value, stored as it is.  The first probe is the banner, NUL
 * included.
 */
struct identity {
	uint32_t n, data_len;
	struct probe probe[IDENTITY_PROBES];
	uint8_t data[IDENTITY_BYTES];
};

/*
 * Take the probes: banner, build id and token tables whole, samples spread
 * over names, offsets and BTF.  ERR_NOT_FOUND when there is no banner.
 */
int identity_make(struct identity *id, const struct landmarks *places,
		  const struct image_bytes *from, struct err *err);

/* Whether the numbers of a stored identity make sense. */
bool identity_valid(const struct identity *id);

/*
 * Set up the reads of the first `n` probes into buf (IDENTITY_BYTES); how many
 * there are.
 */
size_t identity_request(const struct identity *id, size_t n, uint8_t *buf,
			struct image_read reads[IDENTITY_PROBES]);

/* What reads of probes say; what was not read tells nothing. */
enum identity_verdict {
	IDENTITY_SAME,	/* all brought the same bytes */
	IDENTITY_OTHER, /* some brought others */
	IDENTITY_UNREAD /* some brought none, and no other ones came */
};

enum identity_verdict identity_compare(const struct identity *id,
				       const struct image_read *reads,
				       size_t n);

/*
 * Where the build id is among the bytes of ELF notes: its note with header and
 * padding, and the id itself.  False: there is none.
 */
bool identity_build_id(const uint8_t *notes, size_t len,
		       struct image_span *note, struct image_span *id);

/* The banner without its newline; "" when there is none. */
void identity_banner(const struct identity *id, char *text, size_t size);

/* A hash over all of it, for file names. */
uint64_t identity_hash(const struct identity *id);

/* Copy foreign text for a message: one line, printable ASCII, cut to size. */
void identity_text(const void *bytes, size_t len, char *text, size_t size);

#endif
