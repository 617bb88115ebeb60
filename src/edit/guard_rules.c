/* SPDX-License-Identifier: BSD-2-Clause */
/* The rules: what it takes to write to which page. */
#include "edit/guard.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/escape.h"
#include "kernel/dev.h"

#define S     GUARD_SHARED
#define R     GUARD_READONLY
#define P     GUARD_PHYSICAL
#define NEVER 0x80

/*
 * What a page of each kind takes: through the memory of a process, through an
 * address of the kernel, by its frame.
 */
static const unsigned char rules[PAGE_KINDS][3] = {
	[PAGE_UNKNOWN] = {P, P, P},
	[PAGE_NOT_RAM] = {NEVER, NEVER, NEVER},
	[PAGE_FREE] = {NEVER, NEVER, NEVER},
	[PAGE_UNREFERENCED] = {NEVER, NEVER, NEVER},
	[PAGE_ZERO] = {NEVER, NEVER, NEVER},
	[PAGE_HUGE_ZERO] = {NEVER, NEVER, NEVER},
	[PAGE_ANON] = {0, S, S},
	[PAGE_ANON_SHARED] = {S, S, S},
	[PAGE_KSM] = {S, S, S},
	[PAGE_SWAP_CACHE] = {S, S, S},
	[PAGE_FILE] = {S, S, S},
	[PAGE_SHMEM] = {S, S, S},
	[PAGE_DAX] = {S, S, S},
	[PAGE_TEXT] = {S | R, R, R | P},
	[PAGE_RODATA] = {S | R, R, R | P},
	[PAGE_DATA] = {S, 0, P},
	[PAGE_PERCPU] = {S, 0, P},
	[PAGE_TABLE] = {S | P, 0, P},
	[PAGE_SLAB] = {S | P, 0, P},
	[PAGE_KERNEL] = {S, 0, P},
	[PAGE_RESERVED] = {S, 0, P},
	[PAGE_DEVICE] = {S | P, P, P},
	[PAGE_OFFLINE] = {P, P, P},
	[PAGE_POISONED] = {P, P, P},
};

/* A judgement on its way. */
struct court {
	const struct guard_page *page;
	unsigned int allow;
	struct guard_verdict *out;
};

/* It takes these; the reason is told once, if any of them is missing. */
__attribute__((format(printf, 3, 4))) static void
take(struct court *c, unsigned int need, const char *fmt, ...)
{
	struct guard_verdict *v = c->out;
	size_t len = strlen(v->why);
	va_list ap;

	v->never |= (need & NEVER) != 0;
	v->need |= need & GUARD_ALL;
	if (!(need & ~c->allow))
		return;
	if (len && len + 2 < sizeof(v->why)) {
		memcpy(v->why + len, ", ", 3);
		len += 2;
	}
	va_start(ap, fmt);
	vsnprintf(v->why + len, sizeof(v->why) - len, fmt, ap);
	va_end(ap);
}

static void judge_vma(struct court *c)
{
	const struct vma *vma = c->page->vma;

	if (!vma) {
		take(c, NEVER, "the process has no memory there");
		return;
	}
	if (!(vma->flags & VM_WRITE))
		take(c, R, "the process may not write there");
	if (vma->flags & (VM_PFNMAP | VM_MIXEDMAP | VM_IO))
		take(c, S, "a mapping of a device's or the kernel's memory");
	else if (vma->flags & VM_SHARED)
		take(c, S, "a shared mapping");
}

/* "page cache of /tmp/x (tmpfs)", fit to be printed. */
static void guard_rules_take_file(struct court *c, unsigned int need)
{
	const struct page_file *f = c->page->file;
	_cleanup_(buf_deinit) struct buf b = {0};
	char fs[40] = "";

	if (f && *f->fs)
		snprintf(fs, sizeof(fs), " (%s)", f->fs);
	if (f && f->path)
		escape_add(&b, ESCAPE_TEXT, f->path, strlen(f->path));
	else if (f && f->known)
		buf_printf(&b, "inode %llu of device %u:%u",
			   (unsigned long long)f->ino, dev_major(f->dev),
			   dev_minor(f->dev));
	else
		buf_puts(&b, "a file without a name");
	take(c, need, "%s of %.200s%s: all who map or read the file see it",
	     c->page->info.kind == PAGE_DAX ? "the DAX memory"
					    : "the page cache",
	     b.data ? b.data : "", fs);
}

/* The pages of processes: how many share it, and who else holds it. */
static void take_anon(struct court *c, unsigned int need)
{
	const struct page_info *p = &c->page->info;
	const char *words = page_kind_words(p->kind);

	if (c->page->access != GUARD_BY_PROCESS)
		take(c, need, "%s, mapped %u time%s", words, p->mapcount,
		     p->mapcount == 1 ? "" : "s");
	else if (need || p->mapcount != 1)
		take(c, S, "%s: %u mappings see it", words, p->mapcount);
}

/*
 * One process's own page (mm/memory.c, can_reuse: the kernel looks at the
 * same).  A clean one that has a copy in swap, or is free to be dropped, may
 * be dropped with what was written.
 */
static void judge_owned(struct court *c)
{
	const struct page_info *p = &c->page->info;
	bool clean = !p->dirty && !c->page->entry_dirty;

	if (c->page->access != GUARD_BY_PROCESS || p->kind != PAGE_ANON)
		return;
	if (p->extra_refs > 0)
		take(c, S,
		     "%d reference%s beyond its mapping: a pin, a pipe or the "
		     "kernel uses it",
		     p->extra_refs, p->extra_refs == 1 ? "" : "s");
	if (clean && p->swap_cache)
		take(c, S, "clean, with a copy in swap that would win");
	if (clean && p->lazy_free)
		take(c, S, "marked as free to be dropped (MADV_FREE)");
}

static void judge_page(struct court *c)
{
	const struct page_info *p = &c->page->info;
	unsigned int need = rules[p->kind][c->page->access];

	if (page_is_file(p->kind)) {
		guard_rules_take_file(c, need);
	} else if (page_is_anon(p->kind)) {
		take_anon(c, need);
		judge_owned(c);
	} else if (need) {
		take(c, need, "%s", page_kind_words(p->kind));
	}
	if (!page_is_file(p->kind) && !page_is_anon(p->kind) && p->mapcount &&
	    c->page->access != GUARD_BY_PROCESS)
		take(c, S, "processes have it mapped %u times", p->mapcount);
}

/* An entry that is read-only because the page is shared says no more. */
static void judge_entry(struct court *c)
{
	const struct guard_page *p = c->page;

	if (p->access == GUARD_BY_FRAME || p->entry_writes)
		return;
	if (p->access == GUARD_BY_KERNEL)
		take(c, R, "the kernel maps it read-only");
	else if (p->vma && p->vma->flags & VM_WRITE && !c->out->need &&
		 !c->out->never)
		take(c, R, "the page is mapped read-only");
}

void guard_judge(const struct guard_page *p, unsigned int allow,
		 struct guard_verdict *out)
{
	struct court c = {p, allow, out};

	*out = (struct guard_verdict){0};
	if (p->access == GUARD_BY_PROCESS)
		judge_vma(&c);
	if (p->blind)
		take(&c, P,
		     "nothing is known of this frame: no kernel was "
		     "found that could tell");
	else
		judge_page(&c);
	judge_entry(&c);
}
