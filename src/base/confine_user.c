/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose rights a process of root's keeps: setresuid(2), setfsuid(2). */
#include "base/confine_user.h"

#include <grp.h>
#include <linux/capability.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The user and the group without rights, by the kernel (overflowuid). */
#define NOBODY 65534

static int set_capabilities(unsigned int low)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct sets[2] = {
		{.effective = low, .permitted = low}};

	return (int)syscall(SYS_capset, &head, sets);
}

const char *confine_user(const struct confine_needs *needs, bool files)
{
	uid_t user =
		needs->user && needs->user != (uid_t)-1 ? needs->user : NOBODY;
	const unsigned int keep = 1u << CAP_SETUID | 1u << CAP_SETGID;
	bool changed;

	if (geteuid())
		return NULL;
	if (needs->process)
		return "the memory of a process is read with root's rights";
	if (!files)
		return "files are not confined, and are read as root";
	changed = !prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) && !setgroups(0, NULL) &&
		  !setresgid(NOBODY, NOBODY, NOBODY) &&
		  !setresuid(user, user, user) && !set_capabilities(keep);
	/* The cache and the journal are root's. */
	setfsgid(0);
	setfsuid(0);
	if (!changed || set_capabilities(0))
		return "the kernel does not let root become another user";
	return NULL;
}
