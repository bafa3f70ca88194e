// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN
internal import TTNMessages

/// What travels with a downlink through the queue, so that every event about it names the request and the device, also
/// after a restart or when the device is gone.
struct DownlinkContext: Sendable {
    var device: DeviceIdentity
    var request: DownlinkRequest

    init(device: DeviceIdentity, request: DownlinkRequest) {
        self.device = device
        self.request = request
    }

    /// Reads what `octets` made; nil for frames of the network's own and for what cannot be read.
    init?(octets: [UInt8]) {
        guard !octets.isEmpty, let record = try? OutboxRecord(decoding: octets),
            case .downlink(let event) = record.message, let request = event.request
        else { return nil }
        self.init(device: event.device, request: request)
    }

    /// The form kept in the queue.
    var octets: [UInt8] {
        let event = DownlinkEvent(
            device: device,
            time: UnixTime(nanoseconds: 0),
            request: request,
            stage: .scheduled,
        )
        return OutboxRecord(.downlink(event)).encoded()
    }
}
