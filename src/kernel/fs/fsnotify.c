/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads instances of inotify and fanotify: their lists, then what these watch,
 * step by step. */
#include "kernel/fs/fsnotify.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/stored.h"
#include "kernel/fs/fsnotify_object.h"
#include "kernel/limits.h"
#include "kernel/list.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_GROUP_MARKS = WANTS_OF(READER_FSNOTIFY),
	FIELD_GROUP_FLAGS,
	FIELD_GROUP_FAN_FLAGS,
	FIELD_GROUP_FILE_FLAGS,
	FIELD_MARK_LINK,
	FIELD_MARK_CONNECTOR,
	FIELD_MARK_MASK,
	FIELD_MARK_IGNORED,
	FIELD_MARK_FLAGS,
	FIELD_MARK_WD
};

static const struct want want_table[] = {
	FIELD(GROUP_MARKS, "fsnotify_group", REQUIRED, "marks_list"),
	FIELD(GROUP_FLAGS, "fsnotify_group", OPTIONAL, "flags"), /* 5.19 */
	FIELD(GROUP_FAN_FLAGS, "fsnotify_group", OPTIONAL,
	      "fanotify_data.flags"),
	FIELD(GROUP_FILE_FLAGS, "fsnotify_group", OPTIONAL,
	      "fanotify_data.f_flags"),
	FIELD(MARK_LINK, "fsnotify_mark", REQUIRED, "g_list"),
	FIELD(MARK_CONNECTOR, "fsnotify_mark", REQUIRED, "connector"),
	FIELD(MARK_MASK, "fsnotify_mark", REQUIRED, "mask"),
	FIELD(MARK_IGNORED, "fsnotify_mark", OPTIONAL,
	      "ignore_mask|ignored_mask"),
	FIELD(MARK_FLAGS, "fsnotify_mark", REQUIRED, "flags"),
	/* which begins with a struct fsnotify_mark */
	FIELD(MARK_WD, "inotify_inode_mark", OPTIONAL, "wd"),
};

const struct wants fsnotify_wants = {.reader = "watches of files",
				     .v = want_table,
				     .n = WANTS_N(want_table)};

/* A user's mask; two bits of it were in the mark's itself up to 5.18, and are
 * flags since (include/linux/fsnotify_backend.h). */
#define GUEST_IN_EXCL_UNLINK 0x04000000u
#define GUEST_IN_ONESHOT     0x80000000u
#define GUEST_IN_ALL	     (0xfffu | GUEST_IN_EXCL_UNLINK | GUEST_IN_ONESHOT)
#define MARK_EXCL_UNLINK     0x10u
#define MARK_IN_ONESHOT	     0x20u

/* The same of fanotify (fs/notify/fanotify/fanotify.h,
 * fanotify_mark_user_flags()); where groups have no flags, as up to 5.18, the
 * first was another bit, and the only one. */
#define MARK_SURVIVES_OLD 0x1u
#define GUEST_FAN_SURVIVE 0x40u
static const struct {
	uint32_t mark, guest;
} fan_flags[] = {{0x100, GUEST_FAN_SURVIVE}, {0x200, 0x200}, {0x400, 0x400}};

/* That a group was made by a user without rights, which the kernel knows. */
#define GROUP_UNPRIVILEGED 0x80000000u

struct fsnotify_work {
	struct kernel *k;
	enum fsnotify_kind kind;
	size_t n;
	struct fsnotify_groups *out;
	struct list *lists;
	size_t all;	  /* marks */
	uint64_t *at;	  /* of each; then its connector */
	bool *lost;	  /* of each */
	bool group_flags; /* groups have some */
};

static void fsnotify_work_deinit(struct fsnotify_work *w)
{
	size_t i;

	for (i = 0; i < w->n && w->lists; i++)
		list_deinit(&w->lists[i]);
	free(w->lists);
	free(w->at);
	free(w->lost);
}

static int fsnotify_lists(struct fsnotify_work *w, const uint64_t *addrs,
			  struct err *err)
{
	uint32_t head = profile_field(w->k->profile, FIELD_GROUP_MARKS)->offset;
	size_t i;
	int rc;

	w->lists = calloc(w->n + 1, sizeof(*w->lists));
	w->out->of = calloc(w->n + 1, sizeof(*w->out->of));
	if (!w->lists || !w->out->of)
		return err_nomem(err);
	rc = profile_check_reader(w->k->profile, READER_FSNOTIFY, err);
	if (rc)
		return rc;
	for (i = 0; i < w->n; i++)
		w->lists[i] =
			(struct list){.head = addrs[i] ? addrs[i] + head : 0,
				      .most = FSNOTIFY_MARKS_MAX_ALL};
	return lists_read_within(w->k, w->lists, w->n, FSNOTIFY_MARKS_MAX_ALL,
				 err);
}

static int fsnotify_places(struct fsnotify_work *w, struct err *err)
{
	uint32_t link = profile_field(w->k->profile, FIELD_MARK_LINK)->offset;
	size_t i, j, at = 0;

	for (i = 0; i < w->n; i++) {
		const struct list *l = &w->lists[i];

		w->out->of[i] = (struct fsnotify_group){
			.first = w->all,
			.n = l->links.n,
			.known = l->head && !l->cut && !l->torn};
		w->all += l->links.n;
	}
	w->out->v = calloc(w->all + 1, sizeof(*w->out->v));
	w->at = calloc(w->all + 1, sizeof(*w->at));
	w->lost = calloc(w->all + 1, sizeof(*w->lost));
	if (!w->out->v || !w->at || !w->lost)
		return err_nomem(err);
	for (i = 0; i < w->n; i++)
		for (j = 0; j < w->lists[i].links.n; j++)
			w->at[at++] = w->lists[i].links.v[j] - link;
	return 0;
}

/* What fanotify instances were made with. */
static int fsnotify_read_groups(struct fsnotify_work *w, const uint64_t *addrs,
				struct err *err)
{
	static const uint32_t flags[] = {FIELD_GROUP_FAN_FLAGS,
					 FIELD_GROUP_FILE_FLAGS};
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc;

	if (w->kind == FSNOTIFY_INOTIFY)
		return 0;
	rc = records_read(w->k, addrs, w->n, flags, 2, &r, err);
	for (i = 0; i < w->n && !rc; i++) {
		struct fsnotify_group *g = &w->out->of[i];

		g->known &= r.ok[i] && records_have(&r, flags[0]) &&
			    records_have(&r, flags[1]);
		g->flags = (uint32_t)records_u64(&r, i, flags[0]) &
			   ~GROUP_UNPRIVILEGED;
		g->file_flags = (uint32_t)records_u64(&r, i, flags[1]);
	}
	return rc;
}

static uint32_t fan_user_flags(const struct fsnotify_work *w, uint32_t flags)
{
	uint32_t user = 0;
	size_t i;

	if (!w->group_flags)
		return flags & MARK_SURVIVES_OLD ? GUEST_FAN_SURVIVE : 0;
	for (i = 0; i < WANTS_N(fan_flags); i++)
		if (flags & fan_flags[i].mark)
			user |= fan_flags[i].guest;
	return user;
}

static void fsnotify_take_mark(const struct fsnotify_work *w,
			       const struct records *r, size_t i,
			       struct fsnotify_mark *out)
{
	uint32_t flags = (uint32_t)records_u64(r, i, FIELD_MARK_FLAGS);
	uint32_t mask = (uint32_t)records_u64(r, i, FIELD_MARK_MASK);

	if (w->kind == FSNOTIFY_FANOTIFY) {
		out->mask = mask;
		out->flags = fan_user_flags(w, flags);
		out->ignored = (uint32_t)records_u64(r, i, FIELD_MARK_IGNORED);
		return;
	}
	out->wd = (int32_t)records_u64(r, i, FIELD_MARK_WD);
	out->mask = (mask & GUEST_IN_ALL) |
		    (flags & MARK_EXCL_UNLINK ? GUEST_IN_EXCL_UNLINK : 0) |
		    (flags & MARK_IN_ONESHOT ? GUEST_IN_ONESHOT : 0);
}

static int fsnotify_read_marks(struct fsnotify_work *w, struct err *err)
{
	bool fan = w->kind == FSNOTIFY_FANOTIFY;
	const uint32_t fields[] = {FIELD_MARK_CONNECTOR, FIELD_MARK_MASK,
				   FIELD_MARK_FLAGS,
				   fan ? FIELD_MARK_IGNORED : FIELD_MARK_WD};
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc = records_read(w->k, w->at, w->all, fields, WANTS_N(fields), &r,
			      err);

	for (i = 0; i < w->all && !rc; i++) {
		w->lost[i] = !r.ok[i] || !records_have(&r, fields[3]);
		fsnotify_take_mark(w, &r, i, &w->out->v[i]);
		w->at[i] = records_u64(&r, i, FIELD_MARK_CONNECTOR);
	}
	return rc;
}

int fsnotify_groups_read(struct kernel *k, enum fsnotify_kind kind,
			 const uint64_t *addrs, size_t n,
			 struct fsnotify_groups *out, struct err *err)
{
	_cleanup_(fsnotify_work_deinit) struct fsnotify_work w = {
		.k = k,
		.kind = kind,
		.n = n,
		.out = out,
		.group_flags =
			profile_field(k->profile, FIELD_GROUP_FLAGS)->present};
	size_t i, j;
	int rc;

	*out = (struct fsnotify_groups){0};
	rc = fsnotify_lists(&w, addrs, err);
	if (!rc)
		rc = fsnotify_places(&w, err);
	if (!rc)
		rc = fsnotify_read_groups(&w, addrs, err);
	if (!rc)
		rc = fsnotify_read_marks(&w, err);
	if (!rc)
		rc = fsnotify_objects_read(k, w.at, w.all, out->v, w.lost, err);
	for (i = 0; i < n && !rc; i++)
		for (j = 0; j < out->of[i].n; j++)
			out->of[i].known &= !w.lost[out->of[i].first + j];
	return rc;
}

void fsnotify_groups_deinit(struct fsnotify_groups *g)
{
	free(g->v);
	free(g->of);
	*g = (struct fsnotify_groups){0};
}
