/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes .debug_frame, function by function. */
#include "export/frame.h"

#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "base/leb.h"
#include "export/x86_64_cfi.h"

#define CIE_VERSION	    4
#define CIE_ID		    UINT32_MAX
#define ADDRESS		    8

#define DW_CFA_advance_loc  0x40 /* with the delta, of six bits */
#define DW_CFA_advance_loc1 0x02
#define DW_CFA_advance_loc2 0x03
#define DW_CFA_advance_loc4 0x04
#define DW_CFA_nop	    0x00

/* Letters of code: local, global, weak. */
#define CODE "tTwW"

/*
 * Code without symbols is described in pieces of this length, so that a gap
 * between two parts of an image is no function.
 */
#define FDE_MAX 0x10000u

/* Where a function begins. */
struct frame_start {
	uint32_t owner;
	uint64_t va;
};

struct frame_writer {
	struct buf *out;
	size_t base; /* where the section begins */
	size_t cie[2];
	VEC(struct frame_start) starts; /* by owner, then address */
};

static int compare_starts(const void *a, const void *b)
{
	const struct frame_start *x = a, *y = b;

	if (x->owner != y->owner)
		return x->owner < y->owner ? -1 : 1;
	return x->va < y->va ? -1 : x->va > y->va;
}

static int frame_collect(struct frame_writer *w, const struct portrait *p)
{
	size_t i;

	for (i = 0; i < p->symbols.n; i++) {
		const struct portrait_symbol *s = &p->symbols.v[i];

		if (!s->absolute && s->type && strchr(CODE, s->type) &&
		    vec_push(&w->starts, {s->owner, s->va}))
			return ERR_NOMEM;
	}
	if (w->starts.n)
		qsort(w->starts.v, w->starts.n, sizeof(*w->starts.v),
		      compare_starts);
	return 0;
}

static void frame_put(struct frame_writer *w, uint64_t value, size_t size)
{
	uint8_t bytes[8];

	le_store(bytes, value, size);
	buf_add(w->out, bytes, size);
}

/* Begin a CIE or FDE; its length is known at the end. */
static size_t frame_open(struct frame_writer *w, uint64_t id)
{
	size_t at = w->out->len;

	frame_put(w, 0, 4);
	frame_put(w, id, 4);
	return at;
}

static void frame_close(struct frame_writer *w, size_t at)
{
	while ((w->out->len - at) % ADDRESS)
		frame_put(w, DW_CFA_nop, 1);
	if (!w->out->oom)
		le_store(w->out->data + at, w->out->len - at - 4, 4);
}

/*
 * "S": its caller was interrupted, and is looked up where it goes on.  "z" in
 * front is for lldb, which reads the length of what belongs to an augmentation
 * from all that have one (docs/facts/debuggers.md, "lldb and rules for
 * unwinding").
 */
static void frame_put_cie(struct frame_writer *w, bool signal)
{
	const char *augmentation = signal ? "zS" : "";
	uint8_t bytes[LEB_MAX];
	size_t at = frame_open(w, CIE_ID);

	w->cie[signal] = at - w->base;
	frame_put(w, CIE_VERSION, 1);
	buf_add(w->out, augmentation, strlen(augmentation) + 1);
	frame_put(w, ADDRESS, 1);
	frame_put(w, 0, 1); /* bytes of a segment */
	frame_put(w, X86_64_CFI_CODE_ALIGN, 1);
	buf_add(w->out, bytes, leb_signed(bytes, X86_64_CFI_DATA_ALIGN));
	frame_put(w, X86_64_CFI_RETURN, 1);
	if (signal)
		frame_put(w, 0, 1); /* nothing belongs to it... */
	x86_64_cfi_begin(signal, w->out);
	frame_close(w, at);
}

static void frame_advance(struct frame_writer *w, uint64_t delta)
{
	if (delta < DW_CFA_advance_loc) {
		frame_put(w, DW_CFA_advance_loc | delta, 1);
	} else if (delta <= UINT8_MAX) {
		frame_put(w, DW_CFA_advance_loc1, 1);
		frame_put(w, delta, 1);
	} else if (delta <= UINT16_MAX) {
		frame_put(w, DW_CFA_advance_loc2, 1);
		frame_put(w, delta, 2);
	} else {
		frame_put(w, DW_CFA_advance_loc4, 1);
		frame_put(w, delta, 4);
	}
}

/* A stretch of code: rules from `first` on, the one that holds at `start`. */
struct frame_piece {
	const struct orc_table *t;
	size_t first;
	uint64_t start, end;
	bool signal;
};

static void frame_put_fde(struct frame_writer *w, const struct frame_piece *p)
{
	const struct orc_rule *rules = p->t->rules.v;
	struct x86_64_cfi at = x86_64_cfi_first(p->signal);
	size_t fde = frame_open(w, w->cie[p->signal]), i;
	uint64_t loc = p->start;

	frame_put(w, p->start, ADDRESS);
	frame_put(w, p->end - p->start, ADDRESS);
	if (p->signal)
		frame_put(w, 0, 1); /* ...here, too */
	for (i = p->first; i < p->t->rules.n && rules[i].va < p->end; i++) {
		if (x86_64_cfi_holds(&at, &rules[i]))
			continue;
		if (rules[i].va > loc) {
			frame_advance(w, rules[i].va - loc);
			loc = rules[i].va;
		}
		x86_64_cfi_change(&at, &rules[i], p->t->sp_indirect_before,
				  w->out);
	}
	frame_close(w, fde);
}

static bool tells_caller(const struct orc_rule *r)
{
	return r->kind != ORC_NONE && r->kind != ORC_END;
}

/*
 * Code that switches stacks counts as interrupted, too: only there gdb takes a
 * caller's stack that is below, and not above, that of whom it called.
 */
static bool is_signal(const struct orc_rule *r)
{
	return r->signal ||
	       (r->kind == ORC_CALL && r->sp_base == ORC_SP_INDIRECT);
}

/*
 * One FDE is of one kind, called or interrupted, and a function may have rules
 * of both: where they change a piece ends.  Rules of ends go with either.
 */
static void find_piece(struct frame_piece *p)
{
	const struct orc_rule *rules = p->t->rules.v;
	bool told = false;
	size_t i;

	p->signal = false;
	for (i = p->first; i < p->t->rules.n && rules[i].va < p->end; i++) {
		if (!tells_caller(&rules[i]))
			continue;
		if (told && is_signal(&rules[i]) != p->signal) {
			p->end = rules[i].va;
			return;
		}
		told = true;
		p->signal = is_signal(&rules[i]);
	}
}

/* From one start to another; *at is the rule that holds there. */
static void frame_put_function(struct frame_writer *w,
			       const struct orc_table *t, size_t *at,
			       uint64_t start, uint64_t end)
{
	struct frame_piece p;
	size_t n = t->rules.n;
	bool gap;

	for (; start < end; start = p.end) {
		while (*at + 1 < n && t->rules.v[*at + 1].va <= start)
			++*at;
		p = (struct frame_piece){
			.t = t, .first = *at, .start = start, .end = end};
		if (end - start > FDE_MAX)
			p.end = start + FDE_MAX;
		gap = t->rules.v[*at].kind == ORC_NONE &&
		      t->rules.v[*at].va <= start &&
		      (*at + 1 == n || t->rules.v[*at + 1].va >= p.end);
		find_piece(&p);
		if (!gap)
			frame_put_fde(w, &p);
	}
}

/* All functions of one table; w->starts.v[*next] is the first of its owner. */
static void frame_put_table(struct frame_writer *w, const struct orc_table *t,
			    size_t *next)
{
	const struct frame_start *s = w->starts.v;
	uint64_t start = t->rules.v[0].va, last, va;
	size_t at = 0;

	last = t->rules.v[t->rules.n - 1].va;
	for (; *next < w->starts.n && s[*next].owner <= t->owner; ++*next) {
		va = s[*next].va;
		if (s[*next].owner < t->owner || va <= start)
			continue;
		if (va >= last)
			continue;
		frame_put_function(w, t, &at, start, va);
		start = va;
	}
	frame_put_function(w, t, &at, start, last);
}

int export_frame(const struct portrait *p, struct buf *out, struct err *err)
{
	struct frame_writer w = {.out = out, .base = out->len};
	size_t next = 0, i;
	int rc = 0;

	if (!p->unwind.n)
		return 0;
	if (frame_collect(&w, p))
		rc = err_nomem(err);
	if (!rc) {
		frame_put_cie(&w, false);
		frame_put_cie(&w, true);
	}
	for (i = 0; i < p->unwind.n && !rc; i++)
		frame_put_table(&w, &p->unwind.v[i], &next);
	vec_deinit(&w.starts);
	return !rc && out->oom ? err_nomem(err) : rc;
}
