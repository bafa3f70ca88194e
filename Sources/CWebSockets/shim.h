// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <libwebsockets.h>

/// Octets that must be free in front of what `lws_write` is given: LWS_PRE is an expression Swift cannot import.
enum { CWEBSOCKETS_PRE = LWS_PRE };
