// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <libwebsockets.h>

/// Octets that must be free in front of what `lws_write` is given: LWS_PRE is an expression Swift cannot import.
enum { CWEBSOCKETS_PRE = LWS_PRE };

/// A timer that ends the wait of `lws_service`. A timer that is ripe before the wait begins is served there and forgotten,
/// and the wait then lasts until some other event: so it has to cancel the wait itself.
struct cwebsockets_timer {
    lws_sorted_usec_list_t list;
    struct lws_context *_Nullable context;
};

static inline void cwebsockets_timer_fired(lws_sorted_usec_list_t *_Nonnull list) {
    lws_cancel_service(((struct cwebsockets_timer *)list)->context);
}

/// Lets `lws_service` return after that many microseconds at the latest.
static inline void cwebsockets_timer_start(struct cwebsockets_timer *_Nonnull timer, int64_t microseconds) {
    lws_sul_schedule(timer->context, 0, &timer->list, cwebsockets_timer_fired, microseconds);
}

static inline void cwebsockets_timer_stop(struct cwebsockets_timer *_Nonnull timer) {
    lws_sul_cancel(&timer->list);
}
