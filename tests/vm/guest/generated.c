/* SPDX-License-Identifier: BSD-2-Clause */
/* Scenes that let the kernel make code: BPF programs, ftrace, kprobes. */
#include "guest.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TRACING "/sys/kernel/tracing/"

/* Nothing in the guest ever calls it, so what traces it costs nothing. */
#define TRACED "do_sys_settimeofday64"

/* The instruction behind the place of the call to ftrace; at most so far. */
#define OFFSET_MAX 32

/* A program that asks for the time and returns 0, which the JIT makes code of.
 */
static int load_program(const char *name)
{
	static const struct bpf_insn insns[] = {
		{.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_ktime_get_ns},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K},
		{.code = BPF_JMP | BPF_EXIT},
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
		.insns = (uintptr_t)insns,
		.insn_cnt = sizeof(insns) / sizeof(insns[0]),
		.license = (uintptr_t) "GPL",
	};

	strncpy(attr.prog_name, name, sizeof(attr.prog_name) - 1);
	return syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}

/* A descriptor of the program of that name that was loaded last; -1: none. */
static int find_program(const char *name)
{
	struct bpf_prog_info info;
	union bpf_attr next = {0}, get, ask;
	int fd, found = -1;

	while (!syscall(SYS_bpf, BPF_PROG_GET_NEXT_ID, &next, sizeof(next))) {
		next.start_id = next.next_id;
		get = (union bpf_attr){.prog_id = next.next_id};
		fd = syscall(SYS_bpf, BPF_PROG_GET_FD_BY_ID, &get, sizeof(get));
		memset(&info, 0, sizeof(info));
		ask = (union bpf_attr){.info = {.bpf_fd = fd,
						.info_len = sizeof(info),
						.info = (uintptr_t)&info}};
		if (fd >= 0 &&
		    !syscall(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD, &ask,
			     sizeof(ask)) &&
		    !strcmp(info.name, name)) {
			close(found);
			found = fd;
		} else {
			close(fd);
		}
	}
	return found;
}

int generated_run(char *name)
{
	int pair[2], program = find_program(name), err = 0;

	if (program < 0 || socketpair(AF_UNIX, SOCK_DGRAM, 0, pair))
		return errno;
	if (setsockopt(pair[1], SOL_SOCKET, SO_ATTACH_BPF, &program,
		       sizeof(program)) ||
	    write(pair[0], "", 1) != 1)
		err = errno;
	close(pair[0]);
	close(pair[1]);
	close(program);
	return err;
}

/* Several: two with one name and one tag, and one without a name. */
static void bpf(void)
{
	NEED(write_file("/proc/sys/net/core/bpf_jit_enable", "1"));
	NEED(write_file("/proc/sys/net/core/bpf_jit_kallsyms", "1"));
	NEED(load_program("twice") >= 0);
	NEED(load_program("twice") >= 0);
	NEED(load_program("once") >= 0);
	NEED(load_program("") >= 0);
	publish("bpf", getpid(), "programs=4");
}

/* The function tracer for one function: it gets a trampoline of its own. */
static void ftrace(void)
{
	NEED(write_file(TRACING "set_ftrace_filter", TRACED));
	NEED(write_file(TRACING "current_tracer", "function"));
	publish("ftrace", getpid(), "trampolines=1");
}

/* One in the middle of a function, so that it needs a page for its slot. */
static void kprobe(void)
{
	char text[64];
	int offset;

	for (offset = 6; offset < OFFSET_MAX; offset++) {
		snprintf(text, sizeof(text), "p:qvmi %s+%d", TRACED, offset);
		if (write_file(TRACING "kprobe_events", text))
			break;
	}
	NEED(offset < OFFSET_MAX);
	NEED(write_file(TRACING "events/kprobes/qvmi/enable", "1"));
	publish("kprobe", getpid(), "offset=%d", offset);
}

const struct scene generated_scenes[] = {
	{"bpf", bpf},
	{"ftrace", ftrace},
	{"kprobe", kprobe},
	{NULL, NULL},
};
