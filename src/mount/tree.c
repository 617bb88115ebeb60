/* SPDX-License-Identifier: BSD-2-Clause */
/* The moments of a tree: when the guest is paused, and what is read then. */
#include "mount/tree.h"

#include <string.h>

#include "base/clock.h"
#include "mount/tree_inside.h"

/* Where there was no guest, it is not asked for again so soon: whoever opens
 * ten thousand files shall not wait for each. */
#define FAILED_US 500000u

/* A moment lasts so often as long as the pause for it. */
#define RUN_SHARE 2u

/* What the kernel of this host may take for granted at most. */
#define LEFT_US 1000000u

void mount_tree_init(struct mount_tree *t, const struct mount_tree_guest *guest,
		     unsigned int refresh_ms)
{
	*t = (struct mount_tree){.guest = guest,
				 .refresh_us = refresh_ms * 1000ULL};
}

static void mount_tree_forget(struct mount_tree *t)
{
	moment_deinit(&t->moment);
	t->has_moment = false;
	t->near = NULL;
}

void mount_tree_deinit(struct mount_tree *t)
{
	mount_tree_forget(t);
	vec_deinit(&t->wants);
	vec_deinit(&t->lacking);
	vec_deinit(&t->ram);
	windows_deinit(&t->windows);
	if (t->kernel)
		t->guest->go(t->guest->ctx, NULL);
	t->kernel = NULL;
}

/* It is the answer for a while, and is told unless it was. */
static int mount_tree_fail(struct mount_tree *t, const struct err *why,
			   struct err *err)
{
	bool told = t->failure.code == why->code &&
		    !strcmp(t->failure.text, why->text);

	mount_tree_forget(t);
	windows_forget(&t->windows);
	t->failure = *why;
	t->failed_us = clock_now_us();
	/* What took too long of all tasks may do of one, and at once. */
	if (why->code == ERR_INTERRUPTED && !t->narrow)
		t->failed_us = 0;
	t->narrow |= why->code == ERR_INTERRUPTED;
	if (t->narrow)
		t->wants.n = 0;
	if (!told)
		t->guest->complain(t->guest->ctx, why);
	return err_pass(err, why);
}

void mount_tree_lacks(struct mount_tree *t, const struct proc_file *f,
		      const struct err *why)
{
	size_t i;

	for (i = 0; i < t->lacking.n; i++)
		if (t->lacking.v[i] == f)
			return;
	if (!vec_push(&t->lacking, f))
		t->guest->complain(t->guest->ctx, why);
}

/* For who asks for sizes when it runs. */
static int mount_tree_note_ram(struct mount_tree *t, const struct kernel *k,
			       struct err *err)
{
	const struct machine *m = k->machine;

	t->ram.n = 0;
	if (vec_reserve(&t->ram, m->ram.n))
		return err_nomem(err);
	if (m->ram.n)
		memcpy(t->ram.v, m->ram.v, m->ram.n * sizeof(*t->ram.v));
	t->ram.n = m->ram.n;
	return 0;
}

static int mount_tree_stop(struct mount_tree *t, struct kernel **k,
			   struct err *err)
{
	bool other = false;
	int rc = t->guest->stop(t->guest->ctx, k, &other, err);

	t->counts.pauses++;
	if (!rc)
		rc = mount_tree_note_ram(t, *k, err);
	if (rc || !other)
		return rc;
	mount_tree_forget(t);
	windows_forget(&t->windows);
	t->boot++;
	t->lacking.n = 0;
	if (t->booted)
		t->booted(t->booted_ctx);
	return 0;
}

/* Read all that is wanted. */
static int mount_tree_take(struct mount_tree *t, struct kernel *k, void *unused,
			   struct err *err)
{
	int rc = moment_take(k, t->wants.v, t->wants.n, &t->moment, err);

	(void)unused;
	t->moment.taken_us = clock_now_us();
	return rc;
}

/* Tasks that may be missing are no tasks that are gone. */
static void mount_tree_say_torn(struct mount_tree *t)
{
	struct err err = {0};
	bool said = t->torn;

	t->torn = t->moment.tasks.torn;
	if (!t->torn || said)
		return;
	err_set(&err, ERR_UNREADABLE, "there may be more processes: %s",
		t->moment.tasks.why);
	t->guest->complain(t->guest->ctx, &err);
}

static bool has_just_failed(const struct mount_tree *t)
{
	return t->failure.code && clock_now_us() - t->failed_us < FAILED_US;
}

int mount_tree_pause(struct mount_tree *t,
		     int (*work)(struct mount_tree *t, struct kernel *k,
				 void *ctx, struct err *err),
		     void *ctx, struct err *err)
{
	struct err why = {0}, left = {0};
	struct kernel *k = NULL;
	int rc, go;

	if (has_just_failed(t))
		return err_pass(err, &t->failure);
	rc = mount_tree_stop(t, &k, &why);
	if (!rc)
		rc = work(t, k, ctx, &why);
	go = t->guest->go(t->guest->ctx, &left);
	/* The code counts: words may be left of what went well in the end. */
	why.code = rc;
	left.code = go;
	if (rc || go)
		return mount_tree_fail(t, rc ? &why : &left, err);
	t->failure = (struct err){0};
	return 0;
}

int mount_tree_work(struct mount_tree *t,
		    int (*work)(struct mount_tree *t, struct kernel *k,
				void *ctx, struct err *err),
		    void *ctx, struct err *err)
{
	return t->kernel ? work(t, t->kernel, ctx, err)
			 : mount_tree_pause(t, work, ctx, err);
}

static int mount_tree_renew(struct mount_tree *t, struct err *err)
{
	uint64_t from = clock_now_us();
	int rc;

	mount_tree_forget(t);
	mount_tree_drop_wants(t);
	t->ahead = 0;
	rc = mount_tree_pause(t, mount_tree_take, NULL, err);
	if (rc)
		return rc;
	t->cost_us = clock_now_us() - from;
	t->has_moment = true;
	mount_tree_say_torn(t);
	return 0;
}

/* In another pause, or while the guest is held: what the moment lacks. */
static int mount_tree_extend_work(struct mount_tree *t, struct kernel *k,
				  void *unused, struct err *err)
{
	/* It was dropped: this is another boot. */
	if (!t->has_moment)
		return 0;
	(void)unused;
	return moment_extend(k, t->wants.v, t->wants.n, &t->moment, err);
}

static int mount_tree_extend(struct mount_tree *t, struct err *err)
{
	struct err why = {0};
	int rc;

	t->near = NULL;
	if (!t->kernel) {
		rc = mount_tree_pause(t, mount_tree_extend_work, NULL, err);
		if (!rc && !t->has_moment)
			return mount_tree_renew(t, err); /* another boot */
		if (!rc)
			mount_tree_say_torn(t);
		return rc;
	}
	rc = mount_tree_extend_work(t, t->kernel, NULL, &why);
	why.code = rc;
	return rc ? mount_tree_fail(t, &why, err) : 0;
}

/* Of a guest that is held. */
static int mount_tree_take_held(struct mount_tree *t, struct err *err)
{
	int rc = mount_tree_take(t, t->kernel, NULL, err);

	t->has_moment = !rc;
	if (!rc)
		mount_tree_say_torn(t);
	return rc;
}

int mount_tree_hold(struct mount_tree *t, struct err *err)
{
	int rc = mount_tree_stop(t, &t->kernel, err);

	return rc ? rc : mount_tree_take_held(t, err);
}

/* While the guest is held: what a failure has dropped is read again, after a
 * while. */
static int mount_tree_take_again(struct mount_tree *t, struct err *err)
{
	struct err why = {0};
	int rc;

	if (has_just_failed(t))
		return err_pass(err, &t->failure);
	rc = mount_tree_take_held(t, &why);
	why.code = rc;
	if (rc)
		return mount_tree_fail(t, &why, err);
	t->failure = (struct err){0};
	return 0;
}

uint64_t mount_tree_lasts_us(const struct mount_tree *t)
{
	uint64_t least = t->refresh_us ? RUN_SHARE * t->cost_us : 0;

	return t->refresh_us < least ? least : t->refresh_us;
}

uint64_t mount_tree_left_us(const struct mount_tree *t)
{
	uint64_t age = clock_now_us() - t->moment.taken_us, left = 0;

	if (t->has_moment && age < mount_tree_lasts_us(t))
		left = mount_tree_lasts_us(t) - age;
	return t->kernel || left > LEFT_US ? LEFT_US : left;
}

int mount_tree_fresh(struct mount_tree *t, uint64_t most_us, struct err *err)
{
	if (t->kernel)
		return t->has_moment ? 0 : mount_tree_take_again(t, err);
	if (t->has_moment && clock_now_us() - t->moment.taken_us < most_us)
		return 0;
	return mount_tree_renew(t, err);
}

/*
 * Add what is lacking of a file, and what is likely to be asked for next; to a
 * moment that still lasts, else to a new one.
 */
static int mount_tree_add(struct mount_tree *t, const struct proc_file *file,
			  struct err *err)
{
	if (!t->kernel && !mount_tree_left_us(t))
		return mount_tree_renew(t, err);
	if (!t->narrow && mount_tree_look_ahead(t, file, t->ahead))
		return err_nomem(err);
	t->ahead = 2 * t->ahead + 1;
	return mount_tree_extend(t, err);
}

int mount_tree_read(struct mount_tree *t, struct mount_tree_place *p,
		    struct err *err)
{
	const struct task *task = p->task;
	uint32_t pid = task ? task->pid : 0;
	struct moment_reading *r;
	struct err why;
	int rc = 0;

	if (mount_tree_want(t, p->file, pid, task && pid != task->tgid))
		return err_nomem(err);
	r = moment_find(&t->moment, p->file, pid, &p->part);
	if (!r)
		rc = mount_tree_add(t, p->file, err);
	if (rc)
		return rc;
	p->task = pid ? moment_task(&t->moment, pid) : NULL;
	r = r ? r : moment_find(&t->moment, p->file, pid, &p->part);
	p->reading = r;
	if (!r)
		return err_set(err, ERR_NOT_FOUND, "pid %u is gone", pid);
	why = r->failure;
	if (!why.code)
		return 0;
	err_wrap(&why, why.code, "%s%s",
		 p->file->scope == PROC_BESIDE ? "/" : "", p->file->name);
	if (why.code != ERR_NOT_FOUND)
		mount_tree_lacks(t, p->file, &why);
	return err_pass(err, &why);
}
