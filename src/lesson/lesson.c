/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads what stands beside a page walk. */
#include "lesson/lesson.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "kernel/x86_64.h"

/* What the kernel's types do not tell is left out; all else is an error. */
static int lesson_spare(int rc, const struct err *why, struct err *err)
{
	return !rc || rc == ERR_NO_LINUX ? 0 : err_pass(err, why);
}

static int take_twin(struct guest *g, struct lesson *l, struct err *err)
{
	const struct walk_root *root = l->walk->root;

	l->paired = l->place->space == ADDR_PID && g->kernel && g->kernel->pti;
	if (!l->paired)
		return 0;
	l->of_user = x86_64_is_user_half(root->pgd);
	l->twin_root = *root;
	l->twin_root.pgd = l->of_user ? x86_64_kernel_half(root->pgd)
				      : x86_64_user_half(root->pgd);
	l->twin_root.poison = l->of_user ? x86_64_pti_poison() : 0;
	return walk_one(g->machine, &l->twin_root, l->walk->va, &l->twin, err);
}

static int take_areas(struct guest *g, struct lesson *l, struct err *err)
{
	struct err why = {0};
	int rc;

	if (l->place->space != ADDR_PID)
		return 0;
	rc = vma_lists_read(g->kernel, &l->place->mm, 1, &l->areas, &why);
	l->has_areas = !rc;
	return lesson_spare(rc, &why, err);
}

/* Frames of a root that the user named need not be this kernel's. */
static int take_page(struct guest *g, struct lesson *l, struct err *err)
{
	struct err why = {0};
	uint64_t pfn = l->walk->pa / PAGE_SIZE_4K;
	int rc;

	if (!walk_has_frame(l->walk->result) || l->place->space == ADDR_ROOT)
		return 0;
	rc = page_read(g->kernel, &pfn, 1, &l->page, &why);
	l->has_page = !rc && l->page.kind != PAGE_UNKNOWN;
	return lesson_spare(rc, &why, err);
}

static int take_swap(struct guest *g, struct lesson *l, struct err *err)
{
	struct err why = {0};

	if (l->walk->result != WALK_SWAPPED || l->place->space == ADDR_ROOT)
		return 0;
	return lesson_spare(
		swap_area_read(g->kernel, l->walk->swap_type, &l->swap, &why),
		&why, err);
}

static void find_vcpu(const struct machine *m, struct lesson *l)
{
	const struct paging *p = l->walk->root->paging;
	uint64_t table = paging_root(p, l->walk->root->pgd);
	const struct vcpu *v;
	unsigned int r;
	size_t i;

	l->arch = m->arch;
	for (i = 0; i < m->vcpus.n && !l->by; i++) {
		v = &m->vcpus.v[i];
		for (r = 0; r < v->arch->n_roots && !l->by; r++)
			if (v->arch->paging(v, r) == p &&
			    vcpu_table(v, r, p) == table) {
				l->by = v;
				l->by_root = r;
			}
	}
}

static bool is_alike(const struct vcpu *a, const struct vcpu *b)
{
	static const char *const names[] = {"cr0", "cr4"};
	const struct arch_reg *reg;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		reg = arch_reg_find(a->arch, names[i]);
		if (!reg || vcpu_get(a, reg) != vcpu_get(b, reg))
			return false;
	}
	return true;
}

static void find_control(const struct machine *m, struct lesson *l)
{
	const struct vcpu *first = NULL, *v;
	size_t i;

	for (i = 0; i < m->vcpus.n; i++) {
		v = &m->vcpus.v[i];
		if (v->arch->paging(v, 0) != l->walk->root->paging)
			continue;
		if (first && !is_alike(first, v))
			return;
		first = first ? first : v;
	}
	l->control = first;
}

/* The entries on both sides of those that were taken: one batch. */
static int take_around(struct machine *m, struct lesson *l, struct err *err)
{
	const struct paging *p = l->walk->root->paging;
	unsigned int bytes = p->family->entry_bytes, i, j, end;
	uint8_t raw[PAGING_MAX_LEVELS][LESSON_AROUND * 8] = {{0}};
	struct mem_read reads[PAGING_MAX_LEVELS];
	const struct walk_level *w;
	int rc;

	for (i = 0; i < l->walk->n; i++) {
		struct lesson_around *a = &l->around[i];

		w = &l->walk->level[i];
		end = 1U << paging_bits(p, w->level);
		a->first = w->index > LESSON_SIDE ? w->index - LESSON_SIDE : 0;
		a->n = end - a->first < LESSON_AROUND ? end - a->first
						      : LESSON_AROUND;
		reads[i] = (struct mem_read){.pa = w->table +
						   a->first * (uint64_t)bytes,
					     .dst = raw[i],
					     .len = a->n * (size_t)bytes};
	}
	rc = machine_read(m, reads, l->walk->n, err);
	for (i = 0; i < l->walk->n && !rc; i++) {
		if (reads[i].status != MEM_OK)
			l->around[i].n = 0;
		for (j = 0; j < l->around[i].n; j++)
			l->around[i].entry[j] = walk_table_entry(p, raw[i], j);
	}
	return rc;
}

int lesson_take(struct guest *g, const struct place *place,
		const struct walk *walk, struct lesson *l, struct err *err)
{
	int rc;

	l->place = place;
	l->walk = walk;
	find_vcpu(g->machine, l);
	l->control = l->by;
	if (!l->control)
		find_control(g->machine, l);
	rc = take_around(g->machine, l, err);
	if (!rc)
		rc = take_twin(g, l, err);
	if (!rc)
		rc = take_areas(g, l, err);
	if (!rc)
		rc = take_page(g, l, err);
	return rc ? rc : take_swap(g, l, err);
}

void lesson_deinit(struct lesson *l)
{
	size_t i;

	vma_lists_deinit(&l->areas, 1);
	swap_area_deinit(&l->swap);
	for (i = 0; i < l->says.n; i++)
		free(l->says.v[i].words);
	vec_deinit(&l->says);
}

void lesson_say(struct lesson *l, const char *about, const char *fmt, ...)
{
	char *words = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&words, fmt, ap);
	va_end(ap);
	if (n >= 0 && !vec_push(&l->says, {about, words}))
		return;
	if (n >= 0)
		free(words);
	l->oom = true;
}

const struct vma *lesson_area(const struct lesson *l)
{
	return l->has_areas ? vma_find(&l->areas, l->walk->va) : NULL;
}

struct lesson_size lesson_size(uint64_t bytes)
{
	_cleanup_(buf_deinit) struct buf b = {0};
	struct lesson_size s;

	buf_size(&b, bytes);
	snprintf(s.text, sizeof(s.text), "%s", b.data ? b.data : "");
	return s;
}

bool lesson_leads_to(const struct walk *w, unsigned int i, uint64_t *pa)
{
	const struct paging_family *f = w->root->paging->family;
	struct paging_entry e;

	if (w->level[i].kind == ENTRY_END)
		return false;
	f->decode(f, w->level[i].level, w->level[i].entry, &e);
	*pa = e.pa;
	return true;
}

void lesson_arithmetic(const struct walk *w, unsigned int i, char *text,
		       size_t size)
{
	const struct walk_level *l = &w->level[i];
	const struct paging_form *f = &w->root->paging->family->form[l->level];
	uint64_t mask = l->kind == ENTRY_PAGE ? f->page : f->table, pa;

	*text = '\0';
	if (!lesson_leads_to(w, i, &pa))
		return;
	if ((l->entry & mask) == pa)
		snprintf(text, size, "0x%" PRIx64 " & 0x%" PRIx64, l->entry,
			 mask);
	else
		snprintf(text, size,
			 "(0x%" PRIx64 " & 0x%" PRIx64 ") | (0x%" PRIx64
			 " & 0x%" PRIx64 ") << %u",
			 l->entry, mask, l->entry, f->page_high, f->high_shift);
	snprintf(text + strlen(text), size - strlen(text), " = 0x%" PRIx64, pa);
}
