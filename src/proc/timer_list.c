/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/timer_list (kernel/time/timer_list.c). */
#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/masks.h"
#include "kernel/clock.h"
#include "kernel/device/hrtimers.h"
#include "kernel/pointer_text.h"
#include "kernel/code/symbols.h"
#include "kernel/device/tick_devices.h"
#include "kernel/variables.h"
#include "proc/proc.h"

/* All that is shown, while it is put into words. */
struct timer_list {
	struct cpus cpus;
	struct hrtimers timers;
	struct tick_devices ticks;
	struct kernel_clock clock;
	struct pointer_text pointers;
	struct symbols symbols;
	struct map at; /* of an address, which of the symbols */
	VEC(uint64_t) asked;
	struct symbol *named;
	uint64_t jiffies;
	uint32_t resolution;
	struct buf *out;
};

static void timer_list_deinit(struct timer_list *l)
{
	cpus_deinit(&l->cpus);
	hrtimers_deinit(&l->timers);
	tick_devices_deinit(&l->ticks);
	symbols_deinit(&l->symbols);
	map_deinit(&l->at);
	vec_deinit(&l->asked);
	free(l->named);
}

/* Up to 5.13 names are without their module, and addresses of timers have
 * them, too. */
static bool is_old(const struct timer_list *l)
{
	return !l->ticks.has_wakeup;
}

static int timer_list_ask(struct timer_list *l, uint64_t va)
{
	if (!va || map_get(&l->at, va, NULL))
		return 0;
	return map_put(&l->at, va, l->asked.n) || vec_push(&l->asked, va)
		       ? ERR_NOMEM
		       : 0;
}

/* Name all functions, and timers, in one go. */
static int timer_list_name(struct timer_list *l, struct err *err)
{
	size_t i, j, bases = l->timers.cpus.n * l->timers.n_bases;
	int rc = 0;

	for (i = 0; i < bases; i++)
		rc |= timer_list_ask(l, l->timers.bases[i].get_time);
	for (i = 0; i < l->timers.timers.n; i++) {
		rc |= timer_list_ask(l, l->timers.timers.v[i].function);
		if (is_old(l))
			rc |= timer_list_ask(l, l->timers.timers.v[i].at);
	}
	for (i = 0; i <= l->ticks.n; i++)
		for (j = 0; j < TICK_FUNCTIONS; j++)
			rc |= timer_list_ask(l, l->ticks.of[i].function[j]);
	l->named = calloc(l->asked.n + 1, sizeof(*l->named));
	if (rc || !l->named)
		return err_nomem(err);
	return symbols_at(&l->symbols, l->asked.v, l->asked.n, l->named, err);
}

static void put_pointer(struct timer_list *l, uint64_t va)
{
	char text[POINTER_TEXT_BYTES];

	pointer_text(&l->pointers, va, text);
	buf_puts(l->out, text);
}

/* %ps; or print_name_offset() of old. */
static void put_name(struct timer_list *l, uint64_t va)
{
	const struct symbol none = {0}, *s = &none;
	uint64_t i = 0;

	if (map_get(&l->at, va, &i))
		s = &l->named[i];
	if (s->name) {
		buf_puts(l->out, s->name);
		if (s->module && !is_old(l))
			buf_printf(l->out, " [%s]", s->module);
	} else if (is_old(l)) {
		buf_puts(l->out, "<");
		put_pointer(l, va);
		buf_puts(l->out, ">");
	} else {
		buf_printf(l->out, "0x%" PRIx64, va);
	}
}

static void put_timer(struct timer_list *l, const struct hrtimer *t, size_t nr,
		      uint64_t now)
{
	buf_printf(l->out, " #%zu: ", nr);
	if (is_old(l)) {
		put_name(l, t->at);
	} else {
		buf_puts(l->out, "<");
		put_pointer(l, t->at);
		buf_puts(l->out, ">");
	}
	buf_puts(l->out, ", ");
	put_name(l, t->function);
	buf_printf(l->out,
		   ", S:%02x\n # expires at %" PRIu64 "-%" PRIu64
		   " nsecs [in %" PRId64 " to %" PRId64 " nsecs]\n",
		   t->state, (uint64_t)t->soft, (uint64_t)t->hard,
		   (int64_t)((uint64_t)t->soft - now),
		   (int64_t)((uint64_t)t->hard - now));
}

static void put_base(struct timer_list *l, const struct hrtimer_base *b)
{
	uint64_t now = (uint64_t)l->clock.mono + (uint64_t)b->offset;
	size_t i;

	buf_puts(l->out, "  .base:       ");
	put_pointer(l, b->at);
	buf_printf(l->out,
		   "\n  .index:      %" PRId32 "\n  .resolution: %" PRIu32
		   " nsecs\n",
		   b->index, l->resolution);
	if (l->timers.has_get_time) {
		buf_puts(l->out, "  .get_time:   ");
		put_name(l, b->get_time);
		buf_puts(l->out, "\n");
	}
	if (l->timers.has_get_time)
		buf_printf(l->out, "  .offset:     %" PRIu64 " nsecs\n",
			   (uint64_t)b->offset);
	else
		buf_printf(l->out, "  .offset:     %" PRId64 " nsecs\n",
			   b->offset);
	buf_puts(l->out, "active timers:\n");
	for (i = 0; i < b->count; i++)
		put_timer(l, &l->timers.timers.v[b->first + i], i, now);
}

/* TS_FLAG_STOPPED and its like (kernel/time/tick-sched.h, 6.9). */
enum {
	FLAG_STOPPED = 1,
	FLAG_NOHZ = 4,
	FLAG_HIGHRES
};

/* Lines about the tick; from TICK_NUMBERS on they are flags of its. */
static const struct {
	unsigned int number;
	bool ns;
	const char *name;
} tick_lines[] = {
	{TICK_NOHZ_MODE, false, "nohz_mode"},
	{TICK_NUMBERS + FLAG_NOHZ, false, "nohz"},
	{TICK_NUMBERS + FLAG_HIGHRES, false, "highres"},
	{TICK_LAST, true, "last_tick"},
	{TICK_STOPPED, false, "tick_stopped"},
	{TICK_NUMBERS + FLAG_STOPPED, false, "tick_stopped"},
	{TICK_IDLE_JIFFIES, false, "idle_jiffies"},
	{TICK_CALLS, false, "idle_calls"},
	{TICK_SLEEPS, false, "idle_sleeps"},
	{TICK_ENTRY, true, "idle_entrytime"},
	{TICK_WAKE, true, "idle_waketime"},
	{TICK_EXIT, true, "idle_exittime"},
	{TICK_SLEEP, true, "idle_sleeptime"},
	{TICK_IOWAIT, true, "iowait_sleeptime"},
	{TICK_LAST_JIFFIES, false, "last_jiffies"},
	{TICK_NEXT, false, "next_timer"},
	{TICK_EXPIRES, true, "idle_expires"},
};

static const struct {
	bool ns;
	const char *name;
} cpu_lines[HRTIMER_NUMBERS] = {
	[HRTIMER_EXPIRES_NEXT] = {true, "expires_next"},
	[HRTIMER_HRES_ACTIVE] = {false, "hres_active"},
	[HRTIMER_EVENTS] = {false, "nr_events"},
	[HRTIMER_RETRIES] = {false, "nr_retries"},
	[HRTIMER_HANGS] = {false, "nr_hangs"},
	[HRTIMER_MAX_HANG] = {false, "max_hang_time"},
};

static void put_line(struct timer_list *l, const char *name, uint64_t value,
		     bool ns)
{
	buf_printf(l->out, "  .%-15s: %" PRIu64 "%s\n", name, value,
		   ns ? " nsecs" : "");
}

static void put_cpu(struct timer_list *l, size_t cpu)
{
	const struct hrtimer_cpu *c = &l->timers.cpus.v[cpu];
	const struct tick_sched *t = &l->ticks.ticks[cpu];
	size_t i;

	buf_printf(l->out, "cpu: %" PRIu32 "\n", c->cpu);
	for (i = 0; i < l->timers.n_bases; i++) {
		buf_printf(l->out, " clock %zu:\n", i);
		put_base(l, &l->timers.bases[cpu * l->timers.n_bases + i]);
	}
	for (i = 0; i < HRTIMER_NUMBERS; i++)
		put_line(l, cpu_lines[i].name, c->v[i], cpu_lines[i].ns);
	for (i = 0; i < sizeof(tick_lines) / sizeof(tick_lines[0]); i++) {
		unsigned int n = tick_lines[i].number;

		if (n >= TICK_NUMBERS && l->ticks.has[TICK_FLAGS])
			put_line(l, tick_lines[i].name,
				 t->v[TICK_FLAGS] >> (n - TICK_NUMBERS) & 1,
				 false);
		else if (n < TICK_NUMBERS && l->ticks.has[n])
			put_line(l, tick_lines[i].name, t->v[n],
				 tick_lines[i].ns);
	}
	buf_printf(l->out, "jiffies: %" PRIu64 "\n\n", l->jiffies);
}

/* What a device does; of old, and today. */
static const struct {
	const char *old, *name;
} function_lines[TICK_FUNCTIONS] = {
	[TICK_SET_NEXT] = {" set_next_event: ", " set_next_event: "},
	[TICK_SHUTDOWN] = {" shutdown: ", " shutdown:       "},
	[TICK_PERIODIC] = {" periodic: ", " periodic:       "},
	[TICK_ONESHOT] = {" oneshot:  ", " oneshot:        "},
	[TICK_ONESHOT_STOPPED] = {" oneshot stopped: ", " oneshot stopped: "},
	[TICK_RESUME] = {" resume:   ", " resume:         "},
	[TICK_HANDLER] = {" event_handler:  ", " event_handler:  "},
};

static void put_device(struct timer_list *l, const struct tick_device *d)
{
	size_t i;

	buf_printf(l->out,
		   "%s\n max_delta_ns:   %" PRIu64 "\n min_delta_ns:   %" PRIu64
		   "\n mult:           %" PRIu32 "\n shift:          %" PRIu32
		   "\n mode:           %" PRIu32 "\n next_event:     %" PRId64
		   " nsecs\n",
		   d->name, d->max_ns, d->min_ns, d->mult, d->shift, d->state,
		   d->next_event);
	for (i = 0; i < TICK_FUNCTIONS; i++) {
		if (!d->function[i] && i != TICK_SET_NEXT && i != TICK_HANDLER)
			continue;
		buf_puts(l->out, is_old(l) ? function_lines[i].old
					   : function_lines[i].name);
		put_name(l, d->function[i]);
		buf_puts(l->out, "\n");
	}
	buf_printf(l->out, "%s retries:        %" PRIu64 "\n",
		   is_old(l) ? "" : "\n", d->retries);
}

/* That of a CPU, or the one for broadcasts, which is behind them. */
static void put_tick_device(struct timer_list *l, size_t i)
{
	const struct tick_device *d = &l->ticks.of[i];

	buf_printf(l->out, "Tick Device: mode:     %" PRId32 "\n", d->mode);
	if (i == l->ticks.n)
		buf_puts(l->out, "Broadcast device\n");
	else
		buf_printf(l->out, "Per CPU device: %" PRIu32 "\n",
			   l->timers.cpus.v[i].cpu);
	buf_puts(l->out, "Clock Event Device: ");
	if (!d->has_device) {
		buf_puts(l->out, "<NULL>\n");
		return;
	}
	put_device(l, d);
	if (i < l->ticks.n && l->ticks.has_wakeup)
		buf_printf(l->out, "Wakeup Device: %s\n",
			   d->has_wakeup ? d->wakeup : "<NULL>");
	buf_puts(l->out, "\n");
}

/* The version of the text. */
static const char *timer_list_version(const struct timer_list *l)
{
	if (is_old(l))
		return "v0.8";
	if (!l->ticks.has[TICK_FLAGS])
		return "v0.9";
	return l->ticks.has[TICK_SLEEP] ? "v0.10" : "v0.11";
}

static void timer_list_put(struct timer_list *l)
{
	const struct cpu_masks *masks = &l->ticks.masks;
	size_t i;

	buf_printf(l->out,
		   "Timer List Version: %s\nHRTIMER_MAX_CLOCK_BASES: %zu\n"
		   "now at %" PRId64 " nsecs\n\n",
		   timer_list_version(l), l->timers.n_bases, l->clock.mono);
	for (i = 0; i < l->timers.cpus.n; i++)
		put_cpu(l, i);
	put_tick_device(l, l->ticks.n);
	buf_puts(l->out, "tick_broadcast_mask: ");
	mask_put_hex(cpu_mask(masks, 0), masks->bits, l->out);
	buf_puts(l->out, "\ntick_broadcast_oneshot_mask: ");
	mask_put_hex(cpu_mask(masks, 1), masks->bits, l->out);
	buf_puts(l->out, "\n\n");
	for (i = 0; i < l->ticks.n; i++)
		put_tick_device(l, i);
}

static int timer_list_take(struct kernel *k, struct timer_list *l,
			   struct remarks *remarks, struct err *err)
{
	struct variable v[] = {{.name = "jiffies", .size = 8},
			       {.name = "hrtimer_resolution", .size = 4}};
	int rc = variables_read(k, v, 2, err);

	l->jiffies = v[0].value;
	l->resolution = (uint32_t)v[1].value;
	if (!rc)
		rc = cpus_read(k, &l->cpus, err);
	if (!rc)
		rc = kernel_clock_read(k, &l->clock, err);
	if (!rc)
		rc = hrtimers_read(k, &l->cpus, &l->timers, remarks, err);
	if (!rc)
		rc = tick_devices_read(k, &l->cpus, &l->ticks, remarks, err);
	if (!rc)
		rc = is_old(l) ? pointer_text_read(k, &l->pointers, err)
			       : pointer_text_read_hashed(k, &l->pointers, err);
	return rc ? rc : timer_list_name(l, err);
}

static int timer_list_read(struct kernel *k, struct proc_values *out,
			   struct err *err)
{
	_cleanup_(timer_list_deinit) struct timer_list l = {
		.out = &out->parts->text};
	struct remarks remarks = {0};
	int rc;

	symbols_init(&l.symbols, k);
	rc = timer_list_take(k, &l, &remarks, err);
	if (!rc)
		timer_list_put(&l);
	proc_part_remarks(out->parts, &remarks);
	remarks_deinit(&remarks);
	return rc;
}

const struct proc_file proc_timer_list = {
	.name = "timer_list",
	.scope = PROC_SYSTEM,
	.needs = "timer_list_show",
	.read = timer_list_read,
};
