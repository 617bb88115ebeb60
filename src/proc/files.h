/* SPDX-License-Identifier: BSD-2-Clause */
/* The files of /proc, each once: X(NAME) stands for the object proc_NAME. */
#ifndef PROC_FILES_H
#define PROC_FILES_H

struct proc_file;

/* In order of their names, first those of the system. */
#define PROC_FILES(X)          \
	X(buddyinfo)           \
	X(cgroups)             \
	X(cmdline)             \
	X(consoles)            \
	X(cpuinfo)             \
	X(devices)             \
	X(diskstats)           \
	X(execdomains)         \
	X(fb)                  \
	X(filesystems)         \
	X(interrupts)          \
	X(iomem)               \
	X(ioports)             \
	X(kallsyms)            \
	X(key_users)           \
	X(kmsg)                \
	X(loadavg)             \
	X(meminfo)             \
	X(misc)                \
	X(modules)             \
	X(mtrr)                \
	X(net_if_inet6)        \
	X(net_netlink)         \
	X(net_packet)          \
	X(net_raw)             \
	X(net_raw6)            \
	X(net_route)           \
	X(net_snmp)            \
	X(net_sockstat)        \
	X(net_tcp)             \
	X(net_tcp6)            \
	X(net_udp)             \
	X(net_udp6)            \
	X(net_unix)            \
	X(pagetypeinfo)        \
	X(partitions)          \
	X(pressure_cpu)        \
	X(pressure_io)         \
	X(pressure_memory)     \
	X(slabinfo)            \
	X(softirqs)            \
	X(stat)                \
	X(swaps)               \
	X(sys)                 \
	X(uptime)              \
	X(version)             \
	X(vmallocinfo)         \
	X(vmstat)              \
	X(zoneinfo)            \
	X(pid_arch_status)     \
	X(pid_attr_current)    \
	X(pid_autogroup)       \
	X(pid_auxv)            \
	X(pid_cgroup)          \
	X(tid_children)        \
	X(pid_cmdline)         \
	X(pid_comm)            \
	X(pid_coredump_filter) \
	X(pid_cpu_groups)      \
	X(pid_cpuset)          \
	X(pid_cwd)             \
	X(pid_environ)         \
	X(pid_exe)             \
	X(pid_fd)              \
	X(pid_fdinfo)          \
	X(pid_gid_map)         \
	X(pid_io)              \
	X(tid_io)              \
	X(pid_ksm_merging)     \
	X(pid_ksm_stat)        \
	X(pid_limits)          \
	X(pid_loginuid)        \
	X(pid_map_files)       \
	X(pid_maps)            \
	X(pid_net_if_inet6)    \
	X(pid_net_netlink)     \
	X(pid_net_packet)      \
	X(pid_net_raw)         \
	X(pid_net_raw6)        \
	X(pid_net_route)       \
	X(pid_net_snmp)        \
	X(pid_net_sockstat)    \
	X(pid_net_tcp)         \
	X(pid_net_tcp6)        \
	X(pid_net_udp)         \
	X(pid_net_udp6)        \
	X(pid_net_unix)        \
	X(pid_ns)              \
	X(pid_numa_maps)       \
	X(pid_oom_adj)         \
	X(pid_oom_score)       \
	X(pid_oom_score_adj)   \
	X(pid_pagemap)         \
	X(pid_patch_state)     \
	X(pid_personality)     \
	X(pid_projid_map)      \
	X(pid_root)            \
	X(pid_schedstat)       \
	X(pid_sessionid)       \
	X(pid_setgroups)       \
	X(pid_smaps)           \
	X(pid_smaps_rollup)    \
	X(pid_stack)           \
	X(pid_stat)            \
	X(tid_stat)            \
	X(pid_statm)           \
	X(pid_status)          \
	X(pid_syscall)         \
	X(pid_timens_offsets)  \
	X(pid_timers)          \
	X(pid_timerslack_ns)   \
	X(pid_uid_map)         \
	X(pid_wchan)

#define PROC_DECLARE(name) extern const struct proc_file proc_##name;
PROC_FILES(PROC_DECLARE)
#undef PROC_DECLARE

#endif
