/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes the readers of what QEMU's monitor prints. */
#include <inttypes.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "qemu/monitor_text.h"
#include "machine/machine.h"

/*
 * An input: what `info mtree -f` said, a NUL, what `info memdev` said, a NUL,
 * and any other output, which all of the other readers get.
 */

/* The map goes into a machine, which must agree about what is RAM. */
static void check_machine(const struct monitor_rams *rams)
{
	struct machine m;
	size_t i;

	machine_init(&m, NULL, NULL);
	for (i = 0; i < rams->v.n; i++)
		fuzz_require(!machine_add_ram(
			&m, rams->v.v[i].start, rams->v.v[i].size,
			rams->v.v[i].name, rams->v.v[i].offset, NULL));
	for (i = 0; i < m.ram.n; i++) {
		const struct ram_range *r = &m.ram.v[i];
		uint64_t last = r->start + (r->size - 1);

		fuzz_require(r->size && last >= r->start);
		fuzz_require(machine_is_ram(&m, r->start, 1));
		fuzz_require(machine_is_ram(&m, last, 1) || !(last + 1));
		fuzz_require(
			r->start == 0 ||
			machine_is_ram(&m, r->start - 1, 1) ==
				(i &&
				 m.ram.v[i - 1].start + m.ram.v[i - 1].size ==
					 r->start));
	}
	machine_deinit(&m);
}

static void check_rams(const struct monitor_rams *rams)
{
	size_t i;

	fuzz_require(rams->v.n);
	for (i = 0; i < rams->v.n; i++) {
		const struct monitor_ram *r = &rams->v.v[i], *last = r - 1;

		fuzz_require(r->size && r->start + (r->size - 1) >= r->start);
		fuzz_require(*r->name && memchr(r->name, 0, sizeof(r->name)));
		fuzz_require(!i || r->start > last->start + (last->size - 1));
	}
	check_machine(rams);
}

static void read_others(const char *text)
{
	struct monitor_version version;
	struct monitor_status status;
	struct monitor_cpus cpus = {0};
	const char *gpa = strstr(text, "0x");
	uint64_t of = 0, hva = 0;

	if (!monitor_parse_status(text, &status, NULL))
		fuzz_require(memchr(status.reason, 0, sizeof(status.reason)));
	if (!monitor_parse_version(text, &version, NULL))
		fuzz_require(!strncmp(version.text, "QEMU ", 5));
	fuzz_require(!monitor_parse_cpus(text, &cpus, NULL));
	monitor_cpus_deinit(&cpus);
	if (gpa)
		sscanf(gpa, "0x%16" SCNx64, &of);
	if (!monitor_parse_hva(text, of, &hva, NULL))
		fuzz_require(hva);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_copy(data, size);
	const char *mtree = text, *memdev, *others;
	struct monitor_rams rams = {0};
	struct err err = {0};
	int rc;

	/* Parts that are missing are empty: the copy ends in a NUL. */
	memdev = mtree + strlen(mtree) + (strlen(mtree) < size);
	others = memdev + strlen(memdev);
	others += (size_t)(others - text) < size;
	rc = monitor_parse_ram(mtree, memdev, &rams, &err);
	fuzz_require(rc <= 0 && (!rc || *err.text));
	if (!rc)
		check_rams(&rams);
	monitor_rams_deinit(&rams);
	read_others(others);
	free(text);
	return 0;
}
