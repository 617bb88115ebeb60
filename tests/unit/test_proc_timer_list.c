/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of /proc/timer_list, on memory written by hand. */
#include "proc/proc.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "unit/proc_kit.h"

#define VARS	  (DIRECT + 0x1000)
#define OFFSETS	  (VARS + 0x100)
#define ONLINE	  (VARS + 0x200)
#define MASKS	  (VARS + 0x300)
#define KEEPER	  (VARS + 0x400)
#define BASES	  (DIRECT + 0x2000)
#define BASE(i)	  (BASES + 0x80 + (i)*0x40ULL)
#define TICK	  (DIRECT + 0x3000)
#define TD	  (DIRECT + 0x3100)
#define BROADCAST (DIRECT + 0x3200)
#define WAKEUP	  (DIRECT + 0x3300)
#define DEVICE	  (DIRECT + 0x3400)
#define NAME	  (DIRECT + 0x3600)
#define TIMER(i)  (DIRECT + 0x4000 + (i)*0x80ULL)
#define CODE(i)	  (0xffffffff81000000ULL + (i)*0x100ULL)
#define NOT_THERE (DIRECT + (2ULL << 30))

static struct fake_kernel f;
static struct proc_values values;
static struct buf text;

static const struct fake_member members[] = {
	{"rb_root.rb_node", 0, 8},
	{"rb_node.rb_right", 8, 8},
	{"rb_node.rb_left", 16, 8},
	{"hrtimer_cpu_base.clock_base", 0x80, 0x80},
	{"hrtimer_cpu_base.expires_next", 0, 8},
	{"hrtimer_cpu_base.hres_active", 8, 1},
	{"hrtimer_cpu_base.nr_events", 12, 4},
	{"hrtimer_cpu_base.nr_retries", 16, 2},
	{"hrtimer_cpu_base.nr_hangs", 18, 2},
	{"hrtimer_cpu_base.max_hang_time", 20, 4},
	{"hrtimer_clock_base.index", 0, 4},
	{"hrtimer_clock_base.active", 8, 16},
	{"hrtimer_clock_base.get_time", 24, 8},
	{"hrtimer_clock_base.offset", 32, 8},
	{"hrtimer.node", 0, 32},
	{"hrtimer.node.expires", 24, 8},
	{"hrtimer._softexpires", 32, 8},
	{"hrtimer.function", 40, 8},
	{"hrtimer.is_queued", 48, 1},
	{"tick_device.evtdev", 0, 8},
	{"tick_device.mode", 8, 4},
	{"clock_event_device.name", 0, 8},
	{"clock_event_device.max_delta_ns", 8, 8},
	{"clock_event_device.mult", 16, 4},
	{"clock_event_device.state_use_accessors", 20, 4},
	{"clock_event_device.next_event", 24, 8},
	{"clock_event_device.set_next_event", 32, 8},
	{"clock_event_device.tick_resume", 40, 8},
	{"clock_event_device.event_handler", 48, 8},
	{"tick_sched.last_tick", 0, 8},
	{"tick_sched.idle_calls", 8, 8},
	{"tick_sched.flags", 16, 8},
	{"timekeeper.tkr_mono.base", 0, 8},
	{"timekeeper.tkr_mono.xtime_nsec", 8, 8},
	{"timekeeper.tkr_mono.shift", 16, 4},
	{"timekeeper.offs_real", 24, 8},
	{"timekeeper.offs_boot", 32, 8},
};

static void setup(void)
{
	static const struct {
		const char *name;
		uint64_t va;
	} symbols[] = {
		{"nr_cpu_ids", VARS},
		{"jiffies", VARS + 8},
		{"hrtimer_resolution", VARS + 16},
		{"ptr_key", VARS + 24},
		{"__per_cpu_offset", OFFSETS},
		{"__cpu_online_mask", ONLINE},
		{"__cpu_possible_mask", ONLINE},
		{"tick_broadcast_mask", MASKS},
		{"tick_broadcast_oneshot_mask", MASKS + 8},
		{"timekeeper_data", KEEPER},
		{"hrtimer_bases", BASES},
		{"tick_cpu_sched", TICK},
		{"tick_cpu_device", TD},
		{"tick_broadcast_device", BROADCAST},
		{"ktime_get", CODE(0)},
		{"wake_up", CODE(1)},
		{"next_event", CODE(2)},
		{"handle", CODE(3)},
	};
	size_t i;

	fake_kernel_init(&f);
	fake_fields(members, sizeof(members) / sizeof(members[0]));
	fake_sizeof("hrtimer_clock_base", 0x40);
	for (i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++)
		fake_symbol(symbols[i].name, symbols[i].va);
	fake_put32(&f, VARS, 1);
	fake_put64(&f, VARS + 8, 4294900000);
	fake_put32(&f, VARS + 16, 1);
	fake_put64(&f, ONLINE, 1);
	fake_put64(&f, MASKS, 3);
	fake_put64(&f, KEEPER + 8, 5000); /* behind a seqcount */
	fake_put64(&f, BASE(0) + 24, CODE(0));
	fake_put32(&f, BASE(1), 1);
	fake_put64(&f, BASE(1) + 32, 700);
	fake_put64(&f, BASES, 6000);
	fake_put32(&f, BASES + 12, 9);
	fake_put64(&f, TICK, 4000);
	fake_put64(&f, TICK + 16, 0x30);
	fake_put64(&f, TD, DEVICE);
	fake_put32(&f, TD + 8, 1);
	fake_put64(&f, DEVICE, NAME);
	fake_puts(&f, NAME, "lapic");
	fake_put64(&f, DEVICE + 24, INT64_MAX);
	fake_put64(&f, DEVICE + 32, CODE(2));
	fake_put64(&f, DEVICE + 48, CODE(3));
}

static void teardown(void)
{
	buf_deinit(&text);
	proc_values_deinit(&values);
	fake_kernel_deinit(&f);
}

/* Timer i, with others before and behind it in their tree. */
static void put_timer(unsigned int i, uint64_t before, uint64_t behind)
{
	fake_put64(&f, TIMER(i) + 8, behind);
	fake_put64(&f, TIMER(i) + 16, before);
	fake_put64(&f, TIMER(i) + 24, 6000 + 100 * i);
	fake_put64(&f, TIMER(i) + 32, 5900 + 100 * i);
	fake_put64(&f, TIMER(i) + 40, CODE(1));
	fake_put32(&f, TIMER(i) + 48, 1);
}

static const char *read_text(void)
{
	struct err err = {0};

	ck_assert_msg(
		!proc_kit_read(&f, &proc_timer_list, &values, &text, &err),
		"%s", err.text);
	return text.data ? text.data : "";
}

static void has(const char *lines)
{
	ck_assert_msg(strstr(read_text(), lines), "%s", text.data);
}

START_TEST(clocks_and_timers)
{
	fake_put64(&f, BASE(0) + 8, TIMER(1));
	put_timer(0, 0, 0);
	put_timer(1, TIMER(0), 0);
	fake_put64(&f, BASE(1) + 8, TIMER(2));
	put_timer(2, 0, 0);
	fake_symbol("tick_oneshot_wakeup_device", WAKEUP);
	has("Timer List Version: v0.11\n"
	    "HRTIMER_MAX_CLOCK_BASES: 2\n"
	    "now at 5000 nsecs\n"
	    "\n"
	    "cpu: 0\n"
	    " clock 0:\n"
	    "  .base:       (____ptrval____)\n"
	    "  .index:      0\n"
	    "  .resolution: 1 nsecs\n"
	    "  .get_time:   ktime_get\n"
	    "  .offset:     0 nsecs\n"
	    "active timers:\n"
	    " #0: <(____ptrval____)>, wake_up, S:01\n"
	    " # expires at 5900-6000 nsecs [in 900 to 1000 nsecs]\n"
	    " #1: <(____ptrval____)>, wake_up, S:01\n"
	    " # expires at 6000-6100 nsecs [in 1000 to 1100 nsecs]\n"
	    " clock 1:\n");
	has(" # expires at 6100-6200 nsecs [in 400 to 500 nsecs]\n"
	    "  .expires_next   : 6000 nsecs\n"
	    "  .hres_active    : 0\n"
	    "  .nr_events      : 9\n");
	has("  .nohz           : 1\n"
	    "  .highres        : 1\n"
	    "  .last_tick      : 4000 nsecs\n"
	    "  .tick_stopped   : 0\n"
	    "  .idle_calls     : 0\n");
	has("jiffies: 4294900000\n"
	    "\n"
	    "Tick Device: mode:     0\n"
	    "Broadcast device\n"
	    "Clock Event Device: <NULL>\n"
	    "tick_broadcast_mask: 1\n"
	    "tick_broadcast_oneshot_mask: 0\n"
	    "\n");
	ck_assert_uint_eq(values.parts->why.len, 0);
}
END_TEST

START_TEST(devices)
{
	fake_symbol("tick_oneshot_wakeup_device", WAKEUP);
	has("Tick Device: mode:     1\n"
	    "Per CPU device: 0\n"
	    "Clock Event Device: lapic\n"
	    " max_delta_ns:   0\n"
	    " min_delta_ns:   0\n"
	    " mult:           0\n"
	    " shift:          0\n"
	    " mode:           0\n"
	    " next_event:     9223372036854775807 nsecs\n"
	    " set_next_event: next_event\n"
	    " event_handler:  handle\n"
	    "\n"
	    " retries:        0\n"
	    "Wakeup Device: <NULL>\n"
	    "\n");
	fake_put64(&f, WAKEUP, DEVICE);
	fake_put64(&f, DEVICE + 40, CODE(2));
	has("\nWakeup Device: lapic\n");
	has("\n resume:         next_event\n");
}
END_TEST

/* Up to 5.13, where timers are names, too, and what has none is hidden. */
START_TEST(of_old)
{
	fake_put64(&f, BASE(0) + 8, TIMER(0));
	put_timer(0, 0, 0);
	fake_put64(&f, DEVICE + 40, CODE(2));
	has("Timer List Version: v0.8\n");
	has(" #0: <(____ptrval____)>, wake_up, S:01\n");
	has(" resume:   next_event\n"
	    " event_handler:  handle\n"
	    " retries:        0\n"
	    "\n");
	fake_symbol("a_timer", TIMER(0));
	fake_put64(&f, TIMER(0) + 40, CODE(9));
	has(" #0: a_timer, <(____ptrval____)>, S:01\n");
}
END_TEST

START_TEST(damage)
{
	fake_put64(&f, BASE(0) + 8, NOT_THERE);
	read_text();
	ck_assert(values.parts->torn);
	fake_put64(&f, BASE(0) + 8, TIMER(0));
	put_timer(0, TIMER(0), 0); /* a circle */
	read_text();
	ck_assert(values.parts->torn);
	fake_put64(&f, BASE(0) + 8, 0);
	fake_put64(&f, TD, NOT_THERE);
	read_text();
	ck_assert_ptr_nonnull(strstr(values.parts->why.data, "device"));
	fake_lose(READER_HRTIMERS);
	proc_values_deinit(&values);
	ck_assert_int_eq(
		proc_read(&proc_timer_list, &f.kernel, NULL, 1, &values, NULL),
		ERR_NO_LINUX);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc/timer_list");
	TCase *t = tcase_create("timer_list");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, clocks_and_timers);
	tcase_add_test(t, devices);
	tcase_add_test(t, of_old);
	tcase_add_test(t, damage);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
