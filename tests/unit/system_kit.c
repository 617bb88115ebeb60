/* SPDX-License-Identifier: BSD-2-Clause */
/* What all of a system has: CPUs and zones of a fake kernel. */
#include "unit/system_kit.h"

#define POSSIBLE 0x140

void system_kit_cpus(struct fake_kernel *f, uint64_t at, uint32_t n,
		     uint64_t online)
{
	uint32_t i;

	fake_symbol("nr_cpu_ids", at);
	fake_symbol("__per_cpu_offset", at + SYSTEM_KIT_OFFSETS);
	fake_symbol("__cpu_online_mask", at + SYSTEM_KIT_ONLINE);
	fake_symbol("__cpu_possible_mask", at + POSSIBLE);
	fake_put32(f, at, n);
	fake_put64(f, at + SYSTEM_KIT_ONLINE, online);
	fake_put64(f, at + POSSIBLE, (1ULL << n) - 1);
	for (i = 0; i < n; i++)
		fake_put64(f, at + SYSTEM_KIT_OFFSETS + i * 8ULL,
			   i * 0x1000ULL);
}

void system_kit_zone_fields(void)
{
	static const struct fake_member list[] = {
		{"pglist_data.node_id", 0x800, 4},
		{"pglist_data.node_start_pfn", 0x808, 8},
		{"pglist_data.node_spanned_pages", 0x810, 8},
		{"pglist_data.node_present_pages", 0x818, 8},
		{"zone.name", 0, 8},
		{"zone.zone_start_pfn", 8, 8},
		{"zone.zone_pgdat", 0x48, 8},
		{"free_area.nr_free", 32, 8},
	};

	fake_fields(list, sizeof(list) / sizeof(list[0]));
	fake_sizeof("zone", 0x400);
	fake_sizeof("free_area", 40);
}

void system_kit_net_counts(void)
{
	static const struct fake_member list[] = {
		{"net_device_ops.ndo_get_stats64", 0, 8},
		{"net_device_ops.ndo_get_stats", 8, 8},
		{"net_device_core_stats.rx_dropped", 0, 8},
		{"net_device_core_stats.tx_dropped", 8, 8},
		{"pcpu_lstats.packets", 0, 8},
		{"pcpu_lstats.bytes", 8, 8},
		{"pcpu_sw_netstats.rx_packets", 0, 8},
		{"pcpu_sw_netstats.rx_bytes", 8, 8},
		{"pcpu_sw_netstats.tx_packets", 16, 8},
		{"pcpu_sw_netstats.tx_bytes", 24, 8},
	};

	fake_fields(list, sizeof(list) / sizeof(list[0]));
}
