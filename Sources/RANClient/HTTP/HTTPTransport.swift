// SPDX-License-Identifier: Apache-2.0
internal import CCurl
internal import Concurrency
internal import Synchronization

/// One HTTP call of the RAN.
struct HTTPRequest: Sendable {
    enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
    }

    var method: Method
    /// What follows the base URL and a slash.
    var path: String
    var query: [(name: String, value: String)] = []
    /// A JSON text; nil sends none.
    var body: [UInt8]?

    /// For people.
    var summary: String { "\(method.rawValue) \(path)" }
}

/// The answer to one call.
struct HTTPResponse: Sendable {
    var status: Int
    var body: [UInt8]
    /// What the server asks for before another attempt; zero when it says nothing.
    var retryAfter: Duration = .zero
}

/// Runs HTTP calls on one thread of its own; connections are kept and used again.
final class HTTPTransport: Sendable {
    private let core: HTTPCore

    init(endpoint: RANEndpoint) {
        let core = HTTPCore(endpoint: endpoint)
        self.core = core
        // Detached when this value goes; it ends after `close`.
        _ = NamedThread("ran-http") { core.run() }
    }

    deinit { core.close() }

    /// Makes one call. Cancelling the task ends it at once with `.cancelled`.
    func perform(_ request: HTTPRequest) async throws(RANError) -> HTTPResponse {
        let id = core.begin()
        let result: Result<HTTPResponse, RANError> = await withTaskCancellationHandler {
            await withCheckedContinuation { core.submit(HTTPCall(id: id, request: request, continuation: $0)) }
        } onCancel: {
            core.cancel(id)
        }
        return try result.get()
    }

    /// Ends the thread; calls that run fail with `.closed`.
    func close() {
        core.close()
    }
}

/// A call that waits to be started.
struct HTTPCall: Sendable {
    let id: UInt64
    let request: HTTPRequest
    let continuation: CheckedContinuation<Result<HTTPResponse, RANError>, Never>
}
