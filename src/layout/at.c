/* SPDX-License-Identifier: BSD-2-Clause */
/* What is at one address: asks all that keep account of memory there. */
#include "layout/at.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/alias.h"
#include "kernel/code/module_sections.h"
#include "kernel/page/page.h"
#include "kernel/percpu_variable.h"
#include "kernel/alloc/slab_object.h"
#include "kernel/stack/task_stack.h"
#include "kernel/alloc/vmalloc.h"
#include "kernel/alloc/x86_64_fixmap.h"
#include "layout/process.h"

struct at_reader {
	struct guest *g;
	struct kernel *k;
	struct layout_at *out;
	uint64_t va;
};

/* NULL: out of memory. */
static struct layout_part *at_add(struct at_reader *r, const char *what,
				  uint64_t start, uint64_t size)
{
	struct layout_part part = {.what = what, .start = start, .size = size};

	if (vec_push(&r->out->parts, part))
		return NULL;
	return &r->out->parts.v[r->out->parts.n - 1];
}

/* A symbol of the image or a module, or what the kernel has made. */
static int at_add_symbol(struct at_reader *r, const struct symbol *s,
			 struct err *err)
{
	struct layout_part *p;

	if (!s->name)
		return 0;
	p = at_add(r, "symbol", s->va, s->size);
	if (!p)
		return err_nomem(err);
	snprintf(p->name, sizeof(p->name), "%s", s->name);
	if (s->module)
		snprintf(p->words, sizeof(p->words), "[%s]", s->module);
	return 0;
}

static int at_module(struct at_reader *r, const struct module *m,
		     struct err *err)
{
	const struct module_range *range = module_range_of(m, r->va, 1);
	struct layout_part *p = at_add(r, "module", range->start, range->size);
	struct module_section section;
	int rc;

	if (!p)
		return err_nomem(err);
	snprintf(p->name, sizeof(p->name), "%s", m->name);
	rc = module_section_at(r->k, m, r->va, &section, err);
	if (rc <= 0)
		return rc;
	p = at_add(r, "section", section.start, section.room);
	if (!p)
		return err_nomem(err);
	snprintf(p->name, sizeof(p->name), "%s", section.name);
	snprintf(p->words, sizeof(p->words), "of %s", m->name);
	return 0;
}

/* The image, modules, code that the kernel made. */
static int at_code(struct at_reader *r, struct err *err)
{
	struct symbols *symbols = &r->g->symbols;
	struct symbol symbol;
	size_t i;
	int rc = symbols_at(symbols, &r->va, 1, &symbol, err);

	for (i = 0; i < symbols->modules.list.n && !rc; i++)
		if (module_range_of(&symbols->modules.list.v[i], r->va, 1))
			rc = at_module(r, &symbols->modules.list.v[i], err);
	return rc ? rc : at_add_symbol(r, &symbol, err);
}

static int at_vmalloc_caller(struct at_reader *r, const struct vmalloc_area *a,
			     struct layout_part *p, struct err *err)
{
	char text[SYMBOL_TEXT];
	struct symbol symbol;
	int rc;

	if (!a->caller)
		return 0;
	rc = symbols_at(&r->g->symbols, &a->caller, 1, &symbol, err);
	if (rc)
		return rc;
	symbol_text(&symbol, text, sizeof(text));
	if (*text)
		snprintf(p->words, sizeof(p->words), "for %s", text);
	else
		snprintf(p->words, sizeof(p->words), "for 0x%" PRIx64,
			 a->caller);
	return 0;
}

static bool at_is_guard(const struct vmalloc_area *a, uint64_t va)
{
	return a->kind == VMALLOC_AREA && !(a->flags & VMALLOC_NO_GUARD) &&
	       a->size > PAGE_SIZE_4K &&
	       va - a->start >= a->size - PAGE_SIZE_4K;
}

static int at_vmalloc_area(struct at_reader *r, const struct vmalloc_area *a,
			   struct err *err)
{
	static const char *const kinds[] = {
		[VMALLOC_AREA] = "vmalloc",
		[VMALLOC_RAM] = "vm_map_ram",
		[VMALLOC_NOTHING] = "being made or taken down",
		[VMALLOC_UNPURGED] = "freed, not yet purged",
	};
	struct layout_part *p = at_add(r, "vmalloc area", a->start, a->size);

	if (!p)
		return err_nomem(err);
	snprintf(p->name, sizeof(p->name), "%s%s",
		 a->flags & VMALLOC_IOREMAP ? "ioremap"
		 : a->flags & VMALLOC_MAP && !(a->flags & VMALLOC_ALLOC)
			 ? "vmap"
			 : kinds[a->kind],
		 at_is_guard(a, r->va) ? ", guard page" : "");
	return at_vmalloc_caller(r, a, p, err);
}

static int at_vmalloc(struct at_reader *r, struct err *err)
{
	_cleanup_(vmalloc_deinit) struct vmalloc v = {{0}};
	size_t i;
	int rc = vmalloc_read(r->k, &v, &r->out->remarks, err);

	for (i = 0; i < v.areas.n && !rc; i++)
		if (r->va - v.areas.v[i].start < v.areas.v[i].size)
			rc = at_vmalloc_area(r, &v.areas.v[i], err);
	return rc;
}

static int at_stack(struct at_reader *r, struct err *err)
{
	struct task_stack stack;
	struct layout_part *p;
	int rc = task_stack_at(r->k, r->va, &stack, err);

	if (rc <= 0)
		return rc;
	p = at_add(r, "kernel stack", stack.start, stack.size);
	if (!p)
		return err_nomem(err);
	snprintf(p->name, sizeof(p->name), "%s", stack.comm);
	p->has_pid = true;
	p->pid = stack.pid;
	snprintf(p->words, sizeof(p->words), "task_struct at 0x%" PRIx64,
		 stack.task);
	return 0;
}

static int at_percpu(struct at_reader *r, struct err *err)
{
	struct percpu_variable v;
	struct layout_part *p;
	int rc = percpu_variable_at(r->k, r->va, &v, err);

	if (rc <= 0)
		return rc;
	p = at_add(r, "per-CPU memory", v.start, v.size);
	if (p) {
		p->has_cpu = true;
		p->cpu = v.cpu;
		snprintf(p->name, sizeof(p->name), "first chunk");
	}
	if (p && v.name) {
		p = at_add(r, "per-CPU variable", v.va, v.room);
		if (p) {
			p->has_cpu = true;
			p->cpu = v.cpu;
			snprintf(p->name, sizeof(p->name), "%s", v.name);
		}
	}
	return p ? 0 : err_nomem(err);
}

static int at_fixmap(struct at_reader *r, struct err *err)
{
	struct x86_64_fixmap slot;
	struct layout_part *p;

	if (!x86_64_fixmap_at(r->k, r->va, &slot))
		return 0;
	p = at_add(r, "fixmap slot", slot.start, PAGE_SIZE_4K);
	if (!p)
		return err_nomem(err);
	if (slot.behind)
		snprintf(p->name, sizeof(p->name), "%s + %u", slot.first,
			 slot.behind);
	else
		snprintf(p->name, sizeof(p->name), "%s", slot.first);
	snprintf(p->words, sizeof(p->words), "number %u", slot.index);
	return 0;
}

static int at_slab(struct at_reader *r, struct err *err)
{
	struct slab_object o;
	struct layout_part *p;
	int rc = slab_object_read(r->k, r->va, &o, err);

	if (rc)
		return rc;
	p = at_add(r, "slab object", o.start, o.object_size);
	if (!p)
		return err_nomem(err);
	snprintf(p->name, sizeof(p->name), "%s", o.name);
	snprintf(p->words, sizeof(p->words), "%s, number %u of %u%s",
		 slab_state_words(o.state), o.index, o.objects,
		 o.inside ? "" : "; the address is beside it");
	return 0;
}

/* Of the image, which the direct map has once more. */
static int at_image_alias(struct at_reader *r, uint64_t pa, struct err *err)
{
	uint64_t va = pa - r->k->phys_text + r->k->text;
	struct symbol symbol;
	int rc = symbols_at(&r->g->symbols, &va, 1, &symbol, err);

	if (!rc)
		rc = at_add_symbol(r, &symbol, err);
	if (!rc && symbol.name) {
		struct layout_part *p = &r->out->parts.v[r->out->parts.n - 1];

		p->start = r->va - symbol.offset;
		snprintf(p->words, sizeof(p->words),
			 "by its address in the image, 0x%" PRIx64, va);
	}
	return rc;
}

/* The frame that the direct map leads to. */
static int at_page(struct at_reader *r, struct err *err)
{
	uint64_t pa = r->va - r->k->page_offset, pfn = pa / PAGE_SIZE_4K;
	struct page_info page;
	struct layout_part *p;
	int rc = page_read(r->k, &pfn, 1, &page, err);

	if (rc)
		return rc;
	p = at_add(r, "page", r->k->page_offset + page.head * PAGE_SIZE_4K,
		   (uint64_t)page.nr * PAGE_SIZE_4K);
	if (!p)
		return err_nomem(err);
	snprintf(p->name, sizeof(p->name), "%s", page_kind_words(page.kind));
	snprintf(p->words, sizeof(p->words), "physical 0x%" PRIx64, pa);
	if (page.kind == PAGE_SLAB)
		return at_slab(r, err);
	if (page.kind == PAGE_TEXT || page.kind == PAGE_RODATA ||
	    page.kind == PAGE_DATA)
		return at_image_alias(r, pa, err);
	return 0;
}

/* Of the frame that it describes. */
static int at_struct_page(struct at_reader *r, struct err *err)
{
	struct layout_part *p;
	uint64_t pfn;
	uint32_t in;

	if (!alias_is_page(r->k, r->va, &pfn, &in))
		return 0;
	p = at_add(r, "struct page", r->va - in, alias_page_size(r->k));
	if (!p)
		return err_nomem(err);
	snprintf(p->words, sizeof(p->words), "of frame 0x%" PRIx64, pfn);
	return 0;
}

static int at_add_segment(struct at_reader *r, const struct layout_segment *seg,
			  struct err *err)
{
	struct layout_part *p = at_add(r, layout_kind_name(seg->kind),
				       seg->start, seg->end - seg->start);

	if (!p)
		return err_nomem(err);
	p->has_pid = true;
	p->pid = seg->tid ? seg->tid : r->out->place.task.tgid;
	if (seg->area && seg->area->name)
		snprintf(p->name, sizeof(p->name), "%s", seg->area->name);
	snprintf(p->words, sizeof(p->words), "%s%s%s",
		 seg->area ? seg->area->perms : "",
		 seg->area && *seg->words ? ", " : "", seg->words);
	return 0;
}

/* An area of a process, or the gap that is there instead. */
static int at_process(struct at_reader *r, struct err *err)
{
	_cleanup_(layout_process_deinit) struct layout_process p = {0};
	const struct layout_segment *seg;
	size_t i;
	int rc = layout_process_read(r->k, r->out->place.task.pid, &p, err);

	for (i = 0; i < p.segments.list.n && !rc; i++) {
		seg = &p.segments.list.v[i];
		if (r->va >= seg->start && r->va < seg->end)
			rc = at_add_segment(r, seg, err);
	}
	if (!rc && p.maps.parts->why.len)
		remarks_add(&r->out->remarks, "areas are missing: %s",
			    p.maps.parts->why.data);
	return rc;
}

/* Who keeps account of what, by region. */
static const struct at_finder {
	const char *what;
	int (*find)(struct at_reader *r, struct err *err);
	const char *regions[3];
} finders[] = {
	{"areas", at_process, {"user", "vsyscall"}},
	{"struct pages", at_struct_page, {"vmemmap"}},
	{"areas of vmalloc", at_vmalloc, {"vmalloc", "modules"}},
	{"kernel stacks", at_stack, {"vmalloc", "direct_map", "kernel_text"}},
	{"the page", at_page, {"direct_map"}},
	{"per-CPU memory", at_percpu, {"vmalloc", "direct_map"}},
	{"code", at_code, {"modules", "kernel_text"}},
	{"slots of the fixmap", at_fixmap, {"fixmap", "vsyscall", "hole"}},
};

static bool finds_in(const struct at_finder *f, const struct at_reader *r)
{
	size_t i;

	if (f->find == at_process && r->out->place.space != ADDR_PID)
		return false;
	for (i = 0; i < 3 && f->regions[i]; i++)
		if (!strcmp(f->regions[i], r->out->region.name))
			return true;
	return false;
}

/* What one of them cannot tell leaves the others. */
static int at_find(struct at_reader *r, const struct at_finder *f,
		   struct err *err)
{
	struct err why = {0};
	int rc = f->find(r, &why);

	switch (rc) {
	case ERR_NO_LINUX:
	case ERR_UNREADABLE:
	case ERR_CORRUPT:
	case ERR_NOT_FOUND:
		remarks_add(&r->out->remarks, "%s: %s", f->what, why.text);
		return 0;
	default:
		return rc ? err_pass(err, &why) : 0;
	}
}

int layout_at_read(struct guest *g, const struct addr *addr,
		   struct layout_at *out, struct err *err)
{
	struct at_reader r = {.g = g, .k = g->kernel, .out = out};
	struct x86_64_layout layout;
	size_t i;
	int rc = place_resolve(g, addr, &out->place, err);

	if (rc)
		return rc;
	r.va = out->place.at;
	x86_64_layout(r.k, &layout);
	out->region = *x86_64_region_of(&layout, r.va);
	for (i = 0; i < sizeof(finders) / sizeof(finders[0]) && !rc; i++)
		if (finds_in(&finders[i], &r))
			rc = at_find(&r, &finders[i], err);
	return rc;
}

void layout_at_deinit(struct layout_at *a)
{
	vec_deinit(&a->parts);
	remarks_deinit(&a->remarks);
}
