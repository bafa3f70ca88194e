// SPDX-License-Identifier: Apache-2.0

/// One formatter of a repository.
public struct FormatterEntry: Hashable, Sendable {
    /// Who makes the device.
    public let vendor: String
    /// Which device.
    public let model: String
    /// For which firmware; empty when for any.
    public let firmware: String
    /// The script's file in the repository.
    public let file: String
    /// The script, ready to be used in calls.
    public let formatter: Formatter

    /// The name by which devices refer to it: `vendor/model@firmware`, or `vendor/model` without a firmware.
    public var name: String { firmware.isEmpty ? "\(vendor)/\(model)" : "\(vendor)/\(model)@\(firmware)" }
}
