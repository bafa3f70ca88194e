// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// Declared by the C library only under a feature macro that Swift's importer does not set.
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *_Nonnull actions, int from);
long syscall(long number, ...);
void *_Nullable memmem(const void *_Nonnull text, size_t textLength, const void *_Nonnull word, size_t wordLength);

/// An anonymous shared file (memfd_create), closed on exec; negative on failure.
static inline int cjsc_memory_file(const char *_Nonnull name) { return (int)syscall(SYS_memfd_create, name, 1U); }

/// Ends this process when the thread that started it ends, and refuses further privileges. prctl is variadic.
static inline int cjsc_die_with_parent(void) {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) != 0) return -1;
    return prctl(PR_SET_PDEATHSIG, (unsigned long)SIGKILL, 0UL, 0UL, 0UL);
}

// Loads and stores of words in memory that two processes share.
static inline uint32_t cjsc_load32(const uint32_t *_Nonnull word) { return __atomic_load_n(word, __ATOMIC_ACQUIRE); }
static inline void cjsc_store32(uint32_t *_Nonnull word, uint32_t value) {
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

#if defined(__x86_64__)
#define CJSC_AUDIT_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define CJSC_AUDIT_ARCH AUDIT_ARCH_AARCH64
#endif

/// Takes from this process what a formatter never needs: programs, sockets, files, signals to others, tracing. A second
/// wall: the language offers none of it, this holds should the engine be broken out of. Threads and memory stay allowed.
/// Refused calls fail with EPERM. Zero on success, negative when the kernel or the processor is not supported.
static inline int cjsc_forbid_system_calls(void) {
#ifdef CJSC_AUDIT_ARCH
#define CJSC_REFUSE(number) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CJSC_AUDIT_ARCH, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
#ifdef __x86_64__
        // The x32 calls have other numbers.
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        CJSC_REFUSE(SYS_open),
        CJSC_REFUSE(SYS_creat),
        CJSC_REFUSE(SYS_fork),
        CJSC_REFUSE(SYS_vfork),
        CJSC_REFUSE(SYS_unlink),
        CJSC_REFUSE(SYS_rename),
        CJSC_REFUSE(SYS_mkdir),
        CJSC_REFUSE(SYS_chmod),
        CJSC_REFUSE(SYS_link),
        CJSC_REFUSE(SYS_symlink),
#endif
        CJSC_REFUSE(SYS_execve),
        CJSC_REFUSE(SYS_execveat),
        CJSC_REFUSE(SYS_socket),
        CJSC_REFUSE(SYS_socketpair),
        CJSC_REFUSE(SYS_connect),
        CJSC_REFUSE(SYS_bind),
        CJSC_REFUSE(SYS_listen),
        CJSC_REFUSE(SYS_accept),
        CJSC_REFUSE(SYS_accept4),
        CJSC_REFUSE(SYS_sendto),
        CJSC_REFUSE(SYS_sendmsg),
        CJSC_REFUSE(SYS_ptrace),
        CJSC_REFUSE(SYS_process_vm_readv),
        CJSC_REFUSE(SYS_process_vm_writev),
        CJSC_REFUSE(SYS_kill),
        CJSC_REFUSE(SYS_unlinkat),
        CJSC_REFUSE(SYS_renameat2),
        CJSC_REFUSE(SYS_mkdirat),
        CJSC_REFUSE(SYS_linkat),
        CJSC_REFUSE(SYS_symlinkat),
        CJSC_REFUSE(SYS_fchmod),
        CJSC_REFUSE(SYS_fchmodat),
        CJSC_REFUSE(SYS_truncate),
        CJSC_REFUSE(SYS_mount),
        CJSC_REFUSE(SYS_setuid),
        CJSC_REFUSE(SYS_setgid),
        CJSC_REFUSE(SYS_umount2),
        CJSC_REFUSE(SYS_chroot),
        CJSC_REFUSE(SYS_pivot_root),
        CJSC_REFUSE(SYS_unshare),
        CJSC_REFUSE(SYS_setns),
        CJSC_REFUSE(SYS_memfd_create),
        CJSC_REFUSE(SYS_userfaultfd),
        CJSC_REFUSE(SYS_perf_event_open),
        CJSC_REFUSE(SYS_init_module),
        CJSC_REFUSE(SYS_finit_module),
        CJSC_REFUSE(SYS_shmget),
        CJSC_REFUSE(SYS_msgget),
        CJSC_REFUSE(SYS_semget),
        CJSC_REFUSE(SYS_sendmmsg),
        CJSC_REFUSE(SYS_getdents64),
        CJSC_REFUSE(SYS_bpf),
        CJSC_REFUSE(SYS_keyctl),
        CJSC_REFUSE(SYS_io_uring_setup),
        CJSC_REFUSE(SYS_openat),
        CJSC_REFUSE(SYS_openat2),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
#undef CJSC_REFUSE
    struct sock_fprog program = {.len = sizeof filter / sizeof filter[0], .filter = filter};
    return prctl(PR_SET_SECCOMP, (unsigned long)SECCOMP_MODE_FILTER, (unsigned long)&program, 0UL, 0UL) == 0 ? 0 : -1;
#else
    return -1;
#endif
}
