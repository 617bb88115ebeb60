/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes in and packets out, with the habits of QEMU's gdbstub.c. */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "gdbrsp/packet.h"
#include "stub/stub.h"

#define INTERRUPT 0x03

void stub_send(struct stub *s, const void *bytes, size_t len)
{
	const char *p = bytes;
	ssize_t n;

	/* It blocks, as QEMU does. */
	while (len && s->fd >= 0) {
		n = send(s->fd, p, len, MSG_NOSIGNAL);
		if (n <= 0)
			return;
		p += n;
		len -= (size_t)n;
	}
}

void stub_put(struct stub *s, const char *body, size_t len)
{
	uint8_t sum = 0;
	size_t i;

	buf_reset(&s->last);
	buf_puts(&s->last, "$");
	buf_add(&s->last, body, len);
	for (i = 0; i < len; i++)
		sum = (uint8_t)(sum + (uint8_t)body[i]);
	buf_printf(&s->last, "#%02x", sum);
	stub_send(s, s->last.data, s->last.len);
}

void stub_puts(struct stub *s, const char *body)
{
	stub_put(s, body, strlen(body));
}

void stub_stand(struct stub *s, const char *reason)
{
	s->running = false;
	snprintf(s->reason, sizeof(s->reason), "%.39s",
		 strcmp(reason, "paused") != 0 ? reason : "");
}

/* vm_stop(), and gdb_vm_state_change() behind it. */
void stub_stop(struct stub *s)
{
	if (!s->running)
		return;
	stub_stand(s, "");
	s->stops++;
	if (s->fd >= 0 && (s->gen->tells_stop || s->allow_stop))
		stub_puts(s, s->multiprocess ? "T02thread:p01.01;"
					     : "T02thread:01;");
	s->allow_stop = false;
}

void stub_start(struct stub *s)
{
	s->running = true;
}

void stub_open(struct stub *s, int fd)
{
	s->fd = fd;
	s->connections++;
	s->attached = true;
	s->xml_read = false;
	s->g_cpu = s->next_thread = s->status_asked = 0;
	stub_stop(s);
}

void stub_close(struct stub *s)
{
	s->fd = -1;
	if (s->gen->close_resumes)
		stub_start(s);
}

/* The command is whole: check its sum, answer. */
static void finish(struct stub *s)
{
	s->state = RS_IDLE;
	if (s->line_sum != s->told_sum) {
		stub_send(s, "-", 1);
		return;
	}
	stub_send(s, "+", 1);
	s->requests++;
	s->line[s->line_len] = '\0';
	stub_answer(s);
}

/* False: it would overrun; the command is dropped without a word. */
static bool has_room(struct stub *s, size_t n)
{
	if (s->line_len + n < s->gen->max_packet)
		return true;
	s->state = RS_IDLE;
	return false;
}

static void take_line(struct stub *s, uint8_t byte)
{
	switch (byte) {
	case '}':
		s->state = RS_GETLINE_ESC;
		break;
	case '*':
		s->state = RS_GETLINE_RLE;
		break;
	case '#':
		s->state = RS_CHKSUM1;
		return;
	default:
		if (!has_room(s, 1))
			return;
		s->line[s->line_len++] = (char)byte;
	}
	s->line_sum = (uint8_t)(s->line_sum + byte);
}

static void take_escaped(struct stub *s, uint8_t byte)
{
	s->state = byte == '#' ? RS_CHKSUM1 : RS_GETLINE;
	if (byte == '#' || !has_room(s, 1))
		return;
	s->line[s->line_len++] = (char)(byte ^ 0x20);
	s->line_sum = (uint8_t)(s->line_sum + byte);
}

static void take_repeat(struct stub *s, uint8_t byte)
{
	size_t n = (size_t)byte - ' ' + 3;

	s->state = RS_GETLINE;
	if (byte < ' ' || byte == '#' || byte == '$' || byte > 126 ||
	    !s->line_len || !has_room(s, n))
		return;
	memset(s->line + s->line_len, s->line[s->line_len - 1], n);
	s->line_len += n;
	s->line_sum = (uint8_t)(s->line_sum + byte);
}

static bool is_digit(uint8_t byte)
{
	uint8_t value;

	return gdbrsp_hex_decode(&value, (const char[]){'0', (char)byte}, 1);
}

static void take_sum(struct stub *s, uint8_t byte)
{
	uint8_t value = 0;

	if (!is_digit(byte)) {
		s->state = RS_IDLE;
		return;
	}
	gdbrsp_hex_decode(&value, (const char[]){'0', (char)byte}, 1);
	if (s->state == RS_CHKSUM1) {
		s->told_sum = (uint8_t)(value << 4);
		s->state = RS_CHKSUM2;
		return;
	}
	s->told_sum |= value;
	finish(s);
}

static void take_byte(struct stub *s, uint8_t byte)
{
	switch (s->state) {
	case RS_IDLE:
		if (byte == '$') {
			s->line_len = 0;
			s->line_sum = 0;
			s->state = RS_GETLINE;
		}
		break;
	case RS_GETLINE:
		take_line(s, byte);
		break;
	case RS_GETLINE_ESC:
		take_escaped(s, byte);
		break;
	case RS_GETLINE_RLE:
		take_repeat(s, byte);
		break;
	case RS_CHKSUM1:
	case RS_CHKSUM2:
		take_sum(s, byte);
		break;
	}
}

/*
 * While a reply is not acknowledged all is lost but an ack, a wish to hear it
 * again, and a new packet.  While the guest runs, every byte stops it and is
 * consumed.
 */
void stub_byte(struct stub *s, uint8_t byte)
{
	s->allow_stop = false;
	if (s->last.len) {
		if (byte == '-')
			stub_send(s, s->last.data, s->last.len);
		if (byte == '+' || byte == '$')
			buf_reset(&s->last);
		if (byte != '$')
			return;
	}
	if (s->running) {
		s->allow_stop = byte == INTERRUPT;
		stub_stop(s);
		return;
	}
	take_byte(s, byte);
}
