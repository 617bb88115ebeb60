/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads epoll instances: their trees, then what these watch, step by step. */
#include "kernel/fs/epoll.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/stored.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/tree.h"

/* What is wanted of the types. */
enum {
	FIELD_EP_TREE = WANTS_OF(READER_EPOLL),
	FIELD_ITEM_NODE,
	FIELD_ITEM_FILE,
	FIELD_ITEM_FD,
	FIELD_ITEM_EVENTS,
	FIELD_ITEM_DATA,
	FIELD_FILE_POS,
	FIELD_FILE_INODE,
	FIELD_INODE_INO,
	FIELD_INODE_SB,
	FIELD_SB_DEV
};

static const struct want want_table[] = {
	FIELD(EP_TREE, "eventpoll", REQUIRED, "rbr"),
	FIELD(ITEM_NODE, "epitem", REQUIRED, "rbn"),
	FIELD(ITEM_FILE, "epitem", REQUIRED, "ffd.file"),
	FIELD(ITEM_FD, "epitem", REQUIRED, "ffd.fd"),
	FIELD(ITEM_EVENTS, "epitem", REQUIRED, "event.events"),
	FIELD(ITEM_DATA, "epitem", REQUIRED, "event.data"),
	FIELD(FILE_POS, "file", REQUIRED, "f_pos"),
	FIELD(FILE_INODE, "file", REQUIRED, "f_inode"),
	FIELD(INODE_INO, "inode", REQUIRED, "i_ino"),
	FIELD(INODE_SB, "inode", REQUIRED, "i_sb"),
	FIELD(SB_DEV, "super_block", REQUIRED, "s_dev"),
};

const struct wants epoll_wants = {
	.reader = "epoll instances", .v = want_table, .n = WANTS_N(want_table)};

struct epoll_work {
	struct kernel *k;
	size_t n;
	struct epolls *out;
	struct tree *trees;
	size_t all;   /* watches */
	uint64_t *at; /* of each: the item, its file, inode, file system */
	bool *lost;   /* of each */
};

static void epoll_work_deinit(struct epoll_work *w)
{
	size_t i;

	for (i = 0; i < w->n && w->trees; i++)
		tree_deinit(&w->trees[i]);
	free(w->trees);
	free(w->at);
	free(w->lost);
}

static int epoll_trees(struct epoll_work *w, const uint64_t *addrs,
		       struct err *err)
{
	uint32_t tree = profile_field(w->k->profile, FIELD_EP_TREE)->offset;
	size_t i;

	w->trees = calloc(w->n + 1, sizeof(*w->trees));
	w->out->of = calloc(w->n + 1, sizeof(*w->out->of));
	if (!w->trees || !w->out->of)
		return err_nomem(err);
	for (i = 0; i < w->n; i++)
		w->trees[i] =
			(struct tree){.root = addrs[i] ? addrs[i] + tree : 0,
				      .most = EPOLL_WATCHES_MAX_ALL / w->n};
	return trees_read(w->k, w->trees, w->n, err);
}

/* Where the items are, instance by instance. */
static int epoll_places(struct epoll_work *w, struct err *err)
{
	uint32_t node = profile_field(w->k->profile, FIELD_ITEM_NODE)->offset;
	size_t i, j, at = 0;

	for (i = 0; i < w->n; i++) {
		const struct tree *t = &w->trees[i];

		w->out->of[i] = (struct epoll_range){
			.first = w->all,
			.n = t->nodes.n,
			.known = t->root && !t->cut && !t->torn};
		w->all += t->nodes.n;
	}
	w->out->v = calloc(w->all + 1, sizeof(*w->out->v));
	w->at = calloc(w->all + 1, sizeof(*w->at));
	w->lost = calloc(w->all + 1, sizeof(*w->lost));
	if (!w->out->v || !w->at || !w->lost)
		return err_nomem(err);
	for (i = 0; i < w->n; i++)
		for (j = 0; j < w->trees[i].nodes.n; j++)
			w->at[at++] = w->trees[i].nodes.v[j] - node;
	return 0;
}

static void epoll_take_item(struct epoll_watch *out, const struct records *r,
			    size_t i)
{
	out->fd = (int32_t)records_u64(r, i, FIELD_ITEM_FD);
	out->events = (uint32_t)records_u64(r, i, FIELD_ITEM_EVENTS);
	out->data = records_u64(r, i, FIELD_ITEM_DATA);
}

static void epoll_take_file(struct epoll_watch *out, const struct records *r,
			    size_t i)
{
	out->pos = (int64_t)records_u64(r, i, FIELD_FILE_POS);
}

static void epoll_take_inode(struct epoll_watch *out, const struct records *r,
			     size_t i)
{
	out->ino = records_u64(r, i, FIELD_INODE_INO);
}

static void epoll_take_super(struct epoll_watch *out, const struct records *r,
			     size_t i)
{
	out->dev = (uint32_t)records_u64(r, i, FIELD_SB_DEV);
}

/* The way from an item on; the first of the fields leads on. */
static const struct epoll_step {
	uint32_t fields[4];
	size_t n;
	void (*take)(struct epoll_watch *out, const struct records *r,
		     size_t i);
} epoll_steps[] = {
	{{FIELD_ITEM_FILE, FIELD_ITEM_FD, FIELD_ITEM_EVENTS, FIELD_ITEM_DATA},
	 4,
	 epoll_take_item},
	{{FIELD_FILE_INODE, FIELD_FILE_POS}, 2, epoll_take_file},
	{{FIELD_INODE_SB, FIELD_INODE_INO}, 2, epoll_take_inode},
	{{FIELD_SB_DEV}, 1, epoll_take_super},
};

static int epoll_step(struct epoll_work *w, const struct epoll_step *step,
		      struct err *err)
{
	_cleanup_(records_deinit) struct records r = {0};
	int rc = records_read(w->k, w->at, w->all, step->fields, step->n, &r,
			      err);
	size_t i;

	for (i = 0; i < w->all && !rc; i++) {
		w->lost[i] |= !r.ok[i];
		step->take(&w->out->v[i], &r, i);
		w->at[i] = records_u64(&r, i, step->fields[0]);
	}
	return rc;
}

static void epoll_judge(const struct epoll_work *w)
{
	size_t i, j;

	for (i = 0; i < w->n; i++)
		for (j = 0; j < w->out->of[i].n; j++)
			w->out->of[i].known &=
				!w->lost[w->out->of[i].first + j];
}

int epolls_read(struct kernel *k, const uint64_t *addrs, size_t n,
		struct epolls *out, struct err *err)
{
	_cleanup_(epoll_work_deinit) struct epoll_work w = {
		.k = k, .n = n, .out = out};
	size_t i;
	int rc;

	*out = (struct epolls){0};
	rc = epoll_trees(&w, addrs, err);
	if (!rc)
		rc = profile_check_reader(k->profile, READER_EPOLL, err);
	if (!rc)
		rc = epoll_places(&w, err);
	for (i = 0; i < WANTS_N(epoll_steps) && !rc; i++)
		rc = epoll_step(&w, &epoll_steps[i], err);
	if (!rc)
		epoll_judge(&w);
	return rc;
}

void epolls_deinit(struct epolls *e)
{
	free(e->v);
	free(e->of);
	*e = (struct epolls){0};
}
