/* SPDX-License-Identifier: BSD-2-Clause */
/* Where QEMU says its RAM lies, and whether a process has it there. */
#include "qemu/verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "qemu/evidence.h"
#include "qemu/questions.h"

/* Fewer than so many that are not all zeros are no evidence. */
#define EVIDENCE 4u

/* What is asked of each range, and who the vCPUs are. */
static int verify_questions(struct questions *q, const struct machine *m,
			    struct err *err)
{
	int ret = questions_init(q, 1 + 2 * m->ram.n, err);
	size_t i;

	if (ret)
		return ret;
	snprintf(q->text[0], sizeof(*q->text), "info cpus");
	for (i = 0; i < m->ram.n; i++) {
		const struct ram_range *r = &m->ram.v[i];

		questions_ask_hva(q, 1 + 2 * i, r->start);
		questions_ask_hva(q, 2 + 2 * i, r->start + r->size - 1);
	}
	return 0;
}

/* The block behind a range, from what is said of its first and last byte:
 * docs/facts/gdbstub.md, "QEMU's process". */
static int add_block(struct qemu_process *p, const struct ram_range *r,
		     const struct buf answers[2], struct err *err)
{
	struct process_block block = {.start = r->start, .size = r->size};
	uint64_t last = 0;
	int ret;

	ret = monitor_parse_hva(answers[0].data, r->start, &block.hva, err);
	if (!ret)
		ret = monitor_parse_hva(answers[1].data, r->start + r->size - 1,
					&last, err);
	if (ret)
		return err_wrap(err, ERR_REFUSED,
				"QEMU does not say where its RAM lies");
	if (last < block.hva || last - block.hva != r->size - 1)
		return err_set(err, ERR_REFUSED,
			       "RAM from 0x%" PRIx64 " on does not lie in one "
			       "piece in QEMU",
			       r->start);
	return vec_push(&p->blocks, block) ? err_nomem(err) : 0;
}

int qemu_verify_map(struct qemu_process *p, struct monitor_cpus *cpus,
		    struct qemu_stub *stub, const struct machine *m,
		    struct err *err)
{
	_cleanup_(questions_deinit) struct questions q = {0};
	size_t i;
	int ret;

	ret = verify_questions(&q, m, err);
	if (!ret)
		ret = qemu_monitor_run(&stub->monitor, q.commands, q.answers,
				       q.n, err);
	if (!ret)
		ret = monitor_parse_cpus(q.answers[0].data, cpus, err);
	for (i = 0; !ret && i < m->ram.n; i++)
		ret = add_block(p, &m->ram.v[i], &q.answers[1 + 2 * i], err);
	return ret;
}

int qemu_verify_ahead(struct qemu_stub *stub, const struct machine *m,
		      struct err *err)
{
	_cleanup_(questions_deinit) struct questions q = {0};
	int ret = verify_questions(&q, m, err);

	return ret ? ret
		   : qemu_monitor_ahead(&stub->monitor, q.commands, q.n, err);
}

static int not_there(const struct qemu_process *p, uint64_t pa, struct err *err)
{
	return err_set(err, ERR_REFUSED,
		       "process %ld does not hold this guest's memory: it has "
		       "something else for physical 0x%" PRIx64,
		       (long)p->bound.pid, pa);
}

/* The bytes of all places that are new. */
static size_t new_bytes(const struct evidence *e)
{
	size_t i, len = 0;

	for (i = e->from; i < e->at.n; i++)
		len += e->at.v[i].len;
	return len;
}

/* Read all places that are new into `bytes`, which has room for them. */
static void aim(const struct evidence *e, uint8_t *bytes,
		struct mem_read *reads)
{
	size_t i, n = e->at.n - e->from;

	for (i = 0; i < n; i++) {
		reads[i] = (struct mem_read){.pa = e->at.v[e->from + i].pa,
					     .dst = bytes,
					     .len = e->at.v[e->from + i].len};
		bytes += reads[i].len;
	}
}

/* What proves something: by lot, not zeros, and no second of its page. */
static bool is_telling(const struct evidence *e, size_t i,
		       const struct mem_read *r)
{
	size_t k;

	for (k = 0; k < i; k++)
		if (e->at.v[k].pa / PAGE_SIZE_4K == r->pa / PAGE_SIZE_4K)
			return false;
	return !e->at.v[i].fixed && !evidence_is_zero(r->dst, r->len);
}

/* Have both sides read what is new; *telling counts. */
static int compare(struct qemu_process *p, struct gdbrsp_client *client,
		   const struct evidence *e, size_t *telling, struct err *err)
{
	size_t n = e->at.n - e->from, len = new_bytes(e), i;
	_cleanup_free_ struct mem_read *reads =
		calloc(2 * n + 1, sizeof(*reads));
	_cleanup_free_ uint8_t *bytes = malloc(2 * len + 1);
	struct mem_read *stubs;
	int ret;

	if (!reads || !bytes)
		return err_nomem(err);
	stubs = reads + n;
	aim(e, bytes, reads);
	aim(e, bytes + len, stubs);
	ret = qemu_process_read(p, reads, n, err);
	if (!ret)
		ret = gdbrsp_client_read(client, stubs, n, err);
	for (i = 0; !ret && i < n; i++) {
		if (reads[i].status != MEM_OK || stubs[i].status != MEM_OK ||
		    memcmp(reads[i].dst, stubs[i].dst, reads[i].len) != 0)
			return not_there(p, reads[i].pa, err);
		*telling += is_telling(e, e->from + i, &reads[i]);
	}
	return ret;
}

int qemu_verify_bytes(struct qemu_process *p, struct gdbrsp_client *client,
		      const struct machine *m, bool again, struct err *err)
{
	_cleanup_(evidence_deinit) struct evidence e = {.again = again};
	size_t telling = 0;
	int ret;

	ret = qemu_process_check(p, err);
	if (!ret)
		ret = evidence_pick(p, m, &e, err);
	while (!ret && e.from < e.at.n) {
		ret = compare(p, client, &e, &telling, err);
		if (!ret)
			ret = evidence_go_on(p, m, &e, err);
	}
	if (!ret && !again && telling < EVIDENCE)
		ret = err_set(err, ERR_REFUSED,
			      "the guest's memory is too empty to tell whether "
			      "process %ld holds it",
			      (long)p->bound.pid);
	return ret;
}
