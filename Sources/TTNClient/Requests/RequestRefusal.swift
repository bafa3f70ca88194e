// SPDX-License-Identifier: Apache-2.0

/// An error that the bridge answered a request with.
public struct RequestRefusal: Sendable, Hashable, CustomStringConvertible {
    /// The kind of an error; a code that this library does not know is kept as it came.
    public struct Code: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
        public let rawValue: String

        public init(rawValue: String) { self.rawValue = rawValue }

        /// The body is wrong; `field` names where.
        public static let invalidArgument = Code(rawValue: "invalid_argument")
        /// What the request names does not exist.
        public static let notFound = Code(rawValue: "not_found")
        /// What the request makes exists and differs.
        public static let alreadyExists = Code(rawValue: "already_exists")
        /// It cannot be done in the present state.
        public static let failedPrecondition = Code(rawValue: "failed_precondition")
        /// The sender may not do that.
        public static let permissionDenied = Code(rawValue: "permission_denied")
        /// A limit is reached.
        public static let resourceExhausted = Code(rawValue: "resource_exhausted")
        /// It cannot be done at this moment; try again.
        public static let unavailable = Code(rawValue: "unavailable")
        /// The bridge has no such method.
        public static let unimplemented = Code(rawValue: "unimplemented")
        /// A defect of the bridge.
        public static let `internal` = Code(rawValue: "internal")

        public var description: String { rawValue }
    }

    /// The method that was asked for.
    public var method: String
    /// The kind of the error.
    public var code: Code
    /// A sentence.
    public var message: String
    /// The member of the body that is wrong, such as `device.lorawan_device.dev_eui`; nil when it is not about one.
    public var field: String?

    public init(method: String, code: Code, message: String, field: String? = nil) {
        self.method = method
        self.code = code
        self.message = message
        self.field = field
    }

    public var description: String { "\(method): \(message) (\(code)\(field.map { ", field \($0)" } ?? ""))" }
}
