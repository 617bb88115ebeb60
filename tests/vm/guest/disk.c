/* SPDX-License-Identifier: BSD-2-Clause */
/* Hands the guest over to the distribution on its disk. */
#include "guest.h"

#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* Below a mount that the distribution takes over as it is. */
#define AGENT "/disk" AGENT_PATH

void boot_disk(void)
{
	NEED(mkdir("/disk", 0755) == 0);
	NEED(mount("/dev/vda", "/disk", "ext4", MS_NOATIME, "") == 0);
	NEED(mount("run", "/disk/run", "tmpfs", 0, "mode=755") == 0);
	copy_file("/init", AGENT);
	/* with what is mounted below them */
	NEED(umount2("/sys", MNT_DETACH) == 0);
	NEED(umount2("/proc", MNT_DETACH) == 0);
	NEED(umount2("/dev", MNT_DETACH) == 0);
	execl("/bin/busybox", "switch_root", "/disk", "/sbin/init", NULL);
	NEED(false);
	_exit(1);
}
