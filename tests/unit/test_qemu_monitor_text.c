/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the monitor's parsers on recorded text, and on bent text. */
#include "qemu/monitor_text.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "unit/gdbrsp_peer.h"

static char *load(const char *what, const char *machine)
{
	char name[128];

	snprintf(name, sizeof(name), "gdbrsp/%s-7.2-%s.txt", what, machine);
	return peer_load(name);
}

/* The map of a recorded machine as text: start+size name@offset. */
static void check_map(const char *machine, const char *want)
{
	char *mtree = load("mtree", machine), *memdev = load("memdev", machine);
	struct monitor_rams rams = {0};
	struct err err = {0};
	struct buf out = {0};
	size_t i;

	ck_assert_msg(!monitor_parse_ram(mtree, memdev, &rams, &err), "%s",
		      err.text);
	for (i = 0; i < rams.v.n; i++)
		buf_printf(&out, "%lx+%lx %s@%lx\n", rams.v.v[i].start,
			   rams.v.v[i].size, rams.v.v[i].name,
			   rams.v.v[i].offset);
	ck_assert_str_eq(out.data, want);
	buf_deinit(&out);
	monitor_rams_deinit(&rams);
	free(mtree);
	free(memdev);
}

START_TEST(recorded_maps)
{
	check_map("pc-512m", "0+c0000 pc.ram@0\n"
			     "100000+1ff00000 pc.ram@100000\n");
	check_map("pc-4g", "0+c0000 pc.ram@0\n"
			   "100000+bff00000 pc.ram@100000\n"
			   "100000000+40000000 pc.ram@c0000000\n");
	check_map("q35-4g", "0+c0000 pc.ram@0\n"
			    "100000+7ff00000 pc.ram@100000\n"
			    "100000000+80000000 pc.ram@80000000\n");
	check_map("q35-numa", "0+c0000 m0@0\n"
			      "100000+1ff00000 m0@100000\n"
			      "20000000+20000000 m1@0\n");
	check_map("q35-dimm", "0+c0000 pc.ram@0\n"
			      "100000+1ff00000 pc.ram@100000\n"
			      "100000000+10000000 d0@0\n");
}
END_TEST

/* Video memory is no RAM, nor is what the firmware has made read-only. */
START_TEST(map_with_holes)
{
	check_map("pc-vga-booted", "0+a0000 pc.ram@0\n"
				   "cb000+3000 pc.ram@cb000\n"
				   "e8000+8000 pc.ram@e8000\n"
				   "100000+1ff00000 pc.ram@100000\n");
	/* Its pc.bios is writable memory, but not the machine's RAM. */
	check_map("microvm", "0+f0000 microvm.ram@0\n"
			     "100000+1ff00000 microvm.ram@100000\n");
}
END_TEST

#define VIEW(lines)                                  \
	"FlatView #0\r\n AS \"I/O\", root: io\r\n"   \
	" Root memory region: io\r\n"                \
	"  0-7 (prio 0, ram): trap\r\n\r\n"          \
	"FlatView #1\r\n AS \"memory\", root: s\r\n" \
	" AS \"cpu-memory-0\", root: s\r\n"          \
	" Root memory region: s\r\n" lines "\r\n"    \
	"FlatView #2\r\n AS \"e1000\", root: b\r\n"  \
	" Root memory region: (none)\r\n"            \
	"  No rendered FlatView\r\n\r\n"

static int parse(const char *mtree, const char *memdev,
		 struct monitor_rams *rams, struct err *err)
{
	monitor_rams_deinit(rams);
	return monitor_parse_ram(mtree, memdev, rams, err);
}

START_TEST(forms_of_a_line)
{
	struct monitor_rams rams = {0};
	struct err err = {0};

	/* With an accelerator, an owner, non-volatile, and by path. */
	ck_assert_int_eq(
		parse(VIEW("  0000-0fff (prio 0, ram): a KVM\r\n"
			   "  1000-1fff (prio -1, ram): a @0000000000001000 "
			   "KVM owner:{dev path=/x}\r\n"
			   "  2000-2fff (prio 0, nv-ram): /objects/b\r\n"
			   "  3000-3fff (prio 0, nv-rom): b\r\n"
			   "  4000-4fff (prio 0, ramd): b\r\n"
			   "  5000-5fff (prio 0, i/o): a\r\n"),
		      "memory backend: a\r\n  size: 1\r\nmemory backend: b\r\n",
		      &rams, &err),
		0);
	ck_assert_uint_eq(rams.v.n, 3);
	ck_assert_str_eq(rams.v.v[1].name, "a");
	ck_assert_uint_eq(rams.v.v[1].offset, 0x1000);
	ck_assert_str_eq(rams.v.v[2].name, "/objects/b");
	monitor_rams_deinit(&rams);
}
END_TEST

START_TEST(without_backends_names_decide)
{
	struct monitor_rams rams = {0};

	ck_assert_int_eq(parse(VIEW("  0000-0fff (prio 0, ram): pc.ram\n"
				    "  1000-1fff (prio 0, ram): vga.vram\n"
				    "  2000-2fff (prio 0, ram): pc.bios\n"),
			       "unknown command: 'memdev'\r\n", &rams, NULL),
			 0);
	ck_assert_uint_eq(rams.v.n, 1);
	ck_assert_str_eq(rams.v.v[0].name, "pc.ram");
	monitor_rams_deinit(&rams);
}
END_TEST

static void refuse(const char *mtree, const char *words)
{
	struct monitor_rams rams = {0};
	struct err err = {0};

	ck_assert_int_eq(
		monitor_parse_ram(mtree, "memory backend: a\n", &rams, &err),
		ERR_CORRUPT);
	ck_assert_ptr_nonnull(strstr(err.text, words));
	monitor_rams_deinit(&rams);
}

START_TEST(bent_maps)
{
	refuse("", "no view");
	refuse("unknown command: 'info mtree'\r\n", "no view");
	refuse(VIEW(""), "no RAM");
	refuse(VIEW("  0-fff (prio 0, i/o): x\n"), "no RAM");
	refuse(VIEW("  nonsense\n"), "nonsense");
	refuse(VIEW("  0-fff (prio 0, ram):\n"), "makes no sense");
	refuse(VIEW("  1000-0fff (prio 0, ram): a\n"), "makes no sense");
	refuse(VIEW("  0-ffffffffffffffff (prio 0, ram): a\n"), "no sense");
	refuse(VIEW("  0-1fff (prio 0, ram): a\n"
		    "  1000-2fff (prio 0, ram): a\n"),
	       "makes no sense");
}
END_TEST

static bool same_places(const struct monitor_rams *a,
			const struct monitor_rams *b)
{
	size_t i;

	for (i = 0; i < a->v.n && i < b->v.n; i++)
		if (a->v.v[i].start != b->v.v[i].start ||
		    a->v.v[i].size != b->v.v[i].size)
			return false;
	return a->v.n == b->v.n;
}

/* Every line in turn is missing; where the map then differs, it is noticed. */
static void miss_lines(char *said, const char *mtree, const char *memdev,
		       const struct monitor_rams *whole, size_t *noticed)
{
	struct monitor_rams rams = {0};
	char *line, *next, *copy = strdup(said);

	for (line = copy; *line; line = next) {
		next = strchr(line, '\n') + 1;
		strcpy(said, copy);
		memmove(said + (line - copy), next, strlen(next) + 1);
		if (parse(mtree, memdev, &rams, NULL))
			continue;
		if (same_places(&rams, whole))
			continue;
		ck_assert_msg(!monitor_ram_adds_up(mtree, memdev), "%.*s",
			      (int)(next - line), line);
		++*noticed;
	}
	strcpy(said, copy);
	monitor_rams_deinit(&rams);
	free(copy);
}

START_TEST(missing_lines)
{
	static const char *const machines[] = {
		"pc-512m",  "pc-4g",	"pc-vga-booted", "q35-4g",
		"q35-numa", "q35-dimm", "microvm"};
	struct monitor_rams whole = {0};
	size_t i, noticed = 0;

	for (i = 0; i < sizeof(machines) / sizeof(*machines); i++) {
		char *mtree = load("mtree", machines[i]);
		char *memdev = load("memdev", machines[i]);

		ck_assert(!parse(mtree, memdev, &whole, NULL));
		ck_assert_msg(monitor_ram_adds_up(mtree, memdev), "%s",
			      machines[i]);
		miss_lines(mtree, mtree, memdev, &whole, &noticed);
		miss_lines(memdev, mtree, memdev, &whole, &noticed);
		free(mtree);
		free(memdev);
	}
	ck_assert_uint_ge(noticed, 18); /* as many ranges as there are */
	monitor_rams_deinit(&whole);
}
END_TEST

START_TEST(what_does_not_add_up)
{
	const char *mtree = VIEW("  0-fff (prio 0, ram): a\n"
				 "  1000-1fff (prio 1, i/o): vga low mem\n"
				 "  2000-2fff (prio 0, rom): a @2000\n");

	ck_assert(monitor_ram_adds_up(mtree, "memory backend: a\n"
					     "  size:  12288\n"));
	/* Larger than it is, not plugged in, or without a size. */
	ck_assert(!monitor_ram_adds_up(mtree, "memory backend: a\n"
					      "  size:  16384\n"));
	ck_assert(!monitor_ram_adds_up(mtree, "memory backend: b\n"
					      "  size:  4096\n"));
	ck_assert(!monitor_ram_adds_up(mtree, "memory backend: a\n"));
	ck_assert(!monitor_ram_adds_up(mtree, "memory backend: a\n"
					      "memory backend: a\n"
					      "  size:  12288\n"));
	/* No back ends are told of: nothing to add up. */
	ck_assert(monitor_ram_adds_up(mtree, "unknown command\n"));
}
END_TEST

START_TEST(migration)
{
	/* QEMU 7.2 before, during and after; 10.1 writes it anew. */
	static const char *const texts[][2] = {
		{"", ""},
		{"globals:\r\nstore-global-state: on\r\n", ""},
		{"globals:\r\nonly-migratable: off\r\nMigration status: "
		 "active\r\ntotal time: 552 ms\r\n",
		 "active"},
		{"Migration status: postcopy-active\r\n", "postcopy-active"},
		{"Migration status: completed\r\ntotal time: 1 ms\r\n", ""},
		{"Migration status: failed (No space left)\r\n", ""},
		{"Migration status: cancelled\r\n", ""},
		{"Status: \t\tactive\r\nTime (ms): \t\ttotal=1\r\n", "active"},
		{"Status: none\r\n", ""},
		{"total Status: active\r\n", ""},
	};
	struct monitor_migration m;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		monitor_parse_migration(texts[i][0], &m);
		ck_assert_str_eq(m.status, texts[i][1]);
	}
}
END_TEST

START_TEST(status)
{
	struct monitor_status s;

	ck_assert(!monitor_parse_status("VM status: running\r\n", &s, NULL));
	ck_assert(s.running && !*s.reason);
	ck_assert(!monitor_parse_status("VM status: paused\r\n", &s, NULL));
	ck_assert(!s.running && !*s.reason);
	ck_assert(!monitor_parse_status("VM status: paused (prelaunch)\r\n", &s,
					NULL));
	ck_assert_str_eq(s.reason, "prelaunch");
	ck_assert(!monitor_parse_status("VM status: paused (io-error)\r\n", &s,
					NULL));
	ck_assert_str_eq(s.reason, "io-error");
	ck_assert(!monitor_parse_status(
		"VM status: paused (single step mode)\r\n", &s, NULL));
	ck_assert_str_eq(s.reason, "");
	ck_assert_str_eq(monitor_status_word(&s), "paused");
	ck_assert(!monitor_parse_status(
		"VM status: paused (single step mode) (debug)\r\n", &s, NULL));
	ck_assert_str_eq(monitor_status_word(&s), "debug");
	ck_assert(!monitor_parse_status(
		"VM status: running (single step mode)\r\n", &s, NULL));
	ck_assert_str_eq(monitor_status_word(&s), "running");
	ck_assert_int_eq(monitor_parse_status("", &s, NULL), ERR_CORRUPT);
	ck_assert_int_eq(monitor_parse_status("huh?", &s, NULL), ERR_CORRUPT);
}
END_TEST

START_TEST(version)
{
	struct monitor_version v;

	ck_assert(!monitor_parse_version("7.2.22Debian 1:7.2+dfsg-7\r\n", &v,
					 NULL));
	ck_assert_uint_eq(v.major * 10000 + v.minor * 100 + v.micro, 70222);
	ck_assert_str_eq(v.text, "QEMU 7.2.22 (Debian 1:7.2+dfsg-7)");
	ck_assert(!monitor_parse_version("11.1.3\r\n", &v, NULL));
	ck_assert_str_eq(v.text, "QEMU 11.1.3");
	ck_assert(!monitor_parse_version("5.2.0 (v5.2.0-dirty)\r\n", &v, NULL));
	ck_assert_str_eq(v.text, "QEMU 5.2.0 (v5.2.0-dirty)");
	ck_assert_int_eq(monitor_parse_version("7.2", &v, NULL), ERR_CORRUPT);
}
END_TEST

START_TEST(cpus)
{
	struct monitor_cpus c = {0};

	ck_assert(!monitor_parse_cpus("* CPU #0: thread_id=6454\r\n"
				      "  CPU #1: (halted) thread_id=6455\r\n"
				      "nonsense\r\n",
				      &c, NULL));
	ck_assert_uint_eq(c.v.n, 2);
	ck_assert_int_eq(c.v.v[0].thread_id, 6454);
	ck_assert_uint_eq(c.v.v[1].index, 1);
	ck_assert_int_eq(c.v.v[1].thread_id, 6455);
	monitor_cpus_deinit(&c);
}
END_TEST

START_TEST(code_of_64_bits)
{
	static const char text[] =
		"\r\nCPU#0\r\nRAX=0000000000000000 RBX=0\r\nRSI=1\r\n"
		"\r\nCPU#1\r\nEAX=00000000 EBX=0\r\n"
		"\r\nCPU#2\r\nnothing\r\nCPU#10\r\nRAX=0\r\n";
	bool is = false;

	ck_assert(!monitor_parse_64_bit(text, 0, &is, NULL) && is);
	ck_assert(!monitor_parse_64_bit(text, 1, &is, NULL) && !is);
	ck_assert(!monitor_parse_64_bit(text, 10, &is, NULL) && is);
	ck_assert_int_eq(monitor_parse_64_bit(text, 2, &is, NULL), ERR_REFUSED);
	ck_assert_int_eq(monitor_parse_64_bit(text, 3, &is, NULL), ERR_REFUSED);
	ck_assert_int_eq(monitor_parse_64_bit("", 0, &is, NULL), ERR_REFUSED);
}
END_TEST

START_TEST(hva)
{
	static const char *const others[] = {
		"No memory is mapped at address 0x1000\r\n",
		"Memory at address 0x1000 is not RAM\r\n",
		"unknown command: 'gpa2hva'\r\n",
		"Host virtual address for 0x1000 (pc.ram) is (nil)\r\n",
		"Host virtual address for 0x2000 (pc.ram) is 0x7f00\r\n",
		"Host virtual address for 0x1000 (pc.ram) is",
		"",
	};
	uint64_t at = 0;
	size_t i;

	ck_assert(!monitor_parse_hva("Host virtual address for 0x1000 (pc.ram) "
				     "is 0x7f4c5be01000\r\n",
				     0x1000, &at, NULL));
	ck_assert_uint_eq(at, 0x7f4c5be01000);
	for (i = 0; i < sizeof(others) / sizeof(*others); i++)
		ck_assert_int_eq(
			monitor_parse_hva(others[i], 0x1000, &at, NULL),
			ERR_NOT_FOUND);
}
END_TEST

/* Back ends b0 to b(n-1) of 4 KiB, and a range for each of the first `ranges`.
 */
static void grow(size_t ranges, size_t n, struct buf *mtree, struct buf *memdev)
{
	size_t i;

	buf_reset(mtree);
	buf_reset(memdev);
	buf_puts(mtree, "FlatView #1\n AS \"memory\", root: s\n"
			" Root memory region: s\n");
	for (i = 0; i < ranges; i++)
		buf_printf(mtree, "  %zx000-%zxfff (prio 0, ram): b%zu\n", i, i,
			   i);
	buf_puts(mtree, "\n");
	for (i = 0; i < n; i++)
		buf_printf(memdev, "memory backend: b%zu\n  size:  4096\n", i);
}

/* As many as a stub likes to name: no more than can be, each looked up once. */
START_TEST(too_many)
{
	static const struct {
		size_t ranges, backends;
		const char *words;
		bool adds_up;
	} t[] = {
		{1024, 1024, NULL, true},
		{1023, 1024, NULL, false},
		{1025, 1024, "more than 1024 ranges", true},
		{1024, 1025, "more than 1024 back ends", false},
		{300000, 600000, "more than 1024 ranges", false},
		{1000, 600000, "more than 1024 back ends", false},
		{300000, 1024, "more than 1024 ranges", true},
	};
	struct buf mtree = {0}, memdev = {0};
	struct monitor_rams rams = {0};
	struct err err;
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(*t); i++) {
		err = (struct err){0};
		grow(t[i].ranges, t[i].backends, &mtree, &memdev);
		ck_assert_int_eq(parse(mtree.data, memdev.data, &rams, &err),
				 t[i].words ? ERR_CORRUPT : 0);
		ck_assert_msg(strstr(err.text, t[i].words ? t[i].words : ""),
			      "%s", err.text);
		ck_assert(monitor_ram_adds_up(mtree.data, memdev.data) ==
			  t[i].adds_up);
	}
	monitor_rams_deinit(&rams);
	buf_deinit(&mtree);
	buf_deinit(&memdev);
}
END_TEST

START_TEST(too_many_cpus)
{
	struct monitor_cpus list = {0};
	struct buf text = {0};
	struct err err = {0};
	size_t i;

	for (i = 0; i < 4096; i++)
		buf_printf(&text, "  CPU #%zu: thread_id=%zu\r\n", i, i + 1);
	ck_assert(!monitor_parse_cpus(text.data, &list, &err));
	ck_assert_uint_eq(list.v.n, 4096);
	monitor_cpus_deinit(&list);
	buf_puts(&text, "  CPU #4096: thread_id=1\r\n");
	ck_assert_int_eq(monitor_parse_cpus(text.data, &list, &err),
			 ERR_CORRUPT);
	monitor_cpus_deinit(&list);
	buf_deinit(&text);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("qemu/monitor_text");
	TCase *c = tcase_create("monitor");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_test(c, recorded_maps);
	tcase_add_test(c, map_with_holes);
	tcase_add_test(c, forms_of_a_line);
	tcase_add_test(c, without_backends_names_decide);
	tcase_add_test(c, bent_maps);
	tcase_add_test(c, missing_lines);
	tcase_add_test(c, what_does_not_add_up);
	tcase_add_test(c, status);
	tcase_add_test(c, migration);
	tcase_add_test(c, version);
	tcase_add_test(c, cpus);
	tcase_add_test(c, code_of_64_bits);
	tcase_add_test(c, hva);
	tcase_add_test(c, too_many);
	tcase_add_test(c, too_many_cpus);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
