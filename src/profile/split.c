/* SPDX-License-Identifier: BSD-2-Clause */
/* Parses blobs of modules, and has them looked through. */
#include "profile/split.h"

#include "base/cleanup.h"
#include "types/btf.h"

static int split_resolve(const struct btf *base, const struct split *s,
			 struct err *err)
{
	_cleanup_(btf_deinit) struct btf btf = {0};
	int rc;

	if (btf_check_base(base, s->start_id, s->start_string, NULL))
		return 0;
	rc = btf_init_split(&btf, base, s->bytes, s->len, NULL);
	if (rc)
		return rc == ERR_NOMEM ? err_nomem(err) : 0;
	return wanted_resolve(&btf, &s->readers, s->out, err);
}

int splits_resolve(const uint8_t *btf, size_t len, const struct split *v,
		   size_t n, struct err *err)
{
	_cleanup_(btf_deinit) struct btf base = {0};
	size_t i;
	int rc = btf_init(&base, btf, len, NULL);

	if (rc)
		return rc == ERR_NOMEM ? err_nomem(err) : 0;
	for (i = 0; i < n && !rc; i++)
		rc = split_resolve(&base, &v[i], err);
	return rc;
}
