/* SPDX-License-Identifier: BSD-2-Clause */
/* Follows lists of the kernel: all of them in step, each from both ends. */
#include "kernel/list.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/map.h"
#include "kernel/limits.h"

/* struct list_head */
#define LINK_BYTES 16
#define NEXT	   0
#define PREV	   8

/* One way through a list: towards next, or towards prev. */
struct list_end {
	struct list *list;
	struct map *seen; /* links of that list */
	size_t *left;	  /* links that all lists may have yet */
	size_t ahead;	  /* where the next link's address is in a link */
	uint64_t from, at;
	uint64_t last; /* what the head says is the last link this way */
	bool done;
	VEC(uint64_t) links;
};

struct list_pair {
	struct list_end end[2];
	struct map seen;
};

struct follower {
	struct kernel *k;
	struct list_pair *pairs;
	size_t n, left;
	struct space_read *reads;
	uint8_t (*bytes)[LINK_BYTES];
	uint8_t page[PAGE_SIZE_4K]; /* for the machine's cache, which has it */
};

static void follower_deinit(struct follower *f)
{
	size_t i, j;

	for (i = 0; f->pairs && i < f->n; i++) {
		for (j = 0; j < 2; j++)
			vec_deinit(&f->pairs[i].end[j].links);
		map_deinit(&f->pairs[i].seen);
	}
	free(f->pairs);
	free(f->reads);
	free(f->bytes);
}

static int follower_init(struct follower *f, struct list *lists)
{
	size_t i, j;

	f->pairs = calloc(f->n + 1, sizeof(*f->pairs));
	f->reads = calloc(4 * f->n + 1, sizeof(*f->reads));
	f->bytes = calloc(2 * f->n + 1, sizeof(*f->bytes));
	if (!f->pairs || !f->reads || !f->bytes)
		return ERR_NOMEM;
	for (i = 0; i < f->n; i++)
		for (j = 0; j < 2; j++)
			f->pairs[i].end[j] = (struct list_end){
				.list = &lists[i],
				.seen = &f->pairs[i].seen,
				.left = &f->left,
				.ahead = j ? PREV : NEXT,
				.from = lists[i].head,
				.at = lists[i].head,
				.done = !lists[i].head,
			};
	return 0;
}

static struct list_end *end_of(struct follower *f, size_t i)
{
	return &f->pairs[i / 2].end[i % 2];
}

static void list_tear(struct list *l, uint64_t at)
{
	l->torn = true;
	l->torn_at = at;
}

/* Keep the link at which an end stands; false: it goes no further. */
static bool list_keep(struct list_end *e, int *rc)
{
	struct list *l = e->list;

	if (map_get(e->seen, e->at, NULL))
		return false; /* the other end was here */
	l->cut = e->seen->n == l->most || !*e->left;
	if (l->cut)
		return false;
	--*e->left;
	if (map_put(e->seen, e->at, 0) || vec_push(&e->links, e->at))
		*rc = ERR_NOMEM;
	return !*rc;
}

/* The link at which an end stands was read: go on to the next. */
static int list_step(struct list_end *e, const uint8_t *link, bool whole)
{
	uint64_t head = e->list->head, behind = le64(link + PREV - e->ahead);
	int rc = 0;

	e->done = true;
	if (!whole || (e->at != head && behind != e->from)) {
		list_tear(e->list, e->at);
		return 0;
	}
	if (e->at == head)
		e->last = behind;
	else if (!list_keep(e, &rc))
		return rc;
	e->from = e->at;
	e->at = le64(link + e->ahead);
	e->done = e->at == head;
	if (e->done && e->from != e->last)
		list_tear(e->list, head);
	return 0;
}

/* The links at which ends stand, and then what lies around them. */
static size_t list_ask(struct follower *f)
{
	size_t i, n = 0;

	for (i = 0; i < 2 * f->n; i++)
		if (!end_of(f, i)->done)
			f->reads[n++] =
				(struct space_read){.root = &f->k->root,
						    .va = end_of(f, i)->at,
						    .dst = f->bytes[i],
						    .len = LINK_BYTES};
	for (i = 0; i < 2 * f->n; i++) {
		const struct list_end *e = end_of(f, i);

		if (!e->done && e->list->packed)
			f->reads[n++] = (struct space_read){
				.root = &f->k->root,
				.va = e->at - e->at % PAGE_SIZE_4K,
				.dst = f->page,
				.len = PAGE_SIZE_4K};
	}
	return n;
}

/* One step of all ends; *left is how many go on. */
static int list_round(struct follower *f, size_t *left, struct err *err)
{
	size_t i, n = list_ask(f);
	int rc = n ? space_read(f->k->machine, f->reads, n, err) : 0;

	if (rc)
		return rc;
	*left = 0;
	for (i = n = 0; i < 2 * f->n; i++) {
		struct list_end *e = end_of(f, i);
		bool whole;

		if (e->done)
			continue;
		whole = f->reads[n++].got == LINK_BYTES &&
			kernel_pointer(f->k, e->at);
		if (list_step(e, f->bytes[i], whole))
			return err_nomem(err);
		*left += !e->done;
	}
	return 0;
}

/* What the end that goes forward has, then the other's, turned round. */
static int list_join(struct list_pair *p, struct list *out)
{
	const struct list_end *back = &p->end[1];
	size_t i;

	out->links.v = p->end[0].links.v;
	out->links.n = p->end[0].links.n;
	out->links.cap = p->end[0].links.cap;
	p->end[0].links.v = NULL;
	if (vec_reserve(&out->links, back->links.n))
		return ERR_NOMEM;
	for (i = back->links.n; i > 0; i--)
		out->links.v[out->links.n++] = back->links.v[i - 1];
	return 0;
}

int lists_read(struct kernel *k, struct list *lists, size_t n, struct err *err)
{
	return lists_read_within(k, lists, n, LIST_LINKS_MAX_ALL, err);
}

int lists_read_within(struct kernel *k, struct list *lists, size_t n,
		      size_t most, struct err *err)
{
	_cleanup_(follower_deinit) struct follower f = {
		.k = k, .n = n, .left = most};
	size_t i, left = n;
	int rc = 0;

	if (follower_init(&f, lists))
		return err_nomem(err);
	while (left && !rc)
		rc = list_round(&f, &left, err);
	for (i = 0; i < n && !rc; i++)
		if (list_join(&f.pairs[i], &lists[i]))
			rc = err_nomem(err);
	return rc;
}

int lists_fetch(struct kernel *k, const uint64_t *links, size_t n,
		struct err *err)
{
	_cleanup_free_ struct space_read *reads = calloc(n + 1, sizeof(*reads));
	_cleanup_free_ uint8_t(*bytes)[LINK_BYTES] =
		calloc(n + 1, sizeof(*bytes));
	size_t i;

	if (!reads || !bytes)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		reads[i] = (struct space_read){.root = &k->root,
					       .va = links[i],
					       .dst = bytes[i],
					       .len = LINK_BYTES};
	return n ? space_read(k->machine, reads, n, err) : 0;
}

uint64_t *lists_objects(const struct list *lists, size_t n, uint32_t offset,
			size_t *count)
{
	uint64_t *at;
	size_t i, j;

	for (i = *count = 0; i < n; i++)
		*count += lists[i].links.n;
	at = calloc(*count + 1, sizeof(*at));
	for (i = *count = 0; i < n && at; i++)
		for (j = 0; j < lists[i].links.n; j++)
			at[(*count)++] = lists[i].links.v[j] - offset;
	return at;
}

void list_deinit(struct list *list)
{
	vec_deinit(&list->links);
}
