// SPDX-License-Identifier: Apache-2.0

/// What one request message wants done with a device's downlink queue. Either all of it is done or nothing.
public struct DownlinkCommand: Hashable, Sendable {
    public var schedule: Schedule
    /// In the order in which they shall go out. None with `.replace` only empties the queue; none otherwise does nothing.
    public var requests: [DownlinkRequest]
    /// Whether a downlink that was sent but is not yet done with gives way, too: v2's `replace`.
    public var discardsCurrent: Bool

    public init(schedule: Schedule, requests: [DownlinkRequest], discardsCurrent: Bool = false) {
        self.schedule = schedule
        self.requests = requests
        self.discardsCurrent = discardsCurrent
    }

    /// Where requests enter the queue.
    public enum Schedule: UInt8, Hashable, Sendable {
        /// In place of all that waits.
        case replace = 0
        /// Before all that waits.
        case first = 1
        /// Behind all that waits.
        case last = 2
    }
}
