/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads variables of the kernel's. */
#include "kernel/variables.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "walk/space.h"

#define VARIABLE_NAME 64

bool variable_find(const struct kernel *k, const char *names, uint64_t *va)
{
	char name[VARIABLE_NAME];

	while (*names) {
		size_t len = strcspn(names, "|");

		if (len < sizeof(name)) {
			memcpy(name, names, len);
			name[len] = '\0';
			if (profile_symbol(k->profile, name, va))
				return true;
		}
		names += len + (names[len] == '|');
	}
	return false;
}

static void variable_take(struct variable *v, const struct space_read *read,
			  const uint8_t *bytes)
{
	v->known = read->len && read->got == read->len;
	if (v->to && !v->known)
		memset(v->to, 0, v->size);
	if (!v->to)
		v->value = v->known ? le_any(bytes, v->size) : 0;
}

int variables_read(struct kernel *k, struct variable *v, size_t n,
		   struct err *err)
{
	_cleanup_free_ struct space_read *reads = calloc(n + 1, sizeof(*reads));
	_cleanup_free_ uint8_t(*bytes)[8] = calloc(n + 1, sizeof(*bytes));
	size_t i;
	int rc;

	if (!reads || !bytes)
		return err_nomem(err);
	for (i = 0; i < n; i++) {
		reads[i] = (struct space_read){
			.root = &k->root, .dst = v[i].to ? v[i].to : bytes[i]};
		if (variable_find(k, v[i].name, &reads[i].va))
			reads[i].len = v[i].size;
		reads[i].va += v[i].offset;
	}
	rc = space_read(k->machine, reads, n, err);
	for (i = 0; i < n && !rc; i++)
		variable_take(&v[i], &reads[i], bytes[i]);
	return rc;
}
