// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import Observability

/// Makes calls of one coverage: tries again what can be tried again, reads answers, turns refusals into errors.
final class RANCalls: Sendable {
    private let endpoint: RANEndpoint
    private let transport: HTTPTransport
    private let options: RetryOptions
    private let metrics: RANMetrics
    private let logger: Logger?

    init(endpoint: RANEndpoint, options: RetryOptions, metrics: RANMetrics, logger: Logger?) {
        self.endpoint = endpoint
        self.options = options
        self.metrics = metrics
        self.logger = logger
        transport = HTTPTransport(endpoint: endpoint)
    }

    func close() { transport.close() }

    /// A failure, and whether an earlier attempt may have been carried out.
    struct Failure: Error {
        let error: RANError
        let attempts: Int
    }

    /// Makes a call whose effect is the same however often it is made.
    ///
    /// - Parameter read: takes from the answer what the caller wants.
    func answer<Value>(
        _ request: HTTPRequest,
        _ read: (JSONValue) throws(DocumentError) -> Value,
    ) async throws(Failure) -> Value {
        metrics.httpCalls.add()
        var backoff = Backoff(options.pauses)
        var random = SystemRandomNumberGenerator()
        var attempt = 1
        while true {
            let pause: Duration
            do throws(Refusal) {
                return try await attemptOnce(request, read)
            } catch let refusal {
                let error = refusal.error
                guard error.isTransient, attempt < options.attempts else {
                    metrics.httpFailures.add()
                    throw Failure(error: error, attempts: attempt)
                }
                metrics.httpRetries.add()
                let fields: LogFields = [
                    "call": request.summary, "reason": error.reason, "error": error.description, "attempt": attempt,
                ]
                logger?.warning("http_retry", fields)
                pause = max(backoff.next(using: &random), min(refusal.retryAfter, options.longestRetryAfter))
            }
            do {
                try await Task.sleep(for: pause)
            } catch {
                throw Failure(error: .cancelled, attempts: attempt)
            }
            attempt += 1
        }
    }

    /// The same for callers to whom the number of attempts is nothing.
    func value<Value>(
        _ request: HTTPRequest,
        _ read: (JSONValue) throws(DocumentError) -> Value,
    ) async throws(RANError) -> Value {
        do throws(Failure) {
            return try await answer(request, read)
        } catch {
            throw error.error
        }
    }

    /// Why one attempt failed, and how long the server wants to be left alone.
    private struct Refusal: Error {
        let error: RANError
        var retryAfter: Duration = .zero
    }

    private func attemptOnce<Value>(
        _ request: HTTPRequest,
        _ read: (JSONValue) throws(DocumentError) -> Value,
    ) async throws(Refusal) -> Value {
        let response: HTTPResponse
        do throws(RANError) {
            response = try await transport.perform(request)
        } catch {
            throw Refusal(error: error)
        }
        let operation = "\(request.summary) at \(endpoint.httpBase)"
        guard (200..<300).contains(response.status) else {
            let error = RANError(refusal: response, of: operation, token: endpoint.token)
            throw Refusal(error: error, retryAfter: response.retryAfter)
        }
        do throws(RANError) {
            return try value(of: response, operation, read)
        } catch {
            throw Refusal(error: error)
        }
    }

    private func value<Value>(
        of response: HTTPResponse,
        _ operation: String,
        _ read: (JSONValue) throws(DocumentError) -> Value,
    ) throws(RANError) -> Value {
        let document: JSONValue
        do throws(JSONSyntaxError) {
            document = try JSONValue(parsing: response.body)
        } catch {
            throw .protocolViolation("\(operation) answered what is \(error)")
        }
        do throws(DocumentError) {
            return try read(document)
        } catch {
            throw .protocolViolation("\(operation) answered \(error)")
        }
    }
}
