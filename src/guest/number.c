/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers as the user writes them. */
#include "guest/number.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

static int digit_of(char c, int base)
{
	int d = -1;

	if (c >= '0' && c <= '9')
		d = c - '0';
	else if (isxdigit((unsigned char)c))
		d = tolower((unsigned char)c) - 'a' + 10;
	return d < base ? d : -1;
}

enum number_end number_scan(const char **s, int base, uint64_t *value)
{
	const char *p = *s;
	bool over = false;
	uint64_t v = 0;
	int d;

	if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X')) {
		base = 16;
		p += 2;
	}
	*s = p;
	for (; (d = digit_of(*p, base)) >= 0; p++)
		if (__builtin_mul_overflow(v, (uint64_t)base, &v) ||
		    __builtin_add_overflow(v, (uint64_t)d, &v))
			over = true;
	if (p == *s)
		return NUMBER_NONE;
	*s = p;
	*value = v;
	return over ? NUMBER_OVERFLOW : NUMBER_OK;
}

static int bad_number(const char *text, const char *what, struct err *err)
{
	return err_set(err, ERR_USAGE,
		       "%s '%s' is no number (decimal, or hex behind 0x)", what,
		       text);
}

static int bad_size(const char *text, const char *what, struct err *err)
{
	return err_set(err, ERR_USAGE,
		       "%s '%s' is no number of bytes (K, M or G may follow "
		       "the digits)",
		       what, text);
}

/* The limit is told in the base that the number has. */
static int too_large(const char *text, const char *what, uint64_t max,
		     struct err *err)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');

	return err_set(err, ERR_USAGE,
		       hex ? "%s '%s' is too large (at most 0x%" PRIx64 ")"
			   : "%s '%s' is too large (at most %" PRIu64 ")",
		       what, text, max);
}

static int number_too_long(const char *text, const char *what, uint64_t max,
			   struct err *err)
{
	unsigned int unit = 0;

	for (; unit < 3 && max && max % 1024 == 0; unit++)
		max /= 1024;
	return err_set(err, ERR_USAGE,
		       "%s '%s' is too large (at most %" PRIu64 "%.*s)", what,
		       text, max, unit ? 1 : 0, &"-KMG"[unit]);
}

int number_parse(const char *text, const char *what, uint64_t max,
		 uint64_t *value, struct err *err)
{
	const char *p = text;
	enum number_end end;
	uint64_t v = 0;

	end = number_scan(&p, 10, &v);
	if (end == NUMBER_NONE || *p)
		return bad_number(text, what, err);
	if (end == NUMBER_OVERFLOW || v > max)
		return too_large(text, what, max, err);
	*value = v;
	return 0;
}

int number_parse_size(const char *text, const char *what, uint64_t max,
		      uint64_t *value, struct err *err)
{
	static const char units[] = "KMG";
	enum number_end end;
	const char *p = text, *unit;
	unsigned int shift = 0;
	uint64_t v = 0;

	end = number_scan(&p, 10, &v);
	if (end == NUMBER_NONE)
		return bad_size(text, what, err);
	unit = *p ? strchr(units, toupper((unsigned char)*p)) : NULL;
	if (unit) {
		shift = 10 * (unsigned int)(unit - units + 1);
		p++;
	}
	if (*p)
		return bad_size(text, what, err);
	if (end == NUMBER_OVERFLOW || v > max >> shift)
		return number_too_long(text, what, max, err);
	*value = v << shift;
	return 0;
}

int number_parse_ms(const char *text, const char *what, unsigned int *ms,
		    struct err *err)
{
	uint64_t whole = 0, fraction = 0, unit = 100;
	const char *p = text;
	bool any = false;

	for (; isdigit((unsigned char)*p) && whole < 1000000000;
	     p++, any = true)
		whole = whole * 10 + (uint64_t)(*p - '0');
	if (*p == '.')
		for (p++; isdigit((unsigned char)*p); p++, any = true) {
			fraction += unit * (uint64_t)(*p - '0');
			unit /= 10;
		}
	if (unit == 100 && !strcmp(p, "ms"))
		p += 2;
	else
		whole = whole * 1000 + fraction;
	if (!any || *p || !whole || whole > 1000000000)
		return err_set(err, ERR_USAGE,
			       "%s '%s' is no time in seconds (0.001 to "
			       "1000000, or as 500ms)",
			       what, text);
	*ms = (unsigned int)whole;
	return 0;
}
