/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes rules for unwinding as call frame instructions. */
#include "export/x86_64_cfi.h"

#include <stdint.h>

#include "base/leb.h"

/* DWARF 5, section 7.24, table 7.29; DW_OP_*: table 7.9. */
enum {
	DW_CFA_undefined = 0x07,
	DW_CFA_same_value = 0x08,
	DW_CFA_def_cfa = 0x0c,
	DW_CFA_def_cfa_register = 0x0d,
	DW_CFA_def_cfa_offset = 0x0e,
	DW_CFA_def_cfa_expression = 0x0f,
	DW_CFA_expression = 0x10,
	DW_CFA_offset_extended_sf = 0x11,
	DW_CFA_val_offset = 0x14,
	DW_OP_deref = 0x06,
	DW_OP_consts = 0x11,
	DW_OP_plus = 0x22,
	DW_OP_breg0 = 0x70
};

/* Registers by their number there: System V ABI for AMD64, figure 3.36. */
enum {
	RAX,
	RDX,
	RCX,
	RBX,
	RSI,
	RDI,
	RBP,
	RSP,
	R8,
	R9,
	R10,
	R11,
	R12,
	R13,
	R14,
	R15,
	RIP,
	RFLAGS = 49,
	CS = 51,
	SS = 52
};

static const uint8_t registers[ORC_BASES] = {
	[ORC_AX] = RAX,	 [ORC_DX] = RDX,	  [ORC_DI] = RDI,
	[ORC_BP] = RBP,	 [ORC_SP] = RSP,	  [ORC_R10] = R10,
	[ORC_R13] = R13, [ORC_BP_INDIRECT] = RBP, [ORC_SP_INDIRECT] = RSP,
};

/* struct pt_regs, whose end an interrupt pushes. */
#define REGS_BP	  32
#define REGS_IRET 128

static const struct {
	uint8_t reg, at;
} pt_regs[] = {
	{R15, 0},  {R14, 8},	  {R13, 16},  {R12, 24},  {RBX, 40},
	{R11, 48}, {R10, 56},	  {R9, 64},   {R8, 72},	  {RAX, 80},
	{RCX, 88}, {RDX, 96},	  {RSI, 104}, {RDI, 112}, {RIP, REGS_IRET},
	{CS, 136}, {RFLAGS, 144}, {RSP, 152}, {SS, 160},
};

#define PT_REGS (sizeof(pt_regs) / sizeof(pt_regs[0]))

static void put_op(struct buf *b, uint8_t op)
{
	buf_add(b, &op, 1);
}

static void put_unsigned(struct buf *b, uint64_t value)
{
	uint8_t bytes[LEB_MAX];

	buf_add(b, bytes, leb_unsigned(bytes, value));
}

static void put_signed(struct buf *b, int64_t value)
{
	uint8_t bytes[LEB_MAX];

	buf_add(b, bytes, leb_signed(bytes, value));
}

/* An instruction about a register alone. */
static void put_register(struct buf *b, uint8_t op, uint8_t reg)
{
	put_op(b, op);
	put_unsigned(b, reg);
}

/* It is kept at the CFA plus so many bytes, whole slots of a stack. */
static void put_kept(struct buf *b, uint8_t reg, int at)
{
	put_register(b, DW_CFA_offset_extended_sf, reg);
	put_signed(b, at / X86_64_CFI_DATA_ALIGN);
}

/* Up to three operations: reg + offset; then, of indirect ones, what is there
 * and more to be added. */
static void put_expression(struct buf *b, uint8_t reg, int offset, bool deref,
			   int then)
{
	struct buf e = {0};

	put_op(&e, (uint8_t)(DW_OP_breg0 + reg));
	put_signed(&e, offset);
	if (deref)
		put_op(&e, DW_OP_deref);
	if (then) {
		put_op(&e, DW_OP_consts);
		put_signed(&e, then);
		put_op(&e, DW_OP_plus);
	}
	put_unsigned(b, e.len);
	buf_add(b, e.data, e.len);
	b->oom |= e.oom;
	buf_deinit(&e);
}

/* A register and an offset that is not negative: DWARF has short forms. */
static bool is_plain(const struct orc_rule *r)
{
	return r->sp_base != ORC_BP_INDIRECT && r->sp_base != ORC_SP_INDIRECT &&
	       r->sp_offset >= 0;
}

static void change_cfa(const struct orc_rule *from, const struct orc_rule *to,
		       bool before, struct buf *b)
{
	uint8_t reg = registers[to->sp_base];
	bool late = to->sp_base == ORC_SP_INDIRECT && !before;

	if (!is_plain(to)) {
		put_op(b, DW_CFA_def_cfa_expression);
		put_expression(b, reg, late ? 0 : to->sp_offset,
			       to->sp_base == ORC_BP_INDIRECT ||
				       to->sp_base == ORC_SP_INDIRECT,
			       late ? to->sp_offset : 0);
		return;
	}
	if (is_plain(from) && from->sp_base == to->sp_base) {
		put_op(b, DW_CFA_def_cfa_offset);
		put_unsigned(b, (uint64_t)to->sp_offset);
		return;
	}
	if (is_plain(from) && from->sp_offset == to->sp_offset) {
		put_register(b, DW_CFA_def_cfa_register, reg);
		return;
	}
	put_register(b, DW_CFA_def_cfa, reg);
	put_unsigned(b, (uint64_t)to->sp_offset);
}

/* Where what it returns to lies, from the CFA on. */
static void put_return(uint8_t kind, struct buf *b)
{
	put_kept(b, RIP,
		 kind == ORC_CALL   ? -8
		 : kind == ORC_REGS ? REGS_IRET
				    : 0);
}

/* Its caller's registers, but for rbp. */
static void put_caller(uint8_t kind, struct buf *b)
{
	/* What an interrupt pushed lies at the CFA itself. */
	int iret = kind == ORC_REGS_PARTIAL ? REGS_IRET : 0;
	size_t i;

	for (i = 0; i < PT_REGS; i++) {
		uint8_t reg = pt_regs[i].reg;

		if (kind != ORC_CALL && pt_regs[i].at >= iret)
			put_kept(b, reg, pt_regs[i].at - iret);
		else if (reg != RIP && reg != RSP && reg != CS && reg != SS)
			put_register(b, DW_CFA_undefined, reg);
	}
	if (kind != ORC_CALL)
		return;
	put_return(kind, b);
	put_register(b, DW_CFA_val_offset, RSP);
	put_unsigned(b, 0);
	put_register(b, DW_CFA_same_value, CS);
	put_register(b, DW_CFA_same_value, SS);
}

/* How rbp is found: at the CFA plus so much, by itself plus so much, or not. */
struct bp_place {
	uint8_t base;
	int offset;
};

static struct bp_place bp_place(const struct orc_rule *r)
{
	if (r->bp_base == ORC_UNDEFINED && r->kind == ORC_REGS)
		return (struct bp_place){ORC_PREV_SP, REGS_BP};
	if (r->bp_base == ORC_UNDEFINED)
		return (struct bp_place){ORC_UNDEFINED, 0};
	return (struct bp_place){r->bp_base, r->bp_offset};
}

static void put_bp(struct bp_place place, struct buf *b)
{
	if (place.base == ORC_UNDEFINED) {
		put_register(b, DW_CFA_same_value, RBP);
	} else if (place.base == ORC_BP) {
		put_register(b, DW_CFA_expression, RBP);
		put_expression(b, RBP, place.offset, false, 0);
	} else if (place.offset % X86_64_CFI_DATA_ALIGN) {
		put_register(b, DW_CFA_undefined, RBP);
	} else {
		put_kept(b, RBP, place.offset);
	}
}

struct x86_64_cfi x86_64_cfi_first(bool signal)
{
	return (struct x86_64_cfi){
		.rule = {.sp_base = ORC_SP,
			 .sp_offset = signal ? 0 : 8,
			 .kind = signal ? ORC_REGS : ORC_CALL}};
}

struct x86_64_cfi x86_64_cfi_begin(bool signal, struct buf *out)
{
	struct x86_64_cfi first = x86_64_cfi_first(signal);

	put_register(out, DW_CFA_def_cfa, RSP);
	put_unsigned(out, (uint64_t)first.rule.sp_offset);
	put_caller(first.rule.kind, out);
	put_bp(bp_place(&first.rule), out);
	return first;
}

static bool is_end(const struct orc_rule *r)
{
	return r->kind == ORC_NONE || r->kind == ORC_END;
}

static bool same_cfa(const struct orc_rule *a, const struct orc_rule *b)
{
	return a->sp_base == b->sp_base && a->sp_offset == b->sp_offset;
}

static bool same_bp(const struct orc_rule *a, const struct orc_rule *b)
{
	struct bp_place x = bp_place(a), y = bp_place(b);

	return x.base == y.base && x.offset == y.offset;
}

bool x86_64_cfi_holds(const struct x86_64_cfi *at, const struct orc_rule *rule)
{
	if (at->ended || is_end(rule))
		return at->ended && is_end(rule);
	return at->rule.kind == rule->kind && same_cfa(&at->rule, rule) &&
	       same_bp(&at->rule, rule);
}

void x86_64_cfi_change(struct x86_64_cfi *at, const struct orc_rule *rule,
		       bool sp_indirect_before, struct buf *out)
{
	if (is_end(rule)) {
		if (!at->ended)
			put_register(out, DW_CFA_undefined, RIP);
		at->ended = true;
		return;
	}
	if (!same_cfa(&at->rule, rule))
		change_cfa(&at->rule, rule, sp_indirect_before, out);
	if (at->rule.kind != rule->kind)
		put_caller(rule->kind, out);
	else if (at->ended)
		put_return(rule->kind, out);
	if (!same_bp(&at->rule, rule))
		put_bp(bp_place(rule), out);
	*at = (struct x86_64_cfi){.rule = *rule};
}
