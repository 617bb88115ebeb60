/* SPDX-License-Identifier: BSD-2-Clause */
/* Scenes about mapped files: names, mounts, shared memory, devices. */
#include "guest.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/io_uring.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Maps all PAGES pages of the file PATH and publishes it as SUFFIX. */
static void map_file(const char *suffix, const char *path, size_t pages)
{
	int fd = make_file(path, pages);
	volatile char *p = map(pages * PAGE, PROT_READ, MAP_SHARED, fd);

	for (size_t i = 0; i < pages; i++)
		(void)p[i * PAGE];
	close(fd);
	publish_range(suffix, (void *)p, pages * PAGE);
}

/* /proc writes only the newline as \012, everything else as it is. */
static void names(void)
{
	static const char *const table[][2] = {
		{"plain", "/tmp/plain"},
		{"newline", "/tmp/new\nline"},
		{"backslash", "/tmp/back\\slash\\012"},
		{"space", "/tmp/two  spaces "},
		{"utf8", "/tmp/gr\303\274\303\237e-\342\202\254"},
		{"invalid", "/tmp/\377\376-\302"},
		{"escape", "/tmp/\033[31mred\033[0m"},
		{"deleted_name", "/tmp/alive (deleted)"},
	};
	char path[256] = "/tmp/";

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		map_file(table[i][0], table[i][1], 2);
	memset(path + 5, 'n', 240);
	map_file("long", path, 1);
}

static void deleted_file(void)
{
	map_file(NULL, "/tmp/deleted-file", 2);
	unlink("/tmp/deleted-file");
}

/* The same directory seen through two mounts upon each other and a bind. */
static void mountpoints(void)
{
	map_file("inner", "/mnt/outer/dir/inner/deep/file", 2);
	map_file("bind", "/mnt/bind/bound", 2);
	map_file("outer", "/mnt/outer/file", 1);
}

/* A file of the lower layer, and one copied up from it. */
static void overlay(void)
{
	int fd = make_file("/mnt/lower/below", 2);

	NEED(mount("overlay", "/mnt/merged", "overlay", 0,
		   "lowerdir=/mnt/lower,upperdir=/mnt/layers/upper,"
		   "workdir=/mnt/layers/work") == 0);
	close(fd);
	fd = open("/mnt/merged/below", O_RDONLY | O_CLOEXEC);
	publish_range("lower", map(2 * PAGE, PROT_READ, MAP_PRIVATE, fd),
		      2 * PAGE);
	map_file("upper", "/mnt/merged/above", 2);
}

/* Page 1 was written: private; the others still are the file's. */
static void cow(void)
{
	int fd = make_file("/tmp/cow", 4);
	volatile char *p =
		map(4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd);

	for (size_t i = 0; i < 4; i++)
		(void)p[i * PAGE];
	strcpy((char *)p + PAGE, "written");
	publish_range(NULL, (void *)p, 4 * PAGE);
}

/* The second half lies beyond the end of the file. */
static void beyond_eof(void)
{
	int fd = make_file("/tmp/short", 2);
	char *p = map(4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd);

	fill(p, 2 * PAGE);
	publish_range(NULL, p, 4 * PAGE);
}

/* Mapped from its third page on. */
static void offset(void)
{
	int fd = make_file("/tmp/offset", 5);
	char *p = mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, fd, 2 * PAGE);

	NEED(p != MAP_FAILED);
	publish_range(NULL, p, 2 * PAGE);
}

static void publish_shared(const char *suffix, void *p)
{
	fill(p, 2 * PAGE);
	publish_range(suffix, p, 2 * PAGE);
}

static void shared(void)
{
	int memfd = memfd_create("qvmi memfd", MFD_CLOEXEC);
	int zero = open("/dev/zero", O_RDWR | O_CLOEXEC);
	int shm = make_file("/dev/shm/posix", 2);
	int id = shmget(0x51564d49, 2 * PAGE, IPC_CREAT | 0600);
	int rw = PROT_READ | PROT_WRITE;

	NEED(zero >= 0 && ftruncate(memfd, 2 * PAGE) == 0);
	NEED(id >= 0);
	publish_shared("memfd", map(2 * PAGE, rw, MAP_SHARED, memfd));
	publish_shared("zero", map(2 * PAGE, rw, MAP_SHARED, zero));
	publish_shared("posix", map(2 * PAGE, rw, MAP_SHARED, shm));
	publish_shared("sysv", shmat(id, NULL, 0));
	publish_shared("anon", map(2 * PAGE, rw, MAP_SHARED, -1));
	publish_shared("zero_private", map(2 * PAGE, rw, MAP_PRIVATE, zero));
}

/* A packet socket's ring: the name is "socket:[inode]". */
static void socket_ring(void)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));
	struct tpacket_req req = {.tp_block_size = 4 * PAGE,
				  .tp_block_nr = 2,
				  .tp_frame_size = 2048,
				  .tp_frame_nr = 16};

	NEED(fd >= 0);
	NEED(setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &req, sizeof(req)) ==
	     0);
	publish_range(NULL,
		      map(8 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd),
		      8 * PAGE);
}

/* The name is "anon_inode:[io_uring]". */
static void io_uring(void)
{
	struct io_uring_params params = {0};
	int fd = syscall(SYS_io_uring_setup, 8, &params);

	NEED(fd >= 0);
	publish_range(NULL, map(PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd),
		      PAGE);
}

/* Pages without a struct page: the BIOS, through a device. */
static void devmem(void)
{
	int fd = open("/dev/mem", O_RDONLY | O_CLOEXEC);
	volatile char *p;

	NEED(fd >= 0);
	p = mmap(NULL, 4 * PAGE, PROT_READ, MAP_SHARED, fd, 0xf0000);
	NEED(p != MAP_FAILED);
	(void)p[0];
	publish_range(NULL, (void *)p, 4 * PAGE);
}

/* Whether a process waits in fcntl(2).  /proc/locks of kernels up to 5.17 has
 * no line for who waits for one that waits. */
static int waits_in_fcntl(pid_t pid)
{
	char path[64];
	FILE *syscall;
	long number = -1;

	snprintf(path, sizeof(path), "/proc/%d/syscall", pid);
	syscall = fopen(path, "re");
	if (!syscall)
		return 0;
	if (fscanf(syscall, "%ld", &number) != 1)
		number = -1; /* it runs */
	fclose(syscall);
	return number == SYS_fcntl;
}

/* One that waits for a lock, and one that waits for that; a lease; a lock of
 * each other kind. */
static void locks(void)
{
	struct flock some = {.l_type = F_WRLCK, .l_start = 100, .l_len = 50};
	struct flock rest = {.l_type = F_RDLCK, .l_start = PAGE};
	struct flock other = {.l_type = F_WRLCK, .l_start = 50, .l_len = 1};
	int fd = make_file("/tmp/locked", 1), lease;
	int open_file = open("/tmp/locked", O_RDWR | O_CLOEXEC);

	close(make_file("/tmp/leased", 1));
	lease = open("/tmp/leased", O_RDONLY | O_CLOEXEC);
	NEED(flock(fd, LOCK_SH) == 0);
	NEED(fcntl(fd, F_SETLK, &some) == 0 && fcntl(fd, F_SETLK, &rest) == 0);
	NEED(fcntl(open_file, F_OFD_SETLK, &other) == 0);
	NEED(fcntl(lease, F_SETLEASE, F_RDLCK) == 0);
	for (size_t i = 0; i < 2; i++) {
		pid_t pid = spawn("waits");

		if (pid == 0) {
			close(publish_fd);
			fcntl(fd, F_SETLKW, &some);
			_exit(1);
		}
		while (!waits_in_fcntl(pid))
			usleep(1000);
	}
	publish("locks", getpid(), "ppid=%d", getppid());
}

const struct scene file_scenes[] = {
	{"names", names},
	{"deleted_file", deleted_file},
	{"mount", mountpoints},
	{"overlay", overlay},
	{"cow", cow},
	{"beyond_eof", beyond_eof},
	{"offset", offset},
	{"shared", shared},
	{"socket", socket_ring},
	{"io_uring", io_uring},
	{"locks", locks},
	{"devmem", devmem},
	{NULL, NULL},
};
