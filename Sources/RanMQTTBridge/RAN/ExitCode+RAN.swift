// SPDX-License-Identifier: Apache-2.0
internal import RANClient

extension ExitCode {
    /// A device or group that was named is not there.
    static let notFound = ExitCode(rawValue: 3)
    /// What was to be made is there already.
    static let alreadyExists = ExitCode(rawValue: 4)
    /// The RAN took the frame and could not send it.
    static let notSent = ExitCode(rawValue: 5)
    /// The RAN cannot be reached, or failed (`EX_UNAVAILABLE`); later it may work.
    static let unavailable = ExitCode(rawValue: 69)
    /// The RAN does not accept the token (`EX_NOPERM`).
    static let unauthorized = ExitCode(rawValue: 77)

    /// How a script learns what the RAN said.
    init(_ error: RANError) {
        self =
            switch error {
            case .invalidParameter: .usage
            case .unauthorized: .unauthorized
            case .deviceNotFound, .multicastGroupNotFound: .notFound
            case .deviceAlreadyExists, .multicastGroupAlreadyExists, .multicastGroupAlreadyContainsDevice:
                .alreadyExists
            default: error.isTransient ? .unavailable : .failure
            }
    }
}
