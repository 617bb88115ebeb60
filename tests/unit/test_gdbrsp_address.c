/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of addresses, and of connecting where nobody or a full queue is. */
#include "gdbrsp/address.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void accept_as(const char *text, const char *host, const char *port,
		      const char *path, const char *norm)
{
	struct gdbrsp_address a;
	struct err err = {0};

	ck_assert_msg(!gdbrsp_address_parse(&a, text, &err), "%s", err.text);
	ck_assert_str_eq(a.host, host);
	ck_assert_str_eq(a.port, port);
	ck_assert_str_eq(a.path, path);
	ck_assert_str_eq(a.text, norm);
}

START_TEST(good_addresses)
{
	accept_as(NULL, "localhost", "1234", "", "localhost:1234");
	accept_as("4321", "localhost", "4321", "", "localhost:4321");
	accept_as(":4321", "localhost", "4321", "", "localhost:4321");
	accept_as("vm-7:1", "vm-7", "1", "", "vm-7:1");
	accept_as("127.0.0.1:65535", "127.0.0.1", "65535", "",
		  "127.0.0.1:65535");
	accept_as("[::1]:1234", "::1", "1234", "", "[::1]:1234");
	accept_as("unix:/run/gdb", "", "", "/run/gdb", "unix:/run/gdb");
	accept_as("unix:a:b", "", "", "a:b", "unix:a:b");
}
END_TEST

/* As QEMU's -gdb has it (gdb.rst and qemu-options.hx). */
START_TEST(spellings_of_qemu)
{
	accept_as("tcp::1234", "localhost", "1234", "", "localhost:1234");
	accept_as("tcp:1234", "localhost", "1234", "", "localhost:1234");
	accept_as("tcp:127.0.0.1:1234,server=on,wait=off", "127.0.0.1", "1234",
		  "", "127.0.0.1:1234");
	accept_as("tcp:127.0.0.1:1234,server,nowait", "127.0.0.1", "1234", "",
		  "127.0.0.1:1234");
	accept_as("tcp:[::1]:1234,ipv6=on,nodelay=on", "::1", "1234", "",
		  "[::1]:1234");
	accept_as("localhost:1234,server=on", "localhost", "1234", "",
		  "localhost:1234");
	accept_as("unix:/run/gdb,server=on,wait=off", "", "", "/run/gdb",
		  "unix:/run/gdb");
	accept_as("unix:/run/gdb,server,nowait", "", "", "/run/gdb",
		  "unix:/run/gdb");
	/* Commas in paths are those of paths. */
	accept_as("unix:a,b", "", "", "a,b", "unix:a,b");
	accept_as("unix:a,b,server=on", "", "", "a,b", "unix:a,b");
	accept_as("unix:a,server=on,b", "", "", "a,server=on,b",
		  "unix:a,server=on,b");
}
END_TEST

START_TEST(abstract_addresses)
{
	static const char *const texts[] = {
		"unix:@vm/7", "unix:vm/7,abstract=on,server=on,wait=off",
		"unix:@vm/7,tight=on", "unix:vm/7,abstract"};
	struct gdbrsp_address a, again;
	char name[160] = "unix:@";
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		accept_as(texts[i], "", "", "vm/7", "unix:@vm/7");
		ck_assert(!gdbrsp_address_parse(&a, texts[i], NULL));
		ck_assert(a.abstract && !a.padded);
	}
	accept_as("unix:vm,abstract=on,tight=off", "", "", "vm",
		  "unix:@vm,tight=off");
	ck_assert(!gdbrsp_address_parse(&a, "unix:@vm,tight=off", NULL));
	ck_assert(a.abstract && a.padded);
	ck_assert(!gdbrsp_address_parse(&again, a.text, NULL));
	ck_assert_mem_eq(&a, &again, sizeof(a));
	ck_assert(!gdbrsp_address_parse(&a, "unix:vm,abstract=off", NULL));
	ck_assert(!a.abstract);
	memset(name + 6, 'x', 106);
	ck_assert(!gdbrsp_address_parse(&a, name, NULL));
	strcat(name, "x");
	ck_assert_int_eq(gdbrsp_address_parse(&a, name, NULL), ERR_USAGE);
}
END_TEST

/* Where QEMU's words mean that nobody can connect there, or to no stub. */
START_TEST(where_nobody_can_connect)
{
	static const char *const bad[][2] = {
		{"tcp:localhost:1234,server=off", "connects itself"},
		{"unix:/run/gdb,server=off", "connects itself"},
		{"tcp::1234,telnet=on", "telnet"},
		{"tcp::1234,tls-creds=tls0,server=on", "TLS"},
		{"unix:/run/gdb,websocket=on", "web socket"},
		{"tcp:host:1234,abstract=on", "not an address"},
		{"tcp:host:1234,colour=blue", "not an address"},
		{"tcp:host", "not an address"},
		{"tcp:", "not an address"},
		{"tcp::", "not an address"},
		{"udp::1234", "not an address"},
		{"stdio", "not an address"},
		{"pty", "not an address"},
		{"unix:,server=on", "not an address"},
		{"unix:@", "not an address"},
		{"unix:@,server=on", "not an address"},
	};
	struct gdbrsp_address a;
	struct err err;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		ck_assert_int_eq(gdbrsp_address_parse(&a, bad[i][0], &err),
				 ERR_USAGE);
		ck_assert_msg(strstr(err.text, bad[i][1]) != NULL, "%s",
			      err.text);
		ck_assert_ptr_nonnull(strstr(err.text, bad[i][0]));
	}
}
END_TEST

START_TEST(bad_addresses)
{
	static const char *const bad[] = {
		"",	 ":",	   "x",	     "0",	 "65536",
		"1234x", "h:",	   "h:0x10", "::1",	 "::1:1234",
		"[::1]", "[::1]:", "h:-1",   "h:123456", "unix:",
	};
	char longpath[160] = "unix:";
	struct gdbrsp_address a;
	struct err err;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(gdbrsp_address_parse(&a, bad[i], &err) ==
				      ERR_USAGE,
			      "%s", bad[i]);
	memset(longpath + 5, 'x', 120);
	longpath[125] = '\0';
	ck_assert_int_eq(gdbrsp_address_parse(&a, longpath, &err), ERR_USAGE);
}
END_TEST

static int connect_to(const char *text, unsigned int ms, struct err *err)
{
	struct gdbrsp_wait wait = {.timeout_ms = ms};
	const struct gdbrsp_dial dial = {.wait = &wait};
	struct gdbrsp_address a;
	int fd = -1, ret;

	ck_assert_int_eq(gdbrsp_address_parse(&a, text, err), 0);
	ret = gdbrsp_address_connect(&a, &dial, &fd, err);
	if (fd >= 0)
		close(fd);
	return ret;
}

/* Both forms of an abstract name, each by a socket that has it. */
START_TEST(abstract_sockets)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	size_t base = sizeof(sa) - sizeof(sa.sun_path);
	char address[128];
	struct err err;
	int i, n, fd;

	for (i = 0; i < 2; i++) {
		n = snprintf(sa.sun_path + 1, sizeof(sa.sun_path) - 1,
			     "qvmi-test.%d.%d", (int)getpid(), i);
		snprintf(address, sizeof(address), "unix:@%s%s",
			 sa.sun_path + 1, i ? ",tight=off" : "");
		fd = socket(AF_UNIX, SOCK_STREAM, 0);
		ck_assert_int_eq(bind(fd, (struct sockaddr *)&sa,
				      i ? sizeof(sa)
					: (socklen_t)(base + 1 + (size_t)n)),
				 0);
		ck_assert_int_eq(listen(fd, 1), 0);
		ck_assert_msg(!connect_to(address, 1000, &err), "%s", err.text);
		close(fd);
		ck_assert_int_eq(connect_to(address, 1000, &err), ERR_NO_GUEST);
	}
}
END_TEST

START_TEST(nobody_there)
{
	struct err err;

	/* Port 1 needs no luck: nothing of ours may listen there. */
	ck_assert_int_eq(connect_to("127.0.0.1:1", 1000, &err), ERR_NO_GUEST);
	ck_assert_str_eq(err.text,
			 "nothing listens at 127.0.0.1:1: start QEMU with -s, "
			 "or name the stub with -g");
	ck_assert_int_eq(connect_to("unix:/nonexistent/gdb", 1000, &err),
			 ERR_NO_GUEST);
	ck_assert_ptr_nonnull(strstr(err.text, "nothing listens"));
}
END_TEST

/* QEMU listens with a backlog of 1: the third one in a row has to wait. */
START_TEST(full_backlog)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	volatile sig_atomic_t flag = 1;
	struct gdbrsp_address a;
	struct gdbrsp_wait wait;
	const struct gdbrsp_dial dial = {.wait = &wait};
	char address[128];
	struct err err;
	int fd, c[2];

	snprintf(sa.sun_path, sizeof(sa.sun_path), "/tmp/qvmi-full.%d",
		 (int)getpid());
	snprintf(address, sizeof(address), "unix:%s", sa.sun_path);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	ck_assert_int_eq(listen(fd, 0), 0);
	ck_assert_int_eq(gdbrsp_address_parse(&a, address, NULL), 0);
	wait = (struct gdbrsp_wait){.timeout_ms = 500};
	ck_assert_int_eq(gdbrsp_address_connect(&a, &dial, &c[0], NULL), 0);
	wait.timeout_ms = 150;
	ck_assert_int_eq(gdbrsp_address_connect(&a, &dial, &c[1], &err),
			 ERR_NO_GUEST);
	ck_assert_ptr_nonnull(strstr(err.text, "another debugger"));
	wait = (struct gdbrsp_wait){.timeout_ms = 9000, .interrupt = &flag};
	ck_assert_int_eq(gdbrsp_address_connect(&a, &dial, &c[1], &err),
			 ERR_INTERRUPTED);
	unlink(sa.sun_path);
	close(c[0]);
	close(fd);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("gdbrsp/address");
	TCase *c = tcase_create("address");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_test(c, good_addresses);
	tcase_add_test(c, spellings_of_qemu);
	tcase_add_test(c, abstract_addresses);
	tcase_add_test(c, abstract_sockets);
	tcase_add_test(c, where_nobody_can_connect);
	tcase_add_test(c, bad_addresses);
	tcase_add_test(c, nobody_there);
	tcase_add_test(c, full_backlog);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
