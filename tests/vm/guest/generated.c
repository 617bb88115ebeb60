/* SPDX-License-Identifier: BSD-2-Clause */
/* Scenes that let the kernel make code: BPF programs, ftrace, kprobes. */
#include "guest.h"

#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TRACING "/sys/kernel/tracing/"

/* Nothing in the guest ever calls it, so what traces it costs nothing. */
#define TRACED "do_sys_settimeofday64"

/* The instruction behind the place of the call to ftrace; at most so far. */
#define OFFSET_MAX 32

/* A program that returns 0, which the JIT makes code of. */
static int load_program(const char *name)
{
	static const struct bpf_insn insns[] = {
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
