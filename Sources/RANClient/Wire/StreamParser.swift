// SPDX-License-Identifier: Apache-2.0
internal import CSimdJSON
internal import LoRaWAN

/// Reads stream frames with simdjson; the only file that touches its memory. One thread at a time.
final class StreamParser {
    private let raw: OpaquePointer
    private var upstream = csimdjson_upstream()
    private var downstream = csimdjson_downstream()

    init(maximumMessageBytes: Int) {
        guard let raw = csimdjson_parser_new(maximumMessageBytes) else {
            preconditionFailure("no memory for a parser")
        }
        self.raw = raw
    }

    deinit { csimdjson_parser_free(raw) }

    /// Reads an upstream message. The frame has simdjson's padding behind it.
    func upstreamMessage(_ frame: UnsafeRawBufferPointer) -> Decoded<UpstreamMessage> {
        guard let bytes = frame.baseAddress else { return .bad(reason: "the frame is empty", transactionID: nil) }
        let fault = csimdjson_parse_upstream(raw, bytes.assumingMemoryBound(to: UInt8.self), frame.count, &upstream)
        let transactionID = upstream.has_transaction_id ? upstream.transaction_id : nil
        if let fault { return .bad(reason: String(cString: fault), transactionID: transactionID) }
        return .message(
            UpstreamMessage(
                transactionID: upstream.transaction_id,
                isOutdated: upstream.is_outdated,
                devEUIs: UnsafeBufferPointer(start: upstream.dev_euis, count: upstream.dev_eui_count)
                    .map(EUI64.init(rawValue:)),
                radio: UpstreamRadio(
                    frequency: upstream.frequency,
                    modulation: modulation,
                    rssi: upstream.rssi,
                    snr: upstream.snr,
                ),
                payload: Array(UnsafeBufferPointer(start: upstream.payload, count: upstream.payload_count)),
                micChallenge: Array(UnsafeBufferPointer(start: upstream.mics, count: upstream.mic_count)),
                gps: position,
            )
        )
    }

    /// Reads an answer of a downstream socket. The frame has simdjson's padding behind it.
    func downstreamAnswer(_ frame: UnsafeRawBufferPointer) -> Decoded<DownstreamAnswer> {
        guard let bytes = frame.baseAddress else { return .bad(reason: "the frame is empty", transactionID: nil) }
        let fault = csimdjson_parse_downstream(raw, bytes.assumingMemoryBound(to: UInt8.self), frame.count, &downstream)
        let transactionID = downstream.transaction_id
        let mailboxID = downstream.has_mailbox_id ? downstream.mailbox_id : nil
        if let fault {
            let readable = downstream.has_transaction_id ? transactionID : nil
            return .bad(reason: String(cString: fault), transactionID: readable)
        }
        if downstream.has_results {
            let results = UnsafeBufferPointer(start: downstream.results, count: downstream.result_count)
            return .message(.multicastResult(transactionID: transactionID, results: results.map(deviceResult)))
        }
        if let code = text(downstream.code) {
            return .message(
                .result(
                    transactionID: transactionID,
                    mailboxID: mailboxID,
                    code: DownstreamResultCode(rawValue: code),
                    message: text(downstream.message) ?? "",
                )
            )
        }
        guard let mailboxID else { return .bad(reason: "MailboxID is missing", transactionID: transactionID) }
        return .message(.ack(transactionID: transactionID, mailboxID: mailboxID))
    }

    private var modulation: Modulation {
        switch Int(upstream.modulation) {
        case CSIMDJSON_LORA:
            .lora(spreading: UInt8(truncatingIfNeeded: upstream.first), bandwidth: upstream.second)
        case CSIMDJSON_FSK: .fsk(deviation: upstream.first, bitRate: upstream.second)
        default: .fhss(occupiedWidth: upstream.first, codingRate: text(upstream.coding_rate) ?? "")
        }
    }

    private var position: GPSPosition? {
        guard upstream.has_position else { return nil }
        return GPSPosition(
            latitude: upstream.latitude,
            longitude: upstream.longitude,
            altitude: upstream.has_altitude ? upstream.altitude : nil,
        )
    }

    private func deviceResult(_ result: csimdjson_device_result) -> MulticastDeviceResult {
        MulticastDeviceResult(
            devEUI: EUI64(rawValue: result.dev_eui),
            code: DownstreamResultCode(rawValue: text(result.code) ?? ""),
            message: text(result.message) ?? "",
        )
    }

    private func text(_ text: csimdjson_text) -> String? {
        guard let bytes = text.bytes else { return nil }
        return String(decoding: UnsafeRawBufferPointer(start: bytes, count: text.count), as: UTF8.self)
    }
}
