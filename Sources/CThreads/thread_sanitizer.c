// SPDX-License-Identifier: Apache-2.0
// The thread sanitizer follows a `Synchronization.Mutex` only while nobody waits for it: the compare-and-exchange is
// compiled into our code, the waiting stands in Swift's library, which is not instrumented and asks the kernel (a futex
// that the unlocking thread hands over). In builds with that sanitizer the three functions of the library that wait are
// wrapped here, and say what they do: who unlocks releases, who got the lock acquires. Other builds leave this file empty.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

// Swift's calling convention: the mutex comes in the register of `self`.
#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *self

// Synchronization._MutexHandle._lockSlow(UInt32), ._unlockSlow() and ._tryLockSlow() -> Bool.
#define LOCK_SLOW "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK_SLOW "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"
#define TRY_LOCK_SLOW "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"

SWIFT void cthreads_lock_slow(uint32_t thread, SELF) __asm__(LOCK_SLOW);
SWIFT void cthreads_unlock_slow(SELF) __asm__(UNLOCK_SLOW);
SWIFT bool cthreads_try_lock_slow(SELF) __asm__(TRY_LOCK_SLOW);

static SWIFT void (*lock_slow)(uint32_t, SELF);
static SWIFT void (*unlock_slow)(SELF);
static SWIFT bool (*try_lock_slow)(SELF);

static void *real(const char *symbol) {
    void *function = dlsym(RTLD_NEXT, symbol);
    if (function) return function;
    fprintf(stderr, "this toolchain's mutex has no %s: the thread sanitizer needs new annotations\n", symbol);
    abort();
}

__attribute__((constructor)) static void find_real_functions(void) {
    lock_slow = (SWIFT void (*)(uint32_t, SELF))real(LOCK_SLOW);
    unlock_slow = (SWIFT void (*)(SELF))real(UNLOCK_SLOW);
    try_lock_slow = (SWIFT bool (*)(SELF))real(TRY_LOCK_SLOW);
}

SWIFT void cthreads_lock_slow(uint32_t thread, SELF) {
    lock_slow(thread, self);
    __tsan_acquire(self);
}

SWIFT void cthreads_unlock_slow(SELF) {
    __tsan_release(self);
    unlock_slow(self);
}

SWIFT bool cthreads_try_lock_slow(SELF) {
    bool is_locked = try_lock_slow(self);
    if (is_locked) __tsan_acquire(self);
    return is_locked;
}
#endif
#endif
