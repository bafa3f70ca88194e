// SPDX-License-Identifier: Apache-2.0

/// Where a stream connection is in its life.
public enum ConnectionState: Sendable, Hashable {
    /// Reaching the server, for the first time or again.
    case connecting
    /// The websocket is open.
    case connected
    /// The websocket is gone or could not be opened; the next attempt begins after `retryIn`.
    case disconnected(RANError, retryIn: Duration)
    /// Ended by its owner; nothing follows.
    case stopped
}
