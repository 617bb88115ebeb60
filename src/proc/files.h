/* SPDX-License-Identifier: BSD-2-Clause */
/* The files of /proc, each once: X(NAME) stands for the object proc_NAME. */
#ifndef PROC_FILES_H
#define PROC_FILES_H

struct proc_file;

/* In order of their names, first those of the system. */
#define PROC_FILES(X)          \
	X(buddyinfo)           \
	X(cmdline)             \
	X(kmsg)                \
	X(modules)             \
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
	X(slabinfo)            \
	X(sys)                 \
	X(version)             \
	X(vmallocinfo)         \
	X(zoneinfo)            \
	X(pid_cmdline)         \
	X(pid_comm)            \
	X(pid_coredump_filter) \
	X(pid_cwd)             \
	X(pid_environ)         \
	X(pid_exe)             \
	X(pid_fd)              \
	X(pid_loginuid)        \
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
	X(pid_oom_adj)         \
	X(pid_oom_score_adj)   \
	X(pid_personality)     \
	X(pid_root)            \
	X(pid_sessionid)       \
	X(pid_timerslack_ns)

#define PROC_DECLARE(name) extern const struct proc_file proc_##name;
PROC_FILES(PROC_DECLARE)
#undef PROC_DECLARE

#endif
