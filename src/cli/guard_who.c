/* SPDX-License-Identifier: BSD-2-Clause */
/* Looks through the memory of all processes, once. */
#include "cli/guard_who.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/task.h"

/* Processes that have memory, and that memory. */
struct crowd {
	struct task_list tasks;
	struct mm *mms;
	uint32_t *pids;
	size_t n;
};

static void crowd_deinit(struct crowd *c)
{
	task_list_deinit(&c->tasks);
	free(c->mms);
	free(c->pids);
}

static int crowd_read(struct kernel *k, struct crowd *c, struct err *err)
{
	_cleanup_free_ uint64_t *addrs = NULL;
	size_t i;
	int rc = task_list_read(k, false, &c->tasks, err);

	if (rc)
		return rc;
	addrs = calloc(c->tasks.n + 1, sizeof(*addrs));
	c->mms = calloc(c->tasks.n + 1, sizeof(*c->mms));
	c->pids = calloc(c->tasks.n + 1, sizeof(*c->pids));
	if (!addrs || !c->mms || !c->pids)
		return err_nomem(err);
	for (i = 0; i < c->tasks.n; i++) {
		const struct task *t = &c->tasks.v[i];

		if (!t->mm || task_is_kthread(t))
			continue;
		c->pids[c->n] = t->pid;
		addrs[c->n++] = t->mm;
	}
	return mm_read(k, addrs, c->n, c->mms, err);
}

int guard_mm_of_cr3(struct kernel *k, uint64_t cr3, struct mm *out,
		    struct err *err)
{
	_cleanup_(crowd_deinit) struct crowd c = {0};
	uint64_t mask = CR3_ADDR & ~(k->pti ? PTI_USER_PGD : 0);
	size_t i;
	int rc = crowd_read(k, &c, err);

	for (i = 0; i < c.n && !rc; i++)
		if (c.mms[i].readable &&
		    (c.mms[i].root.pgd & mask) == (cr3 & mask)) {
			*out = c.mms[i];
			break;
		}
	return rc;
}

#define NAMED 6

void guard_others(struct kernel *k, const struct mm *own, uint64_t va,
		  uint64_t pa, char *text, size_t size)
{
	_cleanup_(crowd_deinit) struct crowd c = {0};
	_cleanup_free_ struct walk *walks = NULL;
	size_t i, n = 0, len = 0;

	*text = '\0';
	if (crowd_read(k, &c, NULL))
		return;
	walks = calloc(c.n + 1, sizeof(*walks));
	if (!walks)
		return;
	for (i = 0; i < c.n; i++)
		walk_launch(&walks[i], &c.mms[i].root, va);
	if (walk_run(k->machine, walks, c.n, NULL))
		return;
	for (i = 0; i < c.n; i++) {
		if (walks[i].result != WALK_MAPPED || walks[i].pa != pa ||
		    !c.mms[i].readable || c.mms[i].addr == own->addr)
			continue;
		if (n++ < NAMED && len < size)
			len += (size_t)snprintf(
				text + len, size - len,
				n > 1 ? ", %u" : ", also PID %u", c.pids[i]);
	}
	if (n > NAMED && len < size)
		snprintf(text + len, size - len, "...");
}
