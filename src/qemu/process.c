/* SPDX-License-Identifier: BSD-2-Clause */
/* Guest memory out of the QEMU process that holds it. */
#include "qemu/process.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stddef.h>
#include <string.h>
#include <sys/uio.h>

#include "gdbrsp/wait.h"

/* Pieces of one call: more are EINVAL. */
#define BATCH_MAX IOV_MAX

struct batch {
	struct qemu_process *process;
	size_t n;
	struct iovec local[BATCH_MAX], remote[BATCH_MAX];
	struct mem_read *owner[BATCH_MAX];
};

void qemu_process_deinit(struct qemu_process *p)
{
	vec_deinit(&p->blocks);
	qemu_present_deinit(&p->present);
	qemu_areas_deinit(&p->areas);
	qemu_bound_close(&p->bound);
}

void qemu_process_forget(struct qemu_process *p)
{
	qemu_present_forget(&p->present);
}

/* What errno means of reading the process. */
static int process_explain(struct qemu_process *p, pid_t pid, struct err *err)
{
	/* Of process_vm_readv(2), or of open(2). */
	if (errno != EPERM && errno != EACCES)
		return err_sys(err, ERR_REFUSED,
			       "cannot read the memory of process %ld",
			       (long)pid);
	p->denied = true;
	return err_set(err, ERR_REFUSED,
		       "may not read the memory of process %ld: that takes its "
		       "user or CAP_SYS_PTRACE, and what ptrace rules there "
		       "are",
		       (long)pid);
}

int qemu_process_bind(struct qemu_process *p, pid_t pid, struct err *err)
{
	struct err why = {0};

	qemu_areas_deinit(&p->areas);
	qemu_present_deinit(&p->present);
	qemu_bound_close(&p->bound);
	if (!qemu_bound_open(&p->bound, pid, &why))
		return 0;
	if (errno == ENOSYS)
		return err_set(err, ERR_REFUSED, "%s", why.text);
	return process_explain(p, pid, err);
}

/*
 * What became of looking at files of /proc/PID, as `why` says.  Who may not
 * read the memory either is told that: nothing is at address 0.
 */
static int process_explain_proc(struct qemu_process *p, int ret,
				const struct err *why, struct err *err)
{
	char byte;
	struct iovec local = {.iov_base = &byte, .iov_len = 1};
	struct iovec remote = {.iov_len = 1};

	if (ret != ERR_SYS)
		return ret ? err_set(err, ret, "%s", why->text) : 0;
	if (process_vm_readv(p->bound.pid, &local, 1, &remote, 1, 0) < 0 &&
	    errno != EFAULT)
		return process_explain(p, p->bound.pid, err);
	p->denied = true;
	return err_set(err, ERR_REFUSED,
		       "which pages process %ld has cannot be told: %s",
		       (long)p->bound.pid, why->text);
}

/* Have the pagemap of the process that is read now. */
static int process_use(struct qemu_process *p, struct err *err)
{
	struct err why = {0};
	int ret = qemu_present_use(&p->present, &p->bound, &why);

	return process_explain_proc(p, ret, &why, err);
}

/* Was it this process that was read, or is its number another one's? */
static int process_prove(const struct qemu_process *p, struct err *err)
{
	if (qemu_bound_lives(&p->bound))
		return 0;
	return err_set(err, ERR_REFUSED,
		       "process %ld has ended, or runs another program by now",
		       (long)p->bound.pid);
}

/* The stretch of its addresses that all blocks lie in. */
static void process_span(struct qemu_process *p)
{
	const struct process_block *b;
	size_t i;

	for (i = 0; i < p->blocks.n; i++) {
		b = &p->blocks.v[i];
		if (!i || b->hva < p->areas.from)
			p->areas.from = b->hva;
		if (!i || b->hva + b->size > p->areas.to)
			p->areas.to = b->hva + b->size;
	}
}

/* Have its areas, as far as blocks lie in them. */
static int process_survey(struct qemu_process *p, bool detailed,
			  struct err *err)
{
	struct err why = {0};
	int ret;

	if (p->areas.loaded && (p->areas.detailed || !detailed))
		return 0;
	process_span(p);
	ret = qemu_areas_load(&p->areas, &p->bound, detailed, &why);
	ret = process_explain_proc(p, ret, &why, err);
	return ret ? ret : process_prove(p, err);
}

/* Between two steps of a read. */
static int process_pause(const struct qemu_process *p, struct err *err)
{
	return p->limits ? gdbrsp_wait_over(p->limits, err) : 0;
}

/* One piece, as far as it goes. */
static int process_read_alone(struct batch *b, size_t at, struct err *err)
{
	struct iovec local = b->local[at], remote = b->remote[at];
	ssize_t n;

	while (local.iov_len) {
		n = process_vm_readv(b->process->bound.pid, &local, 1, &remote,
				     1, 0);
		if (n < 0 && errno != EFAULT)
			return process_explain(b->process,
					       b->process->bound.pid, err);
		if (n <= 0) {
			b->owner[at]->status = MEM_FAILED;
			return 0;
		}
		local.iov_base = (uint8_t *)local.iov_base + n;
		remote.iov_base = (uint8_t *)remote.iov_base + n;
		local.iov_len -= (size_t)n;
		remote.iov_len -= (size_t)n;
	}
	return 0;
}

/* Whether it was read of this process, not of its number: else nothing was. */
static int process_keep(const struct batch *b, int ret, struct err *err)
{
	size_t i;

	if (!b->n || !process_prove(b->process, ret ? NULL : err))
		return ret;
	for (i = 0; i < b->n; i++)
		memset(b->local[i].iov_base, 0, b->local[i].iov_len);
	return ret ? ret : ERR_REFUSED;
}

/*
 * All pieces of the batch.  The call ends early at the first page that it
 * cannot get, and after 2 GiB: what it did not finish is asked for alone, and
 * the call repeated for the rest.
 */
static int process_run(struct batch *b, struct err *err)
{
	const pid_t pid = b->process->bound.pid;
	size_t at = 0;
	ssize_t n;
	int ret = 0;

	while (at < b->n && !ret) {
		ret = process_pause(b->process, err);
		if (ret)
			break;
		n = process_vm_readv(pid, b->local + at, b->n - at,
				     b->remote + at, b->n - at, 0);
		if (n < 0 && errno != EFAULT) {
			ret = process_explain(b->process, pid, err);
			break;
		}
		for (; at < b->n && n >= (ssize_t)b->local[at].iov_len; at++)
			n -= (ssize_t)b->local[at].iov_len;
		if (at < b->n)
			ret = process_read_alone(b, at++, err);
	}
	ret = process_keep(b, ret, err);
	b->n = 0;
	return ret;
}

/* The block that holds an address, or NULL. */
static const struct process_block *block_at(const struct qemu_process *p,
					    uint64_t pa)
{
	size_t lo = 0, hi = p->blocks.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (p->blocks.v[mid].start <= pa)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (!lo || pa - p->blocks.v[lo - 1].start >= p->blocks.v[lo - 1].size)
		return NULL;
	return &p->blocks.v[lo - 1];
}

/* A piece that the process has, to be read with others. */
static int process_queue(struct batch *b, struct mem_read *read, void *dst,
			 uint64_t hva, size_t len, struct err *err)
{
	b->local[b->n].iov_base = dst;
	/* An address of another process: a number here. */
	b->remote[b->n].iov_base = (void *)(uintptr_t)hva;
	b->local[b->n].iov_len = b->remote[b->n].iov_len = len;
	b->owner[b->n++] = read;
	return b->n == BATCH_MAX ? process_run(b, err) : 0;
}

/* A piece of which the process has no page: what stands behind it. */
static int process_fill(struct batch *b, struct mem_read *read, uint8_t *dst,
			uint64_t hva, size_t len, struct err *err)
{
	const struct qemu_area *area;
	size_t done, some;
	int ret;

	ret = process_survey(b->process, true, err);
	for (done = 0; !ret && done < len; done += some) {
		area = qemu_areas_find(&b->process->areas, hva + done);
		some = len - done;
		if (area && some > area->end - (hva + done))
			some = area->end - (hva + done);
		if (area && area->kind == AREA_OPAQUE)
			ret = process_queue(b, read, dst + done, hva + done,
					    some, err);
		else if (area && area->kind == AREA_ZEROS)
			memset(dst + done, 0, some);
		else if (!area || area->kind == AREA_TO_COME ||
			 !qemu_area_read(area, hva + done, dst + done, some))
			read->status = MEM_FAILED;
	}
	return ret;
}

/* A piece of one block, cut where pages that the process has begin or end. */
static int process_add_piece(struct batch *b, struct mem_read *read,
			     uint8_t *dst, uint64_t hva, size_t len,
			     struct err *err)
{
	struct err why = {0};
	uint64_t run = 0;
	bool present = false;
	size_t done;
	int ret = 0;

	for (done = 0; !ret && done < len; done += run) {
		ret = qemu_present_run(&b->process->present, hva + done,
				       len - done, &present, &run, &why);
		if (ret)
			return process_explain_proc(b->process, ret, &why, err);
		ret = present ? process_queue(b, read, dst + done, hva + done,
					      run, err)
			      : process_fill(b, read, dst + done, hva + done,
					     run, err);
	}
	return ret;
}

/* One read, cut where blocks adjoin. */
static int process_add(struct batch *b, struct mem_read *read, struct err *err)
{
	const struct process_block *block;
	size_t done, len;
	uint64_t offset;
	int ret = process_pause(b->process, err);

	read->status = MEM_OK;
	for (done = 0; !ret && done < read->len; done += len) {
		block = block_at(b->process, read->pa + done);
		if (!block) {
			read->status = MEM_FAILED;
			return 0;
		}
		offset = read->pa + done - block->start;
		len = read->len - done;
		if (len > block->size - offset)
			len = block->size - offset;
		ret = process_add_piece(b, read, (uint8_t *)read->dst + done,
					block->hva + offset, len, err);
	}
	return ret;
}

int qemu_process_read(struct qemu_process *p, struct mem_read *reads, size_t n,
		      struct err *err)
{
	struct batch b;
	size_t i;
	int ret;

	b.process = p;
	b.n = 0;
	ret = process_use(p, err);
	for (i = 0; !ret && i < n; i++)
		ret = process_add(&b, &reads[i], err);
	return ret ? ret : process_run(&b, err);
}

int qemu_process_pages(struct qemu_process *p, uint64_t pa, uint64_t *hva,
		       uint64_t *pages, struct err *err)
{
	const struct process_block *block = block_at(p, pa);
	struct err why = {0};
	int ret = process_pause(p, err);

	*pages = 0;
	if (!ret)
		ret = process_use(p, err);
	if (ret || !block)
		return ret;
	*hva = block->hva + (pa - block->start);
	ret = qemu_present_word(&p->present, *hva, pages, &why);
	return process_explain_proc(p, ret, &why, err);
}

int qemu_process_check(struct qemu_process *p, struct err *err)
{
	const struct process_block *block;
	int ret = process_survey(p, false, err);
	const char *why;
	size_t i;

	for (i = 0; !ret && i < p->blocks.n; i++) {
		block = &p->blocks.v[i];
		why = qemu_areas_refuse(&p->areas, block->hva, block->size);
		if (why)
			ret = err_set(err, ERR_REFUSED,
				      "process %ld does not hold this guest's "
				      "memory: %s for physical 0x%" PRIx64,
				      (long)p->bound.pid, why, block->start);
	}
	return ret;
}
