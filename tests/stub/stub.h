/* SPDX-License-Identifier: BSD-2-Clause */
/* A gdb stub without a QEMU: what its parts share. */
#ifndef STUB_STUB_H
#define STUB_STUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "stub/image.h"

/* What a stub may lack, as bits. */
#define LACKS_XML      1u  /* qXfer:features:read */
#define LACKS_CR3      2u  /* the register cr3, in target.xml */
#define LACKS_PHYS     4u  /* qqemu.PhyMemMode */
#define LACKS_MONITOR  8u  /* qRcmd */
#define LACKS_SINGLE   32u /* p and P */
#define LACKS_PIPELINE 16u /* what comes while it answers is lost */

/* How one generation of stubs behaves; the table is in generations.c. */
struct generation {
	const char *name;
	const char *version;   /* as `info version` says */
	const char *supported; /* as qSupported says */
	size_t max_packet;     /* MAX_PACKET_LENGTH */
	bool tells_stop;       /* a stop reply that nobody asked for */
	bool p_after_xml;      /* `p` only once target.xml was read */
	bool names_server;     /* qGDBServerVersion */
	bool unmapped_fails;   /* physical memory that is not there: E14 */
	bool halt_names_core;  /* `?` says core:, not thread: */
	bool close_resumes;    /* a connection that ends lets the guest run */
	unsigned int lacks;
};

const struct generation *generation_find(const char *name);
void generation_list(void);

/* As gdbstub.c calls them. */
enum parser_state {
	RS_IDLE,
	RS_GETLINE,
	RS_GETLINE_ESC,
	RS_GETLINE_RLE,
	RS_CHKSUM1,
	RS_CHKSUM2
};

#define LINE_MAX_LEN 131104u /* the largest max_packet there is */

/*
 * A stub and its guest.  As in QEMU all of it but the last part outlives a
 * connection.
 */
struct stub {
	const struct generation *gen;
	struct image *image;
	bool running;
	char reason[40]; /* why it stands, "" for plain "paused" */
	char later[40]; /* the same from the second question for it on, or "" */
	bool phys_mode, multiprocess, allow_stop;
	unsigned int breakpoints;
	enum parser_state state;
	char line[LINE_MAX_LEN];
	size_t line_len;
	uint8_t line_sum, told_sum;
	struct buf last;	/* the reply that is not acknowledged yet */
	uint64_t written;	/* bytes of guest memory */
	uint64_t set_registers; /* P and G that were taken */
	uint64_t requests;
	unsigned int connections, stops;

	int fd; /* -1: nobody is connected */
	bool attached, xml_read;
	unsigned int g_cpu, next_thread;
	unsigned int status_asked; /* how often */
};

/* A client has come, or gone. */
void stub_open(struct stub *s, int fd);
void stub_close(struct stub *s);

/* One byte from the client, as gdb_read_byte() takes it (parser.c). */
void stub_byte(struct stub *s, uint8_t byte);

/* Run state: vm_stop(), vm_start(), and QEMU's word for why it stands. */
void stub_stop(struct stub *s);
void stub_start(struct stub *s);
void stub_stand(struct stub *s, const char *reason);

/* Send one packet, or bytes as they are (parser.c). */
void stub_put(struct stub *s, const char *body, size_t len);
void stub_puts(struct stub *s, const char *body);
void stub_send(struct stub *s, const void *bytes, size_t len);

/* Answer the request in s->line (answers.c). */
void stub_answer(struct stub *s);

/* GDB manual, "Standard Replies"; the numbers are Linux's errno. */
#define STUB_EFAULT "E14"
#define STUB_EINVAL "E22"

/* "ADDR,LEN" and "ADDR,LEN:HEX" (memory.c). */
void stub_read_memory(struct stub *s, const char *args);
void stub_write_memory(struct stub *s, const char *args);

/* Answer qRcmd: run a monitor command (monitor.c). */
void stub_monitor(struct stub *s, const char *command);

#endif
