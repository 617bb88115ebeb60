/* SPDX-License-Identifier: BSD-2-Clause */
/* What each generation of QEMU's stub does, and stubs that offer less. */
#include <stdio.h>
#include <string.h>

#include "stub/stub.h"

#define QEMU_SMALL \
	"PacketSize=1000;qXfer:features:read+;vContSupported+;multiprocess+"
#define QEMU_LARGE \
	"PacketSize=20020;qXfer:features:read+;vContSupported+;multiprocess+"

/*
 * QEMU: unasked stop replies ended with 8.1 (commit 758370052fb), the gate of
 * `p` with 8.2 (213316d401e); packets of 64 KiB and qGDBServerVersion came
 * with 10.2, errors for physical memory that is not there with 11.  The
 * others are QEMU 7.2 less one thing each, and two real stubs of others.
 */
static const struct generation table[] = {
	{.name = "5.2",
	 .version = "5.2.0Debian 1:5.2+dfsg-11+deb11u3",
	 .supported = QEMU_SMALL,
	 .max_packet = 4096,
	 .tells_stop = true,
	 .p_after_xml = true},
	{.name = "7.2",
	 .version = "7.2.22Debian 1:7.2+dfsg-7+deb12u18+b3",
	 .supported = QEMU_SMALL,
	 .max_packet = 4096,
	 .tells_stop = true,
	 .p_after_xml = true},
	{.name = "8.1",
	 .version = "8.1.5",
	 .supported = QEMU_SMALL,
	 .max_packet = 4096,
	 .p_after_xml = true},
	{.name = "8.2",
	 .version = "8.2.10",
	 .supported = QEMU_SMALL,
	 .max_packet = 4096},
	{.name = "10.0",
	 .version = "10.0.13Debian 1:10.0.13+ds-0+deb13u1",
	 .supported = QEMU_SMALL,
	 .max_packet = 4096},
	{.name = "10.2",
	 .version = "10.2.2",
	 .supported = QEMU_LARGE,
	 .max_packet = 131104,
	 .names_server = true},
	{.name = "11.1",
	 .version = "11.1.3Debian 1:11.1.3+ds-1~bpo13+1",
	 .supported = QEMU_LARGE,
	 .max_packet = 131104,
	 .names_server = true,
	 .unmapped_fails = true,
	 .halt_names_core = true},
	{.name = "no-xml",
	 .version = "7.2.22",
	 .supported = "PacketSize=1000;vContSupported+;multiprocess+",
	 .max_packet = 4096,
	 .tells_stop = true,
	 .lacks = LACKS_XML},
	{.name = "no-cr3",
	 .version = "7.2.22",
	 .supported = QEMU_SMALL,
	 .max_packet = 4096,
	 .tells_stop = true,
	 .lacks = LACKS_CR3},
	{.name = "no-phys",
	 .version = "7.2.22",
	 .supported = QEMU_SMALL,
	 .max_packet = 4096,
	 .tells_stop = true,
	 .lacks = LACKS_PHYS},
	{.name = "no-monitor",
	 .version = "7.2.22",
	 .supported = QEMU_SMALL,
	 .max_packet = 4096,
	 .tells_stop = true,
	 .lacks = LACKS_MONITOR},
	{.name = "no-single",
	 .version = "7.2.22",
	 .supported = QEMU_SMALL,
	 .max_packet = 4096,
	 .tells_stop = true,
	 .lacks = LACKS_SINGLE},
	{.name = "no-pipeline",
	 .version = "7.2.22",
	 .supported = QEMU_SMALL,
	 .max_packet = 4096,
	 .tells_stop = true,
	 .lacks = LACKS_PIPELINE},
	/* usr.sbin/bhyve/gdb.c; its PacketSize is decimal */
	{.name = "bhyve",
	 .supported = "PacketSize=4096;qXfer:features:read+;"
		      "swbreak+;hwbreak+",
	 .max_packet = 4096,
	 .tells_stop = true,
	 .close_resumes = true,
	 .lacks = LACKS_PHYS | LACKS_MONITOR | LACKS_PIPELINE},
	/* Firecracker's, made with the gdbstub crate */
	{.name = "firecracker",
	 .supported = "PacketSize=1000;vContSupported+;multiprocess+;"
		      "QStartNoAckMode+;swbreak+;hwbreak+;"
		      "qXfer:features:read+",
	 .max_packet = 4096,
	 .lacks = LACKS_PHYS | LACKS_MONITOR | LACKS_CR3},
};

#define COUNT (sizeof(table) / sizeof(table[0]))

const struct generation *generation_find(const char *name)
{
	size_t i;

	for (i = 0; i < COUNT; i++)
		if (!strcmp(table[i].name, name))
			return &table[i];
	return NULL;
}

void generation_list(void)
{
	size_t i;

	for (i = 0; i < COUNT; i++)
		puts(table[i].name);
}
