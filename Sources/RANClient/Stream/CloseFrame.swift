// SPDX-License-Identifier: Apache-2.0

/// The payload of a close frame (RFC 6455 section 5.5.1).
struct CloseFrame {
    /// Code 1000, normal closure.
    static let normal: [UInt8] = [0x03, 0xE8]

    /// Nil when the peer gave none.
    let code: UInt16?
    let reason: String

    init(_ payload: [UInt8]) {
        guard payload.count >= 2 else {
            code = nil
            reason = ""
            return
        }
        code = UInt16(payload[0]) << 8 | UInt16(payload[1])
        reason = String(decoding: payload[2...], as: UTF8.self)
    }

    /// What to send back: the same code.
    var answer: [UInt8] {
        guard let code else { return [] }
        return [UInt8(code >> 8), UInt8(code & 0xFF)]
    }
}
