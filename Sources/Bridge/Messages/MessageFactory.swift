// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN
internal import NetworkServer
internal import TTNMessages

/// Turns what the network server decides into what applications are told.
struct MessageFactory: Sendable {
    /// Names of the coverages by index: they stand for gateways.
    let coverages: [String]
    let netID: NetID

    /// An accepted uplink, not decoded yet.
    func uplink(_ uplink: AcceptedUplink, of entry: DeviceEntry, row: Int64) -> UplinkMessage {
        let received = uplink.radio.receivedAt
        return UplinkMessage(
            device: entry.identity(devAddr: uplink.devAddr),
            port: uplink.port,
            counter: uplink.counter,
            isConfirmed: uplink.isConfirmed,
            repetition: uplink.isRetry ? .retransmission : .none,
            payload: uplink.payload,
            radio: radio([uplink.radio], size: uplink.phyPayloadSize),
            location: location(uplink.radio.position),
            sessionKeyID: MessageFactory.sessionKeyID(entry.devEUI, uplink.sessionNumber),
            receivedAt: received,
            netID: netID,
            correlationIDs: [CorrelationID.text(prefix: "as:up", time: received, row: row)],
        )
    }

    /// How a frame was heard by all that heard it.
    func radio(_ receptions: [ReceivedRadio], size: Int) -> RadioMetadata? {
        guard let first = receptions.first else { return nil }
        return RadioMetadata(
            frequency: first.frequency,
            modulation: first.modulation,
            phyPayloadSize: size,
            receptions: receptions.map { reception in
                ReceptionMetadata(
                    gatewayID: name(reception.coverage),
                    receivedAt: reception.receivedAt,
                    rssi: reception.rssi,
                    snr: reception.snr,
                )
            },
        )
    }

    func activation(_ join: AcceptedJoin, of entry: DeviceEntry, row: Int64) -> ActivationEvent {
        ActivationEvent(
            device: entry.identity(devAddr: join.devAddr),
            receivedAt: join.radio.receivedAt,
            radio: radio([join.radio], size: join.phyPayloadSize),
            location: location(join.radio.position),
            sessionKeyID: MessageFactory.sessionKeyID(entry.devEUI, join.sessionNumber),
            correlationIDs: [CorrelationID.text(prefix: "as:join", time: join.radio.receivedAt, row: row)],
        )
    }

    /// A refused frame. With one device that may have sent it the event goes to that device, else to the operator.
    func refusal(_ refusal: Refusal, entry: DeviceEntry?, candidates: [EUI64], at time: UnixTime) -> ErrorEvent {
        var figures = refusal.figures.map { FailureReport.Figure($0.name, $0.value) }
        let subject: ErrorEvent.Subject
        if let entry {
            subject = .device(entry.identity(devAddr: nil))
        } else {
            subject = .network(devEUI: refusal.devEUI ?? (candidates.count == 1 ? candidates.first : nil))
            if candidates.count > 1 {
                figures.append(.init("candidates", candidates.prefix(8).map(\.upperHex).joined(separator: ",")))
            }
        }
        return ErrorEvent(
            subject: subject,
            kind: refusal.isActivation ? .activation : .uplink,
            report: FailureReport(refusal.message, reason: refusal.reason.rawValue, figures: figures),
            time: time,
        )
    }

    /// What became of a downlink; `request` is nil for frames without application data.
    func downlink(
        _ outcome: DownlinkOutcome,
        request: DownlinkRequest?,
        item: DownlinkSubject,
        device: DeviceIdentity,
        at time: UnixTime,
    ) -> DownlinkEvent {
        var event = DownlinkEvent(device: device, time: time, request: request, stage: .scheduled, port: item.port)
        event.correlationIDs = [
            CorrelationID.text(prefix: "as:downlink", time: UnixTime(nanoseconds: 0), row: Int64(bitPattern: item.id))
        ]
        switch outcome {
        case .scheduled(let attempt, let ranResult):
            event.attempt = attempt
            event.ranResult = ranResult
        case .sent(let sent):
            event.device.devAddr = sent.devAddr
            event.port = sent.port
            event.counter = sent.counter
            event.sessionKeyID = MessageFactory.sessionKeyID(item.sessionOwner, sent.sessionNumber)
            event.stage = .sent(
                DownlinkTransmission(
                    phyPayload: sent.octets,
                    gatewayID: name(sent.coverage),
                    frequency: sent.frequency,
                    modulation: sent.modulation,
                    power: sent.power,
                )
            )
        case .acknowledged:
            event.stage = .acknowledged
        case .notAcknowledged(let attempt, _):
            event.stage = .notAcknowledged
            event.attempt = attempt
        case .failed(let failure):
            event.ranResult = failure.ranResult
            event.stage = .failed(
                FailureReport(
                    failure.message,
                    reason: failure.reason.rawValue,
                    figures: failure.figures.map { FailureReport.Figure($0.name, $0.value) },
                )
            )
        }
        return event
    }

    private func name(_ coverage: Int) -> String {
        coverages.indices.contains(coverage) ? coverages[coverage] : "coverage-\(coverage)"
    }

    private func location(_ position: Position?) -> GeoLocation? {
        position.map {
            GeoLocation(latitude: $0.latitude, longitude: $0.longitude, altitude: $0.altitude, source: .gps)
        }
    }

    /// Twelve octets that differ with each session of each device.
    private static func sessionKeyID(_ devEUI: EUI64, _ session: UInt32) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 12) { octets, count in
            for index in 0..<8 { octets[index] = UInt8(truncatingIfNeeded: devEUI.rawValue >> (56 - 8 * index)) }
            for index in 0..<4 { octets[8 + index] = UInt8(truncatingIfNeeded: session >> (24 - 8 * index)) }
            count = 12
        }
    }
}
