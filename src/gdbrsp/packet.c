/* SPDX-License-Identifier: BSD-2-Clause */
/* The GDB remote protocol's packets: parse, encode, hex. */
#include "gdbrsp/packet.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Bytes of a body that are looked at in one go. */
#define PIECE 4096

enum state {
	IDLE,
	BODY,
	ESCAPED,
	REPEAT,
	SUM_HIGH,
	SUM_LOW
};

/* A digit's value plus one; 0: no digit. */
static const uint8_t digit[256] = {
	['0'] = 1,  ['1'] = 2,	['2'] = 3,  ['3'] = 4,	['4'] = 5,  ['5'] = 6,
	['6'] = 7,  ['7'] = 8,	['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12,
	['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16, ['A'] = 11, ['B'] = 12,
	['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

void gdbrsp_parser_init(struct gdbrsp_parser *p, size_t max)
{
	*p = (struct gdbrsp_parser){.max = max, .state = IDLE};
}

void gdbrsp_parser_deinit(struct gdbrsp_parser *p)
{
	buf_deinit(&p->body);
}

static void packet_begin(struct gdbrsp_parser *p, bool note)
{
	buf_reset(&p->body);
	buf_add(&p->body, "", 0); /* a string, even while it is empty */
	p->sum = 0;
	p->note = note;
	p->bad = p->overlong = false;
	p->state = BODY;
}

/* As much as fits, so that a packet means the same in whatever parts it came.
 */
static void packet_keep(struct gdbrsp_parser *p, const void *bytes, size_t n)
{
	size_t room = p->max > p->body.len ? p->max - p->body.len : 0;

	p->overlong |= n > room;
	buf_add(&p->body, bytes, n < room ? n : room);
}

/* `*` and a count; counts below 3 are not used, 126 is the last printable. */
static void repeat(struct gdbrsp_parser *p, uint8_t c)
{
	uint8_t last[126 - 29];
	size_t n = (size_t)c - 29;

	if (c < 32 || c > 126 || !p->body.len) {
		p->bad = true;
		return;
	}
	memset(last, p->body.data[p->body.len - 1], n);
	packet_keep(p, last, n);
}

/* What checksums are: the sum of all bytes, modulo 256. */
static uint8_t sum_of(const void *bytes, size_t n)
{
	const uint8_t *p = bytes;
	uint64_t sum = 0;
	size_t i = 0;
#ifdef __SSE2__
	__m128i lanes = _mm_setzero_si128();

	for (; i + 16 <= n; i += 16)
		lanes = _mm_add_epi64(
			lanes,
			_mm_sad_epu8(_mm_loadu_si128((const void *)(p + i)),
				     _mm_setzero_si128()));
	sum = (uint64_t)_mm_cvtsi128_si64(lanes) +
	      (uint64_t)_mm_cvtsi128_si64(_mm_unpackhi_epi64(lanes, lanes));
#endif
	for (; i < n; i++)
		sum += p[i];
	return (uint8_t)sum;
}

/*
 * The run of bytes that mean themselves: the hot path of memory replies.  It is
 * looked for a piece at a time: who ends one after each byte does not have all
 * that follows looked at for each.
 */
static void take_plain(struct gdbrsp_parser *p, struct cursor *in)
{
	const uint8_t *bytes, *end;
	size_t n, piece;

	do {
		bytes = in->base + in->pos;
		piece = cursor_left(in) < PIECE ? cursor_left(in) : PIECE;
		n = piece;
		for (const char *c = "#}*$"; *c; c++) {
			end = memchr(bytes, *c, n);
			if (end)
				n = (size_t)(end - bytes);
		}
		p->sum = (uint8_t)(p->sum + sum_of(bytes, n));
		packet_keep(p, bytes, n);
		cursor_skip(in, n);
	} while (n == piece && cursor_left(in));
}

/* A byte in a body that does not mean itself. */
static enum gdbrsp_event take_special(struct gdbrsp_parser *p, uint8_t c)
{
	switch (c) {
	case '#':
		p->state = SUM_HIGH;
		return GDBRSP_MORE;
	case '$': /* never sent bare within a body: a new packet begins */
		packet_begin(p, false);
		return GDBRSP_BAD;
	case '}':
		p->state = ESCAPED;
		break;
	case '*':
		p->state = REPEAT;
		break;
	}
	p->sum = (uint8_t)(p->sum + c);
	return GDBRSP_MORE;
}

static enum gdbrsp_event packet_finish(struct gdbrsp_parser *p, uint8_t low)
{
	p->state = IDLE;
	if (!digit[p->told] || !digit[low] || p->bad ||
	    p->sum != ((digit[p->told] - 1) << 4 | (digit[low] - 1)))
		return GDBRSP_BAD;
	if (p->overlong || p->body.oom)
		return GDBRSP_OVERLONG;
	return p->note ? GDBRSP_NOTE : GDBRSP_PACKET;
}

static enum gdbrsp_event take_idle(struct gdbrsp_parser *p, uint8_t c)
{
	switch (c) {
	case '+':
		return GDBRSP_ACK;
	case '-':
		return GDBRSP_NAK;
	case '$':
	case '%':
		packet_begin(p, c == '%');
		return GDBRSP_MORE;
	default:
		return GDBRSP_JUNK;
	}
}

static enum gdbrsp_event take_byte(struct gdbrsp_parser *p, uint8_t c)
{
	uint8_t plain = c ^ 0x20;

	switch (p->state) {
	case IDLE:
		return take_idle(p, c);
	case BODY:
		return take_special(p, c);
	case ESCAPED:
		p->sum = (uint8_t)(p->sum + c);
		packet_keep(p, &plain, 1);
		p->state = BODY;
		break;
	case REPEAT:
		p->sum = (uint8_t)(p->sum + c);
		repeat(p, c);
		p->state = BODY;
		break;
	case SUM_HIGH:
		p->told = c;
		p->state = SUM_LOW;
		break;
	case SUM_LOW:
		return packet_finish(p, c);
	}
	return GDBRSP_MORE;
}

enum gdbrsp_event gdbrsp_parser_next(struct gdbrsp_parser *p, struct cursor *in)
{
	enum gdbrsp_event event = GDBRSP_MORE;

	while (event == GDBRSP_MORE && cursor_left(in)) {
		if (p->state == BODY)
			take_plain(p, in);
		if (cursor_left(in))
			event = take_byte(p, cursor_u8(in));
	}
	return event;
}

bool gdbrsp_is_stop(const struct buf *body)
{
	return body->data[0] == 'T' || body->data[0] == 'S';
}

void gdbrsp_encode(struct buf *out, const void *body, size_t len)
{
	const char *p = body;
	size_t start = out->len + 1;
	uint8_t sum = 0;
	size_t i;

	buf_add(out, "$", 1);
	for (i = 0; i < len; i++) {
		const char escaped[2] = {'}', p[i] ^ 0x20};

		if (strchr("#$}*", p[i]) && p[i])
			buf_add(out, escaped, 2);
		else
			buf_add(out, &p[i], 1);
	}
	if (!out->oom)
		sum = sum_of(out->data + start, out->len - start);
	buf_add(out, "#", 1);
	gdbrsp_hex_encode(out, &sum, 1);
}

void gdbrsp_hex_encode(struct buf *out, const void *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *p = bytes;
	size_t i;

	for (i = 0; i < n; i++) {
		const char two[2] = {digits[p[i] >> 4], digits[p[i] & 15]};

		buf_add(out, two, 2);
	}
}

#ifdef __SSE2__
/*
 * 16 digits to 8 bytes at a time; returns how many bytes are done: all whole
 * eights, or those before the first that holds something else.
 */
static size_t decode_eights(uint8_t *out, const uint8_t *in, size_t n)
{
	const __m128i letters = _mm_set1_epi8('a' - 10);
	size_t i;

	for (i = 0; i + 8 <= n; i += 8) {
		__m128i c = _mm_loadu_si128((const __m128i *)(in + 2 * i));
		__m128i low = _mm_or_si128(c, _mm_set1_epi8(0x20));
		__m128i d = _mm_sub_epi8(c, _mm_set1_epi8('0'));
		__m128i l = _mm_sub_epi8(low, letters);
		__m128i is_d =
			_mm_cmpeq_epi8(_mm_min_epu8(d, _mm_set1_epi8(9)), d);
		__m128i is_l = _mm_and_si128(
			_mm_cmpeq_epi8(_mm_min_epu8(l, _mm_set1_epi8(15)), l),
			_mm_cmpeq_epi8(_mm_max_epu8(l, _mm_set1_epi8(10)), l));
		__m128i v = _mm_or_si128(_mm_and_si128(is_d, d),
					 _mm_and_si128(is_l, l));

		if (_mm_movemask_epi8(_mm_or_si128(is_d, is_l)) != 0xffff)
			break;
		/* the first digit of each pair is the high half */
		v = _mm_or_si128(_mm_slli_epi16(v, 4), _mm_srli_epi16(v, 8));
		v = _mm_and_si128(v, _mm_set1_epi16(0xff));
		_mm_storel_epi64((__m128i *)(out + i), _mm_packus_epi16(v, v));
	}
	return i;
}
#else
static size_t decode_eights(uint8_t *out, const uint8_t *in, size_t n)
{
	(void)out, (void)in, (void)n;
	return 0;
}
#endif

bool gdbrsp_hex_decode(void *dst, const char *hex, size_t n)
{
	const uint8_t *in = (const uint8_t *)hex;
	uint8_t *out = dst;
	bool good = true;
	size_t i;

	for (i = decode_eights(out, in, n); i < n; i++) {
		unsigned int high = digit[in[2 * i]];
		unsigned int low = digit[in[2 * i + 1]];

		good &= high && low;
		out[i] = (uint8_t)((high - 1) << 4 | ((low - 1) & 15));
	}
	return good;
}

bool gdbrsp_hex_number(struct cursor *c, uint64_t *out)
{
	uint64_t val = 0;
	int n = 0;

	while (cursor_left(c) && digit[c->base[c->pos]]) {
		val = val << 4 | (uint64_t)(digit[cursor_u8(c)] - 1);
		n++;
	}
	if (n < 1 || n > 16)
		c->bad = true;
	else
		*out = val;
	return !c->bad;
}
