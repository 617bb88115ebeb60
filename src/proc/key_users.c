/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/key-users (security/keys/proc.c, proc_key_users_show()). */
#include "kernel/task/key_users.h"

#include <inttypes.h>

#include "proc/proc.h"

static int key_users_file_read(struct kernel *k, struct proc_values *out,
			       struct err *err)
{
	struct proc_part *part = out->parts;
	struct remarks remarks = {0};
	struct key_users users = {0};
	size_t i;
	int rc = key_users_read(k, &users, &remarks, err);

	for (i = 0; i < users.v.n && !rc; i++) {
		const struct key_user *u = &users.v.v[i];

		buf_printf(&part->text,
			   "%5" PRIu32 ": %5" PRId32 " %" PRId32 "/%" PRId32
			   " %" PRId32 "/%" PRIu32 " %" PRId32 "/%" PRIu32 "\n",
			   u->uid, u->usage, u->keys, u->instantiated,
			   u->quota_keys, u->most_keys, u->quota_bytes,
			   u->most_bytes);
	}
	proc_part_remarks(part, &remarks);
	remarks_deinit(&remarks);
	key_users_deinit(&users);
	return rc;
}

const struct proc_file proc_key_users = {
	.name = "key-users",
	.scope = PROC_SYSTEM,
	.read = key_users_file_read,
};
