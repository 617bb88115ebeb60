/* SPDX-License-Identifier: BSD-2-Clause */
/* Registers of a vCPU as rows and as text. */
#include "cli/regs_show.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kernel/views.h"
#include "machine/regbits.h"

/* Registers come first, by enum vcpu_reg_id; then the rest. */
enum {
	VCPU = VCPU_REGS_N,
	MODE,
	CPL,
	HALTED,
	SYMBOL,
	EFLAGS_BITS,
	CR0_BITS,
	CR4_BITS,
	EFER_BITS,
	CR3_TABLE,
	PCID,
	PTI,
	CHANGES,
	N_COLUMNS
};

#define REG(id, name, member, bytes, no_sets) \
	[VCPU_##id] = ROW_COLUMN(name, NULL, ROW_HEX),

static const struct row_column columns[] = {
	[VCPU] = ROW_COLUMN("vcpu", NULL, ROW_COUNT),
	[MODE] = ROW_COLUMN("mode", NULL, ROW_WORDS),
	[CPL] = ROW_COLUMN("cpl", NULL, ROW_COUNT),
	[HALTED] = ROW_COLUMN("halted", NULL, ROW_FLAG),
	[SYMBOL] = ROW_COLUMN("symbol", NULL, ROW_GUEST),
	[EFLAGS_BITS] = ROW_COLUMN("eflags_bits", NULL, ROW_WORDS),
	[CR0_BITS] = ROW_COLUMN("cr0_bits", NULL, ROW_WORDS),
	[CR4_BITS] = ROW_COLUMN("cr4_bits", NULL, ROW_WORDS),
	[EFER_BITS] = ROW_COLUMN("efer_bits", NULL, ROW_WORDS),
	[CR3_TABLE] = ROW_COLUMN("cr3_table", NULL, ROW_HEX),
	[PCID] = ROW_COLUMN("pcid", NULL, ROW_COUNT),
	[PTI] = ROW_COLUMN("pti", NULL, ROW_WORDS),
	[CHANGES] = ROW_COLUMN("changes", NULL, ROW_TABLE),
	VCPU_REGS(REG)};
#undef REG

enum {
	REGISTER,
	OLD,
	NEW
};

static const struct row_column change_columns[] = {
	[REGISTER] = ROW_COLUMN("register", NULL, ROW_WORDS),
	[OLD] = ROW_COLUMN("old", NULL, ROW_HEX),
	[NEW] = ROW_COLUMN("new", NULL, ROW_HEX),
};

/* What is said of a vCPU beside its registers. */
struct facts {
	const char *mode;
	int cpl;		  /* -1: none, in real mode */
	char symbol[SYMBOL_TEXT]; /* or "" */
	bool has_pcid;
	const char *pti; /* or NULL */
	char bits[4][256];
};

static const struct {
	const char *name;
	const struct regbit *bits;
} decoded[] = {
	{"eflags", regbits_rflags},
	{"cr0", regbits_cr0},
	{"cr4", regbits_cr4},
	{"efer", regbits_efer},
};

/* SDM vol. 3A, 2.2 */
static const char *mode_of(const struct vcpu *v)
{
	if (!(v->cr0 & CR0_PE))
		return "real";
	if (v->efer & EFER_LMA)
		return "long";
	return v->rflags & RFLAGS_VM ? "virtual-8086" : "protected";
}

/* Linux's pair of tables: the user's is the upper one (pgtable.h). */
static const char *pti_half(const struct kernel *k, const struct vcpu *v)
{
	if (!k || !k->pti || kernel_view_of(k, v)->shows != SHOWS_THIS)
		return NULL;
	return v->cr3 & PTI_USER_PGD ? "user" : "kernel";
}

static void find_facts(const struct kernel *k, const struct vcpu *v,
		       const struct symbol *symbol, struct facts *f)
{
	size_t i;

	*f = (struct facts){.mode = mode_of(v),
			    .cpl = v->cr0 & CR0_PE ? (int)(v->cs & 3) : -1,
			    .has_pcid = v->cr4 & CR4_PCIDE,
			    .pti = pti_half(k, v)};
	if (f->cpl >= 0 && v->rflags & RFLAGS_VM && !(v->efer & EFER_LMA))
		f->cpl = 3;
	if (k && f->cpl == 0 && kernel_view_of(k, v)->shows == SHOWS_THIS)
		symbol_text(symbol, f->symbol, sizeof(f->symbol));
	for (i = 0; i < 4; i++)
		regbits_text(decoded[i].bits,
			     vcpu_reg_get(v, vcpu_reg_find(decoded[i].name)) &
				     ~(i ? 0 : RFLAGS_FIXED),
			     f->bits[i], sizeof(f->bits[i]));
}

static void add_row(struct out *out, const struct vcpu *v,
		    const struct facts *f, const struct reg_change *changes,
		    size_t n)
{
	struct row_table *t = &out->rows.top, *list;
	size_t i;

	row_add(t);
	for (i = 0; i < VCPU_REGS_N; i++)
		row_number(t, i, vcpu_reg_get(v, &vcpu_regs[i]));
	row_number(t, VCPU, v->index);
	row_string(t, MODE, f->mode);
	if (f->cpl >= 0)
		row_number(t, CPL, (uint64_t)f->cpl);
	row_number(t, HALTED, v->halted);
	if (*f->symbol)
		row_string(t, SYMBOL, f->symbol);
	for (i = 0; i < 4; i++)
		row_string(t, EFLAGS_BITS + i, f->bits[i]);
	if (walk_mode_of_vcpu(v))
		row_number(t, CR3_TABLE, v->cr3 & walk_mode_of_vcpu(v)->root);
	if (f->has_pcid)
		row_number(t, PCID, v->cr3 & CR3_PCID);
	if (f->pti)
		row_string(t, PTI, f->pti);
	if (!n)
		return;
	list = row_subtable(t, CHANGES, change_columns, 3);
	for (i = 0; i < n; i++) {
		row_add(list);
		row_string(list, REGISTER, changes[i].reg->name);
		row_number(list, OLD, changes[i].old);
		row_number(list, NEW, changes[i].new);
	}
}

/* `per_line` registers a line, from vcpu_regs[first] to [last]. */
static void text_values(struct out *out, const struct vcpu *v, size_t first,
			size_t last, size_t per_line, unsigned int digits)
{
	size_t i;

	for (i = first; i <= last; i++)
		out_text(out, "%s%-*s 0x%0*" PRIx64,
			 (i - first) % per_line ? "  "
			 : i == first		? ""
						: "\n",
			 digits > 1 ? 3 : 0, vcpu_regs[i].name, (int)digits,
			 vcpu_reg_get(v, &vcpu_regs[i]));
	out_text(out, "\n");
}

static void text_bits(struct out *out, const char *name, const struct vcpu *v,
		      const char *words)
{
	uint64_t value = vcpu_reg_get(v, vcpu_reg_find(name));

	out_text(out, "%-6s 0x%" PRIx64 "%s%s\n", name, value,
		 *words ? "  " : "", words);
}

static void cr3_words(const struct vcpu *v, const struct facts *f, char *text,
		      size_t size)
{
	const struct walk_mode *mode = walk_mode_of_vcpu(v);
	int n = 0;

	*text = '\0';
	if (!mode)
		return;
	n = snprintf(text, size, "table 0x%" PRIx64,
		     (uint64_t)(v->cr3 & mode->root));
	if (f->has_pcid)
		n += snprintf(text + n, size - (size_t)n, ", PCID 0x%x",
			      (unsigned int)(v->cr3 & CR3_PCID));
	if (f->pti)
		snprintf(text + n, size - (size_t)n,
			 ", %s half of the PTI pair", f->pti);
}

static void show_text(struct out *out, const struct vcpu *v,
		      const struct facts *f)
{
	char words[128];

	out_text(out, "vCPU %u: %s mode", v->index, f->mode);
	if (f->cpl >= 0)
		out_text(out, ", CPL %d", f->cpl);
	out_text(out, "%s\n", v->halted ? ", halted" : "");
	out_text(out, "rip    0x%" PRIx64 "%s", v->rip, *f->symbol ? "  " : "");
	out_guest(out, f->symbol, strlen(f->symbol));
	out_text(out, "\n");
	text_bits(out, "eflags", v, f->bits[0]);
	text_values(out, v, VCPU_RAX, VCPU_R15, 3, 16);
	text_values(out, v, VCPU_CS, VCPU_GS, 6, 1);
	text_values(out, v, VCPU_FS_BASE, VCPU_K_GS_BASE, 3, 1);
	text_bits(out, "cr0", v, f->bits[1]);
	text_bits(out, "cr2", v, "");
	cr3_words(v, f, words, sizeof(words));
	text_bits(out, "cr3", v, words);
	text_bits(out, "cr4", v, f->bits[2]);
	text_bits(out, "cr8", v, "");
	text_bits(out, "efer", v, f->bits[3]);
}

static void show_changes(struct out *out, const struct vcpu *v,
			 const struct reg_change *changes, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		out_text(out, "vCPU %u: %s 0x%" PRIx64 " -> 0x%" PRIx64 "\n",
			 v->index, changes[i].reg->name, changes[i].old,
			 changes[i].new);
}

void regs_show_begin(struct out *out)
{
	out_begin(out, OUT_LINES, columns, N_COLUMNS);
}

void regs_show(struct out *out, const struct kernel *k, const struct vcpu *v,
	       const struct symbol *symbol, const struct reg_change *changes,
	       size_t n)
{
	struct facts f;

	find_facts(k, v, symbol, &f);
	if (out->json)
		add_row(out, v, &f, changes, n);
	else if (n)
		show_changes(out, v, changes, n);
	else
		show_text(out, v, &f);
}
