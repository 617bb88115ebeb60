/* SPDX-License-Identifier: BSD-2-Clause */
/* Guest memory out of the QEMU process that holds it. */
#include "target/process.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <sys/uio.h>

/* Pieces of one call: more are EINVAL. */
#define BATCH_MAX IOV_MAX

struct batch {
	const struct target_process *process;
	size_t n;
	struct iovec local[BATCH_MAX], remote[BATCH_MAX];
	struct mem_read *owner[BATCH_MAX];
};

void target_process_deinit(struct target_process *p)
{
	vec_deinit(&p->blocks);
}

static int explain(pid_t pid, struct err *err)
{
	if (errno == EPERM)
		return err_set(err, ERR_REFUSED,
			       "may not read the memory of process %ld: that "
			       "takes its user or CAP_SYS_PTRACE, and what "
			       "ptrace rules there are",
			       (long)pid);
	return err_sys(err, ERR_REFUSED,
		       "cannot read the memory of process %ld", (long)pid);
}

/* One piece, as far as it goes. */
static int read_alone(struct batch *b, size_t at, struct err *err)
{
	struct iovec local = b->local[at], remote = b->remote[at];
	ssize_t n;

	while (local.iov_len) {
		n = process_vm_readv(b->process->pid, &local, 1, &remote, 1, 0);
		if (n < 0 && errno != EFAULT)
			return explain(b->process->pid, err);
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

/*
 * All pieces of the batch.  The call ends early at the first page that it
 * cannot get, and after 2 GiB: what it did not finish is asked for alone, and
 * the call repeated for the rest.
 */
static int run(struct batch *b, struct err *err)
{
	size_t at = 0;
	ssize_t n;
	int ret;

	while (at < b->n) {
		if (b->process->interrupt && *b->process->interrupt)
			return err_set(err, ERR_INTERRUPTED, "interrupted");
		n = process_vm_readv(b->process->pid, b->local + at, b->n - at,
				     b->remote + at, b->n - at, 0);
		if (n < 0 && errno != EFAULT)
			return explain(b->process->pid, err);
		for (; at < b->n && n >= (ssize_t)b->local[at].iov_len; at++)
			n -= (ssize_t)b->local[at].iov_len;
		if (at == b->n)
			break;
		ret = read_alone(b, at++, err);
		if (ret)
			return ret;
	}
	b->n = 0;
	return 0;
}

/* The block that holds an address, or NULL. */
static const struct process_block *block_at(const struct target_process *p,
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

/* One read, cut where blocks adjoin. */
static int add(struct batch *b, struct mem_read *read, struct err *err)
{
	const struct process_block *block;
	size_t done, len;
	uint64_t offset;
	int ret = 0;

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
		b->local[b->n].iov_base = (uint8_t *)read->dst + done;
		/* An address of another process: a number here. */
		b->remote[b->n].iov_base =
			(void *)(uintptr_t)(block->hva + offset);
		b->local[b->n].iov_len = b->remote[b->n].iov_len = len;
		b->owner[b->n++] = read;
		if (b->n == BATCH_MAX)
			ret = run(b, err);
	}
	return ret;
}

int target_process_read(const struct target_process *p, struct mem_read *reads,
			size_t n, struct err *err)
{
	struct batch b;
	size_t i;
	int ret = 0;

	b.process = p;
	b.n = 0;
	for (i = 0; !ret && i < n; i++)
		ret = add(&b, &reads[i], err);
	return ret ? ret : run(&b, err);
}
