/* SPDX-License-Identifier: BSD-2-Clause */
/* The human monitor behind qRcmd: what was recorded, and what is live. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "gdbrsp/packet.h"
#include "stub/stub.h"

static void say_status(struct stub *s, struct buf *out, const char *args)
{
	(void)args;
	if (s->status_asked++ && *s->later)
		stub_stand(s, s->later);
	buf_puts(out, "VM status: ");
	buf_puts(out, s->running ? "running" : "paused");
	if (!s->running && *s->reason)
		buf_printf(out, " (%s)", s->reason);
	buf_puts(out, "\r\n");
}

static void say_version(struct stub *s, struct buf *out, const char *args)
{
	(void)args;
	buf_printf(out, "%s\r\n", s->gen->version);
}

/* One thread plays all vCPUs: its process holds the memory, as QEMU's does. */
static void say_cpus(struct stub *s, struct buf *out, const char *args)
{
	size_t i;

	(void)args;
	for (i = 0; i < s->image->vcpus.n; i++)
		buf_printf(out, "%c CPU #%zu: thread_id=%ld\r\n", i ? ' ' : '*',
			   i, (long)getpid());
}

/* As much of each block as tells the mode of the code. */
static void say_registers(struct stub *s, struct buf *out, const char *args)
{
	unsigned int i;

	(void)args;
	for (i = 0; i < s->image->vcpus.n; i++)
		buf_printf(out, "\r\nCPU#%u\r\n%cAX=\r\n", i,
			   image_runs_64_bit(s->image, i) ? 'R' : 'E');
}

static void say_hva(struct stub *s, struct buf *out, const char *args)
{
	uint64_t pa = strtoull(args, NULL, 0);
	const uint8_t *at = image_at(s->image, pa, 1);

	if (at)
		buf_printf(out,
			   "Host virtual address for 0x%" PRIx64
			   " (pc.ram) is %p\r\n",
			   pa, (const void *)at);
	else
		buf_printf(out,
			   "No memory is mapped at address 0x%" PRIx64 "\r\n",
			   pa);
}

static void stop(struct stub *s, struct buf *out, const char *args)
{
	(void)out;
	(void)args;
	stub_stop(s);
}

static void cont(struct stub *s, struct buf *out, const char *args)
{
	(void)out;
	(void)args;
	stub_start(s);
}

static const struct {
	const char *command;
	void (*run)(struct stub *s, struct buf *out, const char *args);
} live[] = {
	{"info status", say_status},
	{"info version", say_version},
	{"info cpus", say_cpus},
	{"info registers -a", say_registers},
	{"gpa2hva ", say_hva},
	{"stop", stop},
	{"cont", cont},
};

static void run(struct stub *s, const char *command, struct buf *out)
{
	size_t i, n;

	for (i = 0; i < sizeof(live) / sizeof(*live); i++) {
		n = strlen(live[i].command);
		if (strncmp(command, live[i].command, n) != 0)
			continue;
		live[i].run(s, out, command + n);
		return;
	}
	if (!image_monitor(s->image, command, out))
		buf_printf(out, "unknown command: '%s'\r\n", command);
}

/* A console packet per line, as QEMU flushes them. */
void stub_monitor(struct stub *s, const char *command)
{
	_cleanup_(buf_deinit) struct buf out = {0}, packet = {0};
	size_t at, n;

	run(s, command, &out);
	for (at = 0; at < out.len; at += n) {
		n = strcspn(out.data + at, "\n");
		n += at + n < out.len;
		buf_reset(&packet);
		buf_puts(&packet, "O");
		gdbrsp_hex_encode(&packet, out.data + at, n);
		stub_put(s, packet.data, packet.len);
	}
	stub_puts(s, "OK");
}
