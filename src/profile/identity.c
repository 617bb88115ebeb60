/* SPDX-License-Identifier: BSD-2-Clause */
/* Probes that prove two kernels to be the same build. */
#include "profile/identity.h"

#include <string.h>

#include "base/cursor.h"
#include "base/hash.h"

#define NOTES_MAX	4096u
#define NT_GNU_BUILD_ID 3u
#define TOKENS_MAX	3072u

static const char banner_start[] = "Linux version ";

/* Add a probe, as long as there is room. */
static void identity_add(struct identity *id, uint64_t offset, uint64_t len)
{
	if (!len || id->n == IDENTITY_PROBES ||
	    len > IDENTITY_BYTES - id->data_len ||
	    offset > SYMTAB_IMAGE_MAX - len)
		return;
	id->probe[id->n++] = (struct probe){.offset = (uint32_t)offset,
					    .len = (uint32_t)len,
					    .data = id->data_len};
	id->data_len += (uint32_t)len;
}

/* n samples, the first at the start of the span, the last at its end. */
static void add_samples(struct identity *id, const struct image_span *span,
			unsigned int n)
{
	uint64_t room = span->len - IDENTITY_SAMPLE;
	unsigned int i;

	if (span->len < IDENTITY_SAMPLE)
		return;
	for (i = 0; i < n; i++)
		identity_add(id, span->offset + room * i / (n - 1),
			     IDENTITY_SAMPLE);
}

/* The other notes hold addresses: docs/facts/kernel.md, "One boot and another"
 */
bool identity_build_id(const uint8_t *notes, size_t len,
		       struct image_span *note, struct image_span *id)
{
	uint32_t name_len, id_len, type;
	const uint8_t *name;
	struct cursor c;
	size_t at, id_at;

	cursor_init(&c, notes, len);
	while (!c.bad && cursor_left(&c) >= 12) {
		at = c.pos;
		name_len = cursor_u32(&c);
		id_len = cursor_u32(&c);
		type = cursor_u32(&c);
		if (name_len > NOTES_MAX || id_len > NOTES_MAX)
			break;
		name = cursor_bytes(&c, (name_len + 3) & ~3u);
		id_at = c.pos;
		cursor_skip(&c, (id_len + 3) & ~3u);
		if (c.bad || type != NT_GNU_BUILD_ID || name_len != 4 ||
		    memcmp(name, "GNU", 4) != 0)
			continue;
		*note = (struct image_span){at, c.pos - at};
		*id = (struct image_span){id_at, id_len};
		return true;
	}
	return false;
}

/* The banner with its NUL; 0 when it is none. */
static size_t banner_len(const uint8_t *bytes)
{
	const uint8_t *nul = memchr(bytes, 0, IDENTITY_BANNER);

	if (!nul || memcmp(bytes, banner_start, sizeof(banner_start) - 1) != 0)
		return 0;
	return (size_t)(nul - bytes) + 1;
}

/* Banner and build id: whole, but first it must be seen where they end. */
static int add_named(struct identity *id, const struct landmarks *places,
		     const struct image_bytes *from, struct err *err)
{
	uint8_t banner[IDENTITY_BANNER] = {0}, notes[NOTES_MAX] = {0};
	struct image_span note_span = places->notes, note, bid;
	struct image_read reads[] = {
		{.offset = places->banner.offset, .dst = banner},
		{.offset = note_span.offset, .dst = notes},
	};
	int rc;

	if (note_span.len > NOTES_MAX)
		note_span.len = 0;
	reads[0].len = places->banner.len < IDENTITY_BANNER ? places->banner.len
							    : IDENTITY_BANNER;
	reads[1].len = note_span.len;
	rc = from->read(from->ctx, reads, 2, err);
	if (rc)
		return rc;
	if (!reads[0].ok || !banner_len(banner))
		return err_set(err, ERR_NOT_FOUND, "no banner at linux_banner");
	identity_add(id, places->banner.offset, banner_len(banner));
	if (note_span.len && reads[1].ok &&
	    identity_build_id(notes, note_span.len, &note, &bid))
		identity_add(id, note_span.offset + note.offset, note.len);
	return 0;
}

/* Drop probes that could not be read. */
static void keep_read(struct identity *id, const struct image_read *reads)
{
	uint32_t i, kept = 0;

	for (i = 0; i < id->n; i++)
		if (reads[i].ok)
			id->probe[kept++] = id->probe[i];
	id->n = kept;
}

int identity_make(struct identity *id, const struct landmarks *places,
		  const struct image_bytes *from, struct err *err)
{
	struct image_read reads[IDENTITY_PROBES];
	int rc;

	memset(id, 0, sizeof(*id));
	rc = add_named(id, places, from, err);
	if (rc)
		return rc;
	identity_add(id, places->num_syms.offset, places->num_syms.len);
	if (places->tokens.len <= TOKENS_MAX)
		identity_add(id, places->tokens.offset, places->tokens.len);
	add_samples(id, &places->names, 8);
	add_samples(id, &places->offsets, 12);
	add_samples(id, &places->btf, 12);
	identity_request(id, id->n, id->data, reads);
	rc = from->read(from->ctx, reads, id->n, err);
	if (rc)
		return rc;
	if (!reads[0].ok)
		return err_set(err, ERR_UNREADABLE, "the banner is unreadable");
	keep_read(id, reads);
	return 0;
}

bool identity_valid(const struct identity *id)
{
	uint32_t i;

	if (!id->n || id->n > IDENTITY_PROBES || id->data_len > IDENTITY_BYTES)
		return false;
	for (i = 0; i < id->n; i++)
		if (!id->probe[i].len || id->probe[i].len > id->data_len ||
		    id->probe[i].data > id->data_len - id->probe[i].len)
			return false;
	return id->probe[0].len <= IDENTITY_BANNER;
}

size_t identity_request(const struct identity *id, size_t n, uint8_t *buf,
			struct image_read reads[IDENTITY_PROBES])
{
	size_t i;

	for (i = 0; i < n && i < id->n; i++)
		reads[i] = (struct image_read){.offset = id->probe[i].offset,
					       .dst = buf + id->probe[i].data,
					       .len = id->probe[i].len};
	return i;
}

enum identity_verdict identity_compare(const struct identity *id,
				       const struct image_read *reads, size_t n)
{
	bool unread = !n;
	size_t i;

	for (i = 0; i < n; i++) {
		if (!reads[i].ok)
			unread = true;
		else if (memcmp(reads[i].dst, id->data + id->probe[i].data,
				id->probe[i].len) != 0)
			return IDENTITY_OTHER;
	}
	return unread ? IDENTITY_UNREAD : IDENTITY_SAME;
}

void identity_text(const void *bytes, size_t len, char *text, size_t size)
{
	const unsigned char *b = bytes;
	size_t i;

	for (i = 0; i < len && i + 1 < size && b[i] && b[i] != '\n'; i++)
		text[i] = b[i] < 0x20 || b[i] > 0x7e ? '?' : (char)b[i];
	text[i] = '\0';
}

void identity_banner(const struct identity *id, char *text, size_t size)
{
	if (id->n)
		identity_text(id->data + id->probe[0].data, id->probe[0].len,
			      text, size);
	else
		text[0] = '\0';
}

uint64_t identity_hash(const struct identity *id)
{
	uint64_t h = HASH_START;
	uint32_t i;

	for (i = 0; i < id->data_len; i++)
		h = hash_add(h, id->data[i]);
	for (i = 0; i < id->n; i++)
		h = hash_add(h, id->probe[i].offset);
	return h;
}
