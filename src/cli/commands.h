/* SPDX-License-Identifier: BSD-2-Clause */
/* The commands, each once: X(NAME) stands for the object cmd_NAME. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/cmd.h"

/* In the order of the list that help prints. */
#define COMMANDS(X) \
	X(info)     \
	X(ps)       \
	X(maps)     \
	X(env)      \
	X(cmdline)  \
	X(smaps)    \
	X(files)    \
	X(mounts)   \
	X(cat)      \
	X(ls)       \
	X(mount)    \
	X(run)      \
	X(dmesg)    \
	X(free)     \
	X(sysctl)   \
	X(sockets)  \
	X(modules)  \
	X(buddy)    \
	X(zones)    \
	X(nodes)    \
	X(vmalloc)  \
	X(slab)     \
	X(percpu)   \
	X(ns)       \
	X(cgroup)   \
	X(iomem)    \
	X(wait)     \
	X(walk)     \
	X(ptdump)   \
	X(layout)   \
	X(page)     \
	X(convert)  \
	X(whomaps)  \
	X(read)     \
	X(search)   \
	X(sym)      \
	X(type)     \
	X(print)    \
	X(regs)     \
	X(write)    \
	X(journal)  \
	X(undo)     \
	X(listvma)  \
	X(findpage) \
	X(writeval) \
	X(devmem)   \
	X(pause)    \
	X(resume)   \
	X(profile)  \
	X(vmlinux)  \
	X(help)

#define COMMAND_DECLARE(name) extern const struct cmd cmd_##name;
COMMANDS(COMMAND_DECLARE)
#undef COMMAND_DECLARE

#endif
