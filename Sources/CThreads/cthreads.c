// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "CThreads.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void cthreads_set_name(const char *name) {
    char kept[16];
    strncpy(kept, name, sizeof kept - 1);
    kept[sizeof kept - 1] = 0;
    pthread_setname_np(pthread_self(), kept);
}

void cthreads_cond_init(pthread_cond_t *condition) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

int cthreads_cond_wait_until(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t deadline_ns) {
    struct timespec deadline = {.tv_sec = deadline_ns / 1000000000, .tv_nsec = deadline_ns % 1000000000};
    return pthread_cond_timedwait(condition, mutex, &deadline);
}

// The write end of the pipe of each signal; a handler can reach nothing else.
static volatile int write_ends[65];

static void forward_signal(int number) {
    int saved = errno;
    unsigned char octet = (unsigned char)number;
    ssize_t ignored = write(write_ends[number], &octet, 1);
    (void)ignored;
    errno = saved;
}

int cthreads_catch_signals(const int *numbers, int count) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    for (int index = 0; index < count; index++) {
        if (numbers[index] < 1 || numbers[index] > 64) {
            errno = EINVAL;
            return -1;
        }
        write_ends[numbers[index]] = ends[1];
        struct sigaction action = {.sa_handler = forward_signal, .sa_flags = SA_RESTART};
        sigfillset(&action.sa_mask);
        if (sigaction(numbers[index], &action, NULL) != 0) return -1;
    }
    return ends[0];
}
