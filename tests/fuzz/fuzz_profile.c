/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes saved profiles: as they are, and with checksums that are right. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz/fuzz.h"
#include "fuzz/repair.h"
#include "kernel/readers.h"
#include "symbols/names.h"
#include "profile/store.h"

/* An input is a file. */

#define MAX_NAMES 40u /* looked up, of one table */

/* Any table is safe to use, whatever it holds. */
static void use_symbols(const struct symtab *s)
{
	struct symtab_symbol sym;
	uint32_t i;

	for (i = 0; i < s->n; i += s->n / MAX_NAMES + 1) {
		fuzz_require(strlen(symtab_name(s, i)) < s->names_len);
		symtab_find(s, symtab_name(s, i), &sym);
		fuzz_require(symtab_above(s, s->entries[i].value, false) <=
			     s->n);
		if (i >= s->n_absolute)
			fuzz_require(names_best(s, i) <= i &&
				     names_find(s, i, "init_task") <= i);
	}
	symtab_find(s, "_text", &sym);
	symtab_find(s, "no such symbol", &sym);
}

static void use_id(const struct identity *id, struct proof *proof)
{
	uint8_t bytes[IDENTITY_BYTES] = {0};
	struct image_read reads[IDENTITY_PROBES];
	char text[IDENTITY_BANNER];
	const struct proof_boot boot = {.mark = "boot"};
	size_t i, n = identity_request(id, id->n, bytes, reads), at;

	fuzz_require(n == id->n);
	for (i = 0; i < n; i++) {
		memset(reads[i].dst, 1, reads[i].len);
		reads[i].ok = true;
	}
	identity_compare(id, reads, n);
	identity_banner(id, text, sizeof(text));
	identity_hash(id);
	fuzz_require(proof_valid(proof));
	at = proof_remember(proof, &boot);
	fuzz_require(at < PROOF_BOOTS && proof_find(proof, &boot) == at);
}

static void load(int fd)
{
	struct image_span span = {0};
	struct identity id;
	struct proof proof;
	struct parts p = {.readers = &kernel_readers};
	uint64_t offset;
	bool stale;
	int rc = store_load(fd, &p, &stale, NULL);

	if (!store_identity(fd, &id, &proof, NULL))
		use_id(&id, &proof);
	else
		fuzz_require(rc);
	if (rc)
		return;
	fuzz_require(p.have_values && identity_valid(&p.id));
	use_symbols(&p.sym);
	parts_find_places(&p);
	parts_btf_span(&p, &span);
	parts_symbol(&p, "init_task", &offset);
	parts_deinit(&p);
}

static void write_and_load(const uint8_t *bytes, size_t size)
{
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("profile", MFD_CLOEXEC);
	if (ftruncate(fd, 0) || pwrite(fd, bytes, size, 0) != (ssize_t)size)
		abort();
	load(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = fuzz_copy(data, size);

	write_and_load(data, size);
	repair_profile(copy, size);
	write_and_load(copy, size);
	free(copy);
	return 0;
}
