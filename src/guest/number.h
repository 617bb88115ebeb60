/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers as the user writes them: decimal or 0x hexadecimal, 64 bits. */
#ifndef GUEST_NUMBER_H
#define GUEST_NUMBER_H

#include <stdint.h>

#include "base/err.h"

enum number_end {
	NUMBER_OK,
	NUMBER_NONE,	/* no digit where one is needed */
	NUMBER_OVERFLOW /* does not fit 64 bits */
};

/*
 * Take the digits at *s (hexadecimal behind 0x, or from the start when base
 * is 16) and move *s behind them.
 */
enum number_end number_scan(const char **s, int base, uint64_t *value);

/*
 * The whole of text as a number, at most max; ERR_USAGE names `what` and the
 * text.
 */
int number_parse(const char *text, const char *what, uint64_t max,
		 uint64_t *value, struct err *err);

/* As number_parse(), for a count of bytes: K, M and G behind it are powers
 * of 1024. */
int number_parse_size(const char *text, const char *what, uint64_t max,
		      uint64_t *value, struct err *err);

/*
 * Seconds with an optional fraction, or milliseconds with "ms" behind them, as
 * milliseconds; more than zero.
 */
int number_parse_ms(const char *text, const char *what, unsigned int *ms,
		    struct err *err);

#endif
