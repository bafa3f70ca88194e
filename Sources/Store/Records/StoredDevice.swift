// SPDX-License-Identifier: Apache-2.0

/// A device with all that was kept of it.
public struct StoredDevice: Hashable, Sendable {
    public var record: DeviceRecord
    /// The network server's session state, if it has one.
    public var session: [UInt8]?
    /// Its nonces and the like, if it has any.
    public var joinState: [UInt8]?

    public init(record: DeviceRecord, session: [UInt8]? = nil, joinState: [UInt8]? = nil) {
        self.record = record
        self.session = session
        self.joinState = joinState
    }
}
