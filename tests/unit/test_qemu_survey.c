/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of finding registers by name, and of RAM that is plugged in. */
#include "qemu/survey.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/x86_64.h"
#include "qemu/qemu.h"
#include "unit/gdbrsp_peer.h"

#define ASKED_AGAIN 4 /* what changes meanwhile, at the most */

static struct gdbrsp_target_desc desc;
static uint8_t g[608]; /* QEMU's size, 5.2 to 11.1 */

/* QEMU's own description, as the recorded session has it in pieces. */
static int fetch(void *ctx, const char *annex, struct buf *out, struct err *err)
{
	char *script = peer_load("gdbrsp/session-7.2-running.txt");
	char *line, *rest = script;
	bool ours = false;

	(void)ctx, (void)err;
	while ((line = strsep(&rest, "\n"))) {
		if (*line == '>')
			ours = strstr(line, annex) && strstr(line, ",7fb");
		for (char *c = line; ours && *line == '<' && *c; c++) {
			if (c < line + 3)
				continue;
			if (c[0] == '\\' && c[1] == 'n')
				*++c = '\n';
			buf_add(out, c, 1);
		}
	}
	free(script);
	return 0;
}

static void setup(void)
{
	struct err err = {0};
	size_t i;

	desc = (struct gdbrsp_target_desc){0};
	ck_assert_msg(!gdbrsp_target_desc_load(&desc, fetch, NULL, &err), "%s",
		      err.text);
	for (i = 0; i < sizeof(g); i++)
		g[i] = (uint8_t)(i * 5 + i / 256);
}

static void teardown(void)
{
	gdbrsp_target_desc_deinit(&desc);
}

/* Offsets by hand, from the layout that QEMU has had since 4.1. */
START_TEST(registers_by_name)
{
	struct vcpu v = {.arch = &arch_x86_64};

	ck_assert_uint_eq(desc.regs.n, 66);
	ck_assert(!qemu_survey_regs(&desc, g, sizeof(g), &v, NULL));
	ck_assert_uint_eq(v.reg[X86_RAX], le64(g));	  /* rax */
	ck_assert_uint_eq(v.reg[X86_RSI], le64(g + 32));  /* rsi */
	ck_assert_uint_eq(v.reg[X86_RSP], le64(g + 56));  /* rsp */
	ck_assert_uint_eq(v.reg[X86_R15], le64(g + 120)); /* r15 */
	ck_assert_uint_eq(v.reg[X86_RIP], le64(g + 128));
	ck_assert_uint_eq(v.reg[X86_EFLAGS], le32(g + 136));
	ck_assert_uint_eq(v.reg[X86_CS], le16(g + 140));
	ck_assert_uint_eq(v.reg[X86_SS], le16(g + 144));
	ck_assert_uint_eq(v.reg[X86_FS_BASE], le64(g + 164));
	ck_assert_uint_eq(v.reg[X86_GS_BASE], le64(g + 172));
	ck_assert_uint_eq(v.reg[X86_K_GS_BASE], le64(g + 180));
	ck_assert_uint_eq(v.reg[X86_CR0], le64(g + 188));
	ck_assert_uint_eq(v.reg[X86_CR2], le64(g + 196));
	ck_assert_uint_eq(v.reg[X86_CR3], le64(g + 204));
	ck_assert_uint_eq(v.reg[X86_CR4], le64(g + 212));
	ck_assert_uint_eq(v.reg[X86_EFER], le64(g + 228));
}
END_TEST

START_TEST(register_missing)
{
	struct vcpu v = {.arch = &arch_x86_64};
	struct err err;
	size_t i;

	/* The last one needed, efer, ends at byte 236. */
	ck_assert(!qemu_survey_regs(&desc, g, 236, &v, &err));
	ck_assert_int_eq(qemu_survey_regs(&desc, g, 235, &v, &err),
			 ERR_NO_GUEST);
	ck_assert_ptr_nonnull(strstr(err.text, "too few for efer"));
	for (i = 0; i < desc.regs.n; i++)
		if (!strcmp(desc.regs.v[i].name, "cr3"))
			desc.regs.v[i].name[2] = '9';
	ck_assert_int_eq(qemu_survey_regs(&desc, g, sizeof(g), &v, &err),
			 ERR_NO_GUEST);
	ck_assert_ptr_nonnull(strstr(err.text, "no register cr3"));
}
END_TEST

#define MTREE	"> qRcmd,696e666f206d74726565202d66\n"
#define MEMDEV	"> qRcmd,696e666f206d656d646576\n"
#define THREADS "> qfThreadInfo\n"
#define READ	"> m1000,10\n"
#define LEAVE                                         \
	"> qRcmd,696e666f20737461747573\n"            \
	"< O564d207374617475733a207061757365640d0a\n" \
	"< OK\n> Qqemu.PhyMemMode:0\n< OK\n> D;1\n< OK\n"
#define LAST_RAM "40303030303030303030303130303030300d0a\n" /* its end */
#define BACKEND	 "memory backend: m\r\n  size:  134217728\r\n\r\n"

/* Recorded lines, with one more of the monitor's behind that with `place`. */
static void say_more(FILE *to, const char *lines, const char *end,
		     const char *place, const char *more)
{
	const char *at = strchr(strstr(lines, place), '\n') + 1;

	fwrite(lines, 1, (size_t)(at - lines), to);
	fputs("< O", to);
	for (; *more; more++)
		fprintf(to, "%02x", (unsigned char)*more);
	fputc('\n', to);
	fwrite(at, 1, (size_t)(end - at), to);
}

/*
 * A recorded session in which the monitor names a backend that its map does
 * not show; asked again it shows 128 MiB of it, at the next of `n` places each
 * time, and then stays at that.
 */
static char *plugging(unsigned int n)
{
	char *script = peer_load("gdbrsp/session-7.2-running.txt"), *text;
	char *mtree = strstr(script, MTREE), *memdev = strstr(script, MEMDEV);
	char *rest = strstr(script, THREADS), dimm[80];
	unsigned int i, place;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	fwrite(script, 1, (size_t)(memdev - script), to);
	say_more(to, memdev, rest, MEMDEV, BACKEND);
	for (i = 1; i <= n + 1 && i <= ASKED_AGAIN; i++) {
		place = i > n ? n : i;
		snprintf(dimm, sizeof(dimm),
			 "  0000000%u00000000-0000000%u07ffffff "
			 "(prio 0, ram): m\r\n",
			 place, place);
		say_more(to, mtree, memdev, LAST_RAM, dimm);
		say_more(to, memdev, rest, MEMDEV, BACKEND);
	}
	if (n < ASKED_AGAIN)
		fwrite(rest, 1, (size_t)(strstr(rest, READ) - rest), to);
	fputs(LEAVE, to);
	fclose(to);
	free(script);
	return text;
}

/* Memory that is plugged in while it is asked for: the words settle, or
 * nothing is made of them. */
START_TEST(ram_plugged_in)
{
	char address[128], *script = plugging((unsigned int)_i);
	struct qemu_opts opts = {
		.address = address, .memory = MEMORY_STUB, .timeout_ms = 5000};
	pid_t peer = peer_listen(script, NULL, address);
	struct qemu *target;
	struct err err;
	int ret = qemu_open(&opts, &target, &err);

	free(script);
	if (_i < ASKED_AGAIN) {
		const struct machine *m;

		ck_assert_msg(!ret, "%s", err.text);
		m = qemu_machine(target);
		ck_assert_uint_eq(m->ram.n, 4);
		ck_assert_uint_eq(m->ram.v[3].start, (uint64_t)_i << 32);
		ck_assert_uint_eq(m->ram.v[3].size, 128 << 20);
		ck_assert(!qemu_release(target, &err));
		qemu_destroy(target);
	} else {
		ck_assert_int_eq(ret, ERR_NO_GUEST);
		ck_assert_ptr_nonnull(strstr(err.text, "another thing each"));
	}
	ck_assert_int_eq(peer_wait(peer), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("qemu/survey");
	TCase *c = tcase_create("survey");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, registers_by_name);
	tcase_add_test(c, register_missing);
	tcase_add_loop_test(c, ram_plugged_in, 1, ASKED_AGAIN + 1);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
