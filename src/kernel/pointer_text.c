/* SPDX-License-Identifier: BSD-2-Clause */
/* Pointers as the kernel's %p and %pK print them. */
#include "kernel/pointer_text.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/cursor.h"
#include "base/siphash.h"
#include "walk/space.h"

/* kptr_restrict: hashed as others; as they are for root; zeros. */
enum {
	RESTRICT_HASH,
	RESTRICT_ROOT,
	RESTRICT_ALL
};

/* With the words that restrict it to root, or not even that. */
static int pointer_text_ask(struct kernel *k, struct pointer_text *out,
			    uint32_t *restrict_to, struct err *err)
{
	uint8_t key[16] = {0}, restricted[4] = {0}, no_hash[1] = {0};
	struct {
		const char *symbol;
		uint8_t *dst;
		size_t len;
	} wanted[] = {{"ptr_key", key, sizeof(key)},
		      {"kptr_restrict", restricted, sizeof(restricted)},
		      {"no_hash_pointers", no_hash, sizeof(no_hash)}};
	struct space_read reads[3] = {0};
	size_t i;
	int rc;

	for (i = 0; i < 3; i++) {
		reads[i].root = &k->root;
		reads[i].dst = wanted[i].dst;
		if (profile_symbol(k->profile, wanted[i].symbol, &reads[i].va))
			reads[i].len = wanted[i].len;
	}
	rc = space_read(k->machine, reads, 3, err);
	out->key[0] = le64(key);
	out->key[1] = le64(key + 8);
	*restrict_to = le32(restricted);
	if (*no_hash)
		out->how = POINTER_PLAIN;
	else
		out->how = out->key[0] | out->key[1] ? POINTER_HASHED
						     : POINTER_EARLY;
	return rc;
}

int pointer_text_read(struct kernel *k, struct pointer_text *out,
		      struct err *err)
{
	uint32_t restricted = RESTRICT_HASH;
	int rc = pointer_text_ask(k, out, &restricted, err);

	if (restricted == RESTRICT_ROOT)
		out->how = POINTER_PLAIN;
	else if (restricted >= RESTRICT_ALL && out->how != POINTER_PLAIN)
		out->how = POINTER_ZERO;
	return rc;
}

int pointer_text_read_hashed(struct kernel *k, struct pointer_text *out,
			     struct err *err)
{
	uint32_t restricted;

	return pointer_text_ask(k, out, &restricted, err);
}

void pointer_text(const struct pointer_text *p, uint64_t pointer,
		  char text[POINTER_TEXT_BYTES])
{
	if (p->how == POINTER_EARLY) {
		snprintf(text, POINTER_TEXT_BYTES, "(____ptrval____)");
		return;
	}
	if (p->how == POINTER_HASHED)
		pointer = (uint32_t)siphash_u64(pointer, p->key);
	if (p->how == POINTER_ZERO)
		pointer = 0;
	snprintf(text, POINTER_TEXT_BYTES, "%016" PRIx64, pointer);
}
