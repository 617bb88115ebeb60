/* SPDX-License-Identifier: BSD-2-Clause */
/* Recipes of values that functions of the kernel's make, as a table. */
#include "kernel/sysctl/sysctl_recipes.h"

#include <stdbool.h>
#include <string.h>

#include "kernel/readers.h"

/* What is wanted of the types. */
enum {
	FIELD_PID_NS_CURSOR = WANTS_OF(READER_SYSCTL_RECIPES),
	FIELD_PID_NS_NOEXEC,
	FIELD_PID_NUMBERS,
	FIELD_QDISC_ID,
	FIELD_CONGESTION_NAME,
	FIELD_NET_RPS_MASK,
	FIELD_NET_FASTOPEN,
	FIELD_NET_TCP,
	FIELD_NET_UDP,
	FIELD_NET_SEED,
	FIELD_NET_LOGGERS,
	FIELD_TCP_MASK,
	FIELD_UDP_MASK,
	FIELD_FASTOPEN_KEY,
	FIELD_FASTOPEN_NUM,
	FIELD_FLOW_MASK,
	FIELD_HOT_FLOW,
	FIELD_LOGGER_NAME,
	FIELD_LIMIT,
	FIELD_HSTATE_MAX,
	FIELD_HSTATE_OVERCOMMIT,
	FIELD_SECRET_SET,
	FIELD_SECRET,
	STRUCT_HSTATE,
	STRUCT_SKB,
	STRUCT_SKB_SHARED
};

static const struct want want_table[] = {
	FIELD(PID_NS_CURSOR, "pid_namespace", OPTIONAL, "idr.idr_next"),
	FIELD(PID_NS_NOEXEC, "pid_namespace", OPTIONAL,
	      "memfd_noexec_scope"), /* 6.3 */
	FIELD(PID_NUMBERS, "pid", OPTIONAL, "numbers"),
	FIELD(QDISC_ID, "Qdisc_ops", OPTIONAL, "id"),
	FIELD(CONGESTION_NAME, "tcp_congestion_ops", OPTIONAL, "name"),
	FIELD(NET_RPS_MASK, "net", OPTIONAL, "core.rps_default_mask"), /* 6.3 */
	FIELD(NET_FASTOPEN, "net", OPTIONAL, "ipv4.tcp_fastopen_ctx"),
	FIELD(NET_TCP, "net", OPTIONAL, "ipv4.tcp_death_row.hashinfo"),
	FIELD(NET_UDP, "net", OPTIONAL, "ipv4.udp_table"), /* 6.2 */
	FIELD(NET_SEED, "net", OPTIONAL,
	      "ipv4.sysctl_fib_multipath_hash_seed.user_seed"), /* 6.11 */
	FIELD(NET_LOGGERS, "net", OPTIONAL, "nf.nf_loggers"),
	FIELD(TCP_MASK, "inet_hashinfo", OPTIONAL, "ehash_mask"),
	FIELD(UDP_MASK, "udp_table", OPTIONAL, "mask"),
	FIELD(FASTOPEN_KEY, "tcp_fastopen_context", OPTIONAL, "key"),
	FIELD(FASTOPEN_NUM, "tcp_fastopen_context", OPTIONAL, "num"),
	FIELD(FLOW_MASK, "rps_sock_flow_table", OPTIONAL,
	      "mask"), /* up to 7.0 */
	FIELD(HOT_FLOW, "net_hotdata", OPTIONAL,
	      "rps_sock_flow_table"), /* 6.9 */
	FIELD(LOGGER_NAME, "nf_logger", OPTIONAL, "name"),
	FIELD(LIMIT, "kexec_load_limit", OPTIONAL, "limit"), /* 6.3 */
	FIELD(HSTATE_MAX, "hstate", OPTIONAL, "max_huge_pages"),
	FIELD(HSTATE_OVERCOMMIT, "hstate", OPTIONAL,
	      "nr_overcommit_huge_pages"),
	FIELD(SECRET_SET, "ipv6_stable_secret", OPTIONAL, "initialized"),
	FIELD(SECRET, "ipv6_stable_secret", OPTIONAL, "secret"),
	STRUCT(HSTATE, "hstate", OPTIONAL),
	STRUCT(SKB, "sk_buff", OPTIONAL),
	STRUCT(SKB_SHARED, "skb_shared_info", OPTIONAL),
};

const struct wants sysctl_recipes_wants = {.reader = "sysctls made by code",
					   .v = want_table,
					   .n = WANTS_N(want_table)};

/* Bits of watchdog_enabled (include/linux/nmi.h). */
#define WATCHDOG_HARD 1
#define WATCHDOG_SOFT 2

/* A number at a member, and a variable of the kernel's. */
#define NUMBER(handler_, base_, last_, kind_)                             \
	{                                                                 \
		.handler = (handler_), .base = (base_), .last = (last_),  \
		.bytes = (kind_) == SYSCTL_ULONG ? 8 : 4, .kind = (kind_) \
	}
#define VARIABLE(handler_, symbol_, kind_, bytes_, fix_, arg_)        \
	{                                                             \
		.handler = (handler_), .base = BASE_SYMBOL,           \
		.symbol = (symbol_), .last = HERE, .bytes = (bytes_), \
		.kind = (kind_), .fix = (fix_), .arg = (arg_)         \
	}
/* Behind one pointer. */
#define BEHIND(handler_, base_, symbol_, hop_, last_, bytes_, kind_, fix_,     \
	       arg_, null_)                                                    \
	{                                                                      \
		.handler = (handler_), .base = (base_), .symbol = (symbol_),   \
		.hops = {(hop_)}, .last = (last_), .bytes = (bytes_),          \
		.kind = (kind_), .fix = (fix_), .arg = (arg_), .null = (null_) \
	}

/* Functions that show something, by name (files: kernel/pid_namespace.c,
 * kernel/reboot.c, drivers/char/random.c, net/core/sysctl_net_core.c, ...). */
static const struct sysctl_recipe recipes[] = {
	{.handler = "addrconf_sysctl_stable_secret",
	 .last = FIELD_SECRET_SET,
	 .bytes = 20,
	 .kind = SYSCTL_IP6,
	 .fix = FIX_SECRET},
	NUMBER("hugetlb_mempolicy_sysctl_handler", BASE_HSTATE,
	       FIELD_HSTATE_MAX, SYSCTL_ULONG),
	NUMBER("hugetlb_overcommit_handler", BASE_HSTATE,
	       FIELD_HSTATE_OVERCOMMIT, SYSCTL_ULONG),
	NUMBER("hugetlb_sysctl_handler", BASE_HSTATE, FIELD_HSTATE_MAX,
	       SYSCTL_ULONG),
	NUMBER("kexec_limit_handler", BASE_DATA, FIELD_LIMIT, SYSCTL_INT),
	{.handler = "neigh_proc_dointvec_unres_qlen",
	 .last = HERE,
	 .bytes = 4,
	 .kind = SYSCTL_INT,
	 .fix = FIX_QLEN},
	{.handler = "nf_log_proc_dostring",
	 .base = BASE_LOGGERS,
	 .hops = {FIELD_NET_LOGGERS, FIELD_LOGGER_NAME},
	 .last = HERE,
	 .bytes = 64,
	 .kind = SYSCTL_STRING,
	 .null = NULL_NONE},
	{.handler = "pid_ns_ctl_handler",
	 .base = BASE_PID_NS,
	 .last = FIELD_PID_NS_CURSOR,
	 .bytes = 4,
	 .kind = SYSCTL_INT,
	 .fix = FIX_ADD,
	 .arg = -1},
	NUMBER("pid_mfd_noexec_dointvec_minmax", BASE_PID_NS,
	       FIELD_PID_NS_NOEXEC, SYSCTL_INT),
	{.handler = "proc_cap_handler",
	 .base = BASE_CAPS,
	 .last = HERE,
	 .bytes = 8,
	 .kind = SYSCTL_UINT},
	BEHIND("proc_do_cad_pid", BASE_SYMBOL, "cad_pid", HERE,
	       FIELD_PID_NUMBERS, 4, SYSCTL_INT, FIX_NONE, 0, NULL_LOST),
	BEHIND("proc_do_large_bitmap", BASE_DATA, NULL, HERE, HERE,
	       BYTES_OF_TABLE, SYSCTL_BITMAP, FIX_NONE, 0, NULL_EMPTY),
	VARIABLE("proc_do_rss_key", "netdev_rss_key", SYSCTL_COLONS,
		 BYTES_OF_KEY, FIX_NONE, 0),
	{.handler = "proc_do_uuid",
	 .last = HERE,
	 .bytes = 16,
	 .kind = SYSCTL_UUID,
	 .fix = FIX_UUID},
	/* what it was for is gone */
	{.handler = "proc_ipc_auto_msgmni",
	 .base = BASE_NOTHING,
	 .last = HERE,
	 .bytes = 4,
	 .kind = SYSCTL_INT,
	 .null = NULL_ZEROS},
	NUMBER("proc_fib_multipath_hash_seed", BASE_NET, FIELD_NET_SEED,
	       SYSCTL_UINT),
	VARIABLE("proc_nmi_watchdog", "watchdog_enabled", SYSCTL_INT, 4,
		 FIX_BITS, WATCHDOG_HARD),
	VARIABLE("proc_soft_watchdog", "watchdog_enabled", SYSCTL_INT, 4,
		 FIX_BITS, WATCHDOG_SOFT),
	BEHIND("proc_tcp_congestion_control", BASE_DATA, NULL, HERE,
	       FIELD_CONGESTION_NAME, 16, SYSCTL_STRING, FIX_NONE, 0,
	       NULL_LOST),
	BEHIND("proc_tcp_ehash_entries", BASE_NET, NULL, FIELD_NET_TCP,
	       FIELD_TCP_MASK, 4, SYSCTL_INT, FIX_OWN, 1, NULL_LOST),
	BEHIND("proc_tcp_fastopen_key", BASE_NET, NULL, FIELD_NET_FASTOPEN,
	       FIELD_FASTOPEN_KEY, 36, SYSCTL_FASTOPEN, FIX_NONE, 0,
	       NULL_ZEROS),
	BEHIND("proc_udp_hash_entries", BASE_NET, NULL, FIELD_NET_UDP,
	       FIELD_UDP_MASK, 4, SYSCTL_INT, FIX_OWN, 1, NULL_LOST),
	VARIABLE("proc_watchdog", "watchdog_enabled", SYSCTL_INT, 4, FIX_BITS,
		 WATCHDOG_HARD | WATCHDOG_SOFT),
	BEHIND("proc_watchdog_cpumask", BASE_DATA, NULL, HERE, HERE,
	       BYTES_OF_TABLE, SYSCTL_BITMAP, FIX_NONE, 0, NULL_EMPTY),
	BEHIND("rps_default_mask_sysctl", BASE_NET, NULL, FIELD_NET_RPS_MASK,
	       HERE, BYTES_OF_CPUS, SYSCTL_MASK, FIX_NONE, 0, NULL_ZEROS),
	BEHIND("rps_sock_flow_sysctl", BASE_SYMBOL, "rps_sock_flow_table", HERE,
	       FIELD_FLOW_MASK, 4, SYSCTL_INT, FIX_ADD, 1, NULL_ZEROS),
	BEHIND("rps_sock_flow_sysctl", BASE_SYMBOL, "net_hotdata",
	       FIELD_HOT_FLOW, FIELD_FLOW_MASK, 4, SYSCTL_INT, FIX_ADD, 1,
	       NULL_ZEROS),
	/* from 7.1 on a pointer with a number in its low bits */
	BEHIND("rps_sock_flow_sysctl", BASE_SYMBOL, "net_hotdata",
	       FIELD_HOT_FLOW, HERE, 4, SYSCTL_INT, FIX_MADE, 0, NULL_ZEROS),
	VARIABLE("seccomp_actions_logged_handler", "seccomp_actions_logged",
		 SYSCTL_ACTIONS, 4, FIX_NONE, 0),
	BEHIND("set_default_qdisc", BASE_SYMBOL, "default_qdisc_ops", HERE,
	       FIELD_QDISC_ID, 16, SYSCTL_STRING, FIX_NONE, 0, NULL_LOST),
	{.handler = "sysctl_sys_info_handler",
	 .last = HERE,
	 .bytes = 8,
	 .kind = SYSCTL_SYS_INFO},
	VARIABLE("sysrq_sysctl_handler", "sysrq_enabled", SYSCTL_INT, 4,
		 FIX_TRUE, 0),
};

static bool recipe_has(const struct profile *p, uint32_t member)
{
	return !member || member == HERE || profile_field(p, member)->present;
}

/* Whether members lie side by side as their bytes are taken. */
static bool recipe_is_whole(const struct profile *p,
			    const struct sysctl_recipe *r)
{
	if (r->kind == SYSCTL_FASTOPEN)
		return profile_field(p, FIELD_FASTOPEN_NUM)->offset ==
		       profile_field(p, FIELD_FASTOPEN_KEY)->offset + 32;
	if (r->fix == FIX_SECRET)
		return profile_field(p, FIELD_SECRET)->offset ==
		       profile_field(p, FIELD_SECRET_SET)->offset + 4;
	return true;
}

static bool recipe_fits(const struct profile *p, const struct sysctl_recipe *r)
{
	uint64_t va;
	size_t i;

	for (i = 0; i < SYSCTL_HOPS; i++)
		if (!recipe_has(p, r->hops[i]))
			return false;
	return recipe_has(p, r->last) && recipe_is_whole(p, r) &&
	       (!r->symbol || profile_symbol(p, r->symbol, &va)) &&
	       (r->fix != FIX_QLEN || sysctl_recipe_packet(p)) &&
	       (r->base != BASE_HSTATE || sysctl_recipe_hstate(p));
}

const struct sysctl_recipe *sysctl_recipe_find(const struct profile *p,
					       const char *handler)
{
	size_t i;

	for (i = 0; i < sizeof(recipes) / sizeof(recipes[0]); i++)
		if (!strcmp(recipes[i].handler, handler) &&
		    recipe_fits(p, &recipes[i]))
			return &recipes[i];
	return NULL;
}

uint32_t sysctl_recipe_offset(const struct profile *p, uint32_t member)
{
	return member == HERE ? 0 : profile_field(p, member)->offset;
}

uint32_t sysctl_recipe_loggers(const struct profile *p)
{
	return profile_field(p, FIELD_NET_LOGGERS)->size / 8;
}

uint32_t sysctl_recipe_hstate(const struct profile *p)
{
	return profile_sizeof(p, STRUCT_HSTATE);
}

#define CACHE_LINE    64u
#define ETH_FRAME_LEN 1514u /* include/uapi/linux/if_ether.h */

uint32_t sysctl_recipe_packet(const struct profile *p)
{
	uint32_t skb = profile_sizeof(p, STRUCT_SKB);
	uint32_t shared = profile_sizeof(p, STRUCT_SKB_SHARED);

	if (!skb || !shared)
		return 0;
	return ETH_FRAME_LEN +
	       (skb + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE +
	       (shared + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
}
