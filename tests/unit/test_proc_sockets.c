/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of rows of sockets. */
#include "proc/sockets.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct rows rows;

/* The text of a column, by its key; NULL: unset. */
static const char *cell(size_t row, const char *key)
{
	static char text[128];
	const struct row_cell *c;
	size_t i;

	for (i = 0; !sockets_columns[i].key ||
		    strcmp(sockets_columns[i].key, key) != 0;
	     i++)
		;
	c = row_cell(&rows.top, row, i);
	if (!c->set)
		return NULL;
	ck_assert_uint_lt(c->len, sizeof(text));
	memcpy(text, row_cell_bytes(&rows.top, c), c->len);
	text[c->len] = '\0';
	return text;
}

/* One that listens and is open in two processes, one of IPv6, one of Unix. */
START_TEST(a_row_each)
{
	static struct task tasks[] = {{.pid = 7, .comm = "one"},
				      {.pid = 8, .comm = "two"}};
	static uint32_t netns[] = {4026531840, 4026531840, 0};
	struct sockets s = {.tasks = {.v = tasks, .n = 2}, .netns = netns};
	const struct row_cell *users;

	ck_assert_int_eq(vec_push(&s.socks.v, {.table = SOCK_TABLE_LISTEN,
					       .family = SOCK_FAMILY_INET,
					       .type = 1,
					       .state = SOCK_LISTEN,
					       .local = {127, 0, 0, 1},
					       .port = 80,
					       .ino = 70}),
			 0);
	ck_assert_int_eq(vec_push(&s.socks.v, {.table = SOCK_TABLE_TCP,
					       .family = SOCK_FAMILY_INET6,
					       .state = SOCK_TIME_WAIT,
					       .substate = 5,
					       .local = {[15] = 1},
					       .remote_port = 443}),
			 0);
	ck_assert_int_eq(vec_push(&s.socks.v, {.table = SOCK_TABLE_UNIX,
					       .family = SOCK_FAMILY_UNIX,
					       .type = 5,
					       .state = SOCK_ESTABLISHED,
					       .path = {0, 'a', 0, 'b'},
					       .path_len = 4,
					       .has_path = true}),
			 0);
	ck_assert_int_eq(vec_push(&s.users, {0, 0, 3}), 0);
	ck_assert_int_eq(vec_push(&s.users, {0, 1, 4}), 0);
	rows_init(&rows);
	rows_begin(&rows, sockets_columns, sockets_n_columns);
	sockets_rows(&s, false, &rows.top);
	ck_assert_uint_eq(row_count(&rows.top), 3);
	ck_assert_str_eq(cell(0, "proto"), "tcp");
	ck_assert_str_eq(cell(0, "type"), "stream");
	ck_assert_str_eq(cell(0, "state"), "listen");
	ck_assert_str_eq(cell(0, "local"), "127.0.0.1:80");
	ck_assert_str_eq(cell(0, "remote"), "0.0.0.0:*");
	ck_assert_str_eq(cell(1, "proto"), "tcp6");
	ck_assert_ptr_null(cell(1, "type"));
	ck_assert_str_eq(cell(1, "state"), "fin-wait-2");
	ck_assert_str_eq(cell(1, "local"), "[::1]:*");
	ck_assert_str_eq(cell(1, "remote"), "[::]:443");
	ck_assert_ptr_null(cell(1, "path"));
	ck_assert_str_eq(cell(2, "proto"), "unix");
	ck_assert_str_eq(cell(2, "type"), "seqpacket");
	ck_assert_str_eq(cell(2, "state"), "connected");
	ck_assert_str_eq(cell(2, "path"), "@a@b");
	ck_assert_ptr_null(cell(2, "local"));
	users = row_cell(&rows.top, 0, sockets_n_columns - 1);
	ck_assert_uint_eq(row_count(users->table), 2);
	users = row_cell(&rows.top, 0, sockets_n_columns - 2);
	ck_assert_uint_eq(users->len, strlen("one/7:3, two/8:4"));
	ck_assert_int_eq(memcmp(row_cell_bytes(&rows.top, users),
				"one/7:3, two/8:4", users->len),
			 0);
	rows_deinit(&rows);
	vec_deinit(&s.socks.v);
	vec_deinit(&s.users);
}
END_TEST

/* Those of netlink and packet; and those that listen, or have no peer. */
START_TEST(listening)
{
	static struct task tasks[] = {{.pid = 7, .comm = "one"}};
	static uint32_t netns[6] = {0};
	static const struct sock socks[] = {{.table = SOCK_TABLE_TCP,
					     .family = SOCK_FAMILY_INET,
					     .state = SOCK_ESTABLISHED},
					    {.table = SOCK_TABLE_UDP,
					     .family = SOCK_FAMILY_INET,
					     .state = SOCK_CLOSE,
					     .port = 53},
					    {.table = SOCK_TABLE_NETLINK,
					     .family = SOCK_FAMILY_NETLINK,
					     .state = SOCK_CLOSE,
					     .protocol = 16,
					     .portid = 77},
					    {.table = SOCK_TABLE_NETLINK,
					     .family = SOCK_FAMILY_NETLINK,
					     .state = SOCK_CLOSE,
					     .protocol = 200},
					    {.table = SOCK_TABLE_PACKET,
					     .family = SOCK_FAMILY_PACKET,
					     .state = SOCK_CLOSE,
					     .protocol = 0x806,
					     .ifindex = 2},
					    {.table = SOCK_TABLE_PACKET,
					     .family = SOCK_FAMILY_PACKET,
					     .state = SOCK_CLOSE,
					     .protocol = 3}};
	struct sockets s = {.tasks = {.v = tasks, .n = 1}, .netns = netns};
	size_t i;

	for (i = 0; i < sizeof(socks) / sizeof(socks[0]); i++)
		ck_assert_int_eq(vec_push(&s.socks.v, socks[i]), 0);
	ck_assert_int_eq(vec_push(&s.users, {0, 0, 3}), 0);
	ck_assert_int_eq(vec_push(&s.users, {1, 0, 4}), 0);
	rows_init(&rows);
	rows_begin(&rows, sockets_columns, sockets_n_columns);
	sockets_rows(&s, true, &rows.top);
	ck_assert_uint_eq(row_count(&rows.top), 5);
	ck_assert_str_eq(cell(0, "proto"), "udp");
	ck_assert_uint_eq(
		row_count(row_cell(&rows.top, 0, sockets_n_columns - 1)->table),
		1);
	ck_assert_str_eq(cell(1, "proto"), "netlink");
	ck_assert_str_eq(cell(1, "state"), "unconnected");
	ck_assert_str_eq(cell(1, "local"), "generic:77");
	ck_assert_str_eq(cell(2, "local"), "200:kernel");
	ck_assert_ptr_null(cell(2, "remote"));
	ck_assert_str_eq(cell(3, "proto"), "packet");
	ck_assert_str_eq(cell(3, "local"), "0806:2");
	ck_assert_str_eq(cell(4, "local"), "0003:*");
	rows_deinit(&rows);
	vec_deinit(&s.socks.v);
	vec_deinit(&s.users);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc_sockets");
	TCase *t = tcase_create("proc_sockets");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_test(t, a_row_each);
	tcase_add_test(t, listening);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
