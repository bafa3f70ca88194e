// SPDX-License-Identifier: Apache-2.0

/// Some devices of an application, in the order of their ids.
public struct DevicePage: Sendable, Hashable {
    public var devices: [Device]
    /// What to give as `after` for the page behind this one; nil at the end.
    public var next: String?
}
