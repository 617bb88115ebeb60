/* SPDX-License-Identifier: BSD-2-Clause */
/* A scene about memory policies: of a process, of mappings, of shared memory.
 * All of them have to do with node 0, which there always is. */
#include "guest.h"

#include <errno.h>
#include <linux/mempolicy.h>
#include <stdint.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RW	     (PROT_READ | PROT_WRITE)
#define MASK_BITS    64UL
#define WEIGHTED     6 /* MPOL_WEIGHTED_INTERLEAVE; 6.9 */
#define BALANCED     (1 << 13)
#define SHARED_PAGES 16

static const struct {
	int mode;
	uint64_t nodes;
} policies[] = {
	{MPOL_BIND, 1},
	{MPOL_BIND, 3},
	{MPOL_BIND | MPOL_F_STATIC_NODES, 3},
	{MPOL_BIND | MPOL_F_RELATIVE_NODES, 3},
	{MPOL_PREFERRED, 1},
	{MPOL_PREFERRED | MPOL_F_STATIC_NODES, 1},
	{MPOL_PREFERRED, 0},
	{MPOL_INTERLEAVE, 3},
	{MPOL_LOCAL, 0},
	{MPOL_PREFERRED_MANY, 3}, /* 5.15 */
	{WEIGHTED, 3},
};

#define POLICIES (sizeof(policies) / sizeof(policies[0]))

/* False where this kernel has no such policy. */
static bool apply(void *addr, size_t len, int mode, uint64_t nodes)
{
	long rc = syscall(SYS_mbind, addr, len, mode, nodes ? &nodes : NULL,
			  nodes ? MASK_BITS : 0, 0);

	NEED(rc == 0 || errno == EINVAL);
	return rc == 0;
}

/* A policy for every other page of it. */
static void stripes(char *p, size_t pages)
{
	for (size_t i = 0; i < pages / 2; i++)
		apply(p + 2 * i * PAGE, PAGE, policies[i % POLICIES].mode,
		      policies[i % POLICIES].nodes);
}

static void mappings(void)
{
	uint64_t both = 3;
	int id = shmget(IPC_PRIVATE, SHARED_PAGES * PAGE, IPC_CREAT | 0600);
	char *p;

	for (size_t i = 0; i < POLICIES; i++) {
		p = map(PAGE, RW, MAP_PRIVATE, -1);
		fill(p, PAGE);
		apply(p, PAGE, policies[i].mode, policies[i].nodes);
	}
	p = map(PAGE, RW, MAP_PRIVATE, -1);
	if (apply(p, PAGE, WEIGHTED, 1)) /* the next one shows from 6.11 on */
		apply(p, PAGE, MPOL_BIND | MPOL_F_STATIC_NODES | BALANCED, 1);
	p = map(SHARED_PAGES * PAGE, RW, MAP_SHARED, -1);
	stripes(p, SHARED_PAGES);
	NEED(id >= 0);
	p = shmat(id, NULL, 0);
	NEED(p != (void *)-1 && shmctl(id, IPC_RMID, NULL) == 0);
	stripes(p + PAGE, 6);
	p = map(2 * SHARED_PAGES * PAGE, RW, MAP_PRIVATE, -1);
	stripes(p, 2 * SHARED_PAGES);
	NEED(syscall(SYS_set_mempolicy, MPOL_INTERLEAVE | MPOL_F_STATIC_NODES,
		     &both, MASK_BITS) == 0);
	publish_range(NULL, p, PAGE);
}

/* The same shared memory, seen by one without a policy. */
static void policies_scene(void)
{
	mappings();
	if (spawn("policies child") == 0) {
		NEED(syscall(SYS_set_mempolicy, MPOL_DEFAULT, NULL, 0) == 0);
		publish("policies.child", getpid(), "ppid=%d", getppid());
		settle();
	}
}

const struct scene policy_scenes[] = {
	{"policies", policies_scene},
	{NULL, NULL},
};
