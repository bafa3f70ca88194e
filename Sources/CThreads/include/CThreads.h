// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <pthread.h>
#include <stdint.h>

/// Names the calling thread in `ps -L` and debuggers; at most 15 bytes are kept. `pthread_setname_np` needs a feature
/// macro that Swift's importer does not set.
void cthreads_set_name(const char *_Nonnull name);

/// A condition variable that waits on CLOCK_MONOTONIC, so that a step of the wall clock cannot lengthen a wait.
void cthreads_cond_init(pthread_cond_t *_Nonnull condition);

/// Waits until `deadline_ns` on CLOCK_MONOTONIC. Returns 0 when signalled, ETIMEDOUT when the deadline passed.
int cthreads_cond_wait_until(pthread_cond_t *_Nonnull condition, pthread_mutex_t *_Nonnull mutex, int64_t deadline_ns);

/// Catches signals by a handler that writes the signal's number, one octet each, into a pipe; returns the pipe's read
/// end, or -1 with errno set. Blocking them for a thread that waits is not enough: the main thread of a Swift program
/// with top-level `await` ends in libdispatch's `sigsuspend` with an empty mask, where a blocked SIGTERM kills.
int cthreads_catch_signals(const int *_Nonnull numbers, int count);
