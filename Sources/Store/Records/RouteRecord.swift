// SPDX-License-Identifier: Apache-2.0
public import LoRaWAN

/// What this service asked of a coverage's routing table for a device: tells its own rows from foreign ones, also
/// after the device left the registry.
public struct RouteRecord: Hashable, Sendable {
    public var coverage: String
    public var devEUI: EUI64
    /// In its owner's own versioned form.
    public var state: [UInt8]

    public init(coverage: String, devEUI: EUI64, state: [UInt8]) {
        self.coverage = coverage
        self.devEUI = devEUI
        self.state = state
    }
}
