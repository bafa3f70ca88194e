// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// What a downlink's events say of it beside its request, to a device or to a group.
struct DownlinkSubject: Sendable {
    /// Unique for the life of the database.
    var id: UInt64
    /// nil while the uplink that opens the window decides.
    var port: UInt8?
    /// Makes the session's name together with its number.
    var sessionOwner: EUI64
}
