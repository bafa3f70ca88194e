// SPDX-License-Identifier: Apache-2.0

/// An access key of an application. Only a digest of the key is kept.
public struct AccessKeyRecord: Hashable, Sendable {
    public var applicationID: String
    /// Unique in its application.
    public var name: String
    /// Such as `messages:up:r`, in the order they were given.
    public var rights: [String]
    /// A digest of the key, in its owner's own versioned form; empty when the broker alone keeps it.
    public var digest: [UInt8]

    public init(applicationID: String, name: String, rights: [String], digest: [UInt8] = []) {
        self.applicationID = applicationID
        self.name = name
        self.rights = rights
        self.digest = digest
    }
}
