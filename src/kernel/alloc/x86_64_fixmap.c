/* SPDX-License-Identifier: BSD-2-Clause */
/* Slots of the fixmap: pages whose virtual address the kernel's build sets. */
#include "kernel/alloc/x86_64_fixmap.h"

#include "kernel/readers.h"

/* What is wanted of the types. */
enum {
	CONSTANT_FIX_VSYSCALL = WANTS_OF(READER_X86_64_FIXMAP),
	CONSTANT_FIX_DBGP,
	CONSTANT_FIX_EARLYCON,
	CONSTANT_FIX_OHCI,
	CONSTANT_FIX_APIC,
	CONSTANT_FIX_IO_APIC,
	CONSTANT_FIX_IO_APIC_END,
	CONSTANT_FIX_PARAVIRT,
	CONSTANT_FIX_TEXT_POKE1,
	CONSTANT_FIX_TEXT_POKE0,
	CONSTANT_FIX_GHES_IRQ,
	CONSTANT_FIX_GHES_NMI,
	CONSTANT_FIX_PERMANENT_END,
	CONSTANT_FIX_BTMAP_END,
	CONSTANT_FIX_BTMAP_BEGIN,
	CONSTANT_FIX_TBOOT,
	CONSTANT_FIX_END
};

#define SLOT(id, name) CONSTANT(id, "fixed_addresses", name)

static const struct want want_table[] = {
	SLOT(FIX_VSYSCALL, "VSYSCALL_PAGE"),
	SLOT(FIX_DBGP, "FIX_DBGP_BASE"),
	SLOT(FIX_EARLYCON, "FIX_EARLYCON_MEM_BASE"),
	SLOT(FIX_OHCI, "FIX_OHCI1394_BASE"),
	SLOT(FIX_APIC, "FIX_APIC_BASE"),
	SLOT(FIX_IO_APIC, "FIX_IO_APIC_BASE_0"),
	SLOT(FIX_IO_APIC_END, "FIX_IO_APIC_BASE_END"),
	SLOT(FIX_PARAVIRT, "FIX_PARAVIRT_BOOTMAP"),
	SLOT(FIX_TEXT_POKE1, "FIX_TEXT_POKE1"), /* up to 5.11 */
	SLOT(FIX_TEXT_POKE0, "FIX_TEXT_POKE0"),
	SLOT(FIX_GHES_IRQ, "FIX_APEI_GHES_IRQ"),
	SLOT(FIX_GHES_NMI, "FIX_APEI_GHES_NMI"),
	SLOT(FIX_PERMANENT_END, "__end_of_permanent_fixed_addresses"),
	SLOT(FIX_BTMAP_END, "FIX_BTMAP_END"),
	SLOT(FIX_BTMAP_BEGIN, "FIX_BTMAP_BEGIN"),
	SLOT(FIX_TBOOT, "FIX_TBOOT_BASE"),
	SLOT(FIX_END, "__end_of_fixed_addresses"),
};

const struct wants x86_64_fixmap_wants = {.reader = "slots of the fixmap",
					  .v = want_table,
					  .n = WANTS_N(want_table)};

/* Where slot 0 is, and from where on nothing is mapped (asm/fixmap.h). */
#define FIXADDR_TOP 0xffffffffff7ff000ULL

/* Borders: what lies behind them, up to the next, is no slot. */
static bool fixmap_is_border(uint32_t id)
{
	return id == CONSTANT_FIX_PERMANENT_END || id == CONSTANT_FIX_END;
}

bool x86_64_fixmap_at(const struct kernel *k, uint64_t va,
		      struct x86_64_fixmap *out)
{
	uint64_t page = va & ~(uint64_t)(PAGE_SIZE_4K - 1);
	int64_t index = (int64_t)((FIXADDR_TOP - page) / PAGE_SIZE_4K);
	int64_t value, best = -1;
	uint32_t id, first = 0;

	if (page > FIXADDR_TOP || index > INT32_MAX)
		return false;
	for (id = CONSTANT_FIX_VSYSCALL; id <= CONSTANT_FIX_END; id++) {
		if (!profile_constant(k->profile, id, &value) || value < best ||
		    value > index)
			continue;
		best = value;
		first = id;
	}
	if (best < 0 || fixmap_is_border(first))
		return false;
	*out = (struct x86_64_fixmap){
		.start = page,
		.index = (uint32_t)index,
		.first = want_table[WANTS_INDEX(first)].name,
		.behind = (uint32_t)(index - best)};
	return true;
}
