/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads code of the BPF compiler's for where its frame pointer holds. */
#include "kernel/code/x86_64_bpf.h"

#include <stdbool.h>
#include <string.h>

#define CALL  0xe8
#define LEAVE 0xc9

/* An instruction: its first bytes, and how long it is. */
struct instruction {
	uint8_t bytes[5];
	uint8_t told, len;
};

/* What comes before the frame is set up, in any order and number. */
static const struct instruction before[] = {
	{{0xf3, 0x0f, 0x1e, 0xfa}, 4, 4},	/* endbr64 (5.18) */
	{{0x0f, 0x1f, 0x44, 0x00, 0x00}, 5, 5}, /* where a call is put in */
	{{0x66, 0x66, 0x66, 0x66, 0x90}, 5, 5}, /* on other CPUs (to 5.12) */
	{{CALL}, 1, 5},				/* was put in */
	{{0x66, 0x90}, 2, 2},			/* of who makes no tail calls */
	{{0x0f, 0x1f, 0x00}, 3, 3},
	{{0x31, 0xc0}, 2, 2}, /* no tail call yet: xor eax, eax */
	{{0x48, 0x31, 0xc0}, 3, 3},
};

static const struct instruction frame[] = {
	{{0x55}, 1, 1},		    /* push rbp */
	{{0x48, 0x89, 0xe5}, 3, 3}, /* mov rbp, rsp */
};

/* What follows `leave` at the end. */
static const struct instruction after[] = {
	{{0xc3}, 1, 1},				/* ret */
	{{0xe9}, 1, 5},				/* jmp, to a thunk (5.19) */
	{{0x48, 0x83, 0xc4, 0x08, 0xc3}, 5, 5}, /* past who was traced */
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* How long the instruction of a list is that is there; 0: none of them. */
static size_t match(const struct instruction *list, size_t n,
		    const uint8_t *code, size_t left)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (list[i].len <= left &&
		    !memcmp(code, list[i].bytes, list[i].told))
			return list[i].len;
	return 0;
}

static int add_rule(struct orc_table *t, uint64_t va, enum orc_base base,
		    int16_t offset)
{
	struct orc_rule rule = {.va = va,
				.kind = ORC_CALL,
				.sp_base = (uint8_t)base,
				.sp_offset = offset};

	if (offset > 8) {
		rule.bp_base = ORC_PREV_SP;
		rule.bp_offset = -16;
	}
	return vec_push(&t->rules, rule);
}

static int add_end(struct orc_table *t, uint64_t va, enum orc_kind kind)
{
	return vec_push(&t->rules, {.va = va, .kind = (uint8_t)kind});
}

/*
 * Instructions are not told from what is in them: a rule too many, in the
 * middle of one, is asked for by nobody.  Only what may be where a call returns
 * to is an end.
 */
static int add_epilogues(uint64_t va, const uint8_t *code, size_t len,
			 size_t from, struct orc_table *t)
{
	size_t i, n;
	int rc = 0;

	for (i = from; i < len && !rc; i += n + 1) {
		n = code[i] == LEAVE ? match(after, COUNT(after), code + i + 1,
					     len - i - 1)
				     : 0;
		if (!n)
			continue;
		rc = i >= 4 && code[i - 4] == CALL
			     ? add_end(t, va + i + 1, ORC_END)
			     : add_rule(t, va + i + 1, ORC_SP, 8);
		if (!rc && i + 1 + n < len)
			rc = add_rule(t, va + i + 1 + n, ORC_BP, 16);
	}
	return rc;
}

int x86_64_bpf_rules(uint64_t va, const uint8_t *code, size_t len,
		     struct orc_table *t)
{
	size_t at = 0, n, push, mov;
	int rc;

	while ((n = match(before, COUNT(before), code + at, len - at)))
		at += n;
	push = match(&frame[0], 1, code + at, len - at);
	mov = push ? match(&frame[1], 1, code + at + push, len - at - push) : 0;
	if (!mov) {
		rc = add_end(t, va, ORC_END);
		return rc ? rc : add_end(t, va + len, ORC_NONE);
	}
	rc = add_rule(t, va, ORC_SP, 8);
	if (!rc)
		rc = add_rule(t, va + at + push, ORC_SP, 16);
	if (!rc)
		rc = add_rule(t, va + at + push + mov, ORC_BP, 16);
	if (!rc)
		rc = add_epilogues(va, code, len, at + push + mov, t);
	return rc ? rc : add_end(t, va + len, ORC_NONE);
}
