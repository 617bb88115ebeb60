/* SPDX-License-Identifier: BSD-2-Clause */
/* Rules for unwinding code that was made after the build. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "export/raw.h"
#include "kernel/code/x86_64_bpf.h"

#define BPF_MAX	 (256u << 10) /* of one program; most have a page */
#define ROOM_MAX (32u << 20)  /* of all */

/* How much of it is looked at; 0: it is not. */
static size_t wanted_of(const struct generated *g)
{
	switch (g->by) {
	case GENERATED_BPF:
		return g->size <= BPF_MAX ? (size_t)g->size : 0;
	case GENERATED_FTRACE:
		return g->size >= TRAMPOLINE_BYTES ? TRAMPOLINE_BYTES : 0;
	default:
		return 0;
	}
}

static size_t share_room(struct portrait_raw *raw)
{
	size_t i, len, room = ROOM_MAX;

	for (i = 0; i < raw->generated.list.n; i++) {
		len = wanted_of(&raw->generated.list.v[i]);
		if (len > room)
			len = 0;
		raw->code[i].len = len;
		room -= len;
	}
	return ROOM_MAX - room;
}

/* Where each begins, and the originals behind. */
static size_t aim_at_code(struct portrait_raw *raw, struct space_read *reads)
{
	uint8_t *at = raw->code_bytes;
	size_t i, n = raw->generated.list.n;

	for (i = 0; i < n; i++) {
		struct raw_code *code = &raw->code[i];

		code->bytes = at;
		reads[i] = (struct space_read){
			.root = &raw->k->root,
			.va = raw->generated.list.v[i].start,
			.dst = at,
			.len = code->len};
		at += code->len;
	}
	x86_64_trampoline_originals(raw->k, raw->originals);
	for (i = 0; i < TRAMPOLINE_ORIGINALS; i++) {
		struct trampoline_original *o = &raw->originals[i];

		reads[n + i] = (struct space_read){
			.root = &raw->k->root,
			.va = o->start,
			.dst = o->bytes,
			.len = o->start ? TRAMPOLINE_BYTES : 0};
	}
	return n + TRAMPOLINE_ORIGINALS;
}

int raw_read_generated(struct portrait *p, struct err *err)
{
	struct portrait_raw *raw = p->raw;
	size_t n = raw->generated.list.n, i;
	_cleanup_free_ struct space_read *reads =
		calloc(n + TRAMPOLINE_ORIGINALS, sizeof(*reads));
	int rc;

	if (!(raw->wants & PORTRAIT_UNWIND) || !n)
		return 0;
	raw->code = calloc(n, sizeof(*raw->code));
	raw->code_bytes = raw->code ? malloc(share_room(raw) + 1) : NULL;
	if (!reads || !raw->code_bytes)
		return err_nomem(err);
	rc = space_read(raw->k->machine, reads, aim_at_code(raw, reads), err);
	for (i = 0; i < n; i++)
		if (reads[i].got < reads[i].len)
			raw->code[i].len = 0;
	for (i = 0; i < TRAMPOLINE_ORIGINALS; i++)
		if (reads[n + i].got < reads[n + i].len)
			raw->originals[i].start = 0;
	return rc;
}

static bool in_image(const struct portrait *p, const struct generated *g)
{
	return g->start < p->end && p->start < g->start + g->size;
}

/*
 * What has no rules is an end: a debugger that is told nothing guesses, and
 * goes on to callers that never were.
 */
static int generated_rules(const struct portrait *p, size_t i,
			   struct orc_table *t)
{
	const struct generated *g = &p->raw->generated.list.v[i];
	const struct raw_code *code = p->raw->code ? &p->raw->code[i] : NULL;

	if (code && code->len && g->by == GENERATED_BPF)
		return x86_64_bpf_rules(g->start, code->bytes, code->len, t);
	if (code && code->len)
		return x86_64_trampoline_rules(p->raw->originals,
					       &p->unwind.v[0], g->start,
					       (size_t)g->size, code->bytes, t);
	if (vec_push(&t->rules, {.va = g->start, .kind = ORC_END}))
		return ERR_NOMEM;
	return vec_push(&t->rules,
			{.va = g->start + g->size, .kind = ORC_NONE});
}

int raw_settle_generated(struct portrait *p, struct err *err)
{
	const struct generated_code *made = &p->raw->generated;
	size_t i;

	for (i = 0; p->unwind.n && i < made->list.n; i++) {
		struct orc_table t = {.owner = UINT32_MAX};

		if (in_image(p, &made->list.v[i]))
			continue;
		if (generated_rules(p, i, &t) || vec_push(&p->unwind, t)) {
			vec_deinit(&t.rules);
			return err_nomem(err);
		}
	}
	return 0;
}
