/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the kernel's log, on a ring buffer written by hand. */
#include "kernel/device/printk.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/limits.h"
#include "proc/kmsg.h"
#include "proc/proc.h"
#include "unit/fake_kernel.h"

/* 8 records, 256 bytes of text. */
#define COUNT_BITS 3
#define SIZE_BITS  8
#define PRB	   (DIRECT + 0x1000)
#define DESCS	   (DIRECT + 0x2000)
#define INFOS	   (DIRECT + 0x3000)
#define DATA	   (DIRECT + 0x4000)
#define DESC_SIZE  24
#define INFO_SIZE  88
#define FINALIZED  2ULL

static struct fake_kernel f;
static struct printk_log out;
static struct err err;

static void put_ring(uint64_t tail, uint64_t head)
{
	fake_put_field(&f, PRB, "printk_ringbuffer.desc_ring.tail_id", tail);
	fake_put_field(&f, PRB, "printk_ringbuffer.desc_ring.head_id", head);
}

static void setup(void)
{
	fake_kernel_init(&f);
	fake_symbol("prb", DIRECT + 0x800);
	fake_put64(&f, DIRECT + 0x800, PRB);
	fake_field("printk_ringbuffer.desc_ring.count_bits", 0, 4);
	fake_field("printk_ringbuffer.desc_ring.descs", 8, 8);
	fake_field("printk_ringbuffer.desc_ring.infos", 16, 8);
	fake_field("printk_ringbuffer.desc_ring.head_id", 24, 8);
	fake_field("printk_ringbuffer.desc_ring.tail_id", 32, 8);
	fake_field("printk_ringbuffer.text_data_ring.size_bits", 40, 4);
	fake_field("printk_ringbuffer.text_data_ring.data", 48, 8);
	fake_field("prb_desc.state_var", 0, 8);
	fake_field("prb_desc.text_blk_lpos.begin", 8, 8);
	fake_field("prb_desc.text_blk_lpos.next", 16, 8);
	fake_field("printk_info.seq", 0, 8);
	fake_field("printk_info.ts_nsec", 8, 8);
	fake_field("printk_info.text_len", 16, 2);
	fake_field("printk_info.facility", 18, 1);
	fake_bits("printk_info.level", 19, 5, 3);
	fake_sizeof("prb_desc", DESC_SIZE);
	fake_sizeof("printk_info", INFO_SIZE);
	fake_put_field(&f, PRB, "printk_ringbuffer.desc_ring.count_bits",
		       COUNT_BITS);
	fake_put_field(&f, PRB, "printk_ringbuffer.text_data_ring.size_bits",
		       SIZE_BITS);
	fake_put_field(&f, PRB, "printk_ringbuffer.desc_ring.descs", DESCS);
	fake_put_field(&f, PRB, "printk_ringbuffer.desc_ring.infos", INFOS);
	fake_put_field(&f, PRB, "printk_ringbuffer.text_data_ring.data", DATA);
	out = (struct printk_log){0};
}

static void teardown(void)
{
	printk_deinit(&out);
	fake_kernel_deinit(&f);
}

static void put_desc(uint64_t id, uint64_t state, uint64_t begin, uint64_t next)
{
	uint64_t at = DESCS + id % (1 << COUNT_BITS) * DESC_SIZE;

	fake_put64(&f, at, state << 62 | id);
	fake_put64(&f, at + 8, begin);
	fake_put64(&f, at + 16, next);
}

static void put_info(uint64_t id, size_t len, uint8_t level)
{
	uint64_t at = INFOS + id % (1 << COUNT_BITS) * INFO_SIZE;

	fake_put64(&f, at, id + 100);
	fake_put64(&f, at + 8, id * 1500000000);
	fake_put32(&f, at + 16,
		   (uint32_t)len | 3u << 16 | (uint32_t)level << 29);
}

/* A record whose block lies at `at` of the data; the ids count up. */
static void put_record(uint64_t id, uint64_t begin, uint64_t next, uint64_t at,
		       const char *text)
{
	put_desc(id, FINALIZED, begin, next);
	put_info(id, strlen(text), 6);
	fake_put64(&f, DATA + at, id);
	fake_puts(&f, DATA + at + 8, text);
}

static void read_log(size_t n)
{
	printk_deinit(&out);
	out = (struct printk_log){0};
	machine_drop_cache(&f.memory.machine);
	ck_assert_int_eq(printk_read(&f.kernel, &out, &err), 0);
	ck_assert_uint_eq(out.v.n, n);
}

static void fail_to_read(int code)
{
	printk_deinit(&out);
	out = (struct printk_log){0};
	machine_drop_cache(&f.memory.machine);
	ck_assert_int_eq(printk_read(&f.kernel, &out, &err), code);
}

static void expect(size_t i, const char *text)
{
	ck_assert_uint_eq(out.v.v[i].len, strlen(text));
	ck_assert(!memcmp(out.v.v[i].text, text, strlen(text)));
}

START_TEST(records_in_order)
{
	put_record(6, 0, 16, 0, "first");
	put_record(7, 16, 32, 16, "second");
	put_record(8, 32, 48, 32, "third");
	put_ring(6, 8);
	read_log(3);
	expect(0, "first");
	expect(1, "second");
	expect(2, "third");
	ck_assert_uint_eq(out.v.v[2].seq, 108);
	ck_assert_uint_eq(out.v.v[1].ts_nsec, 10500000000);
	ck_assert_uint_eq(out.v.v[0].level, 6);
	ck_assert_uint_eq(out.v.v[0].facility, 3);
	ck_assert(out.times);
	ck_assert_uint_eq(out.damaged, 0);
}
END_TEST

/* One that would run over the end lies at the start of the next round. */
START_TEST(a_block_that_wraps)
{
	put_record(1, 240, 256 + 24, 0, "from the start");
	put_record(2, 256 + 24, 256 + 40, 24, "on");
	/* and one that ends right at the end of a round */
	put_record(3, 256 + 232, 512, 232, "to the end");
	put_ring(1, 3);
	read_log(3);
	expect(0, "from the start");
	expect(1, "on");
	expect(2, "to the end");
}
END_TEST

START_TEST(what_is_not_there)
{
	put_desc(1, 3, 0, 16);	/* reusable */
	put_desc(2, 0, 16, 32); /* being written */
	put_info(2, 0, 4);
	put_desc(3, FINALIZED, 3, 3); /* an empty line */
	put_info(3, 0, 4);
	put_desc(4 + 8, FINALIZED, 0, 16); /* used again meanwhile */
	put_record(5, 32, 48, 32, "whole");
	put_ring(1, 5);
	read_log(2);
	expect(0, "");
	expect(1, "whole");
	ck_assert_uint_eq(out.damaged, 0);
	ck_assert_uint_eq(out.pending, 102);
	/* a line to which a writer may add */
	put_desc(2, FINALIZED, 3, 3);
	put_desc(5, 1, 32, 48);
	read_log(3);
	ck_assert_uint_eq(out.pending, 105);
	put_desc(5, FINALIZED, 32, 48);
	read_log(3);
	ck_assert_uint_eq(out.pending, PRINTK_SETTLED);
}
END_TEST

/* A hostile kernel: other ids, lengths and positions than can be. */
START_TEST(what_makes_no_sense)
{
	put_record(1, 0, 16, 0, "other id");
	fake_put64(&f, DATA, 99);
	put_record(2, 16, 20, 16, "no room for an id");
	put_record(3, 32, 1ULL << 40, 32, "far");
	put_record(4, 48, 64, 48, "longer than its block");
	put_ring(1, 4);
	read_log(1);
	expect(0, "longer t");
	ck_assert_uint_eq(out.damaged, 3);
	/* as many as there are, whatever the ids say */
	put_ring(1, 1ULL << 40);
	read_log(1);
	fake_put_field(&f, PRB, "printk_ringbuffer.text_data_ring.size_bits",
		       PRINTK_SIZE_BITS_MAX + 1);
	fail_to_read(ERR_CORRUPT);
	fake_put_field(&f, PRB, "printk_ringbuffer.text_data_ring.size_bits",
		       SIZE_BITS);
	fake_put_field(&f, PRB, "printk_ringbuffer.text_data_ring.data",
		       DIRECT + (1 << 20) - 64);
	fail_to_read(ERR_UNREADABLE);
}
END_TEST

START_TEST(what_a_kernel_lacks_is_said)
{
	fake_lose(READER_PRINTK);
	fail_to_read(ERR_NO_LINUX);
	ck_assert_str_eq(err.text, "the kernel's log cannot be read");
	fake_sizeof("prb_desc", 0); /* before 5.10 */
	fail_to_read(ERR_NO_LINUX);
	ck_assert_ptr_nonnull(strstr(err.text, "struct printk_ringbuffer"));
}
END_TEST

START_TEST(text_of_a_record)
{
	struct printk_log log = {.times = true};
	struct printk_record r = {
		.ts_nsec = 12345678901234, .text = "a\n\nb", .len = 4};
	char time[KMSG_TIME];
	struct buf b = {0};

	proc_kmsg_time(&log, &r, time);
	ck_assert_str_eq(time, "[12345.678901] ");
	proc_kmsg_lines(&r, time, &b);
	r.len = 0;
	proc_kmsg_lines(&r, "<6>", &b);
	buf_puts(&b, "");
	ck_assert_uint_eq(b.len, 3 * 15 + 5 + 4);
	ck_assert(!memcmp(b.data,
			  "[12345.678901] a\n[12345.678901] \n"
			  "[12345.678901] b\n<6>\n",
			  b.len));
	log.times = false;
	proc_kmsg_time(&log, &r, time);
	ck_assert_str_eq(time, "");
	buf_deinit(&b);
}
END_TEST

START_TEST(a_record_is_a_row)
{
	const struct printk_record r = {.seq = 5,
					.ts_nsec = 7,
					.level = 3,
					.facility = 1,
					.text = "a\nb",
					.len = 3};
	struct printk_log log = {0};
	const struct proc_values v = {.file = &proc_kmsg, .own = &log};
	static const uint64_t want[] = {5, 7, 3, 1};
	const struct row_cell *text;
	struct rows rows;
	struct buf b = {0};
	size_t i;

	ck_assert_int_eq(vec_push(&log.v, r), 0);
	rows_init(&rows);
	rows_begin(&rows, proc_kmsg.columns, proc_kmsg.n_columns);
	proc_kmsg.rows(&v, 0, 0, &rows.top);
	proc_kmsg_row(&r, 100, &rows.top);
	ck_assert_uint_eq(row_count(&rows.top), 2);
	for (i = 0; i < 4; i++)
		ck_assert_uint_eq(row_cell(&rows.top, 0, i)->number, want[i]);
	ck_assert_uint_eq(row_cell(&rows.top, 1, 1)->number, 107);
	text = row_cell(&rows.top, 0, 4);
	ck_assert_uint_eq(text->len, 3);
	ck_assert(!memcmp(row_cell_bytes(&rows.top, text), "a\nb", 3));
	rows_deinit(&rows);
	proc_text(&v, 0, 0, &b);
	ck_assert_str_eq(b.data, "<11>a\n<11>b\n");
	buf_deinit(&b);
	vec_deinit(&log.v);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel/printk");
	TCase *t = tcase_create("printk");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, records_in_order);
	tcase_add_test(t, a_block_that_wraps);
	tcase_add_test(t, what_is_not_there);
	tcase_add_test(t, what_makes_no_sense);
	tcase_add_test(t, what_a_kernel_lacks_is_said);
	tcase_add_test(t, text_of_a_record);
	tcase_add_test(t, a_record_is_a_row);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
