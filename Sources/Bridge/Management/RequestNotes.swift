// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import Management
internal import Store

/// What is kept of a request in the same transaction as what it changes, so that one that is repeated after a crash is
/// answered, or taken up where it was left, and not done twice. A request without an id keeps nothing.
struct RequestNotes: Sendable {
    /// How far an earlier attempt came that a crash cut short; nil for the first.
    let progress: [UInt8]?
    private let keep: (@Sendable (_ octets: [UInt8], _ isFinal: Bool) -> StoreMutation)?
    private let address: AnswerAddress

    /// - Parameter keep: notes an answer, or how far the request is.
    init(
        _ address: AnswerAddress,
        progress: [UInt8]? = nil,
        keep: (@Sendable (_ octets: [UInt8], _ isFinal: Bool) -> StoreMutation)?,
    ) {
        self.address = address
        self.progress = progress
        self.keep = keep
    }

    /// Whether the request has an id to be repeated under.
    var isKept: Bool { keep != nil }

    /// Keeps an answer as it will be sent.
    func answer(_ octets: [UInt8]) -> [StoreMutation] {
        guard let keep else { return [] }
        return [keep(octets, true)]
    }

    /// Keeps what the request comes to if nothing of what follows happens any more.
    func result(_ result: JSONValue) -> [StoreMutation] {
        isKept ? answer(address.octets(.success(result))) : []
    }

    /// Keeps how far the request is, in a form of its method's own.
    func progress(_ octets: @autoclosure () -> [UInt8]) -> [StoreMutation] {
        guard let keep else { return [] }
        return [keep(octets(), false)]
    }
}

extension AnswerAddress {
    /// An answer as it is sent there.
    func octets(_ outcome: Result<JSONValue, ManagementFault>) -> [UInt8] {
        ManagementAnswer(requestID: requestID, method: method, outcome: outcome).octets
    }
}
