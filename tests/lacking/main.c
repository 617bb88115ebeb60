/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs a program on a host that lacks system calls, as far as that program can
 * tell: lack NAME[,NAME...] PROGRAM [ARGUMENT...]
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ANY (-1)

static const struct {
	const char *name;
	int call, argument; /* its first, or ANY */
	int error;
} calls[] = {
	{"landlock", SYS_landlock_create_ruleset, ANY, ENOSYS},
	{"memfd", SYS_memfd_create, ANY, ENOSYS},
	{"no_new_privs", SYS_prctl, PR_SET_NO_NEW_PRIVS, EINVAL},
	{"pidfd", SYS_pidfd_open, ANY, ENOSYS},
	{"process_vm", SYS_process_vm_readv, ANY, ENOSYS},
	{"seccomp", SYS_prctl, PR_SET_SECCOMP, EINVAL},
	{"setresuid", SYS_setresuid, ANY, EPERM},
};

#define N (sizeof(calls) / sizeof(*calls))

static void forbid(int call, int argument, int error)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)call, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, args[0])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)argument, 0,
			 1),
		BPF_STMT(BPF_RET | BPF_K,
			 SECCOMP_RET_ERRNO | (unsigned int)error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof(filter) / sizeof(*filter), filter};

	if (argument == ANY)
		filter[3].jf = 0;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program)) {
		perror("lack: seccomp");
		exit(2);
	}
}

static void forbid_named(const char *name)
{
	size_t i;

	for (i = 0; i < N; i++)
		if (!strcmp(name, calls[i].name)) {
			forbid(calls[i].call, calls[i].argument,
			       calls[i].error);
			return;
		}
	fprintf(stderr, "lack: there is no '%s'\n", name);
	exit(2);
}

/* Of root's, no_new_privs is not needed for a filter. */
int main(int argc, char **argv)
{
	char *name;

	if (argc < 3)
		return 2;
	if (geteuid() && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return 2;
	for (name = strtok(argv[1], ","); name; name = strtok(NULL, ","))
		forbid_named(name);
	execvp(argv[2], argv + 2);
	perror("lack");
	return 2;
}
