/* SPDX-License-Identifier: BSD-2-Clause */
/* Which files a process may still open: landlock(7). */
#include "base/confine_files.h"

#include <linux/landlock.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

/*
 * struct landlock_ruleset_attr of Linux 6.12 (include/uapi/linux/landlock.h):
 * a kernel takes as much of it as it knows.
 */
struct ruleset {
	uint64_t files, net, scoped;
};

/*
 * What the kernel knows by the version of its interface: how many of the rights
 * on files, on the network, and scopes; and how much of the struct.
 */
static const struct version {
	unsigned char files, net, scopes, size;
} versions[] = {
	{13, 0, 0, 8},	/* 5.13 */
	{14, 0, 0, 8},	/* 5.19: refer */
	{15, 0, 0, 8},	/* 6.2: truncate */
	{15, 2, 0, 16}, /* 6.7: bind, connect */
	{16, 2, 0, 16}, /* 6.10: ioctl of devices */
	{16, 2, 2, 24}, /* 6.12: abstract sockets, signals */
};

#define N_VERSIONS ((long)(sizeof(versions) / sizeof(*versions)))
#define BITS(n)	   ((1ULL << (n)) - 1)

#define RIGHTS                                                         \
	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |  \
	 LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE | 1ULL << 14 /* truncate */)

static int make(const struct ruleset *rules, size_t size,
		const struct confine_needs *needs)
{
	struct landlock_path_beneath_attr beneath = {
		.allowed_access = RIGHTS & rules->files};
	int fd = (int)syscall(SYS_landlock_create_ruleset, rules, size, 0);
	size_t i;

	for (i = 0; fd >= 0 && i < CONFINE_DIRS; i++) {
		beneath.parent_fd = needs->dirs[i];
		if (beneath.parent_fd >= 0 &&
		    syscall(SYS_landlock_add_rule, fd,
			    LANDLOCK_RULE_PATH_BENEATH, &beneath, 0))
			cleanup_close(&fd);
	}
	return fd;
}

const char *confine_files(const struct confine_needs *needs)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
			       LANDLOCK_CREATE_RULESET_VERSION);
	_cleanup_close_ int fd = -1;
	const struct version *v;
	struct ruleset rules;

	if (needs->process)
		return "the memory of a process is read, which the kernel "
		       "grants to nobody who is kept to some files";
	if (version <= 0)
		return "the kernel has no landlock";
	v = &versions[(version < N_VERSIONS ? version : N_VERSIONS) - 1];
	rules = (struct ruleset){BITS(v->files), BITS(v->net), BITS(v->scopes)};
	(void)!mblen("a", 1); /* loads what converts the terminal's encoding */
	fd = make(&rules, v->size, needs);
	if (fd < 0 || syscall(SYS_landlock_restrict_self, fd, 0))
		return "landlock refuses it";
	return NULL;
}
