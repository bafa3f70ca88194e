// SPDX-License-Identifier: Apache-2.0
internal import PayloadCodec
internal import TTNMessages

extension DecodeOutcome {
    /// What v2 is told went wrong: its functions failed, or its validator dropped the message.
    var secondFormatFailures: [FailureReport] {
        if !isValid {
            return [
                FailureReport(
                    "Payload not valid: payload validator function returned false",
                    reason: "validator_rejected",
                )
            ]
        }
        return [failure].compactMap { $0.map(FailureReport.init) }
    }

    /// What v3 is told went wrong: the decoder, or the normalizer whose input stays good.
    var thirdFormatFailures: [FailureReport] {
        [decodedFailure, normalizedFailure].compactMap { $0.map(FailureReport.init) }
    }
}

extension FailureReport {
    fileprivate init(_ failure: CodecFailure) {
        self.init(failure.message, reason: failure.reason)
        if let line = failure.line { figures.append(Figure("line", line)) }
        if let column = failure.column { figures.append(Figure("column", column)) }
    }
}
