// SPDX-License-Identifier: Apache-2.0
internal import JSON

/// The body of a request, read but not understood: its id, and its members for a method to take.
public struct ManagementRequest: Sendable {
    /// 1 to 64 of `A-Za-z0-9._-`; nil when the request gives itself none.
    public let requestID: String?
    public var members: RequestMembers
    /// Tells one body from another, to find a request id that is used for something else.
    public let fingerprint: UInt64

    /// The largest body that is read.
    public static let sizeLimit = 16 << 20

    /// Reads a body. An empty one is `{}`.
    ///
    /// - Throws: with the request id when it could be read, so that the answer finds its way.
    public init(method: String, body: [UInt8]) throws(UnreadableRequest) {
        fingerprint = Self.fingerprint(method, body)
        guard body.count <= Self.sizeLimit else {
            throw UnreadableRequest(
                nil,
                ManagementFault(
                    .resourceExhausted,
                    "the body has \(body.count) bytes; the limit is \(Self.sizeLimit): divide the request",
                ),
            )
        }
        let value: JSONValue
        do throws(JSONSyntaxError) {
            value = body.isEmpty ? .object(JSONObject()) : try JSONValue(parsing: body)
        } catch {
            throw UnreadableRequest(nil, ManagementFault(.invalidArgument, "the body is \(error.description)"))
        }
        guard case .object(let object) = value else {
            throw UnreadableRequest(nil, ManagementFault(.invalidArgument, "the body must be a JSON object"))
        }
        var members = RequestMembers(object)
        do throws(ManagementFault) {
            let id = try members.optionalText("request_id")
            if let id, !Self.isRequestID(id) {
                throw .invalid("request_id", "must be 1 to 64 characters of A-Z, a-z, 0-9, '.', '_' and '-'")
            }
            requestID = id
        } catch {
            throw UnreadableRequest(nil, error)
        }
        self.members = members
    }

    private static func isRequestID(_ text: String) -> Bool {
        guard (1...64).contains(text.utf8.count) else { return false }
        return text.utf8.allSatisfy { character in
            switch character {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
    }

    /// FNV-1a, which is the same after a restart.
    private static func fingerprint(_ method: String, _ body: [UInt8]) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for octet in method.utf8 { hash = (hash ^ UInt64(octet)) &* 0x100_0000_01B3 }
        hash = (hash ^ 0xFF) &* 0x100_0000_01B3
        body.withUnsafeBufferPointer { octets in
            for octet in octets { hash = (hash ^ UInt64(octet)) &* 0x100_0000_01B3 }
        }
        return hash
    }
}

/// A request whose body cannot be read.
public struct UnreadableRequest: Error, Sendable {
    public let requestID: String?
    public let fault: ManagementFault

    init(_ requestID: String?, _ fault: ManagementFault) {
        self.requestID = requestID
        self.fault = fault
    }
}
