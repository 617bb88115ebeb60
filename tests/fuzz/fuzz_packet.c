/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes the packet codec: any split of a stream means the same. */
#include <stdbool.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "gdbrsp/packet.h"

/*
 * An input: u8, 64 bytes less one of which is the longest body allowed; u8,
 * from which chunk sizes are made; the stream.
 */
#define HEADER 2

/* What a stream meant, all its events and bodies in one buffer. */
static void take_event(const struct gdbrsp_parser *p, enum gdbrsp_event event,
		       struct buf *out)
{
	const uint8_t kind = (uint8_t)event;

	if (event == GDBRSP_MORE)
		return;
	buf_add(out, &kind, 1);
	if (event != GDBRSP_PACKET && event != GDBRSP_NOTE)
		return;
	fuzz_require(p->body.data && !p->body.data[p->body.len]);
	fuzz_require(p->body.len <= p->max);
	buf_add(out, &p->body.len, sizeof(p->body.len));
	buf_add(out, p->body.data, p->body.len);
}

/* Parse in chunks of 1 to 16 bytes made from `seed`, or, with 0, in one. */
static void parse(const uint8_t *stream, size_t size, size_t max,
		  unsigned int seed, struct buf *out)
{
	struct gdbrsp_parser p;
	struct cursor c;
	size_t at, n;

	gdbrsp_parser_init(&p, max);
	for (at = 0; at < size; at += n) {
		seed = seed * 13 % 251;
		n = seed ? seed % 16 + 1 : size;
		if (n > size - at)
			n = size - at;
		cursor_init(&c, stream + at, n);
		while (cursor_left(&c))
			take_event(&p, gdbrsp_parser_next(&p, &c), out);
		fuzz_require(!c.bad);
	}
	gdbrsp_parser_deinit(&p);
}

static void check_splits(const uint8_t *data, size_t size)
{
	struct buf whole = {0}, split = {0};
	size_t max = (data[0] + 1u) * 64 - 1;

	parse(data + HEADER, size - HEADER, max, 0, &whole);
	parse(data + HEADER, size - HEADER, max, data[1] % 250 + 1, &split);
	fuzz_require(whole.len == split.len);
	fuzz_require(!whole.len || !memcmp(whole.data, split.data, whole.len));
	buf_deinit(&whole);
	buf_deinit(&split);
}

/* What was encoded is what comes back. */
static void check_encode(const uint8_t *body, size_t size)
{
	struct buf wire = {0};
	struct gdbrsp_parser p;
	struct cursor c;

	gdbrsp_encode(&wire, body, size);
	gdbrsp_parser_init(&p, size);
	cursor_init(&c, wire.data, wire.len);
	fuzz_require(gdbrsp_parser_next(&p, &c) == GDBRSP_PACKET);
	fuzz_require(!cursor_left(&c) && p.body.len == size);
	fuzz_require(!size || !memcmp(p.body.data, body, size));
	gdbrsp_parser_deinit(&p);
	buf_deinit(&wire);
}

static int digit_value(uint8_t c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at =
		c ? strchr(digits, c >= 'A' && c <= 'F' ? c | 32 : c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Digits by the fast way and by a plain one. */
static void check_hex(const uint8_t *hex, size_t size)
{
	uint8_t *out = malloc(size / 2 + 1);
	struct buf back = {0};
	struct cursor c;
	uint64_t number;
	bool good = true;
	size_t i;

	if (!out)
		abort();
	for (i = 0; i < size / 2 * 2; i++)
		good &= digit_value(hex[i]) >= 0;
	fuzz_require(gdbrsp_hex_decode(out, (const char *)hex, size / 2) ==
		     good);
	gdbrsp_hex_encode(&back, out, size / 2);
	for (i = 0; good && i < size / 2 * 2; i++)
		fuzz_require(digit_value(hex[i]) ==
			     digit_value((uint8_t)back.data[i]));
	cursor_init(&c, hex, size);
	if (gdbrsp_hex_number(&c, &number))
		fuzz_require(c.pos >= 1 && c.pos <= 16 &&
			     (c.pos == 16 || number >> 4 * c.pos == 0));
	buf_deinit(&back);
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < HEADER)
		return 0;
	check_splits(data, size);
	check_encode(data + HEADER, size - HEADER);
	check_hex(data + HEADER, size - HEADER);
	return 0;
}
