/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of whole sessions: attach, read, write, leave as found. */
#include "qemu/qemu.h"

#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arch/x86_64.h"
#include "qemu/inside.h"
#include "unit/gdbrsp_peer.h"

#define HELLO	"> \n< \n> qSupported\n< PacketSize=1000;qXfer:features:read+;\n"
#define QEMU	"> qqemu.PhyMemMode\n< 0\n> Qqemu.PhyMemMode:1\n< OK\n"
#define NO_PHYS "> qqemu.PhyMemMode\n< \n> Qqemu.PhyMemMode:1\n< \n"
#define STATUS                                        \
	"> qRcmd,696e666f20737461747573\n"            \
	"< O564d207374617475733a207061757365640d0a\n" \
	"< OK\n" /* "info status": "VM status: paused" */
#define PRELAUNCH                                       \
	"> qRcmd,696e666f20737461747573\n"              \
	"< O564d207374617475733a2070617573656420287072" \
	"656c61756e6368290d0a\n< OK\n" /* "paused (prelaunch)" */
#define NO_MIGRATION "> qRcmd,696e666f206d696772617465\n< OK\n"
#define VERSION_11                           \
	"> qRcmd,696e666f2076657273696f6e\n" \
	"< O31312e312e330d0a\n< OK\n" NO_MIGRATION /* 11.1.3 */
#define SEAL(n)	  "> qXfer:features:read:target.xml:0," n "\n"
#define MARKED_32 "< m01234567890123456789012345678901\n"
#define MARKED_33 "< m012345678901234567890123456789012\n"
#define SEAL_32	  SEAL("20") MARKED_32
#define MODE_OFF  "> Qqemu.PhyMemMode:0\n< OK\n"
#define DETACH	  "> D;1\n< OK\n"

static struct qemu_opts opts;
static struct qemu *target;
static struct err err;
static pid_t peer;
static char address[128];

static void setup(void)
{
	opts = (struct qemu_opts){
		.address = address, .memory = MEMORY_STUB, .timeout_ms = 5000};
}

static int open_script(const char *script)
{
	peer = peer_listen(script, NULL, address);
	return qemu_open(&opts, &target, &err);
}

static void open_file(const char *name, const char *tail)
{
	char *script = peer_load(name);
	char *end = strstr(script, "> m1000,10");

	if (tail)
		strcpy(end, tail);
	ck_assert_msg(!open_script(script), "%s", err.text);
	free(script);
}

static void finish(void)
{
	ck_assert_msg(!qemu_release(target, &err), "%s", err.text);
	ck_assert(!qemu_release(target, &err));
	qemu_destroy(target);
	ck_assert_int_eq(peer_wait(peer), 0);
}

/* The reads and the write that the recorded sessions hold. */
static void use_memory(void)
{
	struct machine *m = qemu_machine(target);
	char bytes[16];
	struct mem_read reads[] = {
		{.pa = 0x1000, .dst = bytes, .len = 16},
		{.pa = 0x100000, .dst = bytes, .len = 8},
	};

	struct mem_write write = {.pa = 0x1000, .src = "qvmi", .len = 4};

	ck_assert(!m->ops->read(m->ctx, reads, 2, &err));
	ck_assert(!m->ops->write(m->ctx, &write, 1, &err));
	ck_assert_int_eq(write.status, MEM_OK);
	ck_assert(!m->ops->read(m->ctx, reads, 1, &err));
	ck_assert_int_eq(reads[0].status, MEM_OK);
	ck_assert_mem_eq(bytes, "qvmi", 4);
}

static void check_machine(void)
{
	const struct machine *m = qemu_machine(target);

	ck_assert_uint_eq(m->vcpus.n, 2);
	ck_assert_uint_eq(m->vcpus.v[0].reg[X86_RIP], 0xb7b9);
	ck_assert_uint_eq(m->vcpus.v[0].reg[X86_CS], 0xf000);
	ck_assert_uint_eq(m->vcpus.v[0].reg[X86_CR0], 0x10);
	ck_assert(m->vcpus.v[0].halted);
	ck_assert_uint_eq(m->vcpus.v[1].index, 1);
	ck_assert_uint_eq(m->vcpus.v[1].reg[X86_RIP], 0xfd09a);
	ck_assert_uint_eq(m->ram.n, 3);
	ck_assert_uint_eq(m->ram.v[2].start, 0x100000);
	ck_assert_uint_eq(m->ram.v[2].size, 0x3f00000);
	ck_assert_str_eq(m->ram.v[2].name, "pc.ram");
}

START_TEST(recorded_running)
{
	struct source_stats stats;
	struct source_info info;

	open_file("gdbrsp/session-7.2-running.txt", NULL);
	qemu_info(target, &info);
	ck_assert(info.was_running && info.found_paused_known);
	ck_assert_str_eq(info.address, address);
	ck_assert_str_eq(info.memory_path, "stub");
	ck_assert_str_eq(info.program,
			 "QEMU 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)");
	ck_assert_ptr_null(info.note);
	check_machine();
	use_memory();
	qemu_stats(target, &stats);
	ck_assert(stats.packets > 20 && stats.wire_bytes > 20000);
	finish();
}
END_TEST

START_TEST(recorded_prelaunch)
{
	struct source_info info;

	open_file("gdbrsp/session-7.2-prelaunch.txt", NULL);
	qemu_info(target, &info);
	ck_assert(!info.was_running && info.found_paused_known);
	use_memory();
	finish();
}
END_TEST

/* Guests know nothing of each other, nor do their watchdogs. */
START_TEST(two_at_once)
{
	struct source_info info;
	struct qemu *first;
	pid_t first_peer;

	open_file("gdbrsp/session-7.2-running.txt", NULL);
	first = target;
	first_peer = peer;
	open_file("gdbrsp/session-7.2-prelaunch.txt", NULL);
	ck_assert(target->watch.pid != first->watch.pid);
	qemu_info(first, &info);
	ck_assert(info.was_running);
	qemu_info(target, &info);
	ck_assert(!info.was_running);
	use_memory();
	finish();
	target = first;
	peer = first_peer;
	check_machine();
	use_memory();
	finish();
}
END_TEST

START_TEST(other_versions)
{
	struct source_info info;

	open_file("gdbrsp/session-5.2-style.txt", NULL);
	qemu_info(target, &info);
	ck_assert(info.was_running && info.found_paused_known);
	ck_assert_str_eq(info.program, "QEMU 5.2.0");
	check_machine();
	use_memory();
	finish();

	open_file("gdbrsp/session-11.1-style.txt", NULL);
	qemu_info(target, &info);
	ck_assert(info.was_running && !info.found_paused_known);
	check_machine();
	use_memory();
	finish();
}
END_TEST

START_TEST(leave_as_told)
{
	opts.leave = LEAVE_PAUSED;
	open_file("gdbrsp/session-7.2-running.txt", STATUS MODE_OFF);
	finish();
	opts.leave = LEAVE_RUNNING;
	open_file("gdbrsp/session-7.2-prelaunch.txt",
		  PRELAUNCH MODE_OFF DETACH);
	finish();
}
END_TEST

/* Somebody resumed the guest: nothing is read any more, and it runs again. */
START_TEST(resumed_by_others)
{
	struct machine *m;
	char byte;
	struct mem_read r = {.pa = 0x1000, .dst = &byte, .len = 1};
	struct mem_write w = {.pa = 0, .src = "", .len = 1};

	open_file("gdbrsp/session-7.2-prelaunch.txt",
		  "> m1000,1\n< T02thread:01;\n" SEAL_32 "> \n< \n" SEAL("21")
			  MARKED_33 STATUS MODE_OFF DETACH);
	m = qemu_machine(target);
	ck_assert_int_eq(m->ops->read(m->ctx, &r, 1, &err), ERR_NO_GUEST);
	ck_assert_int_eq(m->ops->read(m->ctx, &r, 1, &err), ERR_NO_GUEST);
	ck_assert_ptr_nonnull(strstr(err.text, "somebody else"));
	ck_assert_int_eq(m->ops->write(m->ctx, &w, 1, &err), ERR_NO_GUEST);
	finish();
}
END_TEST

START_TEST(lost_in_mid_session)
{
	struct machine *m;
	char byte;
	struct mem_read r = {.pa = 0x1000, .dst = &byte, .len = 1};

	open_file("gdbrsp/session-7.2-running.txt",
		  "> m1000,1\n" SEAL("20") "close\n");
	m = qemu_machine(target);
	ck_assert_int_eq(m->ops->read(m->ctx, &r, 1, &err), ERR_NO_GUEST);
	ck_assert_int_eq(qemu_release(target, &err), ERR_NO_GUEST);
	ck_assert_ptr_nonnull(strstr(err.text, "may be left paused"));
	ck_assert(!qemu_release(target, &err));
	ck_assert_int_eq(m->ops->read(m->ctx, &r, 1, &err), ERR_REFUSED);
	qemu_destroy(target);
	ck_assert_int_eq(peer_wait(peer), 0);
}
END_TEST

static void open_fails(const char *script, int code, const char *words)
{
	ck_assert_int_eq(open_script(script), code);
	ck_assert_msg(strstr(err.text, words) != NULL, "%s", err.text);
	ck_assert_int_eq(peer_wait(peer), 0);
}

START_TEST(refused)
{
	char *script = peer_load("gdbrsp/session-7.2-i386.txt");

	/* A 32-bit QEMU ran, and runs again. */
	open_fails(script, ERR_NO_LINUX, "i386; qvmi understands x86-64");
	free(script);
	/* Not QEMU's: detached all the same, for connecting has stopped it. */
	open_fails(HELLO NO_PHYS HELLO NO_PHYS "> D\n< OK\n", ERR_NO_GUEST,
		   "not QEMU's");
}
END_TEST

START_TEST(bent_stub)
{
	/* Its CPUs have no cr3: say so, and put back what was learned. */
	open_fails(
		HELLO QEMU STATUS VERSION_11
		"> qXfer:features:read:target.xml:0,7fb\n"
		"< "
		"l<target><architecture>i386:x86-64</architecture></\n" STATUS
			MODE_OFF DETACH,
		ERR_NO_GUEST, "make no sense");
	open_fails(HELLO QEMU STATUS VERSION_11
		   "> qXfer:features:read:target.xml:0,7fb\n"
		   "< "
		   "l<target><architecture>riscv:rv64</architecture></"
		   "target>\n" STATUS MODE_OFF DETACH,
		   ERR_NO_LINUX, "riscv:rv64; qvmi understands x86-64");
	open_fails(HELLO QEMU STATUS VERSION_11 ">?\nclose\n", ERR_NO_GUEST,
		   "may be left paused");
}
END_TEST

/* The first questions, of which none is answered. */
#define ASKED "> \n> qSupported\n> qqemu.PhyMemMode\n> Qqemu.PhyMemMode:1\n"

/* Another debugger is attached: ask the stub to let the guest run later. */
START_TEST(busy)
{
	opts.timeout_ms = 100;
	open_fails("hush\n" ASKED "> \n" SEAL("20") "> \n" SEAL(
			   "21") "> Qqemu.PhyMemMode:0\n> D;1\n",
		   ERR_NO_GUEST, "is another debugger attached?");
	opts.leave = LEAVE_PAUSED;
	open_fails("hush\n" ASKED
		   "> \n" SEAL("20") "> \n" SEAL("21") "> Qqemu.PhyMemMode:0\n",
		   ERR_NO_GUEST, "is another debugger attached?");
	opts.leave = LEAVE_AS_FOUND;
	opts.timeout_ms = 5000;
	open_fails("! SSH-2.0-x\nmute\n", ERR_NO_GUEST, "does not speak");
}
END_TEST

/* What came of them before a marker was asked for, and its answer. */
#define LATE                                                   \
	"> \n" SEAL("20") "< \n< PacketSize=1000\n< 0\n< OK\n" \
			  "< \n" MARKED_32
#define HELLO_AGAIN \
	HELLO "> qqemu.PhyMemMode\n< 1\n> Qqemu.PhyMemMode:1\n< OK\n"

/* It takes the first request, and is then too slow for a signal. */
START_TEST(acked_only)
{
	opts.timeout_ms = 500;
	open_fails(ASKED LATE HELLO_AGAIN STATUS VERSION_11 MODE_OFF DETACH,
		   ERR_NO_GUEST, "no answer within 0.5 s");
}
END_TEST

/* The signal comes before the first answer: learn what to leave, then do. */
START_TEST(signal_at_once)
{
	static volatile sig_atomic_t interrupts = 2;

	opts.interrupt = &interrupts;
	open_fails("< T02thread:01;\n" ASKED LATE HELLO_AGAIN STATUS VERSION_11
			   MODE_OFF DETACH,
		   ERR_INTERRUPTED, "interrupted");
}
END_TEST

START_TEST(nothing_there)
{
	opts.address = "unix:/nonexistent/gdb";
	ck_assert_int_eq(qemu_open(&opts, &target, &err), ERR_NO_GUEST);
	opts.address = "no address";
	ck_assert_int_eq(qemu_open(&opts, &target, &err), ERR_USAGE);
	qemu_destroy(NULL);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("qemu");
	TCase *c = tcase_create("qemu");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(c, setup, NULL);
	tcase_add_test(c, recorded_running);
	tcase_add_test(c, recorded_prelaunch);
	tcase_add_test(c, two_at_once);
	tcase_add_test(c, other_versions);
	tcase_add_test(c, leave_as_told);
	tcase_add_test(c, resumed_by_others);
	tcase_add_test(c, lost_in_mid_session);
	tcase_add_test(c, refused);
	tcase_add_test(c, bent_stub);
	tcase_add_test(c, busy);
	tcase_add_test(c, acked_only);
	tcase_add_test(c, signal_at_once);
	tcase_add_test(c, nothing_there);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
