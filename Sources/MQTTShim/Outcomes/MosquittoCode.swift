// SPDX-License-Identifier: Apache-2.0

/// A return code of libmosquitto (`enum mosq_err_t`) with the system error behind it, if there was one.
public struct MosquittoCode: Sendable, Hashable, CustomStringConvertible {
    public var rawValue: Int32
    /// `errno` when the code is `systemError`, else 0.
    public var systemError: Int32

    public init(rawValue: Int32, systemError: Int32 = 0) {
        self.rawValue = rawValue
        self.systemError = systemError
    }

    /// The library's own name, such as `MOSQ_ERR_CONN_LOST`, and what it says about it.
    public var description: String {
        let detail = systemError == 0 ? errorText(of: rawValue) : systemErrorText(of: systemError)
        // The library has names for more codes than it has texts.
        return detail == "Unknown error." ? name : "\(name): \(detail)"
    }

    /// The library's own name of the code.
    public var name: String {
        MosquittoCode.names[rawValue] ?? "MOSQ_ERR_\(rawValue)"
    }

    private static let names: [Int32: String] = [
        -1: "MOSQ_ERR_CONN_PENDING", 0: "MOSQ_ERR_SUCCESS", 1: "MOSQ_ERR_NOMEM", 2: "MOSQ_ERR_PROTOCOL",
        3: "MOSQ_ERR_INVAL", 4: "MOSQ_ERR_NO_CONN", 5: "MOSQ_ERR_CONN_REFUSED", 6: "MOSQ_ERR_NOT_FOUND",
        7: "MOSQ_ERR_CONN_LOST", 8: "MOSQ_ERR_TLS", 9: "MOSQ_ERR_PAYLOAD_SIZE", 10: "MOSQ_ERR_NOT_SUPPORTED",
        11: "MOSQ_ERR_AUTH", 12: "MOSQ_ERR_ACL_DENIED", 13: "MOSQ_ERR_UNKNOWN", 14: "MOSQ_ERR_ERRNO",
        15: "MOSQ_ERR_EAI", 16: "MOSQ_ERR_PROXY", 18: "MOSQ_ERR_MALFORMED_UTF8", 19: "MOSQ_ERR_KEEPALIVE",
        20: "MOSQ_ERR_LOOKUP", 21: "MOSQ_ERR_MALFORMED_PACKET", 22: "MOSQ_ERR_DUPLICATE_PROPERTY",
        23: "MOSQ_ERR_TLS_HANDSHAKE", 24: "MOSQ_ERR_QOS_NOT_SUPPORTED", 25: "MOSQ_ERR_OVERSIZE_PACKET",
        26: "MOSQ_ERR_OCSP", 27: "MOSQ_ERR_TIMEOUT", 28: "MOSQ_ERR_RETAIN_NOT_SUPPORTED",
        30: "MOSQ_ERR_ADMINISTRATIVE_ACTION", 31: "MOSQ_ERR_ALREADY_EXISTS",
    ]

    static let success = MosquittoCode(rawValue: 0)
    static let invalid = MosquittoCode(rawValue: 3)
    static let noConnection = MosquittoCode(rawValue: 4)
    static let connectionLost = MosquittoCode(rawValue: 7)
    static let protocolError = MosquittoCode(rawValue: 2)
    static let malformedPacket = MosquittoCode(rawValue: 21)

    var isSuccess: Bool { rawValue == 0 }
    /// The other side's certificate or ours was not accepted, or the handshake failed.
    var isTLS: Bool { [8, 23, 26].contains(rawValue) }
}
