/* SPDX-License-Identifier: BSD-2-Clause */
/* /dev/kmsg, from the first record that is there on (kernel/printk/printk.c,
 * info_print_ext_header(), msg_print_ext_body()). */
#include "proc/kmsg.h"

#include <inttypes.h>
#include <string.h>

/* A line; what could be taken for another one, or is not ASCII, as \x0a. */
static void dev_kmsg_put(const char *text, size_t n, struct buf *out)
{
	size_t i;

	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c < ' ' || c >= 127 || c == '\\')
			buf_printf(out, "\\x%02x", c);
		else
			buf_add(out, &text[i], 1);
	}
	buf_puts(out, "\n");
}

static void dev_kmsg_put_key(const char *key, const char *value, size_t max,
			     struct buf *out)
{
	size_t n = strnlen(value, max);

	if (!n)
		return;
	buf_printf(out, " %s=", key);
	dev_kmsg_put(value, n, out);
}

static void dev_kmsg_text(const struct proc_values *v, size_t i, size_t record,
			  struct buf *out)
{
	const struct printk_log *log = v->own;
	const struct printk_record *r = &log->v.v[record];

	(void)i;
	buf_printf(out, "%u,%" PRIu64 ",%" PRIu64 ",%c;",
		   (unsigned int)r->facility << 3 | r->level, r->seq,
		   r->ts_nsec / 1000, r->cont ? 'c' : '-');
	dev_kmsg_put(r->text, r->len, out);
	dev_kmsg_put_key("SUBSYSTEM", r->subsystem, r->subsystem_max, out);
	dev_kmsg_put_key("DEVICE", r->device, r->device_max, out);
}

const struct proc_file proc_dev_kmsg = {
	.name = "dev/kmsg",
	.scope = PROC_BESIDE,
	.by_records = true,
	.read = proc_kmsg_read,
	.text = dev_kmsg_text,
	.deinit = proc_kmsg_deinit,
};
