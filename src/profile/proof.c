/* SPDX-License-Identifier: BSD-2-Clause */
/* Binds a cached profile to all of the bytes that it was made of. */
#include "profile/proof.h"

#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "profile/x86_64_boot.h"

#define SPANS_MAX (64ULL << 20) /* of bytes in all */

/* As symtab.h has them, wherever KASLR put the image. */
static void add_addresses(struct sha256_ctx *sha, const uint8_t *bytes,
			  size_t len, uint64_t text)
{
	struct symtab_symbol sym;
	size_t i;

	for (i = 0; i + 8 <= len; i += 8) {
		sym = symtab_classify(le64(bytes + i), text);
		sum_number(sha, sym.absolute);
		sum_number(sha, sym.value);
	}
}

/* Places and bytes of all spans. */
static void digest(const struct image_span span[PROOF_SPANS],
		   const uint8_t *const bytes[PROOF_SPANS], uint64_t text,
		   uint8_t out[PROOF_BYTES])
{
	struct sha256_ctx sha;
	size_t i;

	sha256_init(&sha);
	for (i = 0; i < PROOF_SPANS; i++) {
		sum_number(&sha, span[i].offset);
		sum_number(&sha, span[i].len);
		if (i == PROOF_ADDRESSES)
			add_addresses(&sha, bytes[i], span[i].len, text);
		else
			sha256_update(&sha, span[i].len, bytes[i]);
	}
	sha256_digest(&sha, PROOF_BYTES, out);
}

void proof_make(struct proof *p, const struct landmarks *places,
		const struct image_window *w, const uint8_t *btf)
{
	const struct image_span span[PROOF_SPANS] = {
		[PROOF_COUNT] = places->num_syms,
		[PROOF_TOKENS] = places->tokens,
		[PROOF_NAMES] = places->names,
		[PROOF_OFFSETS] = places->offsets,
		[PROOF_ADDRESSES] = places->addresses,
		[PROOF_BTF] = places->btf,
	};
	const uint8_t *bytes[PROOF_SPANS];
	bool relocated = places->addresses.len;
	size_t i;

	*p = (struct proof){0};
	for (i = 0; i < PROOF_SPANS; i++) {
		bytes[i] = i == PROOF_BTF ? btf : image_window_at(w, span[i]);
		if (i == (relocated ? PROOF_OFFSETS : PROOF_ADDRESSES))
			bytes[i] = w->buf; /* none of them */
		else if (!span[i].len)
			return;
		if (!bytes[i])
			return;
	}
	memcpy(p->span, span, sizeof(span));
	digest(span, bytes, w->img->text, p->digest);
	p->have = 1;
}

static uint64_t total(const struct proof *p)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < PROOF_SPANS; i++)
		sum += p->span[i].len > SPANS_MAX ? SPANS_MAX + 1
						  : p->span[i].len;
	return sum;
}

bool proof_valid(const struct proof *p)
{
	return p->have <= 1 && total(p) <= SPANS_MAX;
}

int proof_check(const struct proof *p, const struct profile_image *img,
		struct err *err)
{
	struct image_bytes guest = image_of_guest(img);
	_cleanup_free_ uint8_t *buf = malloc(total(p) + 1);
	const uint8_t *bytes[PROOF_SPANS];
	struct image_read reads[PROOF_SPANS];
	uint8_t found[PROOF_BYTES];
	size_t i, at = 0;
	int rc;

	if (!p->have)
		return 0;
	if (!buf)
		return err_nomem(err);
	for (i = 0; i < PROOF_SPANS; at += p->span[i++].len) {
		reads[i] = (struct image_read){.offset = p->span[i].offset,
					       .dst = buf + at,
					       .len = p->span[i].len};
		bytes[i] = buf + at;
	}
	rc = guest.read(guest.ctx, reads, PROOF_SPANS, err);
	for (i = 0; i < PROOF_SPANS && !rc; i++)
		if (!reads[i].ok)
			return 0;
	if (rc)
		return rc;
	digest(p->span, bytes, img->text, found);
	return !memcmp(found, p->digest, sizeof(found));
}

static uint32_t tag_of(const struct machine *m)
{
	uint8_t digest[PROOF_BYTES];
	struct sha256_ctx sha;

	sha256_init(&sha);
	sha256_update(&sha, strlen(m->instance) + 1,
		      (const uint8_t *)m->instance);
	sha256_digest(&sha, sizeof(digest), digest);
	return le32(digest);
}

int proof_boot_of(const struct profile_image *img, struct proof_boot *boot,
		  struct err *err)
{
	struct x86_64_upper upper;
	struct sha256_ctx sha;
	struct walk w;
	bool drawn = true;
	int rc;

	if (!*img->machine->instance)
		return 0;
	rc = x86_64_upper_read(img, &upper, err);
	if (rc || !upper.there)
		return rc;
	rc = walk_one(img->machine, img->root, img->text, &w, err);
	if (rc || w.result != WALK_MAPPED)
		return rc;
	*boot = (struct proof_boot){.machine = tag_of(img->machine),
				    .text = (uint32_t)(img->text >> 12)};
	sha256_init(&sha);
	sha256_update(&sha, strlen(img->machine->instance) + 1,
		      (const uint8_t *)img->machine->instance);
	sum_number(&sha, img->text);
	sum_number(&sha, w.pa);
	x86_64_upper_add(&upper, &sha);
	/* That KASLR drew no slide is one draw of some 490. */
	if (img->text == IMAGE_LINK_TEXT)
		rc = x86_64_direct_map_add(img, &upper, &sha, &drawn, err);
	sha256_digest(&sha, sizeof(boot->mark), boot->mark);
	return rc ? rc : drawn;
}

size_t proof_find(const struct proof *p, const struct proof_boot *boot)
{
	size_t i;

	for (i = 0; i < PROOF_BOOTS && i < p->n_boots; i++)
		if (!memcmp(p->boot[i].mark, boot->mark, sizeof(boot->mark)))
			return i;
	return PROOF_BOOTS;
}

size_t proof_remember(struct proof *p, const struct proof_boot *boot)
{
	size_t at = proof_find(p, boot);

	if (at < PROOF_BOOTS)
		return at;
	at = p->n_boots % PROOF_BOOTS;
	p->boot[at] = *boot;
	/* It stays above what is kept once all places are taken. */
	p->n_boots =
		p->n_boots + 1 < 2 * PROOF_BOOTS ? p->n_boots + 1 : PROOF_BOOTS;
	return at;
}

void proof_set_root(struct proof_boot *boot, const struct walk_root *root)
{
	boot->pgd = x86_64_root_stored(root);
}

/* A kernel's image is in the last 2 GiB. */
#define TEXT_HIGH 0xfffff00000000000ULL

size_t proof_roots(const struct proof *p, const struct machine *m,
		   struct profile_root *roots, size_t max)
{
	uint32_t machine = tag_of(m);
	size_t i, n = 0;

	for (i = 0; i < PROOF_BOOTS && i < p->n_boots && n < max; i++) {
		const struct proof_boot *b = &p->boot[i];

		if (!b->pgd || b->machine != machine)
			continue;
		roots[n++] = (struct profile_root){
			.root = x86_64_root_restored(b->pgd),
			.text = TEXT_HIGH | (uint64_t)b->text << 12};
	}
	return n;
}
