/* SPDX-License-Identifier: BSD-2-Clause */
/* The VALUE operands of write, as bytes. */
#include "guest/value.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/files.h"
#include "guest/number.h"

static int value_too_long(struct err *err)
{
	return err_set(err, ERR_USAGE, "the values are longer than %u MiB",
		       VALUE_MAX_BYTES >> 20);
}

static unsigned int nibble(char c)
{
	return isdigit((unsigned char)c)
		       ? (unsigned int)(c - '0')
		       : (unsigned int)(tolower((unsigned char)c) - 'a' + 10);
}

static int value_add_hex(struct buf *b, const char *digits, struct err *err)
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
	le_store(bytes, value, width);
	buf_add(b, bytes, width);
	return 0;
}

/* "0x90x100": a byte, an x, a count. */
static int add_fill(struct buf *b, const char *text, struct err *err)
{
	const char *p = text;
	uint64_t byte = 0, count = 0;
	int rc;

	if (number_scan(&p, 10, &byte) != NUMBER_OK || byte > 255 || *p != 'x')
		return err_set(err, ERR_USAGE,
			       "value 'fill:%s' is not fill:BYTExCOUNT", text);
	rc = number_parse_size(p + 1, "fill: count", VALUE_MAX_BYTES, &count,
			       err);
	if (rc)
		return rc;
	if (b->len + count > VALUE_MAX_BYTES)
		return value_too_long(err);
	for (; count && !b->oom; count--)
		buf_add(b, &(uint8_t){(uint8_t)byte}, 1);
	return 0;
}

static int value_read_file(struct buf *b, int fd, struct err *err)
{
	size_t start = b->len;

	if (files_read(fd, VALUE_MAX_BYTES - start, b))
		return errno == EFBIG ? value_too_long(err)
				      : err_sys(err, ERR_SYS, "cannot be read");
	return b->len > start ? 0
			      : err_set(err, ERR_USAGE, "the file is empty");
}

static int add_file(struct buf *b, const char *path, struct err *err)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc;

	if (fd < 0)
		rc = err_sys(err, ERR_SYS, "cannot be opened");
	else
		rc = value_read_file(b, fd, err);
	return rc ? err_wrap(err, rc, "value 'file:%s'", path) : 0;
}

int value_add(struct buf *b, const char *text, unsigned int width,
	      struct err *err)
{
	int rc = 0;

	if (!strncmp(text, "str:", 4))
		buf_puts(b, text + 4);
	else if (!strncmp(text, "hex:", 4))
		rc = value_add_hex(b, text + 4, err);
	else if (!strncmp(text, "fill:", 5))
		rc = add_fill(b, text + 5, err);
	else if (!strncmp(text, "file:", 5))
		rc = add_file(b, text + 5, err);
	else
		rc = add_number(b, text, width, err);
	if (!rc && b->oom)
		rc = err_nomem(err);
	if (!rc && b->len > VALUE_MAX_BYTES)
		rc = value_too_long(err);
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
