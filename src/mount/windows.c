/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory that was read, with what comes behind it. */
#include "mount/windows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/stored.h"
#include "kernel/kernel.h"

static bool window_is_of(const struct window *w,
			 const struct mount_tree_bytes *of)
{
	return w->of.file == of->file && w->of.pid == of->pid &&
	       w->of.mm == of->mm;
}

/* Whether it has all that is asked for, or all up to the end of the file. */
static bool window_has(const struct window *w, const struct proc_bytes *b)
{
	if (!w->len || b->offset < w->at || b->offset - w->at >= w->asked)
		return false;
	return w->len < w->asked || b->len <= w->len - (b->offset - w->at);
}

const struct window *windows_find(struct windows *w,
				  const struct mount_tree_bytes *of,
				  const struct proc_bytes *b, uint64_t since)
{
	size_t i;

	for (i = 0; i < WINDOWS; i++)
		if (window_is_of(&w->v[i], of) && w->v[i].taken_us >= since &&
		    window_has(&w->v[i], b)) {
			w->v[i].used = ++w->calls;
			return &w->v[i];
		}
	return NULL;
}

static void window_drop(struct window *w)
{
	free(w->bytes);
	free(w->there);
	*w = (struct window){0};
}

/* The one that somebody has come to the end of, and goes on from. */
static struct window *windows_before(struct windows *w,
				     const struct mount_tree_bytes *of,
				     uint64_t at)
{
	size_t i;

	for (i = 0; i < WINDOWS; i++)
		if (window_is_of(&w->v[i], of) && w->v[i].len &&
		    at > w->v[i].at && at - w->v[i].at <= w->v[i].len)
			return &w->v[i];
	return NULL;
}

static struct window *windows_oldest(struct windows *w)
{
	struct window *oldest = w->v;
	size_t i;

	for (i = 1; i < WINDOWS; i++)
		if (w->v[i].used < oldest->used)
			oldest = &w->v[i];
	return oldest;
}

static uint64_t page_of(uint64_t at)
{
	return at - at % PAGE_SIZE_4K;
}

/* No offset is so large that a window from there on would not fit. */
static size_t window_length(const struct proc_bytes *b, size_t ahead)
{
	uint64_t at = page_of(b->offset);
	size_t len = (size_t)(b->offset - at) + b->len;

	len = (len + PAGE_SIZE_4K - 1) / PAGE_SIZE_4K * PAGE_SIZE_4K;
	if (len < ahead)
		len = ahead;
	if (len > page_of(INT64_MAX) + PAGE_SIZE_4K - at)
		len = (size_t)(page_of(INT64_MAX) + PAGE_SIZE_4K - at);
	return len;
}

struct window *windows_take(struct windows *w,
			    const struct mount_tree_bytes *of,
			    const struct proc_bytes *b, bool ahead)
{
	struct window *before = windows_before(w, of, b->offset);
	struct window *out = before ? before : windows_oldest(w);
	size_t more = ahead ? WINDOW_FIRST : 0;

	if (before && ahead && before->len < WINDOW_MOST / 2)
		more = 2 * before->len;
	else if (before && ahead)
		more = WINDOW_MOST;
	window_drop(out);
	out->of = *of;
	out->at = page_of(b->offset);
	out->asked = window_length(b, more);
	out->bytes = malloc(out->asked + 1);
	out->there = calloc(out->asked / PAGE_SIZE_4K + 1, 1);
	out->used = ++w->calls;
	if (out->bytes && out->there)
		return out;
	window_drop(out);
	return NULL;
}

int window_copy(const struct window *w, struct proc_bytes *b, struct err *err)
{
	uint64_t from = b->offset - w->at, at = from;
	uint64_t end = from < w->len && b->len < w->len - from ? from + b->len
							       : w->len;

	while (at < end && w->there[at / PAGE_SIZE_4K])
		at = page_of(at) + PAGE_SIZE_4K;
	if (at > end)
		at = end;
	b->got = at > from ? (size_t)(at - from) : 0;
	memcpy(b->dst, w->bytes + (b->got ? from : 0), b->got);
	if (b->got || from >= end)
		return 0;
	return err_set(err, ERR_UNREADABLE,
		       "0x%" PRIx64 ": nothing that can be read is there",
		       b->offset);
}

void windows_forget(struct windows *w)
{
	size_t i;

	for (i = 0; i < WINDOWS; i++)
		window_drop(&w->v[i]);
}

void windows_deinit(struct windows *w)
{
	windows_forget(w);
}
