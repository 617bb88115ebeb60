/* SPDX-License-Identifier: BSD-2-Clause */
/* What search looks for: bytes, some of which may be anything. */
#include "guest/pattern.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "guest/value.h"

void pattern_deinit(struct pattern *p)
{
	buf_deinit(&p->value);
	buf_deinit(&p->mask);
}

/* One digit: its value, and 15 for one that counts; false: it is none. */
static bool take_digit(char c, unsigned int *value, unsigned int *mask)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, tolower((unsigned char)c)) : NULL;

	*value = at ? (unsigned int)(at - digits) : 0;
	*mask = at ? 15 : 0;
	return at || c == '?';
}

static int pattern_add_hex(struct pattern *p, const char *text, struct err *err)
{
	const char *at = text + strlen("hex:");
	unsigned int v[2], m[2];
	uint8_t value, mask;

	for (at += strspn(at, " "); *at; at += 2, at += strspn(at, " ")) {
		if (!take_digit(at[0], &v[0], &m[0]) ||
		    !take_digit(at[1], &v[1], &m[1]))
			return err_set(err, ERR_USAGE,
				       "pattern '%s': no pair of hex digits "
				       "or ? at '%s'",
				       text, at);
		value = (uint8_t)(v[0] << 4 | v[1]);
		mask = (uint8_t)(m[0] << 4 | m[1]);
		buf_add(&p->value, &value, 1);
		buf_add(&p->mask, &mask, 1);
	}
	return 0;
}

int pattern_add(struct pattern *p, const char *text, unsigned int width,
		struct err *err)
{
	static const uint8_t all = 0xff;
	int rc;

	if (!strncmp(text, "hex:", 4))
		rc = pattern_add_hex(p, text, err);
	else
		rc = value_add(&p->value, text, width, err);
	while (p->mask.len < p->value.len && !p->mask.oom)
		buf_add(&p->mask, &all, 1);
	if (!rc && (p->value.oom || p->mask.oom))
		rc = err_nomem(err);
	return rc;
}

static const uint8_t *bytes_of(const struct buf *b)
{
	return (const uint8_t *)b->data;
}

int pattern_end(struct pattern *p, struct err *err)
{
	const uint8_t *mask = bytes_of(&p->mask);
	size_t i, run = 0;
	bool any = false;

	if (!p->value.len)
		return err_set(err, ERR_USAGE, "the pattern is empty");
	if (p->value.len > PATTERN_MAX)
		return err_set(err, ERR_USAGE,
			       "the pattern has %zu bytes, at most %d go",
			       p->value.len, PATTERN_MAX);
	for (i = 0; i < p->mask.len; i++) {
		any |= mask[i] != 0;
		run = mask[i] == 0xff ? run + 1 : 0;
		if (run > p->fixed) {
			p->fixed = run;
			p->anchor = i + 1 - run;
		}
	}
	if (!any)
		return err_set(err, ERR_USAGE,
			       "the pattern fits anything: no digit is fixed");
	return 0;
}

static bool pattern_fits(const struct pattern *p, const uint8_t *at)
{
	const uint8_t *value = bytes_of(&p->value), *mask = bytes_of(&p->mask);
	size_t i;

	for (i = 0; i < p->value.len; i++)
		if ((at[i] & mask[i]) != value[i])
			return false;
	return true;
}

size_t pattern_find(const struct pattern *p, const uint8_t *bytes, size_t n,
		    size_t from)
{
	const uint8_t *anchor = bytes_of(&p->value) + p->anchor, *hit;
	size_t len = p->value.len;

	for (; n >= len && from <= n - len; from++) {
		if (p->fixed) {
			/* The anchor of a match that ends within n. */
			hit = memmem(bytes + from + p->anchor,
				     n - len - from + p->fixed, anchor,
				     p->fixed);
			if (!hit)
				return n;
			from = (size_t)(hit - bytes) - p->anchor;
		}
		if (pattern_fits(p, bytes + from))
			return from;
	}
	return n;
}
