/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes what is read of lists, trees and tables of the kernel's for files of
 * the system in /proc. */
#include <string.h>

#include "base/cursor.h"
#include "fuzz/fuzz.h"
#include "proc/proc.h"
#include "unit/fake_kernel.h"

/*
 * An input, little-endian: u8, which file; and then values for memory, {u16
 * index, u64 value} each: a value goes to the kernel address DIRECT + 8 *
 * index.  Symbols are 256 bytes apart, in the order of symbols[].
 */
#define WORDS 8192u

static struct fake_kernel kernel;

static const struct proc_file *const files[] = {
	&proc_iomem,	  &proc_devices,  &proc_filesystems, &proc_misc,
	&proc_cgroups,	  &proc_consoles, &proc_key_users,   &proc_partitions,
	&proc_interrupts, &proc_stat,	  &proc_softirqs,    &proc_loadavg,
	&proc_meminfo,	  &proc_crypto,	  &proc_schedstat,   &proc_mdstat,
};

#define FILES (sizeof(files) / sizeof(files[0]))

static const char *const symbols[] = {
	"iomem_resource",
	"file_systems",
	"misc_list",
	"cgroup_subsys",
	"cgroup_subsys_enabled_key",
	"console_list",
	"uart_console_device",
	"key_user_tree",
	"block_class",
	"class_kset",
	"nr_cpu_ids",
	"__per_cpu_offset",
	"__cpu_online_mask",
	"__cpu_possible_mask",
	"irq_desc_tree",
	"nr_irqs",
	"irq_stat",
	"kstat",
	"softirq_to_name",
	"kernel_cpustat",
	"runqueues",
	"timekeeper_data",
	"avenrun",
	"nr_threads",
	"init_pid_ns",
	"vm_zone_stat",
	"vm_node_stat",
	"vm_committed_as",
	"hstates",
	"hugetlb_max_hstate",
	"default_hstate_idx",
	"blockdev_superblock",
	"chrdevs", /* it reaches into those behind it */
	"crypto_alg_list",
	"jiffies",
	"crypto_ahash_show",
	"all_mddevs",
	"pending_raid_disks",
	"pers_list",
	"raid10_status",
	"raid5_status",
	"clocksource_jiffies",
};

static const struct {
	const char *name;
	uint32_t offset, size;
} fields[] = {
	{"resource.start", 0, 8},
	{"resource.end", 8, 8},
	{"resource.name", 16, 8},
	{"resource.sibling", 24, 8},
	{"resource.child", 32, 8},
	{"file_system_type.name", 0, 8},
	{"file_system_type.fs_flags", 8, 4},
	{"file_system_type.list.next", 16, 8},
	{"miscdevice.minor", 0, 4},
	{"miscdevice.name", 8, 8},
	{"miscdevice.list", 16, 16},
	{"cgroup_subsys.legacy_name", 0, 8},
	{"cgroup_subsys.root", 8, 8},
	{"cgroup_root.hierarchy_id", 0, 4},
	{"cgroup_root.nr_cgrps", 4, 4},
	{"static_key.enabled", 0, 4},
	{"console.name", 0, 16},
	{"console.write", 16, 8},
	{"console.unblank", 24, 8},
	{"console.device", 32, 8},
	{"console.data", 40, 8},
	{"console.flags", 48, 2},
	{"console.index", 50, 2},
	{"console.node.next", 56, 8},
	{"uart_driver.tty_driver", 0, 8},
	{"tty_driver.major", 0, 4},
	{"tty_driver.minor_start", 4, 4},
	{"key_user.node", 0, 24},
	{"key_user.node.rb_right", 8, 8},
	{"key_user.node.rb_left", 16, 8},
	{"key_user.usage", 24, 4},
	{"key_user.nkeys", 28, 4},
	{"key_user.nikeys", 32, 4},
	{"key_user.uid", 36, 4},
	{"key_user.qnkeys", 40, 4},
	{"key_user.qnbytes", 44, 4},
	{"subsys_private.klist_devices.k_list", 0, 16},
	{"subsys_private.subsys.kobj.entry", 16, 16},
	{"subsys_private.class", 32, 8},
	{"kset.list", 0, 16},
	{"device_private.knode_class.n_node", 0, 16},
	{"device_private.device", 16, 8},
	{"block_device.bd_device", 32, 32},
	{"block_device.bd_nr_sectors", 0, 8},
	{"block_device.bd_disk", 8, 8},
	{"block_device.bd_partno", 16, 1},
	{"block_device.bd_dev", 20, 4},
	{"gendisk.disk_name", 0, 32},
	{"gendisk.flags", 32, 4},
	{"irq_desc.irq_data.irq", 0, 4},
	{"irq_desc.status_use_accessors", 4, 4},
	{"irq_desc.kstat_irqs", 8, 8},
	{"irq_desc.irq_data.hwirq", 16, 8},
	{"irq_desc.irq_data.chip", 24, 8},
	{"irq_desc.irq_data.domain", 32, 8},
	{"irq_desc.action", 40, 8},
	{"irq_desc.name", 48, 8},
	{"irqaction.next", 0, 8},
	{"irqaction.name", 8, 8},
	{"irq_chip.name", 0, 8},
	{"xarray.xa_head", 0, 8},
	{"xa_node.shift", 0, 1},
	{"xa_node.slots", 8, 512},
	{"irq_cpustat_t.__nmi_count", 0, 4},
	{"kernel_stat.irqs_sum", 0, 8},
	{"kernel_stat.softirqs", 8, 40},
	{"kernel_cpustat.cpustat", 0, 80},
	{"kernel_cpustat.idle_elapse", 80, 1},
	{"kernel_cpustat.idle_entrytime", 88, 8},
	{"kernel_cpustat.idle_stealtime", 96, 16},
	{"rq.nr_running", 0, 4},
	{"rq.nr_switches", 8, 8},
	{"rq.nr_iowait", 16, 4},
	{"rq.sd", 24, 8},
	{"rq.yld_count", 32, 4},
	{"rq.rq_cpu_time", 40, 8},
	{"sched_domain.parent", 0, 8},
	{"sched_domain.name", 8, 8},
	{"sched_domain.span", 16, 0},
	{"sched_domain.lb_count", 24, 12},
	{"sched_domain.alb_count", 36, 4},
	{"crypto_alg.cra_list", 0, 16},
	{"crypto_alg.cra_flags", 16, 4},
	{"crypto_alg.cra_refcnt", 20, 4},
	{"crypto_alg.cra_name", 24, 16},
	{"crypto_alg.cra_type", 40, 8},
	{"crypto_alg.cra_module", 48, 8},
	{"crypto_type.show", 0, 8},
	{"module.name", 0, 8},
	{"hash_alg_common.base", 8, 56},
	{"hash_alg_common.digestsize", 0, 4},
	{"mddev.all_mddevs", 0, 16},
	{"mddev.disks", 16, 16},
	{"mddev.flags", 32, 8},
	{"mddev.gendisk", 40, 8},
	{"mddev.ro", 48, 4},
	{"mddev.major_version", 52, 4},
	{"mddev.minor_version", 56, 4},
	{"mddev.persistent", 60, 4},
	{"mddev.external", 64, 4},
	{"mddev.chunk_sectors", 68, 4},
	{"mddev.metadata_type", 72, 16},
	{"mddev.level", 88, 4},
	{"mddev.layout", 92, 4},
	{"mddev.raid_disks", 96, 4},
	{"mddev.degraded", 100, 4},
	{"mddev.array_sectors", 104, 8},
	{"mddev.curr_resync", 112, 8},
	{"mddev.recovery", 120, 8},
	{"mddev.resync_offset", 128, 8},
	{"mddev.pers", 136, 8},
	{"mddev.private", 144, 8},
	{"mddev.bitmap", 152, 8},
	{"mddev.bitmap_info.chunksize", 160, 8},
	{"mddev.dev_sectors", 168, 8},
	{"mddev.resync_max_sectors", 176, 8},
	{"mddev.resync_mark", 184, 8},
	{"mddev.resync_mark_cnt", 192, 8},
	{"mddev.curr_mark_cnt", 200, 8},
	{"mddev.recovery_active.counter", 208, 4},
	{"md_rdev.same_set", 0, 16},
	{"md_rdev.bdev", 16, 8},
	{"md_rdev.desc_nr", 24, 4},
	{"md_rdev.raid_disk", 28, 4},
	{"md_rdev.flags", 32, 8},
	{"md_rdev.sectors", 40, 8},
	{"md_personality.list", 0, 16},
	{"md_personality.head.name", 16, 8},
	{"md_personality.status", 24, 8},
	{"md_personality.sync_request", 32, 8},
	{"bitmap.storage.sb_page", 0, 8},
	{"bitmap.storage.file", 8, 8},
	{"bitmap.counts.pages", 16, 8},
	{"bitmap.counts.missing_pages", 24, 8},
	{"r10conf.mirrors", 0, 8},
	{"r10conf.geo.raid_disks", 8, 4},
	{"r10conf.geo.near_copies", 12, 4},
	{"r10conf.geo.far_copies", 16, 4},
	{"r10conf.geo.far_offset", 20, 4},
	{"r10conf.geo.far_set_size", 24, 4},
	{"raid10_info.rdev", 0, 8},
	{"r5conf.disks", 0, 8},
	{"r5conf.raid_disks", 8, 4},
	{"r5conf.chunk_sectors", 12, 4},
	{"disk_info.rdev", 0, 8},
	{"clocksource.mult", 0, 4},
	{"clocksource.shift", 4, 4},
	{"timekeeper.offs_real", 0, 8},
	{"timekeeper.offs_boot", 8, 8},
	{"timekeeper.tkr_mono.base", 16, 8},
	{"timekeeper.tkr_mono.xtime_nsec", 24, 8},
	{"timekeeper.tkr_mono.shift", 32, 4},
	{"pid_namespace.idr.idr_next", 0, 4},
	{"char_device_struct.next", 0, 8},
	{"char_device_struct.major", 8, 4},
	{"char_device_struct.name", 12, 64},
	{"percpu_counter.count", 0, 8},
	{"percpu_counter.counters", 8, 8},
	{"hstate.order", 0, 4},
	{"hstate.nr_huge_pages", 8, 8},
	{"super_block.s_inodes", 0, 16},
	{"inode.i_sb_list", 0, 16},
	{"inode.i_data.nrpages", 16, 8},
};

/* Bits of flags that arrays of disks have. */
static const char *const bits[] = {
	"flag_bits.Faulty",
	"flag_bits.In_sync",
	"flag_bits.WriteMostly",
	"flag_bits.Journal",
	"flag_bits.Replacement",
	"mddev_flags.MD_BROKEN",
	"mddev_flags.MD_DELETED",
	"recovery_flags.MD_RECOVERY_DONE",
	"recovery_flags.MD_RESYNCING_REMOTE",
	"recovery_flags.MD_RECOVERY_SYNC",
	"recovery_flags.MD_RECOVERY_CHECK",
	"recovery_flags.MD_RECOVERY_RESHAPE",
};

static void set_up(void)
{
	size_t i;

	fake_kernel_init(&kernel);
	for (i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++)
		fake_symbol(symbols[i], DIRECT + i * 256);
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		fake_field(fields[i].name, fields[i].offset, fields[i].size);
	for (i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		fake_constant(bits[i], (int64_t)i);
	fake_sizeof("hstate", 64);
	fake_sizeof("raid10_info", 16);
	fake_sizeof("disk_info", 16);
	fake_constant("cgroup_subsys_id.CGROUP_SUBSYS_COUNT", 4);
	fake_constant("zone_stat_item.NR_VM_ZONE_STAT_ITEMS", 12);
	fake_constant("node_stat_item.NR_VM_NODE_STAT_ITEMS", 32);
	fake_constant("zone_stat_item.NR_FREE_PAGES", 0);
	fake_constant("cpu_usage_stat.CPUTIME_IDLE", 5);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct proc_values values;
	struct buf text = {0};
	struct err err = {0};
	struct cursor c;
	unsigned int file;
	size_t i;
	int rc;

	if (!kernel.memory.bytes)
		set_up();
	cursor_init(&c, data, size);
	file = cursor_u8(&c) % FILES;
	while (cursor_left(&c) >= 10) {
		uint64_t word = cursor_u16(&c) % WORDS;

		fake_put64(&kernel, DIRECT + word * 8, cursor_u64(&c));
	}
	rc = proc_read(files[file], &kernel.kernel, NULL, 1, &values, &err);
	fuzz_require(!rc || *err.text);
	for (i = 0; i < values.parts->records && !rc; i++)
		proc_text(&values, 0, i, &text);
	fuzz_require(!text.oom);
	buf_deinit(&text);
	proc_values_deinit(&values);
	machine_drop_cache(&kernel.memory.machine);
	memset(kernel.memory.bytes, 0, (size_t)WORDS * 8);
	return 0;
}
