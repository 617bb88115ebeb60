/* SPDX-License-Identifier: BSD-2-Clause */
/* The VALUE operands of write, as bytes. */
#include "cli/value.h"

#include <ctype.h>
#include <string.h>

#include "cli/dump.h"
#include "cli/number.h"

static unsigned int nibble(char c)
{
	return isdigit((unsigned char)c)
		       ? (unsigned int)(c - '0')
		       : (unsigned int)(tolower((unsigned char)c) - 'a' + 10);
}

static int add_hex(struct buf *b, const char *digits, struct err *err)
{
	const char *p;
	uint8_t byte;

	for (p = digits; *p; p += 2) {
		if (!isxdigit((unsigned char)p[0]) ||
		    !isxdigit((unsigned char)p[1]))
			return err_set(err, ERR_USAGE,
				       "value 'hex:%s': no pair of hex digits "
				       "at '%s'",
				       digits, p);
		byte = (uint8_t)(nibble(p[0]) << 4 | nibble(p[1]));
		buf_add(b, &byte, 1);
	}
	return 0;
}

uint64_t value_max(unsigned int width)
{
	return UINT64_MAX >> (64 - 8 * width);
}

static int add_number(struct buf *b, const char *text, unsigned int width,
		      struct err *err)
{
	uint64_t value = 0;
	uint8_t bytes[8];
	int rc = number_parse(text, "value", value_max(width), &value, err);

	if (rc)
		return rc;
	dump_store(bytes, value, width);
	buf_add(b, bytes, width);
	return 0;
}

int value_add(struct buf *b, const char *text, unsigned int width,
	      struct err *err)
{
	int rc = 0;

	if (!strncmp(text, "str:", 4))
		buf_puts(b, text + 4);
	else if (!strncmp(text, "hex:", 4))
		rc = add_hex(b, text + 4, err);
	else
		rc = add_number(b, text, width, err);
	if (!rc && b->oom)
		rc = err_nomem(err);
	return rc;
}

int value_width(const char *text, unsigned int *width, struct err *err)
{
	if (strlen(text) != 1 || !strchr("1248", *text))
		return err_set(err, ERR_USAGE,
			       "width '%s' is none of 1, 2, 4, 8", text);
	*width = (unsigned int)(*text - '0');
	return 0;
}
