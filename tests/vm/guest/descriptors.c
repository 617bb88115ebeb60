/* SPDX-License-Identifier: BSD-2-Clause */
/* A scene about descriptors: of all kinds that say something of themselves. */
#include "guest.h"

#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* An epoll instance that watches a pipe, a socket, and itself in another. */
static void epolls(int pipe_end, int sock)
{
	struct epoll_event in = {EPOLLIN | EPOLLET, {.u64 = 0x1234567890}};
	struct epoll_event out = {EPOLLOUT, {.fd = sock}};
	int fd = epoll_create1(0);

	NEED(epoll_ctl(fd, EPOLL_CTL_ADD, pipe_end, &in) == 0);
	NEED(epoll_ctl(fd, EPOLL_CTL_ADD, sock, &out) == 0);
	NEED(epoll_ctl(epoll_create1(0), EPOLL_CTL_ADD, fd, &in) == 0);
}

/* Of a process that stays, in a namespace of its own; and of one that ended. */
static void pidfds(void)
{
	pid_t pid =
		syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, NULL, NULL, NULL, 0);

	NEED(pid >= 0);
	if (pid == 0)
		settle();
	NEED(syscall(SYS_pidfd_open, pid, 0) >= 0);
	NEED(syscall(SYS_pidfd_open, 1, 0) >= 0);
	pid = fork();
	NEED(pid >= 0);
	if (pid == 0)
		_exit(0);
	NEED(syscall(SYS_pidfd_open, pid, 0) >= 0);
	NEED(waitpid(pid, NULL, 0) == pid);
}

static int timer(int clock, int flags, time_t value, time_t interval)
{
	struct itimerspec spec = {.it_value = {value, value ? 500 : 0},
				  .it_interval = {interval, 7}};
	int fd = timerfd_create(clock, 0);

	NEED(fd >= 0 && timerfd_settime(fd, flags, &spec, NULL) == 0);
	return fd;
}

/*
 * By each clock, some that run for long; some that ran out, or never did.  A
 * guest that goes to sleep has its RTC wake it for the first alarm, and stays
 * awake where that is more than a day ahead (kernel/time/alarmtimer.c).
 */
static void timers(void)
{
	static const int clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC,
				     CLOCK_BOOTTIME, CLOCK_REALTIME_ALARM,
				     CLOCK_BOOTTIME_ALARM};
	struct pollfd over = {.events = POLLIN};

	for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
		timer(clocks[i], 0, 20 * 3600, i);
		timer(clocks[i], TFD_TIMER_ABSTIME, 4000000000, 0);
		NEED(timerfd_create(clocks[i], 0) >= 0);
		timer(clocks[i], 0, 0, 0);
		over.fd = timer(clocks[i], TFD_TIMER_ABSTIME, 1, i * 1000000);
		NEED(poll(&over, 1, -1) == 1);
	}
}

/* Of files of tmpfs, whose handles are its own. */
static void watches(void)
{
	int fd = inotify_init();

	close(make_file("/tmp/watched", 1));
	NEED(inotify_add_watch(fd, "/tmp/watched", IN_ALL_EVENTS) == 1);
	NEED(inotify_add_watch(fd, "/tmp", IN_CREATE | IN_EXCL_UNLINK) == 2);
	NEED(inotify_add_watch(fd, "/dev/shm", IN_DELETE | IN_ONESHOT) == 3);
	NEED(inotify_init() >= 0);
}

/* What headers of older kernels lack (include/uapi/linux/fanotify.h). */
#define MARK_EVICTABLE	  0x200
#define MARK_IGNORE_SURV  0x440
#define MARK_MOUNTS_OF_NS 0x110
#define REPORT_MOUNTS	  0x4000
#define MOUNT_ATTACHED	  0x01000000

/* Those that not all kernels have, or have for all file systems. */
static void fan_watches_of_some(void)
{
	int fd = fanotify_init(FAN_CLASS_NOTIF | FAN_REPORT_FID, O_RDONLY);
	int mounts = fanotify_init(REPORT_MOUNTS, O_RDONLY);
	int ns = open("/proc/self/ns/mnt", O_RDONLY);

	NEED(fd >= 0 && ns >= 0);
	fanotify_mark(fd, FAN_MARK_ADD, FAN_DELETE_SELF, AT_FDCWD,
		      "/tmp/watched");
	fanotify_mark(fd, FAN_MARK_ADD | MARK_EVICTABLE, FAN_MOVE_SELF,
		      AT_FDCWD, "/dev/shm");
	fanotify_mark(fd, FAN_MARK_ADD | MARK_IGNORE_SURV, FAN_ATTRIB, AT_FDCWD,
		      "/tmp");
	if (mounts >= 0)
		NEED(fanotify_mark(mounts, FAN_MARK_ADD | MARK_MOUNTS_OF_NS,
				   MOUNT_ATTACHED, ns, NULL) == 0);
	close(ns);
}

/* Of each kind, for what does not happen in this guest. */
static void fan_watches(void)
{
	int fd = fanotify_init(FAN_CLASS_NOTIF | FAN_NONBLOCK, O_RDONLY);
	int content = fanotify_init(FAN_CLASS_CONTENT | FAN_UNLIMITED_QUEUE,
				    O_RDWR | O_LARGEFILE);

	NEED(fd >= 0 && content >= 0);
	NEED(fanotify_init(FAN_CLOEXEC, O_WRONLY) >= 0); /* watches nothing */
	NEED(fanotify_mark(fd, FAN_MARK_ADD, FAN_MODIFY, AT_FDCWD,
			   "/tmp/watched") == 0);
	NEED(fanotify_mark(fd, FAN_MARK_ADD | FAN_MARK_FILESYSTEM,
			   FAN_OPEN_EXEC, AT_FDCWD, "/dev/shm") == 0);
	NEED(fanotify_mark(content, FAN_MARK_ADD | FAN_MARK_MOUNT,
			   FAN_OPEN_EXEC, AT_FDCWD, "/dev/shm") == 0);
	NEED(fanotify_mark(content,
			   FAN_MARK_ADD | FAN_MARK_IGNORED_MASK |
				   FAN_MARK_IGNORED_SURV_MODIFY,
			   FAN_OPEN_EXEC, AT_FDCWD, "/tmp/watched") == 0);
	fan_watches_of_some();
}

/* One descriptor of every kind, or some. */
static void fds(void)
{
	int pair[2], pipe_end;

	NEED(pipe(pair) == 0);
	pipe_end = pair[0];
	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	NEED(socket(AF_INET, SOCK_DGRAM, 0) >= 0);
	NEED(eventfd(1, 0) >= 0 && epoll_create1(0) >= 0);
	NEED(timerfd_create(CLOCK_MONOTONIC, 0) >= 0);
	NEED(open("/", O_RDONLY | O_DIRECTORY) >= 0);
	NEED(dup(make_file("/tmp/unlinked", 1)) >= 0);
	unlink("/tmp/unlinked");
	epolls(pipe_end, pair[0]);
	pidfds();
	timers();
	watches();
	fan_watches();
	publish("fds", getpid(), "ppid=%d", getppid());
}

static void *touch(void *page)
{
	*(volatile char *)page = 1;
	return NULL;
}

/* Two threads wait for pages; of one of them that is known. */
static void faults(void)
{
	struct uffdio_api api = {.api = UFFD_API,
				 .features = UFFD_FEATURE_THREAD_ID};
	char *p = map(2 * PAGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1);
	struct uffdio_register reg = {.range = {(uintptr_t)p, 2 * PAGE},
				      .mode = UFFDIO_REGISTER_MODE_MISSING};
	struct pollfd fd = {.events = POLLIN};
	struct uffd_msg msg;
	pthread_t thread;

	NEED(syscall(SYS_userfaultfd, 0) >= 0); /* one that is not set up */
	fd.fd = syscall(SYS_userfaultfd, O_NONBLOCK);
	NEED(ioctl(fd.fd, UFFDIO_API, &api) == 0);
	NEED(ioctl(fd.fd, UFFDIO_REGISTER, &reg) == 0);
	NEED(pthread_create(&thread, NULL, touch, p) == 0);
	NEED(poll(&fd, 1, -1) == 1);
	NEED(read(fd.fd, &msg, sizeof(msg)) == sizeof(msg));
	NEED(pthread_create(&thread, NULL, touch, p + PAGE) == 0);
	NEED(poll(&fd, 1, -1) == 1 && fd.revents == POLLIN);
	publish("faults", getpid(), "pending=1 total=2");
}

const struct scene descriptor_scenes[] = {
	{"fds", fds},
	{"faults", faults},
	{NULL, NULL},
};
