/* SPDX-License-Identifier: BSD-2-Clause */
/* What a stub does while an answer is awaited, and whether that is too much. */
#include "gdbrsp/account.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "gdbrsp/limits.h"

static const struct {
	unsigned int max;
	const char *words;
} kinds[] = {
	[GDBRSP_ACK] = {GDBRSP_ACKS_MAX, "acknowledgements"},
	[GDBRSP_NAK] = {GDBRSP_NAKS_MAX, "rejections"},
	[GDBRSP_PACKET] = {GDBRSP_STOPS_MAX, "stop replies"},
	[GDBRSP_NOTE] = {GDBRSP_NOTES_MAX, "notifications"},
	[GDBRSP_BAD] = {GDBRSP_BAD_MAX, "garbled packets"},
	[GDBRSP_OVERLONG] = {GDBRSP_OVERLONG_MAX, "packets that are too large"},
	[GDBRSP_JUNK] = {GDBRSP_JUNK_MAX, "bytes that belong to no packet"},
};

void gdbrsp_account_open(struct gdbrsp_account *a, unsigned int patience_ms,
			 size_t body_max, uint64_t bytes)
{
	uint64_t now = clock_now_us();

	*a = (struct gdbrsp_account){
		.since_us = now,
		.until_us = now + GDBRSP_ANSWER_PATIENCES *
					  (uint64_t)patience_ms * 1000,
		.credit = bytes,
		.wire_max = 2 * (uint64_t)body_max + GDBRSP_WIRE_MAX,
	};
}

void gdbrsp_account_move(struct gdbrsp_account *a, size_t n)
{
	uint64_t paid = n < a->credit ? n : a->credit;

	a->credit -= paid;
	a->until_us += paid * 1000000 / GDBRSP_ANSWER_RATE;
}

int gdbrsp_account_book(struct gdbrsp_account *a, size_t n,
			const struct gdbrsp_parser *parser,
			enum gdbrsp_event event, const char *name,
			struct err *err)
{
	a->bytes += n;
	a->wire += n;
	if (event == GDBRSP_PACKET && !gdbrsp_is_stop(&parser->body)) {
		a->wire = 0;
		memset(a->came, 0, sizeof(a->came));
		return 0;
	}
	if (!a->since_us)
		return 0;
	if (a->wire > a->wire_max)
		return err_set(err, ERR_NO_GUEST,
			       "%s: the stub floods: %" PRIu64
			       " bytes came, and no end of an answer",
			       name, a->wire);
	if (event == GDBRSP_MORE || ++a->came[event] <= kinds[event].max)
		return 0;
	return err_set(err, ERR_NO_GUEST,
		       "%s: the stub floods: %u %s came where an answer should",
		       name, a->came[event], kinds[event].words);
}

int gdbrsp_account_late(const struct gdbrsp_account *a, const char *name,
			struct err *err)
{
	return err_set(err, ERR_NO_GUEST,
		       "%s: the stub is too slow: no whole answer within "
		       "%.3g s, but %" PRIu64 " bytes",
		       name, (double)(clock_now_us() - a->since_us) / 1e6,
		       a->bytes);
}
