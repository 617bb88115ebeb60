/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi info: the guest, its kernel, its memory, its CPUs. */
#include "cli/commands.h"
#include "cli/found.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/out_symbol.h"
#include "guest/lookup.h"
#include "kernel/views.h"

struct state {
	struct kernel_vcpu *vcpus; /* one per vCPU of the machine */
	struct symbol *symbols; /* of their RIP, where that is the kernel's */
};

/*
 * What they run, all at once; in user mode, or another kernel, there is nothing
 * to be named.
 */
static int name_code(struct session *s, struct state *st, struct err *err)
{
	size_t n = s->guest.machine->vcpus.n, i;
	_cleanup_free_ uint64_t *rips = calloc(n + 1, sizeof(*rips));

	st->symbols = calloc(n + 1, sizeof(*st->symbols));
	if (!rips || !st->symbols)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		if (st->vcpus[i].own && !st->vcpus[i].user)
			rips[i] = s->guest.machine->vcpus.v[i].rip;
	return symbols_at(&s->guest.symbols, rips, n, st->symbols, err);
}

static int run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	int rc;

	st->vcpus = calloc(s->guest.machine->vcpus.n + 1, sizeof(*st->vcpus));
	if (!st->vcpus)
		return err_nomem(err);
	rc = kernel_vcpus(s->guest.kernel, st->vcpus, err);
	return rc ? rc : name_code(s, st, err);
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

static const struct out_column columns[] = {
	[RELEASE] = OUT_COLUMN("release", "Kernel", OUT_GUEST),
	[BANNER] = OUT_COLUMN("banner", "Banner", OUT_GUEST),
	[SLIDE] = OUT_COLUMN("kaslr_offset", "KASLR offset", OUT_HEX),
	[TEXT] = OUT_COLUMN("text", "Text", OUT_HEX),
	[PHYS_TEXT] = OUT_COLUMN("phys_text", "Text, physical", OUT_HEX),
	[PHYS_BASE] = OUT_COLUMN("phys_base", "phys_base", OUT_HEX),
	[PAGING] = OUT_COLUMN("paging", "Paging", OUT_WORDS),
	[PTI] = OUT_COLUMN("pti", "PTI", OUT_FLAG),
	[PAGE_OFFSET] = OUT_COLUMN("page_offset", "Direct map", OUT_HEX),
	[VMALLOC] = OUT_COLUMN("vmalloc_base", "vmalloc", OUT_HEX),
	[VMEMMAP] = OUT_COLUMN("vmemmap_base", "vmemmap", OUT_HEX),
	[ADDRESS] = OUT_COLUMN("gdb", "Stub at", OUT_WORDS),
	[PEER] = OUT_COLUMN("peer", "Stub of", OUT_GUEST),
	[PEER_UID] = OUT_COLUMN("peer_uid", NULL, OUT_COUNT),
	[PEER_PID] = OUT_COLUMN("peer_pid", NULL, OUT_COUNT),
	[PEER_COMMAND] = OUT_COLUMN("peer_command", NULL, OUT_GUEST),
	[STUB] = OUT_COLUMN("stub", "Stub", OUT_GUEST),
	FOUND_COLUMNS(FOUND),
	[MEMORY] = OUT_COLUMN("memory", "Memory path", OUT_WORDS),
	[MEMORY_WHY] = OUT_COLUMN("memory_why", "Why the stub", OUT_GUEST),
	[PROFILE] = OUT_COLUMN("profile", "Profile from", OUT_WORDS),
	[CONFINED] = OUT_COLUMN("confined", "Confined", OUT_WORDS),
	[UNCONFINED] = OUT_COLUMN("unconfined", "Not confined", OUT_WORDS),
	[RAM] = OUT_COLUMN("ram", "RAM", OUT_ROWS),
	[VCPUS] = OUT_COLUMN("vcpus", "vCPUs", OUT_ROWS),
	[KERNELS] = OUT_COLUMN("other_kernels", "Other kernels", OUT_ROWS),
};

enum {
	RAM_START,
	RAM_END,
	RAM_SIZE,
	RAM_NAME
};

static const struct out_column ram_columns[] = {
	[RAM_START] = OUT_COLUMN("start", "START", OUT_HEX),
	[RAM_END] = OUT_COLUMN("end", "END", OUT_HEX),
	[RAM_SIZE] = OUT_COLUMN("size", "SIZE", OUT_SIZE),
	[RAM_NAME] = OUT_COLUMN("block", "BLOCK", OUT_GUEST),
};

enum {
	VCPU_INDEX,
	VCPU_CPU,
	VCPU_MODE,
	VCPU_PID,
	VCPU_COMM,
	VCPU_RIP,
	VCPU_SYMBOL,
	VCPU_CR3,
	VCPU_TASK,
	VCPU_N
};

static const struct out_column vcpu_columns[] = {
	[VCPU_INDEX] = OUT_COLUMN("vcpu", "VCPU", OUT_COUNT),
	[VCPU_CPU] = OUT_COLUMN("cpu", "CPU", OUT_COUNT),
	[VCPU_MODE] = OUT_COLUMN("mode", "MODE", OUT_WORDS),
	[VCPU_PID] = OUT_COLUMN("pid", "PID", OUT_COUNT),
	[VCPU_COMM] = OUT_COLUMN("comm", "COMM", OUT_GUEST),
	[VCPU_RIP] = OUT_COLUMN("rip", "RIP", OUT_HEX),
	[VCPU_SYMBOL] = OUT_COLUMN("symbol", "SYMBOL", OUT_GUEST),
	[VCPU_CR3] = OUT_COLUMN("cr3", NULL, OUT_HEX),
	[VCPU_TASK] = OUT_COLUMN("task", NULL, OUT_HEX),
};

enum {
	OTHER_VCPU,
	OTHER_PARKED,
	OTHER_TEXT,
	OTHER_PHYS,
	OTHER_BANNER,
	OTHER_N
};

static const struct out_column other_columns[] = {
	[OTHER_VCPU] = OUT_COLUMN("vcpu", "VCPU", OUT_COUNT),
	[OTHER_PARKED] = OUT_COLUMN("parked", "PARKED", OUT_FLAG),
	[OTHER_TEXT] = OUT_COLUMN("text", "TEXT", OUT_HEX),
	[OTHER_PHYS] = OUT_COLUMN("phys_text", "PHYSICAL", OUT_HEX),
	[OTHER_BANNER] = OUT_COLUMN("banner", "BANNER", OUT_GUEST),
};

/* Those of vCPUs that show another kernel; none, nearly always. */
static void show_others(struct out_table *t, const struct kernel *k)
{
	struct out_table *rows = NULL;
	size_t i;

	for (i = 0; i < k->machine->vcpus.n; i++) {
		const struct kernel_view *v = &k->views[i];

		if (v->shows != SHOWS_OTHER)
			continue;
		if (!rows)
			rows = out_table(t, KERNELS, other_columns, OTHER_N);
		out_row(rows);
		out_number(rows, OTHER_VCPU, k->machine->vcpus.v[i].index);
		out_number(rows, OTHER_PARKED, v->parked);
		out_number(rows, OTHER_TEXT, v->text);
		out_number(rows, OTHER_PHYS, v->phys_text);
		out_string(rows, OTHER_BANNER, v->banner);
	}
}

static void show_kernel(struct out_table *t, const struct kernel *k)
{
	out_string(t, RELEASE, k->release);
	out_string(t, BANNER, k->banner);
	out_number(t, SLIDE, k->slide);
	out_number(t, TEXT, k->text);
	out_number(t, PHYS_TEXT, k->phys_text);
	out_number(t, PHYS_BASE, k->phys_base);
	out_string(t, PAGING, k->root.mode->name);
	out_number(t, PTI, k->pti);
	out_number(t, PAGE_OFFSET, k->page_offset);
	out_number(t, VMALLOC, k->vmalloc_base);
	out_number(t, VMEMMAP, k->vmemmap_base);
}

/* Who is at the other end, as this host's kernel tells. */
static void show_peer(struct out_table *t, const struct target_peer *peer)
{
	char words[sizeof(peer->why) + 2 * sizeof(peer->command)] = "";
	size_t n = 0;

	if (peer->pid)
		n = (size_t)snprintf(words, sizeof(words), "process %ld, %s%s",
				     (long)peer->pid, peer->command,
				     peer->has_uid ? ", " : "");
	if (peer->has_uid)
		snprintf(words + n, sizeof(words) - n, "UID %u", peer->uid);
	out_string(t, PEER, *words ? words : "not known");
	if (peer->has_uid)
		out_number(t, PEER_UID, peer->uid);
	if (peer->pid) {
		out_number(t, PEER_PID, (uint64_t)peer->pid);
		out_string(t, PEER_COMMAND, peer->command);
	}
}

/* What this process is kept to, and what not, and why not. */
static void show_confined(struct out_table *t, const struct confine_lacks *l)
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
	out_bytes(t, CONFINED, held.len ? held.data : "no",
		  held.len ? held.len : 2);
	if (lacks.len)
		out_bytes(t, UNCONFINED, lacks.data, lacks.len);
}

static void show_target(struct out_table *t, const struct session *s)
{
	struct target_info info = {0};

	target_info(s->guest.target, &info);
	out_string(t, ADDRESS, info.address);
	if (info.stub)
		out_string(t, STUB, info.stub);
	found_show(t, FOUND, s);
	show_peer(t, info.peer);
	out_string(t, MEMORY, info.memory_path);
	if (info.memory_why)
		out_string(t, MEMORY_WHY, info.memory_why);
	out_string(t, PROFILE, session_profile(s));
	show_confined(t, &s->lacks);
}

static void show_ram(struct out_table *t, const struct machine *m)
{
	const struct ram_range *r;
	size_t i;

	for (i = 0; i < m->ram.n; i++) {
		r = &m->ram.v[i];
		out_row(t);
		out_number(t, RAM_START, r->start);
		out_number(t, RAM_END, r->start + r->size);
		out_number(t, RAM_SIZE, r->size);
		out_string(t, RAM_NAME, r->name);
	}
}

static void show_vcpu(struct out_table *t, const struct kernel *k,
		      const struct vcpu *v, const struct kernel_vcpu *kv,
		      const struct symbol *symbol)
{
	out_row(t);
	out_number(t, VCPU_INDEX, kv->index);
	if (kv->cpu >= 0)
		out_number(t, VCPU_CPU, (uint64_t)kv->cpu);
	out_string(t, VCPU_MODE, kernel_vcpu_mode(k, v));
	if (kv->task) {
		out_number(t, VCPU_PID, kv->pid);
		out_number(t, VCPU_TASK, kv->task);
	}
	if (*kv->comm)
		out_bytes(t, VCPU_COMM, kv->comm,
			  strnlen(kv->comm, sizeof(kv->comm)));
	out_number(t, VCPU_RIP, v->rip);
	out_number(t, VCPU_CR3, v->cr3);
	out_symbol(t, VCPU_SYMBOL, symbol);
}

static int show(struct session *s, void *state, struct out *out,
		struct err *err)
{
	struct out_table *t = &out->rows, *vcpus;
	struct state *st = state;
	size_t i, known = 0;

	(void)err;
	out_begin(out, OUT_RECORD, columns, N_COLUMNS);
	out_row(t);
	show_kernel(t, s->guest.kernel);
	show_target(t, s);
	show_ram(out_table(t, RAM, ram_columns, 4), s->guest.machine);
	vcpus = out_table(t, VCPUS, vcpu_columns, VCPU_N);
	for (i = 0; i < s->guest.machine->vcpus.n; i++) {
		show_vcpu(vcpus, s->guest.kernel, &s->guest.machine->vcpus.v[i],
			  &st->vcpus[i], &st->symbols[i]);
		known += st->vcpus[i].cpu >= 0;
	}
	show_others(t, s->guest.kernel);
	if (!known)
		out_note(out, "what the vCPUs run cannot be told: none has the "
			      "per-CPU area of a CPU in __per_cpu_offset");
	return 0;
}

static void deinit(void *state)
{
	struct state *st = state;

	free(st->vcpus);
	free(st->symbols);
}

const struct cmd cmd_info = {
	.name = "info",
	.topic = TOPIC_LOOK,
	.summary = "Show the guest's kernel, memory layout and vCPUs",
	.needs = NEEDS_KERNEL,
	.draws = true,
	.state_size = sizeof(struct state),
	.run = run,
	.show = show,
	.deinit = deinit,
};
