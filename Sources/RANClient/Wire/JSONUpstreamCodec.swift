// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import LoRaWAN

/// Upstream messages and their answers as JSON, revision 1.
struct JSONUpstreamCodec: UpstreamCodec {
    private let parser: StreamParser
    private var writer = JSONWriter()

    init(maximumMessageBytes: Int) {
        parser = StreamParser(maximumMessageBytes: maximumMessageBytes)
    }

    func decode(_ frame: UnsafeRawBufferPointer) -> Decoded<UpstreamMessage> {
        parser.upstreamMessage(frame)
    }

    mutating func encode(_ reply: UpstreamReply, into outgoing: inout OutgoingFrames) {
        writer.removeAll()
        writer.object { json in
            json.member("ProtocolVersion", 1)
            switch reply {
            case .ack(let transactionID, let devEUI, let mic):
                json.member("TransactionID", transactionID)
                json.member("DevEUI", devEUI.rawValue)
                json.member("MIC", mic)
            case .reject(let transactionID, let code, let message):
                json.member("TransactionID", transactionID)
                json.member("ResultCode", code == .micFailed ? "MICFailed" : "Other")
                if let message { json.member("ResultMessage", message) }
            }
        }
        outgoing.append(writer.bytes)
    }
}
