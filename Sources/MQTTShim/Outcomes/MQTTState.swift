// SPDX-License-Identifier: Apache-2.0

/// Where the connection stands.
public enum MQTTState: Sendable, Hashable {
    case connecting
    /// - sessionPresent: the broker kept our subscriptions and what came for them while we were away.
    case connected(sessionPresent: Bool, version: MQTTProtocolVersion)
    /// The next attempt follows after `retryIn`.
    case disconnected(MQTTError, retryIn: Duration)
    /// The thread has ended; nothing follows.
    case stopped
}
