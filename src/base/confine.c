/* SPDX-License-Identifier: BSD-2-Clause */
/* What this process may still ask the kernel for: a filter of seccomp(2). */
#include "base/confine.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "base/sanitized.h"

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#else
#define ARCH 0 /* nobody has looked what a libc there calls */
#endif

/* Those that come often are in front: each is compared with in turn. */
static const int allowed[] = {
	/* memory of a guest, by either way */
	SYS_process_vm_readv, SYS_pread64, SYS_recvfrom, SYS_sendto, SYS_ppoll,
	SYS_recvmsg, SYS_sendmsg, SYS_shutdown, SYS_getsockopt, SYS_getpeername,
#ifdef SYS_poll
	SYS_poll,
#endif
	/* what comes of a clock or a signal */
	SYS_clock_gettime, SYS_gettimeofday, SYS_nanosleep, SYS_clock_nanosleep,
	SYS_restart_syscall, SYS_rt_sigreturn, SYS_rt_sigaction,
	SYS_rt_sigprocmask, SYS_sigaltstack, SYS_tgkill,
	/* memory of its own */
	SYS_brk, SYS_mmap, SYS_munmap, SYS_mremap, SYS_mprotect, SYS_madvise,
	SYS_futex, SYS_sched_yield,
	/* files: the answer, the cache, the journal, those of the user */
	SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_pwrite64, SYS_lseek,
	SYS_close, SYS_dup, SYS_dup3, SYS_fcntl, SYS_ioctl, SYS_openat,
	SYS_newfstatat, SYS_fstat, SYS_statx, SYS_getdents64, SYS_readlinkat,
	SYS_faccessat, SYS_mkdirat, SYS_unlinkat, SYS_renameat2, SYS_linkat,
	SYS_fchmod, SYS_fchmodat, SYS_fchown, SYS_utimensat, SYS_flock,
	SYS_fsync, SYS_fdatasync, SYS_ftruncate, SYS_fallocate,
	SYS_memfd_create, /* how what is in one looks in /proc: shmem.c */
#ifdef SYS_faccessat2
	SYS_faccessat2,
#endif
#ifdef SYS_renameat
	SYS_renameat,
#endif
#ifdef SYS_open /* of older libraries */
	SYS_open, SYS_stat, SYS_lstat, SYS_access, SYS_readlink, SYS_dup2,
#endif
	/* who and where it is */
	SYS_getpid, SYS_gettid, SYS_getppid, SYS_getuid, SYS_geteuid,
	SYS_getgid, SYS_getegid, SYS_uname, SYS_sysinfo, SYS_getrandom,
	SYS_prlimit64, SYS_sched_getaffinity, SYS_pidfd_open,
	/* the end, also of its watchdog */
	SYS_wait4, SYS_waitid, SYS_exit, SYS_exit_group};

#define N_ALLOWED (sizeof(allowed) / sizeof(*allowed))

#define FIELD(name) \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, name))
#define IS(value, then, otherwise) \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, then, otherwise)
#define RETURN(action) BPF_STMT(BPF_RET | BPF_K, action)

/* Calls of x32 have a bit of their own, and so are none of these. */
static size_t build(struct sock_filter *f)
{
	const struct sock_filter head[] = {FIELD(arch), IS(ARCH, 1, 0),
					   RETURN(SECCOMP_RET_ERRNO | ENOSYS),
					   FIELD(nr)};
	size_t n = sizeof(head) / sizeof(*head), i;

	memcpy(f, head, sizeof(head));
	for (i = 0; i < N_ALLOWED; i++) {
		f[n++] = (struct sock_filter)IS((unsigned int)allowed[i], 0, 1);
		f[n++] = (struct sock_filter)RETURN(SECCOMP_RET_ALLOW);
	}
	f[n++] = (struct sock_filter)RETURN(SECCOMP_RET_ERRNO | ENOSYS);
	return n;
}

const char *confine(void)
{
	struct sock_filter filter[2 * N_ALLOWED + 5];
	struct sock_fprog program = {.filter = filter};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return "the kernel has no no_new_privs";
	if (SANITIZED)
		return "it was built with a sanitizer";
	if (!ARCH)
		return "not known on this architecture";
	program.len = (unsigned short)build(filter);
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		return "the kernel has no filter of system calls";
	return NULL;
}
