/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads which frame buffers there are. */
#include "kernel/device/framebuffers.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/variables.h"

/* What is wanted of the types. */
enum {
	FIELD_FB_NODE = WANTS_OF(READER_FRAMEBUFFERS),
	FIELD_FB_DRIVER
};

static const struct want want_table[] = {
	FIELD(FB_NODE, "fb_info", REQUIRED, "node"),
	FIELD(FB_DRIVER, "fb_info", REQUIRED, "fix.id"),
};

const struct wants framebuffers_wants = {
	.reader = "frame buffers", .v = want_table, .n = WANTS_N(want_table)};

int framebuffers_read(struct kernel *k, struct framebuffers *out,
		      struct err *err)
{
	static const uint32_t fields[] = {FIELD_FB_NODE, FIELD_FB_DRIVER};
	_cleanup_(records_deinit) struct records r = {0};
	uint64_t at[FRAMEBUFFERS_MAX] = {0};
	struct variable table = {
		.name = "registered_fb", .size = sizeof(at), .to = at};
	size_t i, n = 0;
	int rc = profile_check_reader(k->profile, READER_FRAMEBUFFERS, err);

	*out = (struct framebuffers){0};
	if (!rc)
		rc = variables_read(k, &table, 1, err);
	if (!rc && !table.known)
		rc = profile_unknown(k->profile,
				     "frame buffers are kept in no way that is "
				     "known",
				     err);
	for (i = 0; i < FRAMEBUFFERS_MAX && !rc; i++)
		if (at[i])
			at[n++] = le64(&at[i]);
	if (!rc)
		rc = records_read(k, at, n, fields, 2, &r, err);
	for (i = 0; i < n && !rc; i++) {
		struct framebuffer *f = &out->v[out->n++];
		const uint8_t *driver = records_bytes(&r, i, FIELD_FB_DRIVER);
		size_t size = records_size(&r, FIELD_FB_DRIVER);

		if (!r.ok[i])
			rc = err_set(err, ERR_UNREADABLE,
				     "a frame buffer cannot be read");
		f->number = (int32_t)records_u64(&r, i, FIELD_FB_NODE);
		if (driver)
			memcpy(f->driver, driver,
			       size < sizeof(f->driver)
				       ? size
				       : sizeof(f->driver) - 1);
	}
	return rc;
}
