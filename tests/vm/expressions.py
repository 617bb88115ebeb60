# SPDX-License-Identifier: BSD-2-Clause
"""Expressions of print, and what gdb takes for each value that they stand for:
lists of (ours, [theirs, ...])."""

# What both take as it is, by the object that it is about.
MEMBERS = {
    "init_task": """
        pid tgid prio static_prio rt_priority flags stack on_rq policy
        exit_signal jobctl in_iowait in_execve sched_reset_on_fork
        no_cgroup_migration tasks.next tasks.prev stime nvcsw start_time
        timer_slack_ns stack_canary usage.refs.counter cpus_mask.bits[0]
        thread.sp thread.es thread_info.flags se.load.weight se.vruntime
        se.on_rq dl.dl_throttled dl.dl_yielded sched_class active_mm
        parent->pid group_leader->prio thread_pid->numbers[0].nr
        thread_pid->numbers[0].ns cred->uid.val cred->securebits
        cred->cap_effective.val real_cred->user_ns
        real_cred->user_ns->owner.val signal->nr_threads
        signal->oom_score_adj signal->is_child_subreaper
        signal->rlim[7].rlim_cur signal->rlim[3].rlim_max signal->tty
        sighand->action[0].sa.sa_flags sighand->siglock.rlock.raw_lock.locked
        nsproxy->uts_ns nsproxy->net_ns fs->umask fs->users fs->root.dentry
        fs->pwd.mnt fs->root.dentry->d_flags
        fs->root.dentry->d_inode->i_mode fs->root.dentry->d_inode->i_opflags
        fs->root.dentry->d_inode->i_blkbits fs->root.dentry->d_sb->s_magic
        fs->root.dentry->d_sb->s_maxbytes fs->root.dentry->d_name.len
        fs->root.dentry->d_name.hash_len
        fs->root.mnt->mnt_sb->s_type->fs_flags files->count.counter
        files->fdt->max_fds seccomp.mode restart_block.fn blocked.sig[0]
        cgroups->nr_tasks rcu_read_lock_nesting""",
    "init_mm": """
        pgd mm_users.counter start_code end_code mmap_lock.count.counter
        mmlist.next flags page_table_lock.rlock.raw_lock.locked""",
    "boot_cpu_data": """
        x86 x86_vendor x86_model x86_virt_bits x86_phys_bits x86_tlbsize
        cpuid_level x86_cache_size loops_per_jiffy initialized
        x86_capability[0]""",
    "init_uts_ns": "name.release[0] name.machine[1] user_ns ns.inum ns.ops",
    "init_user_ns": """
        level owner.val flags uid_map.nr_extents uid_map.extent[0].count
        parent""",
    "init_pid_ns": """
        level pid_allocated child_reaper->mm->pgd
        child_reaper->mm->map_count child_reaper->mm->start_stack
        child_reaper->mm->exe_file->f_flags child_reaper->mm->exe_file->f_mode
        child_reaper->mm->exe_file->f_inode->i_size
        child_reaper->mm->exe_file->f_inode->i_sb->s_id[1]
        child_reaper->cred->cap_permitted.val
        child_reaper->files->fdt->fd[0]->f_inode->i_rdev idr.idr_next
        idr.idr_rt.xa_head""",
    "init_net": "ifindex ns.inum loopback_dev->mtu loopback_dev->flags",
    "modules": "next next->next prev->prev->prev",
    "init_nsproxy": "uts_ns count.refs.counter",
    "init_cred": "usage.counter suid.val cap_bset.val",
}
ALIKE = """
&init_task
&init_task.tasks
&init_task.comm
&init_task.comm[3]
&init_task.signal->rlim[2]
&init_task.signal->rlim[2].rlim_max
&init_task.fs->root.dentry->d_name.hash
&*init_task.cred
*&init_task.pid
(&init_task)->pid
(*init_task.cred).gid.val
(*(&init_task)).prio
*init_task.comm
*init_task.nsproxy->uts_ns->name.sysname
*(unsigned long *)&init_task
*(unsigned char *)&init_mm
*(int *)&init_task.static_prio
**(unsigned long **)&init_mm.pgd
(&init_task.signal->rlim[0])[3].rlim_cur
((struct list_head *)modules.next)->prev
((struct task_struct *)&init_task)->pid
((struct task_struct *)init_task.parent)->comm[0]
((unsigned char *)&init_task.prio)[0]
((unsigned short *)&init_uts_ns.name.release)[1]
(unsigned char)init_task.prio
(signed char)init_task.flags
(char)init_task.static_prio
(short)init_mm.start_code
(unsigned short)init_mm.start_code
(int)init_mm.start_code
(unsigned int)init_mm.start_code
(long)init_task.prio
(unsigned long)init_task.prio
(u8)init_task.flags
(u16)init_task.flags
(s32)init_task.tasks.next
(u64)init_task.tasks.next
(unsigned char)(init_task.prio + 200)
init_task.prio + init_task.static_prio - 5
(unsigned long)init_mm.pgd + 0x10
(unsigned long)init_task.tasks.next - (unsigned long)&init_task
init_task.pid - 1
""".split("\n")[1:-1]
# An array or what a pointer leads to, and how many elements are asked for.
SLICES = """
init_task.comm 16
init_task.nsproxy->uts_ns->name.release 6
boot_cpu_data.x86_capability 12
boot_cpu_data.x86_model_id 10
boot_cpu_data.x86_vendor_id 12
init_pid_ns.child_reaper->mm->saved_auxv 12
init_pid_ns.child_reaper->comm 5
__per_cpu_offset 1
(&init_task.flags) 2
((unsigned long *)&init_task) 8
((unsigned short *)&init_mm.start_code) 4
init_user_ns.ucount_max 6
""".split("\n")[1:-1]
STRINGS = """
init_task.comm
init_uts_ns.name.sysname
init_uts_ns.name.machine
boot_cpu_data.x86_vendor_id
init_pid_ns.child_reaper->mm->exe_file->f_inode->i_sb->s_id
""".split("\n")[1:-1]
# Pointer, struct, member in it, and what of that struct.
CONTAINERS = """
&init_task.tasks task_struct tasks pid
&init_task.se task_struct se prio
&init_task.thread.sp task_struct thread.sp flags
init_task.tasks.next task_struct tasks pid
init_task.tasks.prev task_struct tasks start_time
init_task.cred->user_ns user_namespace ns.ops level
&init_task.signal->rlim signal_struct rlim nr_threads
modules.next module list name[0]
modules.prev module list state
init_task.fs->root.mnt mount mnt mnt_id
""".split("\n")[1:-1]
# A head, the struct, the member by which it is in the list, what of it.
LISTS = """
init_task.tasks task_struct tasks pid
init_task.tasks task_struct tasks start_time
init_task.tasks task_struct tasks prio
init_task.tasks task_struct tasks cred->uid.val
init_task.tasks task_struct tasks mm
init_task.children task_struct sibling pid
modules module list state
modules module list core_kallsyms.num_symtab
init_task.nsproxy->net_ns->dev_base_head net_device dev_list ifindex
""".split("\n")[1:-1]
# Tables of functions, and one that is in there.
FUNCTIONS = """
&socket_file_ops file_operations poll
&socket_file_ops file_operations release
shmem_ops super_operations statfs
shmem_aops address_space_operations migrate_folio
ramfs_dir_inode_operations inode_operations mkdir
proc_root_inode_operations inode_operations lookup
""".split("\n")[1:-1]
# Variables of each CPU, and a member.
PER_CPU = """
runqueues cpu
runqueues nr_switches
runqueues idle
runqueues curr->pid
runqueues cfs.load.weight
tick_cpu_sched idle_calls
hrtimer_bases cpu
kernel_cpustat cpustat[2]
cpu_tlbstate cr4
""".split("\n")[1:-1]


def alike():
    """Members, and all else that gdb reads as it is."""
    return [(text, [text]) for text in [
        *(f"{of}.{name}" for of, names in MEMBERS.items()
          for name in names.split()), *ALIKE]]


def slices():
    """Several elements at once; of arrays of structs, of each of them."""
    for line in SLICES:
        array, count = line.rsplit(" ", 1)
        yield (f"{array}[0:{count}]",
               [f"{array}[{i}]" for i in range(int(count))])
    rlim = "init_task.signal->rlim"
    yield (f"{rlim}[4:8].rlim_max",
           [f"{rlim}[{i}].rlim_max" for i in range(4, 8)])


def strings():
    """All that a string has, and its end, letter by letter."""
    return [(text, [f"{text}[%d]"]) for text in STRINGS]


def container(at, struct, member, of):
    """What container_of() is, in words that gdb has."""
    return (f"((struct {struct} *)((unsigned long)({at}) - "
            f"(unsigned long)&((struct {struct} *)0)->{member}))->{of}")


def containers():
    """container_of()."""
    for line in CONTAINERS:
        at, struct, member, of = line.split()
        yield (f"container_of({at}, struct {struct}, {member})->{of}",
               [container(at, struct, member, of)])


def lists(count=4):
    """The first elements of lists; how many they are is not gdb's to say."""
    for line in LISTS:
        head, struct, member, of = line.split()
        yield (f"list({head}, {struct}, {member}).{of}",
               [container(f"{head}.next" + "->next" * i, struct, member, of)
                for i in range(count)])


def functions():
    """Pointers to functions: gdb has their addresses by their names."""
    for line in FUNCTIONS:
        symbol, struct, member = line.split()
        yield (f"((struct {struct} *){symbol})->{member}",
               [f"((struct {struct} *)&{symbol.lstrip('&')})->{member}"])


def per_cpu(cpus):
    """Variables of each CPU, of all of them."""
    for line in PER_CPU:
        symbol, member = line.split()
        yield (f"{symbol}.{member}",
               [f'$per_cpu("{symbol}", {cpu}).{member}'
                for cpu in range(cpus)])


def everything(cpus):
    """All of them."""
    return [*alike(), *slices(), *strings(), *containers(), *lists(),
            *functions(), *per_cpu(cpus)]
