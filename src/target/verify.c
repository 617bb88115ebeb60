/* SPDX-License-Identifier: BSD-2-Clause */
/* Where QEMU says its RAM lies, and whether a process has it there. */
#include "target/verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "target/evidence.h"

/* Fewer than so many that are not all zeros are no evidence. */
#define EVIDENCE 4u

/* Monitor commands with their output. */
struct questions {
	size_t n;
	char (*text)[40];
	const char **commands;
	struct buf *answers;
};

static void questions_deinit(struct questions *q)
{
	size_t i;

	for (i = 0; q->answers && i < q->n; i++)
		buf_deinit(&q->answers[i]);
	free(q->answers);
	free(q->commands);
	free(q->text);
}

static int questions_init(struct questions *q, const struct machine *m,
			  struct err *err)
{
	size_t i, n = 1 + 2 * m->ram.n;

	q->text = calloc(n, sizeof(*q->text));
	q->commands = calloc(n, sizeof(*q->commands));
	q->answers = calloc(n, sizeof(*q->answers));
	if (!q->text || !q->commands || !q->answers)
		return err_nomem(err);
	q->n = n;
	for (i = 0; i < m->ram.n; i++) {
		const struct ram_range *r = &m->ram.v[i];

		snprintf(q->text[1 + 2 * i], sizeof(*q->text),
			 "gpa2hva 0x%" PRIx64, r->start);
		snprintf(q->text[2 + 2 * i], sizeof(*q->text),
			 "gpa2hva 0x%" PRIx64, r->start + r->size - 1);
	}
	snprintf(q->text[0], sizeof(*q->text), "info cpus");
	for (i = 0; i < n; i++)
		q->commands[i] = q->text[i];
	return 0;
}

/* The block behind a range, from what is said of its first and last byte. */
static int add_block(struct target_process *p, const struct ram_range *r,
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

int target_verify_map(struct target_process *p, struct monitor_cpus *cpus,
		      struct gdbrsp_client *client, const struct machine *m,
		      struct err *err)
{
	_cleanup_(questions_deinit) struct questions q = {0};
	size_t i;
	int ret;

	ret = questions_init(&q, m, err);
	if (!ret)
		ret = gdbrsp_client_monitors(client, q.commands, q.answers, q.n,
					     err);
	if (!ret)
		ret = monitor_parse_cpus(q.answers[0].data, cpus, err);
	for (i = 0; !ret && i < m->ram.n; i++)
		ret = add_block(p, &m->ram.v[i], &q.answers[1 + 2 * i], err);
	return ret;
}

static int not_there(const struct target_process *p, uint64_t pa,
		     struct err *err)
{
	return err_set(err, ERR_REFUSED,
		       "process %ld does not hold this guest's memory: it has "
		       "something else for physical 0x%" PRIx64,
		       (long)p->pid, pa);
}

static bool is_zero(const struct mem_read *r)
{
	const uint8_t *bytes = r->dst;

	return !bytes[0] && !memcmp(bytes, bytes + 1, r->len - 1);
}

/* Read all places into `bytes`, which has room for them. */
static void aim(const struct evidence *e, uint8_t *bytes,
		struct mem_read *reads)
{
	size_t i;

	for (i = 0; i < e->at.n; i++)
		reads[i] = (struct mem_read){.pa = e->at.v[i].pa,
					     .dst = bytes + i * EVIDENCE_MAX,
					     .len = e->at.v[i].len};
}

static int compare(const struct target_process *p, const struct mem_read *ours,
		   const struct mem_read *stubs, size_t n, struct err *err)
{
	size_t i, telling = 0;

	for (i = 0; i < n; i++) {
		if (ours[i].status != MEM_OK || stubs[i].status != MEM_OK ||
		    memcmp(ours[i].dst, stubs[i].dst, ours[i].len) != 0)
			return not_there(p, ours[i].pa, err);
		telling += !is_zero(&ours[i]);
	}
	if (telling < EVIDENCE)
		return err_set(err, ERR_REFUSED,
			       "the guest's memory is too empty to tell "
			       "whether process %ld holds it",
			       (long)p->pid);
	return 0;
}

int target_verify_bytes(struct target_process *p, struct gdbrsp_client *client,
			const struct machine *m, struct err *err)
{
	_cleanup_(evidence_deinit) struct evidence picks = {0};
	_cleanup_free_ struct mem_read *reads = NULL;
	_cleanup_free_ uint8_t *bytes = NULL;
	size_t n;
	int ret;

	ret = evidence_pick(p, m, &picks, err);
	if (ret)
		return ret;
	n = picks.at.n;
	reads = calloc(2 * n + 1, sizeof(*reads));
	bytes = calloc(2 * n + 1, EVIDENCE_MAX);
	if (!reads || !bytes)
		return err_nomem(err);
	aim(&picks, bytes, reads);
	aim(&picks, bytes + n * EVIDENCE_MAX, reads + n);
	ret = target_process_read(p, reads, n, err);
	if (!ret)
		ret = gdbrsp_client_read(client, reads + n, n, err);
	return ret ? ret : compare(p, reads, reads + n, n, err);
}
