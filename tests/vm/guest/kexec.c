/* SPDX-License-Identifier: BSD-2-Clause */
/* A second kernel: loaded from the initramfs, run by a crash or by reboot. */
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kexec.h>
#include <linux/reboot.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* "crash CMDLINE" or "next CMDLINE"; an errno. */
int kexec_load(char *args)
{
	const char *kind = strsep(&args, " "), *line = args ? args : "";
	int kernel = open("/kexec/vmlinuz", O_RDONLY | O_CLOEXEC);
	int initrd = open("/kexec/initrd", O_RDONLY | O_CLOEXEC);
	long flags = strcmp(kind, "crash") ? 0 : KEXEC_FILE_ON_CRASH;
	int err = 0;

	if (kernel < 0 || initrd < 0 ||
	    syscall(SYS_kexec_file_load, kernel, initrd, strlen(line) + 1, line,
		    flags) < 0)
		err = errno;
	close(kernel);
	close(initrd);
	return err;
}

/* Run what was loaded as "next"; returns only where that fails. */
int kexec_run(char *args)
{
	(void)args;
	syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2,
		LINUX_REBOOT_CMD_KEXEC, NULL);
	return errno;
}
