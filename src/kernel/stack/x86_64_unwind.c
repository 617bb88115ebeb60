/* SPDX-License-Identifier: BSD-2-Clause */
/* Unwinds a kernel stack, rule by rule. */
#include "kernel/stack/x86_64_unwind.h"

#include "base/cursor.h"

/* struct pt_regs; what an interrupt pushes is its end. */
#define REGS_IP 128u
#define REGS_CS 136u
#define REGS_SP 152u
#define IRET	(X86_64_PT_REGS - REGS_IP)
#define CPL	3u /* of a code segment, as of user mode */

static const struct {
	enum orc_base base;
	uint32_t at;
} regs_kept[] = {{ORC_R13, 16}, {ORC_BP, 32}, {ORC_R10, 56},
		 {ORC_AX, 80},	{ORC_DX, 96}, {ORC_DI, 112}};

/* Code without rules is taken to keep its frame in rbp, as JITs do. */
static const struct orc_rule by_frame_pointer = {.kind = ORC_CALL,
						 .sp_base = ORC_BP,
						 .sp_offset = 16,
						 .bp_base = ORC_PREV_SP,
						 .bp_offset = -16};
/* A call of no function at all. */
static const struct orc_rule of_null = {
	.kind = ORC_CALL, .sp_base = ORC_SP, .sp_offset = 8};

/* What is in user's half of the addresses. */
static const struct orc_rule of_no_code = {.kind = ORC_NONE};

/* A stack that is being unwound. */
struct unwinding {
	const struct unwinder *u;
	const struct unwind_piece *memory;
	size_t n;
	struct unwind *out;

	struct unwind_frame at;
	uint64_t bp;
	struct unwind_regs regs;
};

void unwinder_init(struct unwinder *u, const struct kernel *k,
		   const struct orc_tables *tables)
{
	static const char *const tracers[UNWIND_TRACERS_MAX] = {
		"return_to_handler", "arch_rethook_trampoline",
		"__kretprobe_trampoline", "kretprobe_trampoline"};
	uint64_t va;
	size_t i;

	*u = (struct unwinder){.tables = tables};
	if (!profile_symbol(k->profile, "ret_from_fork_asm", &u->forked) &&
	    !profile_symbol(k->profile, "ret_from_fork", &u->forked))
		u->forked = 0;
	for (i = 0; i < UNWIND_TRACERS_MAX; i++)
		if (profile_symbol(k->profile, tracers[i], &va))
			u->tracers[u->n_tracers++] = va;
}

static bool is_tracer(const struct unwinder *u, uint64_t va)
{
	size_t i;

	for (i = 0; i < u->n_tracers; i++)
		if (u->tracers[i] == va)
			return true;
	return false;
}

static const struct unwind_piece *piece_of(const struct unwinding *w,
					   uint64_t va)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		if (va - w->memory[i].va < w->memory[i].len)
			return &w->memory[i];
	return NULL;
}

static bool unwind_read(const struct unwinding *w, uint64_t va, uint64_t *value)
{
	const struct unwind_piece *p = piece_of(w, va);

	if (!p || p->len - (va - p->va) < 8)
		return false;
	*value = le64(p->bytes + (va - p->va));
	return true;
}

/* The rule of the frame at hand; a call that does not return ends code. */
static const struct orc_rule *rule_of(const struct unwinding *w,
				      const struct orc_table **table)
{
	const struct orc_rule *rule;

	*table = NULL;
	if (!w->at.ip)
		return &of_null;
	if (!(w->at.ip >> 63))
		return &of_no_code;
	rule = orc_find(w->u->tables, w->at.ip - !w->at.interrupted, table);
	return rule ? rule : &by_frame_pointer;
}

/* Frames end, or the CFA is found.  True goes on. */
static bool find_cfa(struct unwinding *w, const struct orc_rule *rule,
		     bool indirect_before, uint64_t *cfa)
{
	uint64_t offset = (uint64_t)(int64_t)rule->sp_offset;
	uint64_t at;
	bool ok = true;

	switch (rule->sp_base) {
	case ORC_SP:
		*cfa = w->at.sp + offset;
		break;
	case ORC_BP:
		*cfa = w->bp + offset;
		break;
	case ORC_BP_INDIRECT:
		ok = unwind_read(w, w->bp + offset, cfa);
		break;
	case ORC_SP_INDIRECT:
		at = w->at.sp + (indirect_before ? offset : 0);
		ok = unwind_read(w, at, cfa);
		if (ok && !indirect_before)
			*cfa += offset;
		break;
	default:
		if (!w->regs.known[rule->sp_base]) {
			w->out->end = UNWIND_NO_VALUE;
			return false;
		}
		*cfa = w->regs.v[rule->sp_base] + offset;
	}
	if (!ok)
		w->out->end = UNWIND_UNREADABLE;
	return ok;
}

static bool take_call(struct unwinding *w, uint64_t cfa,
		      struct unwind_frame *next)
{
	w->regs = (struct unwind_regs){0};
	next->sp = cfa;
	return unwind_read(w, cfa - 8, &next->ip);
}

/* Of a whole struct pt_regs, or of its end. */
static bool take_regs(struct unwinding *w, uint64_t cfa, bool whole,
		      struct unwind_frame *next)
{
	struct unwind_regs regs = {0};
	bool ok = true;
	size_t i;

	next->regs = whole ? cfa : cfa - REGS_IP;
	ok = unwind_read(w, next->regs + REGS_IP, &next->ip) &&
	     unwind_read(w, next->regs + REGS_SP, &next->sp);
	if (!whole)
		return ok;
	for (i = 0; i < sizeof(regs_kept) / sizeof(regs_kept[0]) && ok; i++) {
		ok = unwind_read(w, cfa + regs_kept[i].at,
				 &regs.v[regs_kept[i].base]);
		regs.known[regs_kept[i].base] = true;
	}
	w->regs = regs;
	return ok;
}

/* By the registers that were just found, where it did not save it. */
static bool find_bp(struct unwinding *w, const struct orc_rule *rule,
		    uint64_t cfa)
{
	uint64_t offset = (uint64_t)(int64_t)rule->bp_offset;

	if (rule->bp_base == ORC_PREV_SP)
		return unwind_read(w, cfa + offset, &w->bp);
	if (rule->bp_base == ORC_BP)
		return unwind_read(w, w->bp + offset, &w->bp);
	if (w->regs.known[ORC_BP])
		w->bp = w->regs.v[ORC_BP];
	return true;
}

/* Where the frame just found ends it all. */
static bool is_last(struct unwinding *w, const struct unwind_frame *from)
{
	const struct unwind_piece *before = piece_of(w, from->sp);
	uint64_t cs;

	if (w->at.regs && unwind_read(w, w->at.regs + REGS_CS, &cs) &&
	    cs & CPL) {
		w->out->end = UNWIND_USER;
		return true;
	}
	if (is_tracer(w->u, w->at.ip))
		w->out->end = UNWIND_TRACED;
	else if (before && before == piece_of(w, w->at.sp) &&
		 w->at.sp <= from->sp)
		w->out->end = UNWIND_STUCK;
	else if (w->out->frames.n + 1 == UNWIND_FRAMES_MAX)
		w->out->end = UNWIND_LONG;
	else
		return false;
	return true;
}

/* The next frame, or false and why there is none. */
static bool unwind_step(struct unwinding *w)
{
	const struct orc_table *table;
	const struct orc_rule *rule = rule_of(w, &table);
	struct unwind_frame next = {.guessed = rule == &by_frame_pointer,
				    .interrupted = rule->signal};
	uint64_t cfa;

	if (rule->kind == ORC_END || rule->kind == ORC_NONE) {
		w->out->end =
			rule->kind == ORC_END ? UNWIND_DONE : UNWIND_NO_RULE;
		return false;
	}
	if (!find_cfa(w, rule, table && table->sp_indirect_before, &cfa))
		return false;
	if (!(rule->kind == ORC_CALL
		      ? take_call(w, cfa, &next)
		      : take_regs(w, cfa, rule->kind == ORC_REGS, &next)) ||
	    !find_bp(w, rule, cfa)) {
		w->out->end = next.guessed ? UNWIND_NO_CODE : UNWIND_UNREADABLE;
		return false;
	}
	w->at = next;
	return true;
}

int unwind_run(const struct unwinder *u, const struct unwind_start *start,
	       const struct unwind_piece *memory, size_t n, struct unwind *out)
{
	struct unwinding w = {.u = u,
			      .memory = memory,
			      .n = n,
			      .out = out,
			      .at = {.ip = start->ip,
				     .sp = start->sp,
				     .interrupted = start->interrupted},
			      .bp = start->bp,
			      .regs = start->regs};
	struct unwind_frame from;

	*out = (struct unwind){0};
	do {
		if (vec_push(&out->frames, w.at))
			return ERR_NOMEM;
		from = w.at;
		if (!unwind_step(&w))
			return 0;
	} while (!is_last(&w, &from));
	return vec_push(&out->frames, w.at) ? ERR_NOMEM : 0;
}

void unwind_deinit(struct unwind *u)
{
	vec_deinit(&u->frames);
}
