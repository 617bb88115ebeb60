/* SPDX-License-Identifier: BSD-2-Clause */
/* What a process may still ask the kernel for: a filter of seccomp(2). */
#include "base/confine.h"

#include <asm/termbits.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/confine_files.h"
#include "base/confine_user.h"
#include "base/sanitized.h"

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#else
#define ARCH 0 /* nobody has looked what a libc there calls */
#endif

#define N(array) (sizeof(array) / sizeof(*(array)))

static const int of_guest[] = {
	/* memory of a guest, by either way */
	SYS_pread64, SYS_recvfrom, SYS_sendto, SYS_ppoll, SYS_recvmsg,
	SYS_sendmsg, SYS_shutdown, SYS_getsockopt, SYS_getpeername,
#ifdef SYS_poll
	SYS_poll,
#endif
	/* what comes of a clock */
	SYS_nanosleep, SYS_clock_nanosleep,
	/* files: the answer, the cache, the journal, those of /proc/PID */
	SYS_readv, SYS_writev, SYS_dup, SYS_dup3, SYS_fcntl, SYS_openat,
	SYS_statx, SYS_getdents64, SYS_readlinkat, SYS_faccessat, SYS_mkdirat,
	SYS_unlinkat, SYS_renameat2, SYS_linkat, SYS_fchmod, SYS_fchmodat,
	SYS_fchown, SYS_utimensat, SYS_flock, SYS_fdatasync, SYS_fallocate,
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
	SYS_getppid, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid,
	SYS_uname,
	/* the end of its watchdog */
	SYS_wait4, SYS_waitid};

/* Whatever a process does. */
static const int of_all[] = {SYS_clock_gettime,
			     SYS_gettimeofday,
			     SYS_restart_syscall,
			     SYS_rt_sigreturn,
			     SYS_rt_sigaction,
			     SYS_rt_sigprocmask,
			     SYS_sigaltstack,
			     SYS_brk,
			     SYS_munmap,
			     SYS_mremap,
			     SYS_madvise,
			     SYS_futex,
			     SYS_sched_yield,
			     SYS_read,
			     SYS_write,
			     SYS_pread64,
			     SYS_pwrite64,
			     SYS_lseek,
			     SYS_close,
			     SYS_newfstatat,
			     SYS_fstat,
			     SYS_fsync,
			     SYS_ftruncate,
			     SYS_getpid,
			     SYS_gettid,
			     SYS_sysinfo,
			     SYS_getrandom,
			     SYS_sched_getaffinity,
			     SYS_exit,
			     SYS_exit_group};

/* What a call's argument has to be. */
enum test {
	IS,	    /* the value */
	HAS_NONE_OF /* these bits */
};

struct condition {
	int call;
	unsigned int argument;
	enum test test;
	unsigned int value;
};

static const struct condition of_arguments[] = {
	/* memory is never executable: there is nothing left to be loaded */
	{SYS_mmap, 2, HAS_NONE_OF, PROT_EXEC},
	{SYS_mprotect, 2, HAS_NONE_OF, PROT_EXEC},
	/* a terminal is asked for its size, and not for what is typed there */
	{SYS_ioctl, 1, IS, TIOCGWINSZ},
	{SYS_ioctl, 1, IS, TCGETS},
	{SYS_ioctl, 1, IS, TCGETS2},
	{SYS_ioctl, 1, IS, TIOCGPGRP},
	{SYS_prlimit64, 0, IS, 0}, /* its own */
};

#define PROGRAM_MAX 256

struct program {
	struct sock_filter f[PROGRAM_MAX];
	size_t n;
};

static void confine_put(struct program *p, unsigned int code, unsigned int k,
			unsigned int yes, unsigned int no)
{
	p->f[p->n++] = (struct sock_filter)BPF_JUMP(code, k, yes, no);
}

static void put_load(struct program *p, size_t offset)
{
	confine_put(p, BPF_LD | BPF_W | BPF_ABS, (unsigned int)offset, 0, 0);
}

static void put_return(struct program *p, bool allow)
{
	confine_put(p, BPF_RET | BPF_K,
		    allow ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | ENOSYS, 0,
		    0);
}

/* Calls without conditions: a bit for each number. */
#define WORD  32u
#define WORDS 16

struct calls {
	__u32 word[WORDS];
};

static void calls_add(struct calls *c, const int *calls, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		c->word[(__u32)calls[i] / WORD] |= 1u << (__u32)calls[i] % WORD;
}

/* X = the bit of this call within its word. */
static void put_bit(struct program *p)
{
	put_load(p, offsetof(struct seccomp_data, nr));
	confine_put(p, BPF_ALU | BPF_AND | BPF_K, WORD - 1, 0, 0);
	confine_put(p, BPF_MISC | BPF_TAX, 0, 0, 0);
	confine_put(p, BPF_LD | BPF_IMM, 1, 0, 0);
	confine_put(p, BPF_ALU | BPF_LSH | BPF_X, 0, 0, 0);
	confine_put(p, BPF_MISC | BPF_TAX, 0, 0, 0);
}

/*
 * Short, for the kernel translates it anew at each start: with a comparison for
 * each call that took half a millisecond.
 */
static void put_calls(struct program *p, const struct calls *calls)
{
	unsigned int i;

	put_bit(p);
	put_load(p, offsetof(struct seccomp_data, nr));
	for (i = 0; i < WORDS; i++) {
		confine_put(p, BPF_JMP | BPF_JGE | BPF_K, (i + 1) * WORD, 4, 0);
		confine_put(p, BPF_LD | BPF_IMM, calls->word[i], 0, 0);
		confine_put(p, BPF_JMP | BPF_JSET | BPF_X, 0, 0, 1);
		put_return(p, true);
		put_return(p, false);
	}
	put_return(p, false);
}

/* Little-endian: what an int or a request takes is in front. */
static void put_condition(struct program *p, const struct condition *c)
{
	confine_put(p, BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)c->call, 0, 4);
	put_load(p, offsetof(struct seccomp_data, args) +
			    c->argument * sizeof(__u64));
	if (c->test == IS)
		confine_put(p, BPF_JMP | BPF_JEQ | BPF_K, c->value, 0, 1);
	else
		confine_put(p, BPF_JMP | BPF_JSET | BPF_K, c->value, 1, 0);
	put_return(p, true);
	put_load(p, offsetof(struct seccomp_data, nr));
}

/* Calls of x32 have a bit of their own, and so are none of these. */
static void put_head(struct program *p)
{
	put_load(p, offsetof(struct seccomp_data, arch));
	confine_put(p, BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0);
	put_return(p, false);
	put_load(p, offsetof(struct seccomp_data, nr));
}

static void put_tail(struct program *p, struct calls *calls)
{
	const struct condition own = {SYS_tgkill, 0, IS, (__u32)getpid()};
	size_t i;

	put_condition(p, &own); /* abort() */
	for (i = 0; i < N(of_arguments); i++)
		put_condition(p, &of_arguments[i]);
	calls_add(calls, of_all, N(of_all));
	put_calls(p, calls);
}

static const char *filter(struct program *p)
{
	struct sock_fprog program = {.filter = p->f, .len = (__u16)p->n};

	if (!ARCH)
		return "not known on this architecture";
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		return "the kernel has no filter of system calls";
	return NULL;
}

struct confine_lacks confine(const struct confine_needs *needs)
{
	const struct condition of_process = {SYS_process_vm_readv, 0, IS,
					     (__u32)needs->process};
	const char *none = NULL;
	struct confine_lacks lacks = {.root = !geteuid()};
	struct calls calls = {.word = {0}};
	struct program p = {.n = 0};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		none = "the kernel has no no_new_privs";
	else if (SANITIZED)
		none = "it was built with a sanitizer";
	if (none)
		return (struct confine_lacks){none, none, none, lacks.root};
	lacks.files = confine_files(needs);
	lacks.user = confine_user(needs, !lacks.files);
	put_head(&p);
	if (needs->process)
		put_condition(&p, &of_process);
	calls_add(&calls, of_guest, N(of_guest));
	put_tail(&p, &calls);
	lacks.calls = filter(&p);
	return lacks;
}

void confine_worker(void)
{
	struct calls calls = {.word = {0}};
	struct program p = {.n = 0};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || SANITIZED)
		return;
	put_head(&p);
	put_tail(&p, &calls);
	filter(&p);
}
