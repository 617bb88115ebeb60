/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi zones, vmalloc, iomem: what a file of /proc says, as a table. */
#include "cli/commands.h"
#include "cli/listing.h"

/* The command `name`, of proc_file. */
#define LISTING(name_, file, summary_, doc_)                   \
	static int name_##_run(struct session *s, void *state, \
			       struct err *err)                \
	{                                                      \
		return listing_read(&(file), s, state, err);   \
	}                                                      \
                                                               \
	const struct cmd cmd_##name_ = {                       \
		.name = #name_,                                \
		.topic = TOPIC_LOOK,                           \
		.summary = (summary_),                         \
		.doc = (doc_),                                 \
		.needs = NEEDS_KERNEL,                         \
		.max_args = 0,                                 \
		.repeats = true,                               \
		.draws = true,                                 \
		.state_size = sizeof(struct listing),          \
		.run = name_##_run,                            \
		.show = listing_show,                          \
		.deinit = listing_deinit,                      \
	}

LISTING(zones, proc_zoneinfo, "Show zones of memory and their watermarks",
	"What /proc/zoneinfo says of zones that have pages, as a table, in "
	"pages of 4 KiB; 'cat zoneinfo' prints that file itself.");

LISTING(vmalloc, proc_vmallocinfo, "List areas of vmalloc",
	"What /proc/vmallocinfo says, as a table; 'cat vmallocinfo' prints "
	"that file itself.");

LISTING(iomem, proc_iomem,
	"List ranges of physical addresses, and whose they are",
	"What /proc/iomem says, as a table: what lies in a range is below it. "
	"END is the first address behind it.  'cat iomem' prints that file "
	"itself.");
