/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenes of a distribution that runs from a disk: what swap holds after memory
 * was short, files of ext4, a container. Its own daemons are the rest.
 */
#include "guest.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define RW	   (PROT_READ | PROT_WRITE)
#define HOME	   "/var/lib/qvmi/"
#define MERGED	   HOME "merged"
#define STACK_SIZE 65536
#define COLD_PAGES 2048
#define COLD_STEP  64

/* Touches as many pages as the machine has, so that others must give way. */
static void press(void)
{
	size_t len = sysconf(_SC_PHYS_PAGES) * PAGE;
	pid_t pid = spawn("press");
	int status;
	char *p;

	if (pid == 0) {
		write_file("/proc/self/oom_score_adj", "1000");
		p = map(len, RW, MAP_PRIVATE, -1);
		for (size_t i = 0; i < len / PAGE; i++)
			sprintf(p + i * PAGE, "pressing page %zu", i);
		_exit(0);
	}
	NEED(waitpid(pid, &status, 0) == pid && status == 0);
}

/*
 * In swap, but every 64th page: those were read again, in turn with others
 * that were written again.
 */
static void cold(void)
{
	volatile char *p = map(COLD_PAGES * PAGE, RW, MAP_PRIVATE, -1);

	NEED(madvise((void *)p, COLD_PAGES * PAGE, MADV_NOHUGEPAGE) == 0);
	fill((char *)p, COLD_PAGES * PAGE);
	press();
	for (size_t i = 0; i < COLD_PAGES; i += 2 * COLD_STEP) {
		(void)p[i * PAGE];
		p[(i + COLD_STEP) * PAGE] = 'C';
	}
	publish_range(NULL, (void *)p, COLD_PAGES * PAGE);
}

/* Anonymous memory that stays: the last page is shared with a child. */
static void heap(void)
{
	char *p = map(5 * PAGE, RW, MAP_PRIVATE, -1);
	int fds[2];
	char byte;

	fill(p, 5 * PAGE);
	NEED(pipe2(fds, O_CLOEXEC) == 0);
	if (spawn("heap child") == 0) {
		memset(p, 'c', 4 * PAGE);
		publish_range("child", p, 5 * PAGE);
		close(fds[1]);
		close(fds[0]);
		settle();
	}
	close(fds[1]);
	NEED(read(fds[0], &byte, 1) == 0);
	close(fds[0]);
	for (size_t i = 0; i < 4; i++)
		fill(p + i * PAGE, PAGE);
	publish_range(NULL, p, 5 * PAGE);
}

static void thp(void)
{
	char *p = map_aligned(HUGE, HUGE, MADV_HUGEPAGE);

	fill(p, HUGE);
	publish_range(NULL, p, HUGE);
}

/* Maps PAGES pages of PATH, reads them all, and publishes them as SUFFIX. */
static char *map_disk_file(const char *suffix, const char *path, size_t pages,
			   int flags)
{
	int fd = make_file(path, pages);
	volatile char *p;

	NEED(fsync(fd) == 0);
	p = map(pages * PAGE, RW, flags, fd);
	for (size_t i = 0; i < pages; i++)
		(void)p[i * PAGE];
	close(fd);
	publish_range(suffix, (void *)p, pages * PAGE);
	return (char *)p;
}

/* Clean pages, some written through a mapping, one written in private. */
static void ext4(void)
{
	char *p;
	int fd;

	map_disk_file("clean", HOME "clean", 4, MAP_SHARED);
	p = map_disk_file("dirty", HOME "dirty", 4, MAP_SHARED);
	fill(p, 4 * PAGE);
	p = map_disk_file("cow", HOME "cow", 4, MAP_PRIVATE);
	fill(p + PAGE, PAGE);
	map_disk_file("deleted", HOME "deleted", 2, MAP_SHARED);
	NEED(unlink(HOME "deleted") == 0);
	fd = open(HOME "hole", O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	NEED(fd >= 0 && ftruncate(fd, PAGE) == 0);
	p = map(PAGE, PROT_READ, MAP_SHARED, fd);
	(void)*(volatile char *)p;
	publish_range("hole", p, PAGE);
}

/* PID 1 of a container: its own everything, a root of two layers. */
static int container_init(void *arg)
{
	int *go = arg;
	char byte;

	close(go[1]);
	NEED(read(go[0], &byte, 1) == 1);
	NEED(setresgid(0, 0, 0) == 0 && setresuid(0, 0, 0) == 0);
	/* only a mount of its own can be its root */
	NEED(mount(MERGED, MERGED, NULL, MS_BIND | MS_REC, NULL) == 0);
	NEED(mount("proc", MERGED "/proc", "proc", 0, "") == 0);
	NEED(mount("tmp", MERGED "/tmp", "tmpfs", 0, "") == 0);
	NEED(chdir(MERGED) == 0 && syscall(SYS_pivot_root, ".", ".") == 0);
	NEED(umount2(".", MNT_DETACH) == 0 && chdir("/") == 0);
	NEED(sethostname("container", 9) == 0);
	if (spawn("guest") == 0) {
		NEED(setresgid(33, 33, 33) == 0);
		NEED(setresuid(33, 33, 33) == 0);
		execl("/bin/sleep", "sleep", "infinity", NULL);
		NEED(false);
	}
	execl("/bin/sh", "sh", "-c",
	      "cd /tmp && cp /bin/sleep nap && ./nap infinity & "
	      "/bin/sleep infinity & wait",
	      NULL);
	NEED(false);
	return 1;
}

/* The user namespace's ids, as "0 100000 65536". */
static void map_ids(pid_t pid)
{
	char path[64];

	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "/proc/%d/%s_map", pid,
			 i ? "gid" : "uid");
		NEED(write_file(path, "0 100000 65536\n"));
	}
}

/*
 * As container engines do it: the layers are mounted outside, and one file of
 * the lower one is copied up.
 */
static void container(void)
{
	static char stack[STACK_SIZE];
	int go[2], fd;
	pid_t pid;

	NEED(mount("overlay", MERGED, "overlay", 0,
		   "lowerdir=" HOME "lower,upperdir=" HOME "upper,workdir=" HOME
		   "work") == 0);
	fd = open(MERGED "/usr/bin/sleep", O_RDWR | O_CLOEXEC);
	NEED(fd >= 0 && pipe2(go, O_CLOEXEC) == 0);
	close(fd);
	pid = clone(container_init, stack + STACK_SIZE,
		    CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS |
			    CLONE_NEWIPC | CLONE_NEWNET | SIGCHLD,
		    go);
	NEED(pid > 0);
	map_ids(pid);
	publish("container", pid, "ppid=%d", getpid());
	NEED(write(go[1], "", 1) == 1);
}

const struct scene distro_scenes[] = {
	{"cold", cold}, {"container", container}, {"heap", heap},
	{"thp", thp},	{"ext4", ext4},		  {NULL, NULL},
};
