/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the values of sysctls: a table of handlers says what lies there. */
#include "kernel/sysctl_value.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/clock.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "walk/space.h"

/* What is wanted of the types. */
enum {
	FIELD_NET_PORTS = WANTS_OF(READER_SYSCTL_VALUE)
};

static const struct want want_table[] = {
	FIELD(NET_PORTS, "net", OPTIONAL, "ipv4.ip_local_ports.range"),
};

const struct wants sysctl_value_wants = {.reader = "values of sysctls",
					 .v = want_table,
					 .n = WANTS_N(want_table)};

/* Whose variables a handler reads: those that it is told, or of a namespace
 * where it is told those of the initial one. */
enum sysctl_of {
	OF_TABLE,
	OF_UTS,
	OF_IPC,
	OF_NET, /* 6.8: a member of the struct net that it is told */
	OF_NAME /* the table's, in the unit that the file's name tells */
};

/*
 * Handlers whose value is what lies there, by name.  Most that are beside those
 * of kernel/sysctl.c do more only when they are written to.
 */
static const struct {
	const char *handler;
	enum sysctl_kind kind;
	enum sysctl_of of;
} handlers[] = {
	{"addrconf_sysctl_addr_gen_mode", SYSCTL_UINT, OF_TABLE},
	{"addrconf_sysctl_disable", SYSCTL_INT, OF_TABLE},
	{"addrconf_sysctl_disable_policy", SYSCTL_INT, OF_TABLE},
	{"addrconf_sysctl_force_forwarding", SYSCTL_INT, OF_TABLE},
	{"addrconf_sysctl_forward", SYSCTL_INT, OF_TABLE},
	{"addrconf_sysctl_ignore_routes_with_linkdown", SYSCTL_INT, OF_TABLE},
	{"addrconf_sysctl_mtu", SYSCTL_INT, OF_TABLE},
	{"addrconf_sysctl_proxy_ndp", SYSCTL_INT, OF_TABLE},
	{"apparmor_dointvec", SYSCTL_INT, OF_TABLE},
	{"bpf_unpriv_handler", SYSCTL_INT, OF_TABLE},
	{"compaction_proactiveness_sysctl_handler", SYSCTL_INT, OF_TABLE},
	{"devinet_conf_proc", SYSCTL_INT, OF_TABLE},
	{"devinet_sysctl_forward", SYSCTL_INT, OF_TABLE},
	{"devkmsg_sysctl_set_loglvl", SYSCTL_STRING, OF_TABLE},
	{"dirty_background_bytes_handler", SYSCTL_ULONG, OF_TABLE},
	{"dirty_background_ratio_handler", SYSCTL_INT, OF_TABLE},
	{"dirty_bytes_handler", SYSCTL_ULONG, OF_TABLE},
	{"dirty_ratio_handler", SYSCTL_INT, OF_TABLE},
	{"dirty_writeback_centisecs_handler", SYSCTL_INT, OF_TABLE},
	{"dirtytime_interval_handler", SYSCTL_INT, OF_TABLE},
	{"flow_limit_table_len_sysctl", SYSCTL_INT, OF_TABLE},
	{"ftrace_enable_sysctl", SYSCTL_INT, OF_TABLE},
	{"ipv4_doint_and_flush", SYSCTL_INT, OF_TABLE},
	{"ipv4_fwd_update_priority", SYSCTL_U8, OF_TABLE},
	{"ipv4_local_port_range", SYSCTL_PORTS, OF_NET},
	{"ipv4_ping_group_range", SYSCTL_PORTS, OF_TABLE},
	{"ipv4_privileged_ports", SYSCTL_INT, OF_TABLE},
	{"laptop_mode_handler", SYSCTL_JIFFIES, OF_TABLE},
	{"lowmem_reserve_ratio_sysctl_handler", SYSCTL_INT, OF_TABLE},
	{"min_free_kbytes_sysctl_handler", SYSCTL_INT, OF_TABLE},
	{"mmap_min_addr_handler", SYSCTL_ULONG, OF_TABLE},
	{"ndisc_ifinfo_sysctl_change", SYSCTL_INT, OF_NAME},
	{"neigh_proc_base_reachable_time", SYSCTL_INT, OF_NAME},
	{"neigh_proc_dointvec", SYSCTL_INT, OF_TABLE},
	{"neigh_proc_dointvec_jiffies", SYSCTL_JIFFIES, OF_TABLE},
	{"neigh_proc_dointvec_ms_jiffies", SYSCTL_JIFFIES_MS, OF_TABLE},
	{"neigh_proc_dointvec_ms_jiffies_positive", SYSCTL_JIFFIES_MS,
	 OF_TABLE},
	{"neigh_proc_dointvec_userhz_jiffies", SYSCTL_JIFFIES_USER, OF_TABLE},
	{"neigh_proc_dointvec_zero_intmax", SYSCTL_INT, OF_TABLE},
	{"numa_zonelist_order_handler", SYSCTL_STRING, OF_TABLE},
	{"overcommit_kbytes_handler", SYSCTL_ULONG, OF_TABLE},
	{"overcommit_policy_handler", SYSCTL_INT, OF_TABLE},
	{"overcommit_ratio_handler", SYSCTL_INT, OF_TABLE},
	{"percpu_pagelist_fraction_sysctl_handler", SYSCTL_INT, OF_TABLE},
	{"percpu_pagelist_high_fraction_sysctl_handler", SYSCTL_INT, OF_TABLE},
	{"perf_cpu_time_max_percent_handler", SYSCTL_INT, OF_TABLE},
	{"perf_event_max_sample_rate_handler", SYSCTL_INT, OF_TABLE},
	{"perf_event_max_stack_handler", SYSCTL_INT, OF_TABLE},
	{"perf_proc_update_handler", SYSCTL_INT, OF_TABLE},
	{"proc_blackhole_detect_timeout", SYSCTL_INT, OF_TABLE},
	{"proc_do_dev_weight", SYSCTL_INT, OF_TABLE},
	{"proc_do_rointvec", SYSCTL_INT, OF_TABLE},
	{"proc_do_skb_defer_max", SYSCTL_INT, OF_TABLE},
	{"proc_do_static_key", SYSCTL_KEY, OF_TABLE},
	{"proc_do_uts_string", SYSCTL_STRING, OF_UTS},
	{"proc_dobool", SYSCTL_BOOL, OF_TABLE},
	{"proc_dohung_task_timeout_secs", SYSCTL_ULONG, OF_TABLE},
	{"proc_dointvec", SYSCTL_INT, OF_TABLE},
	{"proc_dointvec_jiffies", SYSCTL_JIFFIES, OF_TABLE},
	{"proc_dointvec_minmax", SYSCTL_INT, OF_TABLE},
	{"proc_dointvec_minmax_bpf_enable", SYSCTL_INT, OF_TABLE},
	{"proc_dointvec_minmax_bpf_restricted", SYSCTL_INT, OF_TABLE},
	{"proc_dointvec_minmax_coredump", SYSCTL_INT, OF_TABLE},
	{"proc_dointvec_minmax_sysadmin", SYSCTL_INT, OF_TABLE},
	{"proc_dointvec_minmax_warn_RT_change", SYSCTL_INT, OF_TABLE},
	{"proc_dointvec_ms_jiffies", SYSCTL_JIFFIES_MS, OF_TABLE},
	{"proc_dointvec_ms_jiffies_minmax", SYSCTL_JIFFIES_MS, OF_TABLE},
	{"proc_dointvec_userhz_jiffies", SYSCTL_JIFFIES_USER, OF_TABLE},
	{"proc_dolongvec_minmax_bpf_restricted", SYSCTL_ULONG, OF_TABLE},
	{"proc_dopipe_max_size", SYSCTL_UINT, OF_TABLE},
	{"proc_dostring", SYSCTL_STRING, OF_TABLE},
	{"proc_dostring_coredump", SYSCTL_STRING, OF_TABLE},
	{"proc_dou8vec_minmax", SYSCTL_U8, OF_TABLE},
	{"proc_douintvec", SYSCTL_UINT, OF_TABLE},
	{"proc_douintvec_minmax", SYSCTL_UINT, OF_TABLE},
	{"proc_doulongvec_minmax", SYSCTL_ULONG, OF_TABLE},
	{"proc_doulongvec_ms_jiffies_minmax", SYSCTL_ULONG_JIFFIES_MS,
	 OF_TABLE},
	{"proc_fib_multipath_hash_fields", SYSCTL_UINT, OF_TABLE},
	{"proc_fib_multipath_hash_policy", SYSCTL_U8, OF_TABLE},
	{"proc_ipc_dointvec", SYSCTL_INT, OF_IPC},
	{"proc_ipc_dointvec_minmax", SYSCTL_INT, OF_IPC},
	{"proc_ipc_dointvec_minmax_orphans", SYSCTL_INT, OF_IPC},
	{"proc_ipc_doulongvec_minmax", SYSCTL_ULONG, OF_IPC},
	{"proc_ipc_sem_dointvec", SYSCTL_INT, OF_IPC},
	{"proc_mq_dointvec", SYSCTL_INT, OF_IPC},
	{"proc_mq_dointvec_minmax", SYSCTL_INT, OF_IPC},
	{"proc_pm_type", SYSCTL_U8, OF_TABLE},
	{"proc_rt6_multipath_hash_fields", SYSCTL_UINT, OF_TABLE},
	{"proc_rt6_multipath_hash_policy", SYSCTL_U8, OF_TABLE},
	{"proc_tfo_blackhole_detect_timeout", SYSCTL_INT, OF_TABLE},
	{"proc_watchdog_thresh", SYSCTL_INT, OF_TABLE},
	{"sched_itmt_update_handler", SYSCTL_INT, OF_TABLE},
	{"sched_proc_update_handler", SYSCTL_INT, OF_TABLE},
	{"sched_rr_handler", SYSCTL_INT, OF_TABLE},
	{"sched_rt_handler", SYSCTL_INT, OF_TABLE},
	{"stack_trace_sysctl", SYSCTL_INT, OF_TABLE},
	{"sysctl_min_slab_ratio_sysctl_handler", SYSCTL_INT, OF_TABLE},
	{"sysctl_min_unmapped_ratio_sysctl_handler", SYSCTL_INT, OF_TABLE},
	{"sysctl_sched_uclamp_handler", SYSCTL_INT, OF_TABLE},
	{"sysctl_vm_numa_stat_handler", SYSCTL_INT, OF_TABLE},
	{"timer_migration_handler", SYSCTL_INT, OF_TABLE},
	{"tracepoint_printk_sysctl", SYSCTL_INT, OF_TABLE},
	{"vmstat_refresh", SYSCTL_EMPTY, OF_TABLE},
	{"watermark_scale_factor_sysctl_handler", SYSCTL_INT, OF_TABLE},
	{"yama_dointvec_minmax", SYSCTL_INT, OF_TABLE},
};

/* Handlers that read a variable which no table tells: of several the first
 * that there is. */
static const struct {
	const char *handler, *symbol;
	enum sysctl_kind kind;
	uint32_t bytes;
} variables[] = {
	{"proc_dohung_task_detect_count", "sysctl_hung_task_detect_count",
	 SYSCTL_ULONG, 8},
	{"proc_kprobes_optimization_handler", "kprobes_allow_optimization",
	 SYSCTL_BOOL, 1},
	{"proc_taint", "tainted_mask", SYSCTL_ULONG, 8},
	{"sysctl_delayacct", "delayacct_on", SYSCTL_INT, 4},
	{"sysctl_max_threads", "max_threads", SYSCTL_INT, 4},
	{"sysctl_numa_balancing", "sysctl_numa_balancing_mode", SYSCTL_INT,
	 4}, /* 5.18 */
	{"sysctl_numa_balancing", "sched_numa_balancing", SYSCTL_KEY, 4},
	{"sysctl_schedstats", "sched_schedstats", SYSCTL_KEY, 4},
};

static int sysctl_by_handler(const void *name, const void *entry)
{
	return strcmp(name, *(const char *const *)entry);
}

/* Variables of the initial namespace of a kind, and of the one that is read
 * for. */
struct sysctl_space {
	uint64_t initial, at; /* 0: not known */
};

#define SPACE_BYTES 0x10000 /* more than a struct ipc_namespace has */

/* The namespace's own in place of what the table tells; from 5.19 on tables of
 * IPC are the namespace's own already. */
static uint64_t sysctl_shift(const struct sysctl_space *s, uint64_t data)
{
	if (!s->initial || !s->at || data - s->initial >= SPACE_BYTES)
		return data;
	return data - s->initial + s->at;
}

static struct sysctl_space sysctl_space(struct kernel *k, const char *symbol,
					uint64_t at)
{
	struct sysctl_space s = {.at = at};

	profile_symbol(k->profile, symbol, &s.initial);
	return s;
}

struct sysctl_reading {
	struct kernel *k;
	struct sysctl_space spaces[OF_IPC + 1]; /* by enum sysctl_of */
	struct space_read *reads;
	size_t bytes;
};

/* Where a value lies, and how it is shown. */
struct sysctl_source {
	enum sysctl_kind kind;
	uint64_t va;
	size_t len;
};

/* Two numbers: in two ints that the table tells, whatever it says of their
 * length, or in one that it does not. */
static void sysctl_find_ports(struct kernel *k, const struct sysctl *s,
			      enum sysctl_of of, struct sysctl_source *out)
{
	const struct profile_field *ports =
		profile_field(k->profile, FIELD_NET_PORTS);

	out->len = 8;
	if (of != OF_NET || s->maxlen)
		return;
	if (!ports->present || ports->size != 4)
		out->kind = SYSCTL_MADE;
	out->va = s->data + ports->offset;
	out->len = 4;
}

static bool sysctl_ends_in(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n >= m && !strcmp(name + n - m, end);
}

static void sysctl_find_variable(struct kernel *k, const char *handler,
				 struct sysctl_source *out)
{
	size_t i;

	for (i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		if (strcmp(handler, variables[i].handler) != 0 ||
		    !profile_symbol(k->profile, variables[i].symbol, &out->va))
			continue;
		out->kind = variables[i].kind;
		out->len = variables[i].bytes;
		return;
	}
}

static void sysctl_find_source(const struct sysctl_reading *r,
			       const struct sysctl *s, const char *name,
			       const char *handler, struct sysctl_source *out)
{
	const typeof(handlers[0]) *h = bsearch(
		handler, handlers, sizeof(handlers) / sizeof(handlers[0]),
		sizeof(handlers[0]), sysctl_by_handler);

	if (!h) {
		sysctl_find_variable(r->k, handler, out);
		return;
	}
	*out = (struct sysctl_source){
		h->kind,
		h->of <= OF_IPC ? sysctl_shift(&r->spaces[h->of], s->data)
				: s->data,
		s->data ? s->maxlen : 0};
	if (h->kind == SYSCTL_KEY)
		out->len = 4;
	/* some were ints up to 5.12 */
	if (h->kind == SYSCTL_U8 && out->len == 4)
		out->kind = SYSCTL_INT;
	if (h->kind == SYSCTL_PORTS)
		sysctl_find_ports(r->k, s, h->of, out);
	if (h->of == OF_NAME && sysctl_ends_in(name, "_ms"))
		out->kind = SYSCTL_JIFFIES_MS;
	else if (h->of == OF_NAME && sysctl_ends_in(name, "_reachable_time"))
		out->kind = SYSCTL_JIFFIES;
}

/* What one is, and its read, of which dst is where in the bytes. */
static void sysctl_plan(struct sysctl_reading *r, const struct sysctls *s,
			size_t i, struct sysctl_value *v)
{
	struct sysctl_source from = {.kind = SYSCTL_MADE};

	if (v->handler)
		sysctl_find_source(r, &s->v.v[i], sysctl_name(s, i), v->handler,
				   &from);
	if (!(s->v.v[i].mode & 0444))
		from.kind = SYSCTL_WRITE_ONLY;
	v->kind = from.kind;
	if (v->kind < SYSCTL_INT)
		return;
	if (!from.len || from.len > SYSCTL_BYTES_MAX ||
	    from.len > SYSCTL_BYTES_MAX_ALL - r->bytes) {
		v->kind = from.len ? SYSCTL_UNREADABLE : SYSCTL_EMPTY;
		return;
	}
	v->at = r->bytes;
	v->len = from.len;
	r->bytes += from.len;
	r->reads[i] = (struct space_read){
		.root = &r->k->root, .va = from.va, .len = from.len};
}

static int sysctl_read_bytes(struct sysctl_reading *r, const struct sysctls *s,
			     struct sysctl_values *out, struct err *err)
{
	size_t i;
	int rc;

	out->bytes = calloc(r->bytes + 1, 1);
	if (!out->bytes)
		return err_nomem(err);
	for (i = 0; i < s->v.n; i++)
		if (r->reads[i].len)
			r->reads[i].dst = out->bytes + out->v[i].at;
	rc = space_read(r->k->machine, r->reads, s->v.n, err);
	for (i = 0; i < s->v.n && !rc; i++) {
		struct sysctl_value *v = &out->v[i];
		const uint8_t *at = out->bytes + v->at;
		bool ended = v->kind == SYSCTL_STRING && r->reads[i].len &&
			     memchr(at, '\0', r->reads[i].got);

		if (r->reads[i].got < r->reads[i].len && !ended)
			v->kind = SYSCTL_UNREADABLE;
	}
	return rc;
}

/* The names of their handlers: each that there is, once. */
static int sysctl_name_handlers(struct kernel *k, const struct sysctls *s,
				struct sysctl_values *out, struct symbol *names,
				struct err *err)
{
	_cleanup_free_ uint64_t *vas = calloc(s->v.n + 1, sizeof(*vas));
	size_t i;

	symbols_init(&out->symbols, k);
	if (!vas)
		return err_nomem(err);
	for (i = 0; i < s->v.n; i++)
		vas[i] = s->v.v[i].handler;
	return symbols_at(&out->symbols, vas, s->v.n, names, err);
}

int sysctl_values_read(struct kernel *k, const struct sysctls *s,
		       const struct task_ns *ns, struct sysctl_values *out,
		       struct err *err)
{
	struct sysctl_reading r = {
		.k = k,
		.spaces = {[OF_UTS] = sysctl_space(k, "init_uts_ns",
						   ns->at[TASK_NS_UTS]),
			   [OF_IPC] = sysctl_space(k, "init_ipc_ns",
						   ns->at[TASK_NS_IPC])}};
	_cleanup_free_ struct space_read *reads =
		calloc(s->v.n + 1, sizeof(*reads));
	_cleanup_free_ struct symbol *names =
		calloc(s->v.n + 1, sizeof(*names));
	size_t i;
	int rc;

	*out = (struct sysctl_values){0};
	out->v = calloc(s->v.n + 1, sizeof(*out->v));
	if (!out->v || !reads || !names)
		return err_nomem(err);
	r.reads = reads;
	rc = sysctl_name_handlers(k, s, out, names, err);
	for (i = 0; i < s->v.n && !rc; i++) {
		out->v[i].handler = names[i].offset ? NULL : names[i].name;
		sysctl_plan(&r, s, i, &out->v[i]);
	}
	if (!rc)
		rc = kernel_hz(k, &out->hz, err);
	return rc ? rc : sysctl_read_bytes(&r, s, out, err);
}

void sysctl_values_deinit(struct sysctl_values *v)
{
	if (v->v)
		symbols_deinit(&v->symbols);
	free(v->v);
	free(v->bytes);
	*v = (struct sysctl_values){0};
}
