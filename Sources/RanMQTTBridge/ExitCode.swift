// SPDX-License-Identifier: Apache-2.0

/// What the program tells its caller.
struct ExitCode: RawRepresentable, Hashable, Sendable {
    let rawValue: Int32

    init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// Done.
    static let success = ExitCode(rawValue: 0)
    /// It was tried and failed; standard error says why.
    static let failure = ExitCode(rawValue: 1)
    /// The command line is wrong.
    static let usage = ExitCode(rawValue: 2)
    /// The configuration is wrong (`EX_CONFIG`).
    static let configuration = ExitCode(rawValue: 78)
}
