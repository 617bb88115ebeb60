/* SPDX-License-Identifier: BSD-2-Clause */
/* Mends rules where code calls only to change its own return address. */
#include "kernel/code/x86_64_orc_mend.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/code/x86_64_orc_table.h"

static const char *const thunks[] = {
	"__x86_indirect_thunk_", "__x86_indirect_call_thunk_",
	"__x86_indirect_jump_thunk_", "__x86_indirect_its_thunk_"};
static const char *const thunk_registers[] = {
	"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
	"r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};

#define COUNT(a)   (sizeof(a) / sizeof((a)[0]))
#define THUNKS	   (COUNT(thunks) * COUNT(thunk_registers))
#define MEND_PARTS (THUNKS + 1) /* the last is __switch_to_asm */
#define CODE_BYTES 128

/* Code that is looked at. */
struct mend_code {
	uint64_t va;
	uint8_t bytes[CODE_BYTES];
	size_t len;
};

static bool code_has(const struct mend_code *c, size_t at, const void *bytes,
		     size_t n)
{
	return at <= c->len && n <= c->len - at &&
	       !memcmp(c->bytes + at, bytes, n);
}

/*
 * A call over what no CPU gets to but by speculation: an int3, or a loop of
 * pause and lfence.  Bytes of all that; 0: it is none.
 */
static size_t call_over(const struct mend_code *c, size_t at)
{
	static const uint8_t over_int3[] = {0xe8, 1, 0, 0, 0, 0xcc};
	static const uint8_t over_loop[] = {0xe8, 7,	0,    0,    0,	  0xf3,
					    0x90, 0x0f, 0xae, 0xe8, 0xeb, 0xf9};

	if (code_has(c, at, over_int3, sizeof(over_int3)))
		return sizeof(over_int3);
	return code_has(c, at, over_loop, sizeof(over_loop)) ? sizeof(over_loop)
							     : 0;
}

/* The first such call. */
static bool find_call(const struct mend_code *c, size_t *at)
{
	for (*at = 0; *at < c->len; ++*at)
		if (call_over(c, *at))
			return true;
	return false;
}

#define CALL_BYTES 5

static void patch_add(struct orc_patch *p, uint64_t va,
		      const struct orc_rule *like, int sp_offset)
{
	struct orc_rule *rule = &p->rules[p->n++];

	*rule = *like;
	rule->va = va;
	rule->sp_offset = (int16_t)(like->sp_offset + sp_offset);
}

/* A jump to what a register holds, perhaps behind an lfence: its bytes. */
static size_t jump_bytes(const struct mend_code *c)
{
	static const uint8_t lfence[] = {0x0f, 0xae, 0xe8};
	size_t at = code_has(c, 0, lfence, sizeof(lfence)) ? sizeof(lfence) : 0;

	at += code_has(c, at, "\x41", 1);
	return code_has(c, at, "\xff", 1) && at + 2 <= c->len &&
			       (c->bytes[at + 1] & 0xf8) == 0xe0
		       ? at + 2
		       : 0;
}

/*
 * A thunk is jumped or called to: its caller's address is where it is for any
 * function.  With a retpoline there is one more above it from the call on,
 * which becomes where the thunk goes to: "mov REG, (%rsp); ret".
 */
static bool mend_thunk(const struct mend_code *c, struct orc_patch *p)
{
	static const struct orc_rule called = {
		.kind = ORC_CALL, .sp_base = ORC_SP, .sp_offset = 8};
	size_t call, at;

	*p = (struct orc_patch){.start = c->va};
	patch_add(p, c->va, &called, 0);
	if (!find_call(c, &call)) {
		p->end = c->va + jump_bytes(c);
		return p->end > c->va;
	}
	at = call + call_over(c, call);
	if (at + 5 > c->len || (c->bytes[at] | 4) != 0x4c ||
	    c->bytes[at + 1] != 0x89 || c->bytes[at + 3] != 0x24)
		return false;
	patch_add(p, c->va + call + CALL_BYTES, &called, 8);
	p->end = c->va + at + 4 + (c->bytes[at + 4] == 0xe9 ? 5 : 1);
	return true;
}

/*
 * "mov $16, %r12", then in a loop two such calls, and their addresses dropped
 * again.  There is another form of it, which the rules are about.
 */
static bool mend_switch(const struct mend_code *c, const struct orc_table *t,
			struct orc_patch *p)
{
	static const uint8_t count[] = {0x49, 0xc7, 0xc4};
	static const uint8_t drop[] = {0x48, 0x83, 0xc4, 0x10};
	const struct orc_rule *as;
	size_t first, second, after;

	if (!find_call(c, &first) || first <= 7 ||
	    !code_has(c, first - 7, count, sizeof(count)))
		return false;
	second = first + call_over(c, first);
	after = second + call_over(c, second);
	if (after == second || !code_has(c, after, drop, sizeof(drop)))
		return false;
	as = orc_table_at(t, c->va + first - 8);
	if (!as || as->kind != ORC_CALL || as->sp_base != ORC_SP)
		return false;
	*p = (struct orc_patch){.start = c->va + first - 7,
				.end = c->va + after + sizeof(drop) + 5};
	patch_add(p, p->start, as, 0);
	patch_add(p, c->va + first + CALL_BYTES, as, 8);
	patch_add(p, c->va + second + CALL_BYTES, as, 16);
	patch_add(p, c->va + after + sizeof(drop), as, 0);
	return true;
}

static void place_code(const struct kernel *k, struct mend_code *code)
{
	char name[64];
	size_t i;

	for (i = 0; i < THUNKS; i++) {
		snprintf(name, sizeof(name), "%s%s",
			 thunks[i / COUNT(thunk_registers)],
			 thunk_registers[i % COUNT(thunk_registers)]);
		profile_symbol(k->profile, name, &code[i].va);
	}
	profile_symbol(k->profile, "__switch_to_asm", &code[THUNKS].va);
}

static int read_code(struct kernel *k, struct mend_code *code, struct err *err)
{
	_cleanup_free_ struct space_read *reads =
		calloc(MEND_PARTS, sizeof(*reads));
	size_t i;
	int rc;

	if (!reads)
		return err_nomem(err);
	for (i = 0; i < MEND_PARTS; i++)
		reads[i] =
			(struct space_read){.root = &k->root,
					    .va = code[i].va,
					    .dst = code[i].bytes,
					    .len = !code[i].va	? 0
						   : i < THUNKS ? 32
								: CODE_BYTES};
	rc = space_read(k->machine, reads, MEND_PARTS, err);
	for (i = 0; i < MEND_PARTS && !rc; i++)
		code[i].len = reads[i].got;
	return rc;
}

int orc_mend(struct kernel *k, struct orc_table *image, struct err *err)
{
	_cleanup_free_ struct mend_code *code =
		calloc(MEND_PARTS, sizeof(*code));
	struct orc_patch p;
	size_t i;
	int rc;

	if (!code)
		return err_nomem(err);
	place_code(k, code);
	rc = read_code(k, code, err);
	for (i = 0; i < MEND_PARTS && !rc; i++)
		if ((i < THUNKS ? mend_thunk(&code[i], &p)
				: mend_switch(&code[i], image, &p)) &&
		    orc_table_patch(image, &p))
			rc = err_nomem(err);
	return rc;
}
