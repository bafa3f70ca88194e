// SPDX-License-Identifier: Apache-2.0

/// Puts Cayenne LPP behind the calls of the codec.
enum CayenneLPPFormatter {
    static func decode(_ call: DecodeCall) -> DecodeOutcome {
        var outcome = DecodeOutcome()
        do {
            let fields = try call.isDownlink ? CayenneLPP.decodeDownlink(call.bytes) : CayenneLPP.decode(call.bytes)
            if call.flavours.contains(.v2), fields.count > 2 { outcome.fieldsJSON = fields }
            if call.flavours.contains(.v3) { outcome.decodedJSON = fields }
        } catch {
            let text = error.description
            if call.flavours.contains(.v2) {
                outcome.failure = failure("Unable to decode payload fields: \(text)", "input")
            }
            if call.flavours.contains(.v3) { outcome.decodedFailure = failure(text, "input") }
        }
        return outcome
    }

    static func encode(_ call: EncodeCall) -> EncodeOutcome {
        var outcome = EncodeOutcome()
        do {
            outcome.bytes = try CayenneLPP.encode(fieldsJSON: call.fieldsJSON)
        } catch {
            outcome.failure = failure("Downlink Payload not valid: \(error.description)", "input")
        }
        return outcome
    }

    private static func failure(_ message: String, _ reason: String) -> CodecFailure {
        CodecFailure(kind: .type, reason: reason, message: message)
    }
}
