// SPDX-License-Identifier: Apache-2.0
internal import PayloadCodec
internal import TTNMessages

/// Why an uplink is published without fields, or not at all: the words of `docs/outcomes.md`.
enum DecodeReason: String, CaseIterable {
    case decoderFailed = "decoder_failed"
    case validatorRejected = "validator_rejected"
    case timeout = "codec_timeout"
    case memory = "codec_memory"
    case busy = "codec_busy"
    case unavailable = "codec_unavailable"
    case formatterUnknown = "formatter_unknown"

    init(_ failure: CodecFailure) {
        self =
            switch (failure.kind, failure.reason) {
            case (_, "formatter_unknown"): .formatterUnknown
            case (_, "worker_unavailable"): .unavailable
            case (.timeout, "script_interrupt"): .busy
            case (.timeout, _): .timeout
            case (.memory, _): .memory
            default: .decoderFailed
            }
    }
}

extension FailureReport {
    /// Why an uplink has no fields, with the place in the script where it is known.
    init(_ failure: CodecFailure, ofUplink counter: UInt32) {
        var figures = [Figure("f_cnt", counter)]
        if let line = failure.line { figures.append(Figure("line", line)) }
        if let column = failure.column { figures.append(Figure("column", column)) }
        self.init(failure.message, reason: DecodeReason(failure).rawValue, figures: figures)
    }

    /// An uplink that the validator refused.
    static func refusedByValidator(_ counter: UInt32) -> FailureReport {
        FailureReport(
            "Payload not valid: payload validator function returned false",
            reason: DecodeReason.validatorRejected.rawValue,
            figures: [Figure("f_cnt", counter)],
        )
    }
}
