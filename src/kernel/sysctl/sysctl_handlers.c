/* SPDX-License-Identifier: BSD-2-Clause */
/* Handlers of sysctls whose value lies in a variable, as tables. */
#include "kernel/sysctl/sysctl_handlers.h"

#include <stdlib.h>
#include <string.h>

/*
 * Handlers whose value is what lies there, by name.  Most that are beside those
 * of kernel/sysctl.c do more only when they are written to.
 */
static const struct sysctl_handler handlers[] = {
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
	{"proc_path_manager", SYSCTL_STRING, OF_TABLE},
	{"proc_pm_type", SYSCTL_U8, OF_TABLE},
	{"proc_rt6_multipath_hash_fields", SYSCTL_UINT, OF_TABLE},
	{"proc_rt6_multipath_hash_policy", SYSCTL_U8, OF_TABLE},
	{"proc_scheduler", SYSCTL_STRING, OF_TABLE},
	{"proc_tfo_blackhole_detect_timeout", SYSCTL_INT, OF_TABLE},
	{"proc_watchdog_thresh", SYSCTL_INT, OF_TABLE},
	{"sched_itmt_update_handler", SYSCTL_INT, OF_TABLE},
	{"sched_proc_update_handler", SYSCTL_INT, OF_TABLE},
	{"sched_rr_handler", SYSCTL_INT, OF_TABLE},
	{"sched_rt_handler", SYSCTL_INT, OF_TABLE},
	{"stack_trace_sysctl", SYSCTL_INT, OF_TABLE},
	{"sysctl_min_slab_ratio_sysctl_handler", SYSCTL_INT, OF_TABLE},
	{"sysctl_min_unmapped_ratio_sysctl_handler", SYSCTL_INT, OF_TABLE},
	{"sysctl_panic_print_handler", SYSCTL_ULONG, OF_TABLE},
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
static const struct sysctl_variable variables[] = {
	{"nf_hooks_lwtunnel_sysctl_handler", "nf_hooks_lwtunnel_enabled",
	 SYSCTL_KEY, 4},
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
	const struct sysctl_handler *h = entry;

	return strcmp(name, h->name);
}

const struct sysctl_handler *sysctl_handler_find(const char *name)
{
	return bsearch(name, handlers, sizeof(handlers) / sizeof(handlers[0]),
		       sizeof(handlers[0]), sysctl_by_handler);
}

const struct sysctl_variable *
sysctl_variable_find(struct kernel *k, const char *handler, uint64_t *va)
{
	size_t i;

	for (i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
		if (!strcmp(handler, variables[i].handler) &&
		    profile_symbol(k->profile, variables[i].symbol, va))
			return &variables[i];
	return NULL;
}
