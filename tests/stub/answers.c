/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests and their replies. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "gdbrsp/packet.h"
#include "stub/stub.h"

/* Sizes of the registers of i386-64bit.xml, in the order of their numbers. */
static const struct {
	unsigned int count, size;
} register_sizes[] = {
	{17, 8}, {1, 4}, {6, 4}, {9, 8}, {8, 10}, {8, 4}, {16, 16}, {1, 4},
};

static void read_registers(struct stub *s, const char *args)
{
	(void)args;
	stub_puts(s, s->image->vcpus.v[s->g_cpu].regs);
}

/* Where a register lies in `g`, in digits, and how many; NULL: there is none */
static char *find_register(struct stub *s, unsigned long number, size_t *digits)
{
	char *regs = s->image->vcpus.v[s->g_cpu].regs;
	size_t row, at = 0;

	for (row = 0; row < sizeof(register_sizes) / sizeof(*register_sizes);
	     row++) {
		*digits = 2 * (size_t)register_sizes[row].size;
		if (number < register_sizes[row].count)
			return regs + at + number * *digits;
		number -= register_sizes[row].count;
		at += register_sizes[row].count * *digits;
	}
	return NULL;
}

/* Up to 8.1: registers one by one only for who has read the description. */
static bool knows_single(const struct stub *s)
{
	return !s->gen->p_after_xml || s->xml_read;
}

static void read_register(struct stub *s, const char *args)
{
	size_t digits;
	const char *at = find_register(s, strtoul(args, NULL, 16), &digits);

	if (!knows_single(s))
		stub_puts(s, "");
	else if (!at)
		stub_puts(s, STUB_EFAULT);
	else
		stub_put(s, at, digits);
}

/* NUMBER=VALUE.  All that is well formed is OK, whatever becomes of it. */
static void write_register(struct stub *s, const char *args)
{
	const char *value = strchr(args, '=');
	size_t digits, n = value ? strlen(value + 1) & ~(size_t)1 : 0;
	char *at = find_register(s, strtoul(args, NULL, 16), &digits);

	if (!knows_single(s)) {
		stub_puts(s, "");
		return;
	}
	if (!n) {
		stub_puts(s, STUB_EINVAL);
		return;
	}
	if (at)
		memcpy(at, value + 1, n < digits ? n : digits);
	s->set_registers++;
	stub_puts(s, "OK");
}

/* As many registers as are given; without any there is no answer at all. */
static void write_registers(struct stub *s, const char *args)
{
	char *regs = s->image->vcpus.v[s->g_cpu].regs;
	size_t n = strlen(args), all = strlen(regs);

	if (!n)
		return;
	memcpy(regs, args, n < all ? n : all);
	s->set_registers++;
	stub_puts(s, "OK");
}

/* The vCPU that "N", "pP.N", "0" or "-1" (any) means; -1: there is none. */
static int take_thread(const struct stub *s, const char *text)
{
	long number;

	if (*text == 'p' && strchr(text, '.'))
		text = strchr(text, '.') + 1;
	number = strtol(text, NULL, 16);
	if (number <= 0)
		return 0;
	return (size_t)number <= s->image->vcpus.n ? (int)number - 1 : -1;
}

static void choose_thread(struct stub *s, const char *args)
{
	int vcpu = *args ? take_thread(s, args + 1) : -1;

	if (vcpu >= 0 && *args == 'g')
		s->g_cpu = (unsigned int)vcpu;
	stub_puts(s, vcpu >= 0 ? "OK" : STUB_EINVAL);
}

static void is_alive(struct stub *s, const char *args)
{
	stub_puts(s, take_thread(s, args) >= 0 ? "OK" : STUB_EINVAL);
}

static void put_thread(struct stub *s, const char *prefix, unsigned int vcpu)
{
	char text[64];

	snprintf(text, sizeof(text), "%s%s%02x", prefix,
		 s->multiprocess ? "p01." : "", vcpu + 1);
	stub_puts(s, text);
}

static void next_thread(struct stub *s, const char *args)
{
	(void)args;
	if (s->next_thread < s->image->vcpus.n)
		put_thread(s, "m", s->next_thread++);
	else
		stub_puts(s, "l");
}

static void first_thread(struct stub *s, const char *args)
{
	s->next_thread = 0;
	next_thread(s, args);
}

static void current_thread(struct stub *s, const char *args)
{
	(void)args;
	put_thread(s, "QC", 0);
}

static void describe_thread(struct stub *s, const char *args)
{
	_cleanup_(buf_deinit) struct buf out = {0};
	int n, vcpu = take_thread(s, args);
	char text[32];

	if (vcpu < 0) {
		stub_puts(s, STUB_EINVAL);
		return;
	}
	n = snprintf(text, sizeof(text), "CPU#%d [%s]", vcpu,
		     s->image->vcpus.v[vcpu].halted ? "halted " : "running");
	gdbrsp_hex_encode(&out, text, (size_t)n);
	stub_put(s, out.data, out.len);
}

static void tell_halt(struct stub *s, const char *args)
{
	(void)args;
	s->breakpoints = 0;
	if (s->gen->halt_names_core)
		stub_puts(s, "T05core:01;");
	else
		put_thread(s, "T05thread:", 0);
}

static void tell_supported(struct stub *s, const char *args)
{
	s->multiprocess |= strstr(args, "multiprocess+") != NULL;
	stub_puts(s, s->gen->supported);
}

/* The document, as this stub has it. */
static char *load_xml(struct stub *s, const char *annex)
{
	size_t len;
	char *text, *at;

	if (strchr(annex, '/') || !strstr(annex, ".xml"))
		return NULL;
	text = image_file(s->image, annex, &len);
	if (text && s->gen->lacks & LACKS_CR3)
		for (at = text; (at = strstr(at, "\"cr3\""));)
			memcpy(at, "\"xx3\"", 5);
	return text;
}

/* qXfer:features:read:ANNEX:OFFSET,LENGTH */
static void read_xml(struct stub *s, const char *args)
{
	_cleanup_(buf_deinit) struct buf out = {0};
	_cleanup_free_ char *text = NULL;
	uint64_t at, len, total;
	char annex[128];

	s->xml_read = true;
	if (sscanf(args, "%127[^:]:%" SCNx64 ",%" SCNx64, annex, &at, &len) !=
	    3) {
		stub_puts(s, STUB_EINVAL);
		return;
	}
	text = load_xml(s, annex);
	total = text ? strlen(text) : 0;
	if (!text || at > total) {
		stub_puts(s, "E00");
		return;
	}
	if (len > (s->gen->max_packet - 5) / 2)
		len = (s->gen->max_packet - 5) / 2;
	buf_puts(&out, len < total - at ? "m" : "l");
	for (; len && at < total; len--, at++) {
		const char escaped[2] = {'}', text[at] ^ 0x20};

		if (strchr("#$*}", text[at]))
			buf_add(&out, escaped, 2);
		else
			buf_add(&out, &text[at], 1);
	}
	stub_put(s, out.data, out.len);
}

static void monitor(struct stub *s, const char *args)
{
	_cleanup_free_ char *command = NULL;
	size_t n = strlen(args) / 2;

	command = xalloc(n + 1);
	if (strlen(args) % 2 || !gdbrsp_hex_decode(command, args, n))
		stub_puts(s, "E01");
	else
		stub_monitor(s, command);
}

static void tell_qemu(struct stub *s, const char *args)
{
	(void)args;
	stub_puts(s, "sstepbits;sstep;PhyMemMode");
}

static void tell_phys_mode(struct stub *s, const char *args)
{
	(void)args;
	stub_puts(s, s->phys_mode ? "1" : "0");
}

static void set_phys_mode(struct stub *s, const char *args)
{
	if (!*args) {
		stub_puts(s, STUB_EINVAL);
		return;
	}
	s->phys_mode = strtoul(args, NULL, 16) != 0;
	stub_puts(s, "OK");
}

static void tell_server(struct stub *s, const char *args)
{
	char text[64];

	(void)args;
	snprintf(text, sizeof(text), "name:qemu-system-x86_64;version:%.*s;",
		 (int)strspn(s->gen->version, "0123456789."), s->gen->version);
	stub_puts(s, s->gen->names_server ? text : "");
}

static void tell_attached(struct stub *s, const char *args)
{
	(void)args;
	stub_puts(s, "1");
}

static void tell_cont(struct stub *s, const char *args)
{
	(void)args;
	stub_puts(s, "vCont;c;C;s;S");
}

static void go_on(struct stub *s, const char *args)
{
	(void)args;
	s->allow_stop = true;
	stub_start(s);
}

static void change_breakpoint(struct stub *s, const char *args)
{
	(void)args;
	if (s->line[0] == 'z' && !s->breakpoints) {
		stub_puts(s, STUB_EINVAL);
		return;
	}
	if (s->line[0] == 'Z')
		s->breakpoints++;
	else
		s->breakpoints--;
	stub_puts(s, "OK");
}

/* runstate_needs_reset(): vm_start() is left out. */
static bool needs_reset(const struct stub *s)
{
	return !strcmp(s->reason, "shutdown") ||
	       !strcmp(s->reason, "internal-error");
}

/* The reply comes once the guest runs; what follows it only stops it. */
static void detach(struct stub *s, const char *args)
{
	if (s->multiprocess && !*args) {
		stub_puts(s, STUB_EINVAL);
		return;
	}
	s->breakpoints = 0;
	s->attached = false;
	if (s->running || !needs_reset(s))
		stub_start(s);
	stub_puts(s, "OK");
}

/* Requests by how they begin; what a stub lacks it answers with nothing. */
static const struct {
	const char *prefix;
	void (*answer)(struct stub *s, const char *args);
	unsigned int part; /* of what may lack */
} requests[] = {
	{"qSupported", tell_supported, 0},
	{"qXfer:features:read:", read_xml, LACKS_XML},
	{"qRcmd,", monitor, LACKS_MONITOR},
	{"qqemu.Supported", tell_qemu, LACKS_PHYS},
	{"qqemu.PhyMemMode", tell_phys_mode, LACKS_PHYS},
	{"Qqemu.PhyMemMode:", set_phys_mode, LACKS_PHYS},
	{"qfThreadInfo", first_thread, 0},
	{"qsThreadInfo", next_thread, 0},
	{"qThreadExtraInfo,", describe_thread, 0},
	{"qC", current_thread, 0},
	{"qGDBServerVersion", tell_server, 0},
	{"qAttached", tell_attached, 0},
	{"vCont?", tell_cont, 0},
	{"vCont;c", go_on, 0},
	{"m", stub_read_memory, 0},
	{"M", stub_write_memory, 0},
	{"g", read_registers, 0},
	{"p", read_register, LACKS_SINGLE},
	{"G", write_registers, 0},
	{"P", write_register, LACKS_SINGLE},
	{"H", choose_thread, 0},
	{"T", is_alive, 0},
	{"?", tell_halt, 0},
	{"c", go_on, 0},
	{"D", detach, 0},
	{"Z", change_breakpoint, 0},
	{"z", change_breakpoint, 0},
};

void stub_answer(struct stub *s)
{
	size_t i, n;

	/* c_cpu is NULL then, and every handler wants it. */
	if (!s->attached)
		return;
	for (i = 0; i < sizeof(requests) / sizeof(*requests); i++) {
		n = strlen(requests[i].prefix);
		if (strncmp(s->line, requests[i].prefix, n) != 0 ||
		    requests[i].part & s->gen->lacks)
			continue;
		requests[i].answer(s, s->line + n);
		return;
	}
	stub_puts(s, "");
}
