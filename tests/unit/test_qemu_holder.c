/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of who holds a stub that is busy: real sockets, real processes. */
#include "qemu/holder.h"

#include <check.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "unit/child.h"

static const struct gdbrsp_conn_opts opts = {.timeout_ms = 5000};
static char address[128];
static struct err err;

static int listen_unix(bool abstract)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	int n = snprintf(sa.sun_path + abstract, sizeof(sa.sun_path) - 1,
			 "%sqvmi-holder.%d", abstract ? "" : "/tmp/",
			 (int)getpid());

	snprintf(address, sizeof(address), "unix:%s%s", abstract ? "@" : "",
		 sa.sun_path + abstract);
	unlink(sa.sun_path);
	ck_assert(!bind(fd, (struct sockaddr *)&sa,
			(socklen_t)(offsetof(struct sockaddr_un, sun_path) +
				    (size_t)n + abstract)));
	ck_assert(!listen(fd, 0));
	return fd;
}

static int listen_path(void)
{
	return listen_unix(false);
}

static int listen_abstract(void)
{
	return listen_unix(true);
}

static int listen_tcp(void)
{
	struct sockaddr_in in = {.sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t len = sizeof(in);

	ck_assert(!bind(fd, (struct sockaddr *)&in, len) && !listen(fd, 1));
	getsockname(fd, (struct sockaddr *)&in, &len);
	snprintf(address, sizeof(address), "127.0.0.1:%d", ntohs(in.sin_port));
	return fd;
}

/* One socket for both families, as QEMU has it for `tcp::1234`. */
static int listen_both(void)
{
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
	int off = 0, fd = socket(AF_INET6, SOCK_STREAM, 0);
	socklen_t len = sizeof(in6);

	setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (fd < 0 || bind(fd, (struct sockaddr *)&in6, len))
		return -1; /* a host without IPv6 */
	ck_assert(!listen(fd, 1));
	getsockname(fd, (struct sockaddr *)&in6, &len);
	snprintf(address, sizeof(address), "127.0.0.1:%d",
		 ntohs(in6.sin6_port));
	return fd;
}

static int (*const listeners[])(void) = {listen_path, listen_abstract,
					 listen_tcp, listen_both};

/* Another process, which connects, and stays. */
static pid_t start_holder(int listener)
{
	struct gdbrsp_conn *conn;
	pid_t pid = fork();

	if (pid)
		return pid;
	close(listener);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "gdb of another");
	if (gdbrsp_conn_open(address, &opts, &conn, NULL))
		_exit(1);
	for (;;)
		pause();
}

static struct gdbrsp_conn *connect_second(void)
{
	struct gdbrsp_conn *conn;

	ck_assert_msg(!gdbrsp_conn_open(address, &opts, &conn, &err), "%s",
		      err.text);
	return conn;
}

START_TEST(holder_is_named)
{
	int listener = listeners[_i](), served, more = -1;
	struct gdbrsp_conn *conn;
	char want[80];
	pid_t pid;

	if (listener < 0)
		return;
	pid = start_holder(listener);
	served = accept(listener, NULL, NULL);
	conn = connect_second();
	err_set(&err, ERR_NO_GUEST, "no answer");
	qemu_holder_name(conn, address, &err);
	snprintf(want, sizeof(want), "no answer (process %d, gdb of another)",
		 (int)pid);
	ck_assert_str_eq(err.text, want);
	ck_assert_int_eq(err.code, ERR_NO_GUEST);
	/* Without a connection of our own: Unix sockets tell all the same. */
	err_set(&err, ERR_NO_GUEST, "no answer");
	qemu_holder_name(NULL, address, &err);
	ck_assert_str_eq(err.text,
			 listeners[_i] == listen_path ||
					 listeners[_i] == listen_abstract
				 ? want
				 : "no answer");
	child_end(&pid);
	close(served);
	/* We are the only one now: nobody else holds it. */
	more = accept(listener, NULL, NULL);
	err_set(&err, ERR_NO_GUEST, "no answer");
	qemu_holder_name(conn, address, &err);
	ck_assert_str_eq(err.text, "no answer");
	gdbrsp_conn_close(conn);
	unlink(address + strlen("unix:"));
	close(more);
	close(listener);
}
END_TEST

/* Who has heard something waits for nobody; and nobody is there. */
START_TEST(nobody_is_named)
{
	err_set(&err, ERR_NO_GUEST, "nothing");
	qemu_holder_name(NULL, "unix:/nonexistent/gdb", &err);
	qemu_holder_name(NULL, "127.0.0.1:1", &err);
	qemu_holder_name(NULL, "no address", &err);
	ck_assert_str_eq(err.text, "nothing");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("qemu/holder");
	TCase *c = tcase_create("holder");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_set_timeout(c, 60);
	tcase_add_loop_test(c, holder_is_named, 0,
			    sizeof(listeners) / sizeof(*listeners));
	tcase_add_test(c, nobody_is_named);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
