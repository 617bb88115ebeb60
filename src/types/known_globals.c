/* SPDX-License-Identifier: BSD-2-Clause */
/* Globals of the kernel whose types are known, though no BTF has them. */
#include "types/known_globals.h"

#include <stdlib.h>
#include <string.h>

/*
 * By the headers that declare them, or the file that has a static one, from
 * 5.2 on, when BTF began (docs/facts/debuggers.md, "Types of globals").  A
 * kernel that lacks one, or the type, or has too little room for it, goes
 * without.
 */
const struct known_global known_globals[] = {
	{"__cpu_active_mask", BTF_STRUCT, "cpumask", ""},
	{"__cpu_online_mask", BTF_STRUCT, "cpumask", ""},
	{"__cpu_possible_mask", BTF_STRUCT, "cpumask", ""},
	{"__cpu_present_mask", BTF_STRUCT, "cpumask", ""},
	{"__per_cpu_offset", BTF_INT, "long unsigned int", "["},
	{"_totalram_pages", BTF_TYPEDEF, "atomic_long_t", ""},
	{"apic", BTF_STRUCT, "apic", "*"},
	{"boot_cpu_data", BTF_STRUCT, "cpuinfo_x86", ""},
	{"boot_params", BTF_STRUCT, "boot_params", ""},
	{"bpf_kallsyms", BTF_STRUCT, "list_head", ""},
	{"btf_modules", BTF_STRUCT, "list_head", ""},
	{"btf_vmlinux", BTF_STRUCT, "btf", "*"},
	{"cap_last_cap", BTF_INT, "int", "c"},
	{"cgrp_dfl_root", BTF_STRUCT, "cgroup_root", ""},
	{"chrdevs", BTF_STRUCT, "char_device_struct", "*["},
	{"clocksource_list", BTF_STRUCT, "list_head", ""},
	{"console_drivers", BTF_STRUCT, "console", "*"},
	{"console_list", BTF_STRUCT, "hlist_head", ""},
	{"cpu_khz", BTF_INT, "unsigned int", ""},
	{"cpu_subsys", BTF_STRUCT, "bus_type", ""},
	{"crashing_cpu", BTF_INT, "int", ""},
	{"crashk_res", BTF_STRUCT, "resource", ""},
	{"cred_jar", BTF_STRUCT, "kmem_cache", "*"},
	{"curr_clocksource", BTF_STRUCT, "clocksource", "*"},
	{"dentry_hashtable", BTF_STRUCT, "hlist_bl_head", "*"},
	{"devices_kset", BTF_STRUCT, "kset", "*"},
	{"e820_table", BTF_STRUCT, "e820_table", "*"},
	{"efi", BTF_STRUCT, "efi", ""},
	{"filp_cachep", BTF_STRUCT, "kmem_cache", "*"},
	{"ftrace_ops_list", BTF_STRUCT, "ftrace_ops", "*"},
	{"high_memory", BTF_VOID, "", "*"},
	{"hstates", BTF_STRUCT, "hstate", "["},
	{"idt_table", BTF_TYPEDEF, "gate_desc", "["},
	{"init_cgroup_ns", BTF_STRUCT, "cgroup_namespace", ""},
	{"init_cred", BTF_STRUCT, "cred", ""},
	{"init_css_set", BTF_STRUCT, "css_set", ""},
	{"init_files", BTF_STRUCT, "files_struct", ""},
	{"init_fs", BTF_STRUCT, "fs_struct", ""},
	{"init_ipc_ns", BTF_STRUCT, "ipc_namespace", ""},
	{"init_mm", BTF_STRUCT, "mm_struct", ""},
	{"init_net", BTF_STRUCT, "net", ""},
	{"init_nsproxy", BTF_STRUCT, "nsproxy", ""},
	{"init_pid_ns", BTF_STRUCT, "pid_namespace", ""},
	{"init_sighand", BTF_STRUCT, "sighand_struct", ""},
	{"init_signals", BTF_STRUCT, "signal_struct", ""},
	{"init_struct_pid", BTF_STRUCT, "pid", ""},
	{"init_task", BTF_STRUCT, "task_struct", ""},
	{"init_time_ns", BTF_STRUCT, "time_namespace", ""},
	{"init_top_pgt", BTF_TYPEDEF, "pgd_t", "["},
	{"init_user_ns", BTF_STRUCT, "user_namespace", ""},
	{"init_uts_ns", BTF_STRUCT, "uts_namespace", ""},
	{"inode_hashtable", BTF_STRUCT, "hlist_head", "*"},
	{"iomem_resource", BTF_STRUCT, "resource", ""},
	{"ioport_resource", BTF_STRUCT, "resource", ""},
	{"jiffies", BTF_INT, "long unsigned int", "v"},
	{"jiffies_64", BTF_TYPEDEF, "u64", ""},
	{"kernel_kobj", BTF_STRUCT, "kobject", "*"},
	{"keyboard_notifier_list", BTF_STRUCT, "atomic_notifier_head", ""},
	{"kprobe_table", BTF_STRUCT, "hlist_head", "["},
	{"kthreadd_task", BTF_STRUCT, "task_struct", "*"},
	{"linux_banner", BTF_INT, "char", "c["},
	{"log_buf", BTF_INT, "char", "*"},
	{"log_buf_len", BTF_TYPEDEF, "u32", ""},
	{"loops_per_jiffy", BTF_INT, "long unsigned int", ""},
	{"max_low_pfn", BTF_INT, "long unsigned int", ""},
	{"max_pfn", BTF_INT, "long unsigned int", ""},
	{"mm_cachep", BTF_STRUCT, "kmem_cache", "*"},
	{"module_kset", BTF_STRUCT, "kset", "*"},
	{"modules", BTF_STRUCT, "list_head", ""},
	{"mount_hashtable", BTF_STRUCT, "hlist_head", "*"},
	{"net_namespace_list", BTF_STRUCT, "list_head", ""},
	{"node_data", BTF_STRUCT, "pglist_data", "*["},
	{"node_states", BTF_TYPEDEF, "nodemask_t", "["},
	{"nr_cpu_ids", BTF_INT, "unsigned int", ""},
	{"nr_threads", BTF_INT, "int", ""},
	{"oops_in_progress", BTF_INT, "int", ""},
	{"page_offset_base", BTF_INT, "long unsigned int", ""},
	{"panic_cpu", BTF_TYPEDEF, "atomic_t", ""},
	{"panic_notifier_list", BTF_STRUCT, "atomic_notifier_head", ""},
	{"panic_on_oops", BTF_INT, "int", ""},
	{"panic_timeout", BTF_INT, "int", ""},
	{"pci_bus_type", BTF_STRUCT, "bus_type", ""},
	{"pci_root_buses", BTF_STRUCT, "list_head", ""},
	{"pgd_list", BTF_STRUCT, "list_head", ""},
	{"pgdir_shift", BTF_INT, "unsigned int", ""},
	{"phys_base", BTF_INT, "long unsigned int", ""},
	{"platform_bus", BTF_STRUCT, "device", ""},
	{"poking_mm", BTF_STRUCT, "mm_struct", "*"},
	{"prb", BTF_STRUCT, "printk_ringbuffer", "*"},
	{"proc_root", BTF_STRUCT, "proc_dir_entry", ""},
	{"prog_idr", BTF_STRUCT, "idr", ""},
	{"ptrs_per_p4d", BTF_INT, "unsigned int", ""},
	{"pv_ops", BTF_STRUCT, "paravirt_patch_template", ""},
	{"rcu_state", BTF_STRUCT, "rcu_state", ""},
	{"root_task_group", BTF_STRUCT, "task_group", ""},
	{"rtnl_mutex", BTF_STRUCT, "mutex", ""},
	{"saved_command_line", BTF_INT, "char", "*"},
	{"security_hook_heads", BTF_STRUCT, "security_hook_heads", ""},
	{"slab_caches", BTF_STRUCT, "list_head", ""},
	{"socket_file_ops", BTF_STRUCT, "file_operations", "c"},
	{"sockfs_dentry_operations", BTF_STRUCT, "dentry_operations", "c"},
	{"super_blocks", BTF_STRUCT, "list_head", ""},
	{"swap_info", BTF_STRUCT, "swap_info_struct", "*["},
	{"sys_tz", BTF_STRUCT, "timezone", ""},
	{"sysrq_enabled", BTF_INT, "int", ""},
	{"system_freezable_wq", BTF_STRUCT, "workqueue_struct", "*"},
	{"system_state", BTF_ENUM, "system_states", ""},
	{"system_wq", BTF_STRUCT, "workqueue_struct", "*"},
	{"tainted_mask", BTF_INT, "long unsigned int", ""},
	{"tasklist_lock", BTF_TYPEDEF, "rwlock_t", ""},
	{"tcp_hashinfo", BTF_STRUCT, "inet_hashinfo", ""},
	{"text_poke_mm", BTF_STRUCT, "mm_struct", "*"},
	{"top_cpuset", BTF_STRUCT, "cpuset", ""},
	{"total_forks", BTF_INT, "long unsigned int", ""},
	{"totalreserve_pages", BTF_INT, "long unsigned int", ""},
	{"tsc_khz", BTF_INT, "unsigned int", ""},
	{"tty_drivers", BTF_STRUCT, "list_head", ""},
	{"udp_table", BTF_STRUCT, "udp_table", ""},
	{"uts_sem", BTF_STRUCT, "rw_semaphore", ""},
	{"vm_committed_as", BTF_STRUCT, "percpu_counter", ""},
	{"vm_node_stat", BTF_TYPEDEF, "atomic_long_t", "["},
	{"vm_zone_stat", BTF_TYPEDEF, "atomic_long_t", "["},
	{"vmalloc_base", BTF_INT, "long unsigned int", ""},
	{"vmap_area_list", BTF_STRUCT, "list_head", ""},
	{"vmap_area_root", BTF_STRUCT, "rb_root", ""},
	{"vmemmap_base", BTF_INT, "long unsigned int", ""},
	{"workqueues", BTF_STRUCT, "list_head", ""},
};

const size_t known_globals_n = sizeof(known_globals) / sizeof(*known_globals);

static int known_global_compare(const void *name, const void *global)
{
	return strcmp(name, ((const struct known_global *)global)->name);
}

const struct known_global *known_global_find(const char *name)
{
	return bsearch(name, known_globals, known_globals_n,
		       sizeof(*known_globals), known_global_compare);
}

bool known_global_fits(const struct btf *b, uint32_t type, const char *shape,
		       uint64_t room)
{
	uint64_t size = strchr(shape, '*') ? 8 : btf_size(b, type);

	return size && size <= room;
}
