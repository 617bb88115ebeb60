/* SPDX-License-Identifier: BSD-2-Clause */
/* Sysctls that show the names of all that is in a list of the kernel's. */
#include "kernel/sysctl/sysctl_made.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/list.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_CONGESTION_LINK = WANTS_OF(READER_SYSCTL_LISTS),
	FIELD_CONGESTION_NAME,
	FIELD_CONGESTION_FLAGS,
	FIELD_ULP_LINK,
	FIELD_ULP_NAME,
	FIELD_PM_LINK,
	FIELD_PM_NAME,
	FIELD_SCHED_LINK,
	FIELD_SCHED_NAME
};

static const struct want want_table[] = {
	FIELD(CONGESTION_LINK, "tcp_congestion_ops", OPTIONAL, "list"),
	FIELD(CONGESTION_NAME, "tcp_congestion_ops", OPTIONAL, "name"),
	FIELD(CONGESTION_FLAGS, "tcp_congestion_ops", OPTIONAL, "flags"),
	FIELD(ULP_LINK, "tcp_ulp_ops", OPTIONAL, "list"),
	FIELD(ULP_NAME, "tcp_ulp_ops", OPTIONAL, "name"),
	FIELD(PM_LINK, "mptcp_pm_ops", OPTIONAL, "list"),	/* 6.15 */
	FIELD(PM_NAME, "mptcp_pm_ops", OPTIONAL, "name"),	/* 6.15 */
	FIELD(SCHED_LINK, "mptcp_sched_ops", OPTIONAL, "list"), /* 6.6 */
	FIELD(SCHED_NAME, "mptcp_sched_ops", OPTIONAL, "name"), /* 6.6 */
};

const struct wants sysctl_lists_wants = {.reader = "lists that sysctls show",
					 .v = want_table,
					 .n = WANTS_N(want_table)};

#define NON_RESTRICTED 1 /* TCP_CONG_NON_RESTRICTED, include/net/tcp.h */

/* A list of objects, the names of which a handler shows with blanks between;
 * where there are flags, of those that have one. */
static const struct {
	const char *handler, *head;
	uint32_t link, name, flags, flag;
} shown[] = {
	{"proc_allowed_congestion_control", "tcp_cong_list",
	 FIELD_CONGESTION_LINK, FIELD_CONGESTION_NAME, FIELD_CONGESTION_FLAGS,
	 NON_RESTRICTED},
	{"proc_available_path_managers", "mptcp_pm_list", FIELD_PM_LINK,
	 FIELD_PM_NAME, 0, 0},
	{"proc_available_schedulers", "mptcp_sched_list", FIELD_SCHED_LINK,
	 FIELD_SCHED_NAME, 0, 0},
	{"proc_tcp_available_congestion_control", "tcp_cong_list",
	 FIELD_CONGESTION_LINK, FIELD_CONGESTION_NAME, 0, 0},
	{"proc_tcp_available_ulp", "tcp_ulp_list", FIELD_ULP_LINK,
	 FIELD_ULP_NAME, 0, 0},
};

enum {
	SHOWN = sizeof(shown) / sizeof(shown[0])
};

/* As many as the kernel's own buffer has room for (TCP_CA_MAX). */
#define NAMES_MAX 128u

struct lists_work {
	struct kernel *k;
	struct list lists[SHOWN]; /* .head is 0 where nobody shows it */
	uint64_t *objects;
	size_t starts[SHOWN + 1];
	struct buf texts[SHOWN];
	bool whole[SHOWN];
};

static void lists_work_deinit(struct lists_work *w)
{
	size_t i;

	for (i = 0; i < SHOWN; i++) {
		list_deinit(&w->lists[i]);
		buf_deinit(&w->texts[i]);
	}
	free(w->objects);
}

/* Which of them a sysctl shows; SHOWN: none. */
static size_t lists_find(const struct sysctl_value *v)
{
	size_t i;

	for (i = 0; i < SHOWN; i++)
		if (v->kind == SYSCTL_MADE && v->handler &&
		    !strcmp(v->handler, shown[i].handler))
			break;
	return i;
}

/* The objects on all lists: list after list. */
static int lists_find_objects(struct lists_work *w)
{
	size_t i, j, n = 0;

	for (i = 0; i < SHOWN; i++)
		n += w->lists[i].links.n;
	w->objects = calloc(n + 1, sizeof(*w->objects));
	if (!w->objects)
		return ERR_NOMEM;
	for (n = i = 0; i < SHOWN; i++) {
		uint32_t link =
			profile_field(w->k->profile, shown[i].link)->offset;

		w->starts[i] = n;
		for (j = 0; j < w->lists[i].links.n; j++)
			w->objects[n++] = w->lists[i].links.v[j] - link;
		w->whole[i] = w->lists[i].head && !w->lists[i].torn &&
			      !w->lists[i].cut;
	}
	w->starts[SHOWN] = n;
	return 0;
}

/* What the object of a record adds to the text of a list. */
static void lists_add(struct lists_work *w, size_t list,
		      const struct records *r, size_t i)
{
	const char *name = (const char *)records_bytes(r, i, shown[list].name);
	size_t most = records_size(r, shown[list].name);

	if (!r->ok[i] || !name) {
		w->whole[list] = false;
		return;
	}
	if (shown[list].flags &&
	    !(records_u64(r, i, shown[list].flags) & shown[list].flag))
		return;
	buf_puts(&w->texts[list], w->texts[list].len ? " " : "");
	buf_add(&w->texts[list], name, strnlen(name, most));
}

/* Names and flags of all objects: one batch. */
static int lists_read_names(struct lists_work *w, struct err *err)
{
	uint32_t fields[SHOWN][2];
	struct records_want wants[SHOWN];
	struct records r[SHOWN];
	size_t i, j;
	int rc;

	for (i = 0; i < SHOWN; i++) {
		fields[i][0] = shown[i].name;
		fields[i][1] = shown[i].flags;
		wants[i] = (struct records_want){
			w->objects + w->starts[i],
			w->starts[i + 1] - w->starts[i], fields[i],
			shown[i].flags ? 2 : 1};
	}
	rc = records_read_all(w->k, wants, SHOWN, r, err);
	for (i = 0; i < SHOWN && !rc; i++)
		for (j = 0; j < r[i].n; j++)
			lists_add(w, i, &r[i], j);
	for (i = 0; i < SHOWN; i++)
		records_deinit(&r[i]);
	return rc;
}

int sysctl_lists_read(struct kernel *k, const struct sysctls *s,
		      struct sysctl_values *out, struct err *err)
{
	_cleanup_(lists_work_deinit) struct lists_work w = {.k = k};
	size_t i, which;
	int rc;

	for (i = 0; i < s->v.n; i++) {
		which = lists_find(&out->v[i]);
		if (which == SHOWN ||
		    !profile_field(k->profile, shown[which].link)->present ||
		    !profile_field(k->profile, shown[which].name)->present)
			continue;
		w.lists[which].most = NAMES_MAX;
		profile_symbol(k->profile, shown[which].head,
			       &w.lists[which].head);
	}
	rc = lists_read(k, w.lists, SHOWN, err);
	if (!rc && lists_find_objects(&w))
		rc = err_nomem(err);
	if (!rc)
		rc = lists_read_names(&w, err);
	for (i = 0; i < s->v.n && !rc; i++) {
		which = lists_find(&out->v[i]);
		if (which == SHOWN || !w.lists[which].head)
			continue;
		if (!w.whole[which])
			out->v[i].kind = SYSCTL_UNREADABLE;
		else if (sysctl_made_set(
				 out, i, SYSCTL_STRING,
				 w.texts[which].len ? w.texts[which].data : "",
				 w.texts[which].len + 1))
			rc = err_nomem(err);
	}
	return rc;
}
