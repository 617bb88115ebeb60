/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi info: the guest, its kernel, its memory, its CPUs. */
#include "cli/commands.h"
#include "cli/found.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/out_symbol.h"
#include "guest/lookup.h"
#include "kernel/views.h"
#include "machine/regs.h"

struct state {
	struct kernel_vcpu *vcpus; /* one per vCPU of the machine */
	struct symbol *symbols; /* of their code, where that is the kernel's */
	struct row_column *columns; /* those of vCPUs */
	char pc_title[8];
};

/* Of a vCPU; its code and roots are called as its registers are. */
enum {
	VCPU_INDEX,
	VCPU_CPU,
	VCPU_MODE,
	VCPU_PID,
	VCPU_COMM,
	VCPU_CODE,
	VCPU_SYMBOL,
	VCPU_ROOT,
	VCPU_TASK,
	VCPU_ROOT_1,
	VCPU_N
};

static const struct row_column vcpu_columns[] = {
	[VCPU_INDEX] = ROW_COLUMN("vcpu", "VCPU", ROW_COUNT),
	[VCPU_CPU] = ROW_COLUMN("cpu", "CPU", ROW_COUNT),
	[VCPU_MODE] = ROW_COLUMN("mode", "MODE", ROW_WORDS),
	[VCPU_PID] = ROW_COLUMN("pid", "PID", ROW_COUNT),
	[VCPU_COMM] = ROW_COLUMN("comm", "COMM", ROW_GUEST),
	[VCPU_CODE] = ROW_COLUMN(NULL, NULL, ROW_HEX),
	[VCPU_SYMBOL] = ROW_COLUMN("symbol", "SYMBOL", ROW_GUEST),
	[VCPU_ROOT] = ROW_COLUMN(NULL, NULL, ROW_HEX),
	[VCPU_TASK] = ROW_COLUMN("task", NULL, ROW_HEX),
	[VCPU_ROOT_1] = ROW_COLUMN(NULL, NULL, ROW_HEX),
};

/* How many columns there are. */
static size_t name_columns(struct state *st, const struct arch *a)
{
	const char *pc = a->regs[a->pc].name;
	size_t i;

	memcpy(st->columns, vcpu_columns, sizeof(vcpu_columns));
	for (i = 0; pc[i] && i + 1 < sizeof(st->pc_title); i++)
		st->pc_title[i] = (char)toupper((unsigned char)pc[i]);
	st->columns[VCPU_CODE].key = pc;
	st->columns[VCPU_CODE].title = st->pc_title;
	st->columns[VCPU_ROOT].key = a->roots[0].name;
	if (a->n_roots == 1)
		return VCPU_ROOT_1;
	st->columns[VCPU_ROOT_1].key = a->roots[1].name;
	return VCPU_N;
}

/*
 * What they run, all at once; in user mode, or another kernel, there is nothing
 * to be named.
 */
static int info_name_code(struct session *s, struct state *st, struct err *err)
{
	size_t n = s->guest.machine->vcpus.n, i;
	_cleanup_free_ uint64_t *code = vcpus_code(s->guest.machine);

	st->symbols = calloc(n + 1, sizeof(*st->symbols));
	if (!code || !st->symbols)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		if (!st->vcpus[i].own || st->vcpus[i].user)
			code[i] = 0;
	return s->guest.kernel ? symbols_at(&s->guest.symbols, code, n,
					    st->symbols, err)
			       : 0;
}

static int info_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	int rc = 0;

	/* Of other CPUs there is something to be said without a kernel. */
	if (!s->guest.kernel && kernel_understands(s->guest.machine->arch))
		return err_pass(err, &s->guest.no_kernel);
	st->columns = calloc(VCPU_N, sizeof(*st->columns));
	st->vcpus = calloc(s->guest.machine->vcpus.n + 1, sizeof(*st->vcpus));
	if (!st->vcpus || !st->columns)
		return err_nomem(err);
	if (s->guest.kernel)
		rc = kernel_vcpus(s->guest.kernel, st->vcpus, err);
	return rc ? rc : info_name_code(s, st, err);
}

enum {
	RELEASE,
	BANNER,
	SLIDE,
	TEXT,
	PHYS_TEXT,
	PHYS_BASE,
	PAGING,
	PTI,
	PAGE_OFFSET,
	VMALLOC,
	VMEMMAP,
	ADDRESS,
	PEER,
	PEER_UID,
	PEER_PID,
	PEER_COMMAND,
	STUB,
	FOUND,
	MEMORY = FOUND + FOUND_N,
	MEMORY_WHY,
	PROFILE,
	CONFINED,
	UNCONFINED,
	RAM,
	VCPUS,
	KERNELS,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[RELEASE] = ROW_COLUMN("release", "Kernel", ROW_GUEST),
	[BANNER] = ROW_COLUMN("banner", "Banner", ROW_GUEST),
	[SLIDE] = ROW_COLUMN("kaslr_offset", "KASLR offset", ROW_HEX),
	[TEXT] = ROW_COLUMN("text", "Text", ROW_HEX),
	[PHYS_TEXT] = ROW_COLUMN("phys_text", "Text, physical", ROW_HEX),
	[PHYS_BASE] = ROW_COLUMN("phys_base", "phys_base", ROW_HEX),
	[PAGING] = ROW_COLUMN("paging", "Paging", ROW_WORDS),
	[PTI] = ROW_COLUMN("pti", "PTI", ROW_FLAG),
	[PAGE_OFFSET] = ROW_COLUMN("page_offset", "Direct map", ROW_HEX),
	[VMALLOC] = ROW_COLUMN("vmalloc_base", "vmalloc", ROW_HEX),
	[VMEMMAP] = ROW_COLUMN("vmemmap_base", "vmemmap", ROW_HEX),
	[ADDRESS] = ROW_COLUMN("gdb", "Stub at", ROW_WORDS),
	[PEER] = ROW_COLUMN("peer", "Stub of", ROW_GUEST),
	[PEER_UID] = ROW_COLUMN("peer_uid", NULL, ROW_COUNT),
	[PEER_PID] = ROW_COLUMN("peer_pid", NULL, ROW_COUNT),
	[PEER_COMMAND] = ROW_COLUMN("peer_command", NULL, ROW_GUEST),
	[STUB] = ROW_COLUMN("stub", "Stub", ROW_GUEST),
	FOUND_COLUMNS(FOUND),
	[MEMORY] = ROW_COLUMN("memory", "Memory path", ROW_WORDS),
	[MEMORY_WHY] = ROW_COLUMN("memory_why", "Why the stub", ROW_GUEST),
	[PROFILE] = ROW_COLUMN("profile", "Profile from", ROW_WORDS),
	[CONFINED] = ROW_COLUMN("confined", "Confined", ROW_WORDS),
	[UNCONFINED] = ROW_COLUMN("unconfined", "Not confined", ROW_WORDS),
	[RAM] = ROW_COLUMN("ram", "RAM", ROW_TABLE),
	[VCPUS] = ROW_COLUMN("vcpus", "vCPUs", ROW_TABLE),
	[KERNELS] = ROW_COLUMN("other_kernels", "Other kernels", ROW_TABLE),
};

enum {
	RAM_START,
	RAM_END,
	RAM_SIZE,
	RAM_NAME
};

static const struct row_column ram_columns[] = {
	[RAM_START] = ROW_COLUMN("start", "START", ROW_HEX),
	[RAM_END] = ROW_COLUMN("end", "END", ROW_HEX),
	[RAM_SIZE] = ROW_COLUMN("size", "SIZE", ROW_SIZE),
	[RAM_NAME] = ROW_COLUMN("block", "BLOCK", ROW_GUEST),
};

enum {
	OTHER_VCPU,
	OTHER_PARKED,
	OTHER_TEXT,
	OTHER_PHYS,
	OTHER_BANNER,
	OTHER_N
};

static const struct row_column other_columns[] = {
	[OTHER_VCPU] = ROW_COLUMN("vcpu", "VCPU", ROW_COUNT),
	[OTHER_PARKED] = ROW_COLUMN("parked", "PARKED", ROW_FLAG),
	[OTHER_TEXT] = ROW_COLUMN("text", "TEXT", ROW_HEX),
	[OTHER_PHYS] = ROW_COLUMN("phys_text", "PHYSICAL", ROW_HEX),
	[OTHER_BANNER] = ROW_COLUMN("banner", "BANNER", ROW_GUEST),
};

/* Those of vCPUs that show another kernel; none, nearly always. */
static void show_others(struct row_table *t, const struct kernel *k)
{
	struct row_table *rows = NULL;
	size_t i;

	for (i = 0; i < k->machine->vcpus.n; i++) {
		const struct kernel_view *v = &k->views[i];

		if (v->shows != SHOWS_OTHER)
			continue;
		if (!rows)
			rows = row_subtable(t, KERNELS, other_columns, OTHER_N);
		row_add(rows);
		row_number(rows, OTHER_VCPU, k->machine->vcpus.v[i].index);
		row_number(rows, OTHER_PARKED, v->parked);
		row_number(rows, OTHER_TEXT, v->text);
		row_number(rows, OTHER_PHYS, v->phys_text);
		row_string(rows, OTHER_BANNER, v->banner);
	}
}

static void show_kernel(struct row_table *t, const struct kernel *k)
{
	row_string(t, RELEASE, k->release);
	row_string(t, BANNER, k->banner);
	row_number(t, SLIDE, k->slide);
	row_number(t, TEXT, k->text);
	row_number(t, PHYS_TEXT, k->phys_text);
	row_number(t, PHYS_BASE, k->phys_base);
	row_string(t, PAGING, k->root.paging->name);
	row_number(t, PTI, k->pti);
	row_number(t, PAGE_OFFSET, k->page_offset);
	row_number(t, VMALLOC, k->vmalloc_base);
	row_number(t, VMEMMAP, k->vmemmap_base);
}

/* Who is at the other end, as this host's kernel tells. */
static void show_peer(struct row_table *t, const struct qemu_peer *peer)
{
	char words[sizeof(peer->why) + 2 * sizeof(peer->command)] = "";
	size_t n = 0;

	if (peer->pid)
		n = (size_t)snprintf(words, sizeof(words), "process %ld, %s%s",
				     (long)peer->pid, peer->command,
				     peer->has_uid ? ", " : "");
	if (peer->has_uid)
		snprintf(words + n, sizeof(words) - n, "UID %u", peer->uid);
	row_string(t, PEER, *words ? words : "not known");
	if (peer->has_uid)
		row_number(t, PEER_UID, peer->uid);
	if (peer->pid) {
		row_number(t, PEER_PID, (uint64_t)peer->pid);
		row_string(t, PEER_COMMAND, peer->command);
	}
}

/* What this process is kept to, and what not, and why not. */
static void show_confined(struct row_table *t, const struct confine_lacks *l)
{
	const struct {
		const char *what, *why;
	} parts[] = {{"system calls", l->calls},
		     {"files", l->files},
		     {"user", l->user}};
	_cleanup_(buf_deinit) struct buf held = {0}, lacks = {0};
	size_t i;

	for (i = 0; i < (l->root ? 3 : 2); i++) {
		struct buf *to = parts[i].why ? &lacks : &held;

		buf_printf(to, "%s%s", to->len ? ", " : "", parts[i].what);
		if (parts[i].why)
			buf_printf(to, " (%s)", parts[i].why);
	}
	row_bytes(t, CONFINED, held.len ? held.data : "no",
		  held.len ? held.len : 2);
	if (lacks.len)
		row_bytes(t, UNCONFINED, lacks.data, lacks.len);
}

static void show_target(struct row_table *t, const struct session *s)
{
	struct source_info info = {0};

	source_info(&s->guest.source, &info);
	row_string(t, ADDRESS, info.address);
	if (info.program)
		row_string(t, STUB, info.program);
	found_show(t, FOUND, s);
	show_peer(t, qemu_peer(s->qemu));
	row_string(t, MEMORY, info.memory_path);
	if (info.memory_why)
		row_string(t, MEMORY_WHY, info.memory_why);
	row_string(t, PROFILE, session_profile(s));
	show_confined(t, &s->lacks);
}

static void show_ram(struct row_table *t, const struct machine *m)
{
	const struct ram_range *r;
	size_t i;

	for (i = 0; i < m->ram.n; i++) {
		r = &m->ram.v[i];
		row_add(t);
		row_number(t, RAM_START, r->start);
		row_number(t, RAM_END, r->start + r->size);
		row_number(t, RAM_SIZE, r->size);
		row_string(t, RAM_NAME, r->name);
	}
}

static void show_vcpu(struct row_table *t, const struct kernel *k,
		      const struct vcpu *v, const struct kernel_vcpu *kv,
		      const struct symbol *symbol)
{
	row_add(t);
	row_number(t, VCPU_INDEX, v->index);
	if (k && kv->cpu >= 0)
		row_number(t, VCPU_CPU, (uint64_t)kv->cpu);
	if (k)
		row_string(t, VCPU_MODE, kernel_vcpu_mode(k, v));
	else if (v->arch->level(v) >= 0)
		row_printf(t, VCPU_MODE, "%s%d", v->arch->level_name,
			   v->arch->level(v));
	if (kv->task) {
		row_number(t, VCPU_PID, kv->pid);
		row_number(t, VCPU_TASK, kv->task);
	}
	if (*kv->comm)
		row_bytes(t, VCPU_COMM, kv->comm,
			  strnlen(kv->comm, sizeof(kv->comm)));
	row_number(t, VCPU_CODE, v->reg[v->arch->pc]);
	row_number(t, VCPU_ROOT, vcpu_root(v, 0));
	if (v->arch->n_roots > 1)
		row_number(t, VCPU_ROOT_1, vcpu_root(v, 1));
	out_symbol(t, VCPU_SYMBOL, symbol);
}

static int info_show(struct session *s, void *state, struct out *out,
		     struct err *err)
{
	struct row_table *t = &out->rows.top, *vcpus;
	struct state *st = state;
	size_t i, known = 0;

	(void)err;
	out_begin(out, OUT_RECORD, columns, N_COLUMNS);
	row_add(t);
	if (s->guest.kernel)
		show_kernel(t, s->guest.kernel);
	show_target(t, s);
	show_ram(row_subtable(t, RAM, ram_columns, 4), s->guest.machine);
	vcpus = row_subtable(t, VCPUS, st->columns,
			     name_columns(st, s->guest.machine->arch));
	for (i = 0; i < s->guest.machine->vcpus.n; i++) {
		show_vcpu(vcpus, s->guest.kernel, &s->guest.machine->vcpus.v[i],
			  &st->vcpus[i], &st->symbols[i]);
		known += st->vcpus[i].cpu >= 0;
	}
	if (s->guest.kernel)
		show_others(t, s->guest.kernel);
	else
		out_note(out, "of the kernel nothing is told: %s",
			 s->guest.no_kernel.text);
	if (s->guest.kernel && !known)
		out_note(out, "what the vCPUs run cannot be told: none has the "
			      "per-CPU area of a CPU in __per_cpu_offset");
	return 0;
}

static void info_deinit(void *state)
{
	struct state *st = state;

	free(st->vcpus);
	free(st->symbols);
	free(st->columns);
}

const struct cmd cmd_info = {
	.name = "info",
	.topic = TOPIC_LOOK,
	.summary = "Show the guest's kernel, memory layout and vCPUs",
	.needs = WANTS_KERNEL,
	.repeats = true,
	.draws = true,
	.state_size = sizeof(struct state),
	.run = info_run,
	.show = info_show,
	.deinit = info_deinit,
};
