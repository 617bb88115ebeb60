/* SPDX-License-Identifier: BSD-2-Clause */
/* Follows the kernel's log from one reading to the next. */
#include "proc/kmsg_follow.h"

#include <string.h>

/* The first record with that number, or one behind it. */
static size_t kmsg_seek(const struct printk_log *log, uint64_t seq)
{
	size_t i = 0;

	while (i < log->v.n && log->v.v[i].seq < seq)
		i++;
	return i;
}

/* Whether that is the log of before, as far as can be told. */
static bool kmsg_goes_on(const struct kmsg_follow *f,
			 const struct printk_log *log)
{
	uint64_t last = f->next - 1;
	const struct printk_record *v = log->v.v;
	size_t i;

	if (!f->next)
		return true;
	if (!log->v.n || v[log->v.n - 1].seq < last)
		return false;
	i = kmsg_seek(log, last);
	/* it may be overwritten: the next one is not older */
	return v[i].seq == last ? v[i].ts_nsec == f->last_ts : true;
}

/* Those before the oldest were there, and are not any more. */
static uint64_t kmsg_lost(const struct kmsg_follow *f,
			  const struct printk_log *log, size_t damaged)
{
	uint64_t oldest = log->v.n ? log->v.v[0].seq : f->next;

	if (log->pending < oldest)
		oldest = log->pending;
	return oldest > f->next + damaged ? oldest - f->next - damaged : 0;
}

void kmsg_follow(struct kmsg_follow *f, const struct printk_log *log,
		 struct kmsg_news *out)
{
	*out = (struct kmsg_news){0};
	if (f->begun && !kmsg_goes_on(f, log)) {
		*f = (struct kmsg_follow){0};
		out->anew = true;
	}
	out->first = kmsg_seek(log, f->next);
	out->end = kmsg_seek(log, log->pending);
	if (out->end < out->first)
		out->end = out->first;
	if (log->damaged > f->damaged)
		out->damaged = log->damaged - f->damaged;
	f->damaged = log->damaged;
	if (f->begun)
		out->lost = kmsg_lost(f, log, out->damaged);
	f->begun = true;
	if (out->end > out->first) {
		const struct printk_record *last = &log->v.v[out->end - 1];

		f->next = last->seq + 1;
		f->last_ts = last->ts_nsec;
	} else if (out->lost) {
		f->next += out->lost;
		f->last_ts = 0;
	}
}

static const char *const level_names[] = {"emerg", "alert",  "crit", "err",
					  "warn",  "notice", "info", "debug"};

#define LEVELS (sizeof(level_names) / sizeof(level_names[0]))

/* One of them; LEVELS: none. */
static size_t kmsg_level(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < LEVELS; i++)
		if (strlen(level_names[i]) == len &&
		    !strncmp(level_names[i], name, len))
			break;
	return i;
}

int kmsg_levels_parse(const char *text, uint8_t *levels, struct err *err)
{
	const char *word = text;
	unsigned int all = (1u << LEVELS) - 1, found = 0;

	for (;;) {
		size_t len = strcspn(word, ","), level;
		bool less = len && word[0] == '+';
		bool more = len > 1 && word[len - 1] == '+';

		level = kmsg_level(word + less, len - less - more);
		if (level == LEVELS || (less && more))
			return err_set(err, ERR_USAGE,
				       "'%.*s' is no level: emerg, alert, "
				       "crit, err, warn, notice, info, debug; "
				       "\"err+\" is all from emerg to err, "
				       "\"+info\" info and debug",
				       (int)(len < 40 ? len : 40), word);
		found |= less	? all & ~((1u << level) - 1)
			 : more ? (2u << level) - 1
				: 1u << level;
		if (!word[len])
			break;
		word += len + 1;
	}
	*levels = (uint8_t)found;
	return 0;
}
