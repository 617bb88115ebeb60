/* SPDX-License-Identifier: BSD-2-Clause */
/* The part of wanted.h that is about what processes do and belong to. */
#ifndef PROFILE_WANTED_TASKS_H
#define PROFILE_WANTED_TASKS_H

/* Times, groups, namespaces, and where the command line lies. */
#define WANTED_TASK_FIELDS(F)                                                 \
	F(TASK_START_BOOT, "task_struct", OPTIONAL,                           \
	  "start_boottime|real_start_time") /* 5.5 */                         \
	F(TASK_UTIME, "task_struct", OPTIONAL, "utime")                       \
	F(TASK_STIME, "task_struct", OPTIONAL, "stime")                       \
	F(TASK_RUNTIME, "task_struct", OPTIONAL, "se.sum_exec_runtime")       \
	F(TASK_PREV_UTIME, "task_struct", OPTIONAL, "prev_cputime.utime")     \
	F(TASK_PREV_STIME, "task_struct", OPTIONAL, "prev_cputime.stime")     \
	F(SIGNAL_UTIME, "signal_struct", OPTIONAL, "utime")                   \
	F(SIGNAL_STIME, "signal_struct", OPTIONAL, "stime")                   \
	F(SIGNAL_RUNTIME, "signal_struct", OPTIONAL, "sum_sched_runtime")     \
	F(SIGNAL_PREV_UTIME, "signal_struct", OPTIONAL, "prev_cputime.utime") \
	F(SIGNAL_PREV_STIME, "signal_struct", OPTIONAL, "prev_cputime.stime") \
	F(SIGNAL_NR_THREADS, "signal_struct", OPTIONAL, "nr_threads")         \
	F(SIGNAL_PIDS, "signal_struct", OPTIONAL, "pids")	  /* 4.19 */  \
	F(TASK_THREAD_PID, "task_struct", OPTIONAL, "thread_pid") /* 4.19 */  \
	F(TASK_NSPROXY, "task_struct", OPTIONAL, "nsproxy")                   \
	F(PID_LEVEL, "pid", OPTIONAL, "level")                                \
	F(PID_NUMBERS, "pid", OPTIONAL, "numbers")                            \
	F(UPID_NR, "upid", OPTIONAL, "nr")                                    \
	F(UPID_NS, "upid", OPTIONAL, "ns")                                    \
	F(CRED_USER_NS, "cred", OPTIONAL, "user_ns")                          \
	F(NSPROXY_UTS, "nsproxy", OPTIONAL, "uts_ns")                         \
	F(NSPROXY_IPC, "nsproxy", OPTIONAL, "ipc_ns")                         \
	F(NSPROXY_MNT, "nsproxy", OPTIONAL, "mnt_ns")                         \
	F(NSPROXY_NET, "nsproxy", OPTIONAL, "net_ns")                         \
	F(NSPROXY_TIME, "nsproxy", OPTIONAL, "time_ns") /* 5.6 */             \
	F(NSPROXY_CGROUP, "nsproxy", OPTIONAL, "cgroup_ns")                   \
	F(UTS_NS_INUM, "uts_namespace", OPTIONAL, "ns.inum")                  \
	F(IPC_NS_INUM, "ipc_namespace", OPTIONAL, "ns.inum")                  \
	F(MNT_NS_INUM, "mnt_namespace", OPTIONAL, "ns.inum")                  \
	F(NET_NS_INUM, "net", OPTIONAL, "ns.inum")                            \
	F(TIME_NS_INUM, "time_namespace", OPTIONAL, "ns.inum")                \
	F(CGROUP_NS_INUM, "cgroup_namespace", OPTIONAL, "ns.inum")            \
	F(PID_NS_INUM, "pid_namespace", OPTIONAL, "ns.inum")                  \
	F(USER_NS_INUM, "user_namespace", OPTIONAL, "ns.inum")                \
	F(MM_ARG_START, "mm_struct", OPTIONAL, "arg_start")                   \
	F(MM_ARG_END, "mm_struct", OPTIONAL, "arg_end")                       \
	F(MM_ENV_START, "mm_struct", OPTIONAL, "env_start")                   \
	F(MM_ENV_END, "mm_struct", OPTIONAL, "env_end")

#define WANTED_TASK_STRUCTS(S) S(UPID, "upid")

#define WANTED_TASK_CONSTANTS(C)                    \
	C(PIDTYPE_PGID, "pid_type", "PIDTYPE_PGID") \
	C(PIDTYPE_SID, "pid_type", "PIDTYPE_SID")

#endif
