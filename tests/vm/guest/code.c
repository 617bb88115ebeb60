/* SPDX-License-Identifier: BSD-2-Clause */
/* The scene about code that is changed while it is in use. */
#include "guest.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Calls between two looks: code that runs often is code that is translated. */
#define CALLS 1000

/* mov $imm32, %eax; ret: in a page of this program's text. */
__asm__(".text\n"
	".balign 64\n"
	"code_text:\n"
	"	movl	$0x55667788, %eax\n"
	"	ret\n");
extern unsigned int code_text(void);

static unsigned int (*code_anon)(void);

static long call_anon(void)
{
	return code_anon();
}

static long call_text(void)
{
	return code_text();
}

/* A function of the kernel's: nobody else here asks for a process group. */
static long call_kernel(void)
{
	return (unsigned int)syscall(SYS_getpgrp);
}

static const struct {
	const char *name;
	long (*call)(void);
} codes[] = {
	{"anon", call_anon},
	{"text", call_text},
	{"kernel", call_kernel},
};

#define COUNT (sizeof(codes) / sizeof(codes[0]))

/* What the last of many calls returns. */
static long result(size_t i)
{
	long last = codes[i].call();

	for (int n = 0; n < CALLS; n++)
		last = codes[i].call();
	return last;
}

/* Calls each function again and again; what changes is printed. */
static void code(void)
{
	static const unsigned char bytes[] = {0xb8, 0x44, 0x33,
					      0x22, 0x11, 0xc3};
	const struct timespec tick = {.tv_nsec = 250000000};
	char *page =
		map(PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE, -1);
	long seen[COUNT], now;

	memcpy(page, bytes, sizeof(bytes));
	code_anon = (unsigned int (*)(void))page;
	NEED(setpgid(0, 0) == 0);
	for (size_t i = 0; i < COUNT; i++)
		seen[i] = result(i);
	publish_range("anon", page, PAGE);
	publish_range("text", (void *)((uintptr_t)code_text & -PAGE), PAGE);
	publish("code", getpid(),
		"text=%#lx anon_value=%#lx text_value=%#lx "
		"kernel_value=%#lx",
		(uintptr_t)code_text, seen[0], seen[1], seen[2]);
	for (close(publish_fd);; nanosleep(&tick, NULL)) {
		for (size_t i = 0; i < COUNT; i++) {
			now = result(i);
			if (now == seen[i])
				continue;
			seen[i] = now;
			dprintf(1, "QVMI-CODE %s %#lx\n", codes[i].name, now);
		}
	}
}

/*
 * Loops that end when a register is changed from outside: rbx, the carry flag,
 * and rip (from escape_rip to escape_there).
 */
__asm__(".text\n"
	"escape_rbx:\n"
	"	pause\n"
	"	test	%rbx, %rbx\n"
	"	jz	escape_rbx\n"
	"	ret\n"
	"escape_flags:\n"
	"	clc\n"
	"escape_carry:\n"
	"	pause\n"
	"	jnc	escape_carry\n"
	"	ret\n"
	"escape_rip:\n"
	"	pause\n"
	"	jmp	escape_rip\n"
	"escape_there:\n"
	"	ret\n");
extern char escape_rbx[], escape_carry[], escape_rip[], escape_there[];

void escape(void)
{
	unsigned long rbx;

	publish("escape", getpid(), "rbx=%p carry=%p rip=%p there=%p",
		escape_rbx, escape_carry, escape_rip, escape_there);
	for (close(publish_fd);;) {
		rbx = 0;
		__asm__ volatile("call escape_rbx" : "+b"(rbx)::"cc", "memory");
		dprintf(1, "QVMI-ESCAPE rbx %#lx\n", rbx);
		__asm__ volatile("call escape_flags" ::: "cc", "memory");
		dprintf(1, "QVMI-ESCAPE carry\n");
		__asm__ volatile("call escape_rip" ::: "cc", "memory");
		dprintf(1, "QVMI-ESCAPE rip\n");
	}
}

const struct scene code_scenes[] = {
	{"code", code},
	{NULL, NULL},
};
