/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/mem: the memory of a process, at its addresses. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/mm_bytes.h"
#include "kernel/mm/vma.h"
#include "proc/proc.h"

/* What an area needs so that others may read it by force, as a debugger does:
 * mm/gup.c, check_vma_flags(). */
#define VM_MAYREAD 0x00000010ULL

/* Pages of what is asked for, with those at its ends as a whole. */
struct mem_pages {
	uint64_t at;
	size_t n;
	uint8_t *bytes, *there;
};

static void mem_pages_deinit(struct mem_pages *p)
{
	free(p->bytes);
	free(p->there);
}

/* No address of a process is so large that this would not fit. */
static int mem_pages_init(struct mem_pages *p, const struct proc_bytes *b)
{
	uint64_t end = b->offset + b->len;

	p->at = b->offset - b->offset % PAGE_SIZE_4K;
	p->n = (size_t)((end - p->at + PAGE_SIZE_4K - 1) / PAGE_SIZE_4K);
	p->bytes = malloc(p->n * PAGE_SIZE_4K + 1);
	p->there = calloc(p->n + 1, 1);
	return p->bytes && p->there ? 0 : ERR_NOMEM;
}

/* Whether the kernel lets it be read: no device's memory, and in an area. */
static bool mem_is_readable(const struct vma_list *vmas, uint64_t at)
{
	const struct vma *v = vma_find(vmas, at);

	return v && !(v->flags & (VM_IO | VM_PFNMAP)) &&
	       v->flags & (VM_READ | VM_MAYREAD);
}

static int mem_read_pages(struct kernel *k, const struct mm *mm,
			  struct mem_pages *p, struct err *err)
{
	_cleanup_(mm_bytes_deinit) struct mm_bytes m = {.root = &mm->root,
							.mm = mm,
							.at = p->at,
							.dst = p->bytes,
							.len = p->n *
							       PAGE_SIZE_4K,
							.pages = p->there};
	struct vma_list vmas = {0};
	size_t i;
	int rc = vma_lists_read(k, mm, 1, &vmas, err);

	if (!rc && vmas.torn)
		rc = err_set(err, ERR_UNREADABLE, "%s", vmas.why);
	if (!rc)
		rc = mm_bytes_read(k, &m, err);
	for (i = 0; i < p->n && !rc; i++)
		if (!mem_is_readable(&vmas, p->at + i * PAGE_SIZE_4K))
			p->there[i] = 0;
	vma_lists_deinit(&vmas, 1);
	return rc;
}

/* Up to the first page that is not there, or page by page. */
static int mem_take(const struct mem_pages *p, struct proc_bytes *b,
		    struct err *err)
{
	size_t skip = (size_t)(b->offset - p->at), n = 0;

	while (n < p->n && (b->pages || p->there[n]))
		n++;
	b->got = n * PAGE_SIZE_4K > skip ? n * PAGE_SIZE_4K - skip : 0;
	if (b->got > b->len)
		b->got = b->len;
	memcpy(b->dst, p->bytes + skip, b->got);
	if (b->pages)
		memcpy(b->pages, p->there, p->n);
	if (b->got == b->len)
		return 0;
	return err_set(err, ERR_UNREADABLE,
		       "%u:0x%" PRIx64 ": nothing that can be read is there",
		       b->task->pid, b->offset + b->got);
}

static int mem_read(struct kernel *k, struct proc_bytes *b, struct err *err)
{
	_cleanup_(mem_pages_deinit) struct mem_pages p = {0};
	struct mm mm;
	int rc = mm_of_task(k, b->task, &mm, err);

	if (rc || !b->len)
		return rc;
	if (b->offset > INT64_MAX - b->len)
		return err_set(err, ERR_USAGE,
			       "a process has no such addresses");
	if (mem_pages_init(&p, b))
		return err_nomem(err);
	rc = mem_read_pages(k, &mm, &p, err);
	return rc ? rc : mem_take(&p, b, err);
}

static int mem_bytes(struct kernel *k, struct proc_bytes *b, size_t n,
		     struct err *err)
{
	return proc_bytes_each(k, b, n, mem_read, err);
}

const struct proc_file proc_pid_mem = {
	.name = "mem",
	.scope = PROC_TASK,
	.kind = PROC_BYTES,
	.bytes = mem_bytes,
	.memory = true,
};
