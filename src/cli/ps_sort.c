/* SPDX-License-Identifier: BSD-2-Clause */
/* In which order ps shows tasks: one table of what they can be sorted by. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/ps.h"

/* False: it is not known. */
typedef bool key_fn(const struct ps_data *d, size_t i, uint64_t *key);

#define TASK_KEY(name, member)                                    \
	static bool key_##name(const struct ps_data *d, size_t i, \
			       uint64_t *key)                     \
	{                                                         \
		*key = d->tasks.v[i].member;                      \
		return true;                                      \
	}

TASK_KEY(pid, tgid)
TASK_KEY(tid, pid)
TASK_KEY(ppid, ppid)
TASK_KEY(uid, euid)
TASK_KEY(ruid, uid)

static bool key_rss(const struct ps_data *d, size_t i, uint64_t *key)
{
	*key = rss_total(&d->rss[i]);
	return d->rss[i].known;
}

#define GROUP_KEY(name, known)                                    \
	static bool key_##name(const struct ps_data *d, size_t i, \
			       uint64_t *key)                     \
	{                                                         \
		*key = d->groups[i].name;                         \
		return d->groups[i].known;                        \
	}

GROUP_KEY(threads, has_threads)
GROUP_KEY(pgid, has_pgid)
GROUP_KEY(sid, has_sid)

#define TIME_KEY(name, value, known)                              \
	static bool key_##name(const struct ps_data *d, size_t i, \
			       uint64_t *key)                     \
	{                                                         \
		const struct task_time *t = &d->times[i];         \
                                                                  \
		*key = (value);                                   \
		return t->known;                                  \
	}

TIME_KEY(start, t->start, has_start)
TIME_KEY(time, t->user + t->system, has_cpu)
TIME_KEY(utime, t->user, has_cpu)
TIME_KEY(stime, t->system, has_cpu)

/* By the names of the columns that show the same. */
static const struct {
	const char *name;
	unsigned int needs;
	key_fn *key;
} keys[] = {
	{"pid", 0, key_pid},
	{"tid", 0, key_tid},
	{"ppid", 0, key_ppid},
	{"uid", 0, key_uid},
	{"ruid", 0, key_ruid},
	{"rss", PS_RSS, key_rss},
	{"threads", PS_GROUP, key_threads},
	{"pgid", PS_GROUP, key_pgid},
	{"sid", PS_GROUP, key_sid},
	{"start", PS_START, key_start},
	{"time", PS_TIME, key_time},
	{"utime", PS_TIME, key_utime},
	{"stime", PS_TIME, key_stime},
};

#define KEYS (sizeof(keys) / sizeof(keys[0]))

static int say_unknown_key(const char *name, size_t len, struct err *err)
{
	char all[200] = "";
	size_t i, n = 0;

	for (i = 0; i < KEYS && n < sizeof(all); i++)
		n += (size_t)snprintf(all + n, sizeof(all) - n, "%s%s",
				      n ? ", " : "", keys[i].name);
	return err_set(err, ERR_USAGE,
		       "nothing is sorted by '%.*s'; there are: %s",
		       (int)(len < 40 ? len : 40), name, all);
}

int ps_order_add(struct ps_order *o, struct ps_columns *c, const char *names,
		 struct err *err)
{
	size_t len, i;

	for (;; names += len + 1) {
		bool down = *names == '-';

		names += down || *names == '+';
		len = strcspn(names, ",");
		for (i = 0; i < KEYS; i++)
			if (strlen(keys[i].name) == len &&
			    !memcmp(keys[i].name, names, len))
				break;
		if (i == KEYS)
			return say_unknown_key(names, len, err);
		if (o->n == PS_SORT_MAX)
			return err_set(err, ERR_USAGE,
				       "at most %d keys to sort by",
				       PS_SORT_MAX);
		c->needs |= keys[i].needs;
		o->by[o->n++] = (struct ps_sort_key){.which = i, .down = down};
		if (!names[len])
			return 0;
	}
}

struct sorting {
	const struct ps_order *o;
	const struct ps_data *d;
};

/* What is not known comes last, in either direction. */
static int compare_key(const struct sorting *s, const struct ps_sort_key *by,
		       size_t a, size_t b)
{
	uint64_t x, y;
	bool has_x = keys[by->which].key(s->d, a, &x);
	bool has_y = keys[by->which].key(s->d, b, &y);

	if (!has_x || !has_y)
		return (int)has_y - (int)has_x;
	if (x == y)
		return 0;
	return (x < y) == by->down ? 1 : -1;
}

/* What is alike stays in the order of PIDs. */
static int ps_sort_compare(const void *a, const void *b, void *arg)
{
	const struct sorting *s = arg;
	size_t x = *(const size_t *)a, y = *(const size_t *)b, i;
	int order = 0;

	for (i = 0; i < s->o->n && !order; i++)
		order = compare_key(s, &s->o->by[i], x, y);
	return order ? order : (x > y) - (x < y);
}

size_t *ps_order_make(const struct ps_order *o, const struct ps_data *d)
{
	struct sorting s = {o, d};
	size_t *order = calloc(d->tasks.n + 1, sizeof(*order));
	size_t i;

	for (i = 0; i < d->tasks.n && order; i++)
		order[i] = i;
	if (order && o->n)
		qsort_r(order, d->tasks.n, sizeof(*order), ps_sort_compare, &s);
	return order;
}
