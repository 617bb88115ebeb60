/* SPDX-License-Identifier: BSD-2-Clause */
/* The GDB remote protocol's packets: parse, encode, hex; no input or output. */
#ifndef GDBRSP_PACKET_H
#define GDBRSP_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cursor.h"

/*
 * GDB manual, "Remote Protocol", Overview; what QEMU does with it:
 * docs/facts/gdbstub.md, "Packets and their sizes"
 *
 *	$ body # s s		a packet; ss: sum of the body bytes mod 256
 *	% body # s s		a notification, never acknowledged
 *	+  -			the last packet arrived well, or did not
 *
 * Within a body `}` makes the next byte mean itself xor 0x20, and `*` followed
 * by a byte n repeats the byte before n - 29 more times.
 */
enum gdbrsp_event {
	GDBRSP_MORE,   /* the input is used up, nothing is complete */
	GDBRSP_ACK,    /* + */
	GDBRSP_NAK,    /* - */
	GDBRSP_PACKET, /* a packet; its body is in parser->body */
	GDBRSP_NOTE,   /* a notification; likewise */
	GDBRSP_BAD,    /* a packet with a wrong checksum or coding, or no end */
	GDBRSP_OVERLONG, /* a packet larger than allowed; it was skipped */
	GDBRSP_JUNK	 /* a byte that belongs to no packet */
};

/* Takes any split of the byte stream; the fields but `body` are its own. */
struct gdbrsp_parser {
	struct buf body; /* decoded; valid until the next call */
	size_t max;
	int state;
	uint8_t sum, told;
	bool note, bad, overlong;
};

/* Bodies of up to `max` bytes, counted decoded, are accepted. */
void gdbrsp_parser_init(struct gdbrsp_parser *p, size_t max);
void gdbrsp_parser_deinit(struct gdbrsp_parser *p);

/* Consume input up to the end of the next event, or all of it. */
enum gdbrsp_event gdbrsp_parser_next(struct gdbrsp_parser *p,
				     struct cursor *in);

/* GDB manual, "Stop Reply Packets": the guest has stopped. */
bool gdbrsp_is_stop(const struct buf *body);

/* Append one packet with that body to `out`. */
void gdbrsp_encode(struct buf *out, const void *body, size_t len);

/* Append n bytes as 2n lower-case digits. */
void gdbrsp_hex_encode(struct buf *out, const void *bytes, size_t n);

/* 2n digits at `hex` to n bytes; false where something is no digit. */
bool gdbrsp_hex_decode(void *dst, const char *hex, size_t n);

/*
 * The hex number at the cursor, of 1 to 16 digits, to *out; the cursor stops
 * behind the last digit.  False, and the cursor bad, where there is none.
 */
bool gdbrsp_hex_number(struct cursor *c, uint64_t *out);

#endif
