/* SPDX-License-Identifier: BSD-2-Clause */
/* Which of the kernels in a guest's memory is meant: the one that runs. */
#include "kernel/choose.h"

#include <inttypes.h>

#include "kernel/x86_64.h"

static const char own_guest[] =
	"no Linux kernel in the vCPU's page tables: it runs a guest of its own "
	"(nested virtualisation)";

uint64_t location_bytes(const struct location *l)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < l->n_runs; i++)
		sum += l->runs[i].len;
	return sum;
}

/* The root of an image that maps most of it; one in use before a parked one. */
static size_t best_root(const struct location_views *l, size_t image)
{
	size_t i, best = image;

	for (i = image + 1; i < l->n; i++) {
		const struct location_view *v = &l->v[i], *b = &l->v[best];

		if (v->image != image || v->parked > b->parked)
			continue;
		if (v->parked < b->parked ||
		    location_bytes(&v->at) > location_bytes(&b->at))
			best = i;
	}
	return best;
}

/* The first view of a kernel that runs, from `from` on; l->n: none. */
static size_t next_running(const struct location_views *l, size_t from)
{
	while (from < l->n && (!l->v[from].at.n_runs || l->v[from].parked))
		from++;
	return from;
}

/* Nothing is there, or nothing of it was seen. */
static int say_none(const char *words, const struct space_tables *tables,
		    struct err *err)
{
	if (!tables->unreadable)
		return err_set(err, ERR_NO_LINUX, "%s", words);
	return err_set(err, ERR_NO_LINUX,
		       "%s; or it was not seen: %zu page tables cannot be "
		       "read, the first at 0x%" PRIx64,
		       words, tables->unreadable, tables->pa);
}

static int no_kernel(const struct machine *m, const struct location_views *l,
		     struct location_choice *choice, struct err *err)
{
	enum location_mode highest = LOCATION_REAL;
	size_t i;

	for (i = 0; i < m->vcpus.n; i++) {
		const struct vcpu *v = &m->vcpus.v[i];

		choice->later |= location_may_host(v);
		if (location_mode(v) > highest)
			highest = location_mode(v);
	}
	return say_none(choice->later ? own_guest
				      : location_mode_words(highest),
			&l->tables, err);
}

size_t location_runs_without(const struct machine *m,
			     const struct location_views *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (!l->v[i].at.n_runs && !m->vcpus.v[i].halted)
			break;
	return i;
}

static int two_dead(const struct vcpu *a, const struct vcpu *b, struct err *err)
{
	return err_set(err, ERR_NO_LINUX,
		       "vCPU %u and vCPU %u stand still in two kernels: say "
		       "which vCPU's is meant",
		       a->index, b->index);
}

static int not_yet(const struct vcpu *parked, const struct vcpu *busy,
		   struct err *err)
{
	return err_set(err, ERR_NO_LINUX,
		       "the kernel of vCPU %u stands still, and no other one "
		       "runs yet (vCPU %u: %s): try again, or say that the one "
		       "of vCPU %u is meant",
		       parked->index, busy->index,
		       location_may_host(busy) ? "a guest of its own"
					       : "boot loader or early boot",
		       parked->index);
}

/*
 * All that show a kernel are parked.  Where a machine has come to its end that
 * is its kernel; where another vCPU runs, the next kernel is on its way there
 * (purgatory, decompression) and maps no image yet.
 */
static int choose_parked(const struct machine *m, struct location_views *l,
			 size_t first, struct location_choice *choice,
			 struct err *err)
{
	size_t busy = location_runs_without(m, l), i;
	const struct vcpu *v = m->vcpus.v;

	choice->needed = true;
	for (i = first + 1; i < l->n; i++)
		if (l->v[i].at.n_runs && l->v[i].image != l->v[first].image)
			return two_dead(&v[first], &v[i], err);
	choice->later = busy < l->n && location_may_host(&v[busy]);
	if (busy < l->n)
		return not_yet(&v[first], &v[busy], err);
	choice->needed = false;
	l->chosen = best_root(l, l->v[first].image);
	return 0;
}

static int two_alive(const struct machine *m, const struct location_views *l,
		     size_t a, size_t b, struct err *err)
{
	return err_set(err, ERR_NO_LINUX,
		       "two kernels seem to run: on vCPU %u (text at physical "
		       "0x%" PRIx64 ") and vCPU %u (0x%" PRIx64
		       "): say which vCPU's is meant",
		       m->vcpus.v[a].index, l->v[a].at.phys_text,
		       m->vcpus.v[b].index, l->v[b].at.phys_text);
}

static int choose_vcpu(const struct machine *m, struct location_views *l,
		       struct location_choice *choice, struct err *err)
{
	const struct vcpu *v = choice->only;
	size_t i = (size_t)(v - m->vcpus.v);

	choice->later = !l->v[i].at.n_runs && location_may_host(v);
	if (!l->v[i].at.n_runs)
		return err_set(err, ERR_NO_LINUX, "vCPU %u: %s", v->index,
			       choice->later
				       ? own_guest
				       : location_mode_words(location_mode(v)));
	l->chosen = best_root(l, l->v[i].image);
	return 0;
}

int location_choose(const struct machine *m, struct location_views *l,
		    struct location_choice *choice, struct err *err)
{
	size_t first = next_running(l, 0), other = first;

	if (choice->only)
		return choose_vcpu(m, l, choice, err);
	while (other < l->n && l->v[other].image == l->v[first].image)
		other = next_running(l, other + 1);
	choice->needed = other < l->n;
	if (other < l->n)
		return two_alive(m, l, first, other, err);
	if (first < l->n) {
		l->chosen = best_root(l, l->v[first].image);
		return 0;
	}
	for (first = 0; first < l->n && !l->v[first].at.n_runs;)
		first++;
	return first < l->n ? choose_parked(m, l, first, choice, err)
			    : no_kernel(m, l, choice, err);
}
