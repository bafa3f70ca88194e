// SPDX-License-Identifier: Apache-2.0

/// Why a request was not done: what its answer says.
public struct ManagementFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of failure, by the words of the answer.
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// The request is wrong in itself.
        case invalidArgument = "invalid_argument"
        /// What it names does not exist.
        case notFound = "not_found"
        /// What it would make exists.
        case alreadyExists = "already_exists"
        /// The state of things does not permit it.
        case failedPrecondition = "failed_precondition"
        /// It may not be asked there.
        case permissionDenied = "permission_denied"
        /// A limit is reached.
        case resourceExhausted = "resource_exhausted"
        /// It may succeed later.
        case unavailable
        /// There is no such method.
        case unimplemented
        /// The service failed.
        case `internal`

        /// Whether the same request may be answered otherwise a moment later: such an answer is not remembered.
        public var isPassing: Bool {
            switch self {
            case .resourceExhausted, .unavailable, .internal: true
            default: false
            }
        }
    }

    public var code: Code
    /// A sentence: what was wrong and what would be right.
    public var message: String
    /// The member at fault, as a path such as `device.dev_eui`.
    public var field: String?

    public init(_ code: Code, _ message: String, field: String? = nil) {
        self.code = code
        self.message = message
        self.field = field
    }

    /// A member of the request is wrong.
    public static func invalid(_ field: String, _ problem: String) -> ManagementFault {
        ManagementFault(.invalidArgument, "\(field) \(problem)", field: field)
    }

    public var description: String { "\(code.rawValue): \(message)" }

    /// The same fault of a member that stands inside another.
    public func inside(_ path: String) -> ManagementFault {
        guard let field else { return self }
        return ManagementFault(code, "\(path).\(message)", field: "\(path).\(field)")
    }
}
