// SPDX-License-Identifier: Apache-2.0

/// What a websocket carries.
enum RANStream {
    case upstream, downstream
}
