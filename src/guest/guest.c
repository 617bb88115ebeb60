/* SPDX-License-Identifier: BSD-2-Clause */
/* One guest: how it is reached and stopped, and the kernel that is in it. */
#include "guest/guest.h"

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/locate.h"
#include "kernel/readers.h"
#include "machine/regs.h"

void guest_start(struct guest *g, const struct guest_opts *opts,
		 struct source source)
{
	*g = (struct guest){.opts = opts, .source = source};
}

/* Nobody has attached: there is nothing to be left. */
static int guest_give_up(struct guest *g, int rc)
{
	source_close(&g->source);
	return rc;
}

int guest_prepare(struct guest *g, struct err *err)
{
	int rc = profile_create(&g->opts->profile, &kernel_readers, &g->profile,
				err);

	if (!rc && g->opts->question)
		rc = recall_load(&g->recall, profile_dir(g->profile), err);
	return rc ? guest_give_up(g, rc) : 0;
}

int guest_attach(struct guest *g, struct err *err)
{
	int rc = source_stop(&g->source, &g->machine, err);

	g->before = (struct guest_took){0};
	/* After the first it may be there again, at the next. */
	return rc && !g->machine ? guest_give_up(g, rc) : rc;
}

/* A guest without a kernel, as far as can be told; not one that is gone. */
static bool is_kernel_missing(int code)
{
	return code == ERR_NO_LINUX || code == ERR_UNREADABLE ||
	       code == ERR_CORRUPT;
}

static const struct vcpu *chosen_vcpu(const struct guest *g)
{
	const struct guest_opts *o = g->opts;

	return o->has_vcpu ? machine_vcpu(g->machine, o->vcpu) : NULL;
}

static int find_kernel(struct guest *g, struct location_choice *choice,
		       struct err *err)
{
	choice->only = chosen_vcpu(g);
	return kernel_open(g->machine, g->profile, choice, &g->kernel, err);
}

/*
 * A vCPU whose guest just computes is in its host's kernel for 3 to 5 of 100
 * looks (TCG, a timer of 250 Hz): as many looks fail with a chance of 1 in
 * 20,000.  Times differ, so that no timer's period keeps hiding it.
 */
#define LOOKS	 300
#define LOOK_MS	 3u
#define LOOK_VAR 5u

/* What all vCPUs have for a root. */
static uint64_t sum_roots(const struct machine *m)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < m->vcpus.n; i++)
		sum = sum * 31 + vcpu_root(&m->vcpus.v[i], 0);
	return sum;
}

/* Let the guest run on and look, until a kernel is seen. */
static int look_again(struct guest *g, struct location_choice *choice,
		      struct err *err)
{
	uint64_t failed = sum_roots(g->machine);
	struct err why = *err;
	unsigned int i;
	int rc = why.code;

	for (i = 0; i < LOOKS && rc && choice->later; i++) {
		rc = source_look_again(&g->source, LOOK_MS + i % LOOK_VAR, err);
		if (rc == ERR_REFUSED)
			return err_set(err, why.code,
				       "%.400s; it has to run to be looked at "
				       "again",
				       why.text);
		if (rc)
			return rc;
		rc = why.code;
		if (sum_roots(g->machine) == failed)
			continue;
		rc = find_kernel(g, choice, err);
		failed = sum_roots(g->machine);
	}
	if (rc && choice->later)
		err_pass(err, &why);
	return rc;
}

/* It is not to be seen: then the one that was, earlier in this boot. */
static int guest_find_remembered(struct guest *g,
				 struct location_choice *choice,
				 struct err *err)
{
	struct err why = *err;
	int rc = find_kernel(g, choice, err);

	return rc == ERR_NO_LINUX ? err_pass(err, &why) : rc;
}

int guest_check_vcpu(const struct guest *g, struct err *err)
{
	const struct guest_opts *o = g->opts;

	if (!o->has_vcpu || machine_vcpu(g->machine, o->vcpu))
		return 0;
	return err_set(err, ERR_NOT_FOUND,
		       "there is no vCPU %u; the guest has %zu, counted from 0",
		       o->vcpu, g->machine->vcpus.n);
}

static void forget_kernel(struct guest *g)
{
	symbols_deinit(&g->symbols);
	symbols_init(&g->symbols, NULL);
	kernel_close(g->kernel);
	g->kernel = NULL;
	g->lost = true;
}

/* Is it the kernel that was open in the pause before?  If not there is none. */
static int know_kernel(struct guest *g, struct err *err)
{
	int rc = kernel_marks_check(g->kernel, &g->marks, chosen_vcpu(g),
				    &g->since, err);

	if (rc || g->since == KERNEL_OTHER) {
		forget_kernel(g);
		return rc;
	}
	symbols_deinit(&g->symbols);
	symbols_init(&g->symbols, g->kernel);
	return 0;
}

static int open_kernel(struct guest *g, struct err *err)
{
	struct location_choice choice = {0};
	int rc = profile_renew(g->profile, err);

	if (rc)
		return rc;
	rc = find_kernel(g, &choice, err);
	if (rc && choice.later)
		rc = look_again(g, &choice, err);
	choice.remembered = true;
	if (rc == ERR_NO_LINUX && choice.later && !choice.only)
		rc = guest_find_remembered(g, &choice, err);
	symbols_init(&g->symbols, g->kernel);
	if (rc && choice.needed)
		err_helps(err, rc, REMEDY_VCPU, 0);
	if (rc || !g->source.again)
		return rc;
	g->since = g->lost ? KERNEL_OTHER : KERNEL_SAME;
	g->lost = false;
	return kernel_marks_take(g->kernel, &g->marks, err);
}

int guest_find_kernel(struct guest *g, enum needs needs, struct err *err)
{
	int rc = 0;

	if (g->opts->question)
		rc = recall_fetch(&g->recall, g->machine, g->opts->question,
				  err);
	if (!rc && g->kernel)
		rc = know_kernel(g, err);
	g->no_kernel = (struct err){0};
	if (!rc && !g->kernel)
		rc = open_kernel(g, err);
	if (needs != WANTS_KERNEL || !is_kernel_missing(rc))
		return rc;
	g->no_kernel = *err;
	*err = (struct err){0};
	return 0;
}

/* What this pause led to is what the next one like it will, also the first one:
 * what a profile is read from comes in long pieces, which are no places. */
static void guest_note(struct guest *g)
{
	if (g->opts->question && g->kernel)
		recall_note(&g->recall, g->machine, g->opts->question);
}

int guest_release(struct guest *g, struct err *err)
{
	if (source_is_there(&g->source))
		guest_note(g);
	return source_go(&g->source, err);
}

void guest_keep(struct guest *g)
{
	if (!g->kernel || guest_moved(g))
		return;
	/* Places are of use to who need not read the profile first. */
	if (profile_keep(g->profile))
		recall_store(&g->recall, profile_dir(g->profile));
}

struct guest_took guest_took(const struct guest *g)
{
	struct guest_took took = g->before;
	struct source_stats wire = {0};

	source_stats(&g->source, &wire);
	if (wire.pause_us > took.pause_us)
		took.pause_us = wire.pause_us;
	took.packets += wire.packets;
	took.wire_bytes += wire.wire_bytes;
	took.batches += g->machine->stats.batches;
	took.read_bytes += g->machine->stats.read_bytes;
	return took;
}

/* So that it gets done what was due meanwhile. */
#define BETWEEN_MS 20

int guest_part(struct guest *g, struct err *err)
{
	struct guest_took took = guest_took(g);
	int rc;

	if (!g->source.again || profile_source(g->profile) != PROFILE_GUEST)
		return 0;
	rc = guest_release(g, err);
	if (rc)
		return rc;
	poll(NULL, 0, BETWEEN_MS);
	rc = guest_attach(g, err);
	g->before = took;
	return rc ? rc : guest_find_kernel(g, NEEDS_KERNEL, err);
}

bool guest_moved(const struct guest *g)
{
	struct source_info info;

	source_info(&g->source, &info);
	return info.moved;
}

bool guest_resumed(const struct guest *g)
{
	struct source_info info;

	source_info(&g->source, &info);
	return info.resumed;
}

void guest_deinit(struct guest *g)
{
	symbols_deinit(&g->symbols);
	kernel_close(g->kernel);
	profile_destroy(g->profile);
	recall_deinit(&g->recall);
	source_close(&g->source);
	*g = (struct guest){0};
}
