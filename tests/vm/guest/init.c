/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PID 1 of the test guest: runs the scenes, starts the server, goes quiet. With
 * the argument "disk" it does so as a service of a distribution.
 */
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SCENE_TIMEOUT_MS 150000

static char labels[LABELS_MAX];
static size_t labels_len;

/* Takes in the labels of a scene until its last process has settled. */
static void collect(int fd)
{
	struct pollfd poller = {.fd = fd, .events = POLLIN};
	ssize_t n;

	for (;;) {
		if (poll(&poller, 1, SCENE_TIMEOUT_MS) != 1) {
			printf("QVMI-SKIP %s: timeout\n", scene_name);
			return;
		}
		n = read(fd, labels + labels_len, LABELS_MAX - labels_len);
		if (n <= 0)
			return;
		labels_len += n;
	}
}

static void run_scene(const struct scene *scene)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return;
	scene_name = scene->name;
	publish_fd = fds[1];
	if (spawn(scene->name) == 0) {
		close(fds[0]);
		scene->run();
		settle();
	}
	close(fds[1]);
	collect(fds[0]);
	close(fds[0]);
}

static void run_scenes(const struct scene *scene)
{
	for (; scene->name; scene++)
		run_scene(scene);
}

/* Scenes that are there unless a bare guest is asked for, or files alone. */
static const struct scene *const scenes[] = {
	task_scenes,   file_scenes,	  anon_scenes,	    page_scenes,
	share_scenes,  code_scenes,	  generated_scenes, socket_scenes,
	policy_scenes, descriptor_scenes, bpf_scenes,	    ring_scenes,
	ipc_scenes,
};

enum {
	ALL_SCENES = 1,
	FILE_SCENES
};

static void standard_scenes(void)
{
	int choice = param(" qvmi.scenes=", ALL_SCENES);

	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++)
		if (choice == ALL_SCENES ||
		    (choice == FILE_SCENES && scenes[i] == file_scenes))
			run_scenes(scenes[i]);
}

/* Plain sleepers with about ten VMAs; the first ten get a label. */
static void sleepers(void)
{
	int count = param(" qvmi.procs=", 8);
	char label[32];
	char *area;

	for (int i = 0; i < count; i++) {
		snprintf(label, sizeof(label), "sleeper.%d", i);
		if (spawn(label) != 0)
			continue;
		area = map(4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
		fill(area, 4 * PAGE);
		mprotect(area + PAGE, PAGE, PROT_READ);
		if (i < 10)
			publish(label, getpid(), "addr=%p len=%#lx", area,
				4 * PAGE);
		settle();
	}
}

/* Processes that keep a vCPU in user mode, only if asked for. */
static void spinners(void)
{
	int count = param(" qvmi.spin=", 0);
	char label[32];

	for (int i = 0; i < count; i++) {
		snprintf(label, sizeof(label), "spin.%d", i);
		if (spawn(label) != 0)
			continue;
		publish(label, getpid(), "cpu=%d", i);
		close(publish_fd);
		for (;;)
			__asm__ volatile("pause");
	}
}

/* Guests of the guest, each on a vCPU, from the last one down. */
static void hypervisors(void)
{
	int count = param(" qvmi.nested=", 0);
	int cpus = (int)sysconf(_SC_NPROCESSORS_ONLN);
	char label[32];
	cpu_set_t set;

	for (int i = 0; i < count; i++) {
		snprintf(label, sizeof(label), "nested.%d", i);
		if (spawn(label) != 0)
			continue;
		scene_name = label;
		CPU_ZERO(&set);
		CPU_SET(cpus - 1 - i % cpus, &set);
		NEED(sched_setaffinity(0, sizeof(set), &set) == 0);
		nested(cpus - 1 - i % cpus);
	}
}

/* One that registers are changed of. */
static void escaper(void)
{
	if (param(" qvmi.escape=", 0) && spawn("escape") == 0)
		escape();
}

/* The same in 32-bit code, where the stub masks the registers. */
static void spinners32(void)
{
	int count = param(" qvmi.spin32=", 0);

	for (int i = 0; i < count; i++) {
		if (spawn("spin32") != 0)
			continue;
		publish("spin32", getpid(), "cpu=%d", i);
		execl("/bin/ia32", "ia32", "spin", NULL);
		NEED(errno == 0);
	}
}

/* Names of one file, each with a dentry of its own. */
static void dentries(void)
{
	int count = param(" qvmi.dentries=", 0);
	char name[64];

	if (!count)
		return;
	mkdir("/mnt/dentries", 0755);
	NEED(mount("dentries", "/mnt/dentries", "tmpfs", 0, "nr_inodes=0") ==
	     0);
	close(make_file("/mnt/dentries/file", 1));
	for (int i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "/mnt/dentries/%d", i);
		NEED(link("/mnt/dentries/file", name) == 0);
	}
}

static const struct scene last_scenes[] = {
	{"sleepers", sleepers},
	{"spinners", spinners},
	{"spinners32", spinners32},
	{"hypervisors", hypervisors},
	{"escaper", escaper},
	{"dentries", dentries},
	{NULL, NULL},
};

/* Returns when the server is ready for commands. */
static void start_server(void)
{
	int ready[2];
	char byte;

	NEED(pipe(ready) == 0);
	scene_name = "server";
	if (spawn("server") != 0) {
		close(ready[1]);
		NEED(read(ready[0], &byte, 1) == 0);
		close(ready[0]);
		return;
	}
	close(ready[0]);
	labels_len +=
		sprintf(labels + labels_len, "init 1\nserver %d\n", getpid());
	serve(labels, labels_len, ready[1]);
}

int main(int argc, char **argv)
{
	bool distro = argc > 1 && strcmp(argv[1], "disk") == 0;

	if (getpid() != 1 && !distro) {
		prctl(PR_SET_NAME, argc > 1 ? argv[1] : "sleeper");
		settle();
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (distro) {
		run_scenes(distro_scenes);
	} else {
		setup();
		standard_scenes();
		if (param(" qvmi.names=", 0))
			run_scenes(name_scenes);
		if (param(" qvmi.dax=", 0))
			run_scenes(dax_scenes);
		run_scenes(last_scenes);
	}
	if (param(" qvmi.storm=", 0))
		run_scenes(storm_scenes);
	start_server();
	printf("QVMI-READY\n");
	for (;;)
		if (wait(NULL) < 0)
			pause();
}
