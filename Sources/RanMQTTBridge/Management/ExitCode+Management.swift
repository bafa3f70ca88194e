// SPDX-License-Identifier: Apache-2.0
internal import TTNClient

extension ExitCode {
    /// How a script learns what the bridge or the broker said.
    init(_ error: TTNClientError) {
        self =
            switch error {
            case .refused(let refusal): ExitCode(refusal.code)
            case .connection(let reason, _): reason == "connection_refused" ? .unauthorized : .unavailable
            case .notPermitted: .unauthorized
            case .nobodyListens, .timedOut: .unavailable
            case .invalidArgument: .usage
            case .malformedAnswer, .cancelled, .closed: .failure
            }
    }

    private init(_ code: RequestRefusal.Code) {
        self =
            switch code {
            case .notFound: .notFound
            case .alreadyExists: .alreadyExists
            case .permissionDenied: .unauthorized
            case .unavailable, .resourceExhausted: .unavailable
            default: .failure
            }
    }
}
