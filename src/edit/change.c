/* SPDX-License-Identifier: BSD-2-Clause */
/* Changing guest memory: the checks before the first byte. */
#include "edit/change.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

struct change_item *change_add(struct change *c, const char *address,
			       struct err *err)
{
	struct change_item *item;

	if (vec_push(&c->items, {0})) {
		err_nomem(err);
		return NULL;
	}
	item = &c->items.v[c->items.n - 1];
	return addr_parse(address, &item->addr, err) ? NULL : item;
}

enum needs change_needs(const struct change *c)
{
	size_t i;

	for (i = 0; i < c->items.n; i++)
		if (addr_needs_kernel(&c->items.v[i].addr))
			return NEEDS_KERNEL;
	/* For the journal, which tells one boot of it from another. */
	return WANTS_KERNEL;
}

/* "FILE:7: " in front of an error, for an item out of a file. */
static int change_blame(const struct change *c, const struct change_item *item,
			int rc, struct err *err)
{
	return rc && item->line
		       ? err_wrap(err, rc, "%.200s:%u", c->file, item->line)
		       : rc;
}

static bool same_space(const struct place *p, const struct addr *a)
{
	return p->space == a->space &&
	       (a->space != ADDR_PID || p->task.pid == a->pid) &&
	       (a->space != ADDR_ROOT || (p->named.value == a->root.value &&
					  p->named.number == a->root.number));
}

/* Its number, and which place it is in. */
static int resolve_item(struct editor *ed, struct change *c,
			struct change_item *item, struct err *err)
{
	struct place p = place_of(&item->addr);
	size_t i;
	int rc = place_value(ed->guest, &item->addr, &item->at, err);

	/* Most often it is the last one. */
	for (i = c->places.n; i > 0; i--)
		if (same_space(&c->places.v[i - 1], &item->addr))
			break;
	item->place = i ? i - 1 : c->places.n;
	p.at = item->at;
	if (!rc && !i && vec_push(&c->places, p))
		rc = err_nomem(err);
	if (!rc && !place_fits(item->at, item->now.len))
		rc = err_set(err, ERR_REFUSED,
			     "the range runs over the end of the address "
			     "space");
	return rc;
}

/* All of them at once; it is the first item in a bad one that is told. */
static int enter_places(struct editor *ed, struct change *c, struct err *err)
{
	size_t i, bad;
	int rc = places_enter(ed->guest, c->places.v, c->places.n, &bad, err);

	for (i = 0; i < c->items.n && rc; i++)
		if (c->items.v[i].place == bad)
			return change_blame(c, &c->items.v[i], rc, err);
	return rc;
}

int change_resolve(struct editor *ed, struct change *c, struct err *err)
{
	size_t i;
	int rc = 0;

	if (c->places.n)
		return 0;
	if (!ed->guest->kernel && change_needs(c) == NEEDS_KERNEL)
		return err_set(err, ERR_NO_LINUX,
			       "there is no Linux that could tell the "
			       "addresses");
	for (i = 0; i < c->items.n && !rc; i++) {
		struct change_item *item = &c->items.v[i];

		item->off = c->len;
		c->len += item->now.len;
		rc = resolve_item(ed, c, item, err);
		rc = change_blame(c, item, rc, err);
	}
	return rc ? rc : enter_places(ed, c, err);
}

/* The guard would tell of a page that is not there; this says why. */
static int change_check_memory(const struct change *c,
			       const struct change_item *item, struct err *err)
{
	const struct place *p = &c->places.v[item->place];
	enum right right = RIGHT_ALLOWED;
	uint64_t bad = 0;
	int rc;

	if (p->space != ADDR_PID)
		return 0;
	rc = right_ask(&c->rights.lists[item->place], p->task.pid, item->at,
		       item->now.len, &right, &bad, err);
	if (rc || right != RIGHT_NO_VMA)
		return rc;
	return err_set(err, ERR_REFUSED,
		       "%u:0x%" PRIx64 ": the process has no memory there; "
		       "nothing was written",
		       p->task.pid, bad);
}

static int check_memories(struct editor *ed, struct change *c, struct err *err)
{
	size_t i;
	int rc;

	rc = rights_read(ed->guest, c->places.v, c->places.n, &c->rights, err);
	for (i = 0; i < c->items.n && !rc; i++) {
		rc = change_check_memory(c, &c->items.v[i], err);
		rc = change_blame(c, &c->items.v[i], rc, err);
	}
	return rc;
}

static int change_translate(struct editor *ed, struct change *c,
			    struct err *err)
{
	_cleanup_free_ struct place_range *ranges =
		calloc(c->items.n + 1, sizeof(*ranges));
	size_t i, bad = c->items.n; /* none */
	int rc;

	if (!ranges)
		return err_nomem(err);
	for (i = 0; i < c->items.n; i++) {
		const struct change_item *item = &c->items.v[i];

		ranges[i] = (struct place_range){&c->places.v[item->place],
						 item->at, item->now.len};
	}
	rc = place_pieces(ed->guest->machine, ranges, c->items.n, &c->pieces,
			  &bad, err);
	return bad < c->items.n ? change_blame(c, &c->items.v[bad], rc, err)
				: rc;
}

/* Whether all pieces may be written, and what they are. */
static int guard(struct editor *ed, struct change *c, struct err *err)
{
	size_t i, bad = 0, n = c->pieces.list.n;
	const struct piece *v = c->pieces.list.v;
	_cleanup_free_ struct guard_piece *pieces =
		calloc(n + 1, sizeof(*pieces));
	int rc;

	c->pages = calloc(n + 1, sizeof(*c->pages));
	if (!pieces || !c->pages)
		return err_nomem(err);
	for (i = 0; i < n; i++) {
		size_t place = c->items.v[v[i].range].place;

		pieces[i] = (struct guard_piece){&c->places.v[place], &v[i],
						 &c->rights.mms[place],
						 &c->rights.lists[place]};
	}
	rc = guard_check(ed->guest, pieces, n, c->allow, c->pages, &c->blind,
			 &bad, err);
	return rc ? change_blame(c, &c->items.v[v[bad].range], rc, err) : 0;
}

/* What was written once must still be behind the same address. */
static int check_pins(const struct change *c, struct err *err)
{
	const struct piece *v = c->pieces.list.v;
	char label[64];
	uint64_t want;
	size_t i;

	for (i = 0; i < c->pieces.list.n; i++) {
		const struct change_item *item = &c->items.v[v[i].range];

		want = item->pa + (v[i].at - item->at);
		if (!item->pinned || v[i].pa == want)
			continue;
		place_label(&c->places.v[item->place], v[i].at, label,
			    sizeof(label));
		return err_set(err, ERR_REFUSED,
			       "%s is physical 0x%" PRIx64
			       " now, it was 0x%" PRIx64
			       "; nothing was written",
			       label, v[i].pa, want);
	}
	return 0;
}

static int by_pa(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;

	if (x->pa != y->pa)
		return x->pa < y->pa ? -1 : 1;
	return x->range < y->range ? -1 : x->range > y->range;
}

/* Two pieces have a byte in common; y is the one that starts later. */
static int refuse_overlap(const struct change *c, const struct piece *x,
			  const struct piece *y, struct err *err)
{
	const struct change_item *a = &c->items.v[x->range];
	const struct change_item *b = &c->items.v[y->range];
	char label[64];

	place_label(&c->places.v[b->place], y->at, label, sizeof(label));
	if (a->line > b->line) {
		const struct change_item *t = a;

		a = b;
		b = t;
	}
	if (a == b || !a->line)
		return err_set(err, ERR_REFUSED,
			       "physical 0x%" PRIx64
			       " (%s) would be written twice; nothing was "
			       "written",
			       y->pa, label);
	return err_set(err, ERR_REFUSED,
		       "%.200s:%u and %.200s:%u both write physical 0x%" PRIx64
		       " (%s); nothing was written",
		       c->file, a->line, c->file, b->line, y->pa, label);
}

/* Who overlaps in an address space does so in physical memory, too. */
static int check_overlaps(const struct change *c, struct err *err)
{
	size_t i, n = c->pieces.list.n;
	_cleanup_free_ struct piece *v = calloc(n + 1, sizeof(*v));

	if (!v)
		return err_nomem(err);
	if (n)
		memcpy(v, c->pieces.list.v, n * sizeof(*v));
	qsort(v, n, sizeof(*v), by_pa);
	for (i = 1; i < n; i++)
		if (v[i - 1].pa + v[i - 1].len > v[i].pa)
			return refuse_overlap(c, &v[i - 1], &v[i], err);
	return 0;
}

/* The bytes that are there, and those that shall be. */
static int read_old(struct editor *ed, struct change *c, struct err *err)
{
	size_t i, off = 0, n = c->pieces.list.n;
	_cleanup_free_ struct mem_read *reads = calloc(n + 1, sizeof(*reads));
	const struct piece *v = c->pieces.list.v;
	int rc;

	c->old = calloc(1, c->len + 1);
	c->now = calloc(1, c->len + 1);
	if (!reads || !c->old || !c->now)
		return err_nomem(err);
	for (i = 0; i < c->items.n; i++)
		memcpy(c->now + c->items.v[i].off, c->items.v[i].now.data,
		       c->items.v[i].now.len);
	for (i = 0; i < n; off += v[i].len, i++)
		reads[i] = (struct mem_read){
			.pa = v[i].pa, .dst = c->old + off, .len = v[i].len};
	/* They go back where the change fails, and where it is undone. */
	rc = machine_read_own(ed->guest->machine, reads, n, err);
	for (i = 0; i < n && !rc; i++)
		if (reads[i].status != MEM_OK)
			rc = err_set(err, ERR_UNREADABLE,
				     "physical 0x%" PRIx64
				     " cannot be read; nothing was written",
				     reads[i].pa);
	return rc;
}

static void put_hex(char *text, size_t size, const uint8_t *bytes, size_t n)
{
	_cleanup_(buf_deinit) struct buf b = {0};
	size_t i;

	for (i = 0; i < n && i < 8; i++)
		buf_printf(&b, "%s%02x", i ? " " : "", bytes[i]);
	snprintf(text, size, "%s%s", b.data ? b.data : "", i < n ? " ..." : "");
}

/* Name the first byte that is not what it is expected to be. */
static int check_expected(const struct change *c,
			  const struct change_item *item, struct err *err)
{
	const uint8_t *there = c->old + item->off;
	const uint8_t *want = (const uint8_t *)item->expect.data;
	const uint8_t *or_this = (const uint8_t *)item->or_this.data;
	char label[64], wanted[32], found[32];
	size_t i;

	for (i = 0; i < item->expect.len; i++)
		if (there[i] != want[i] && !(or_this && there[i] == or_this[i]))
			break;
	if (i == item->expect.len)
		return 0;
	place_label(&c->places.v[item->place], item->at + i, label,
		    sizeof(label));
	put_hex(wanted, sizeof(wanted), want + i, item->expect.len - i);
	put_hex(found, sizeof(found), there + i, item->expect.len - i);
	return err_set(err, ERR_REFUSED,
		       "%s: expected %s, found %s; nothing was written", label,
		       wanted, found);
}

static int check_all_expected(const struct change *c, struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < c->items.n && !rc; i++) {
		rc = check_expected(c, &c->items.v[i], err);
		rc = change_blame(c, &c->items.v[i], rc, err);
	}
	return rc;
}

int change_run(struct editor *ed, struct change *c, struct err *err)
{
	int rc = change_resolve(ed, c, err);

	if (!rc)
		rc = check_memories(ed, c, err);
	if (!rc)
		rc = change_translate(ed, c, err);
	if (!rc)
		rc = check_pins(c, err);
	if (!rc)
		rc = check_overlaps(c, err);
	if (!rc)
		rc = guard(ed, c, err);
	if (!rc)
		rc = read_old(ed, c, err);
	if (!rc)
		rc = check_all_expected(c, err);
	return rc ? rc : change_apply(ed, c, err);
}

void change_deinit(struct change *c)
{
	size_t i;

	for (i = 0; i < c->items.n; i++) {
		buf_deinit(&c->items.v[i].now);
		buf_deinit(&c->items.v[i].expect);
		buf_deinit(&c->items.v[i].or_this);
	}
	vec_deinit(&c->items);
	vec_deinit(&c->places);
	rights_deinit(&c->rights);
	pieces_deinit(&c->pieces);
	free(c->pages);
	free(c->old);
	free(c->now);
}
