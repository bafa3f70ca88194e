// SPDX-License-Identifier: Apache-2.0

/// How a list of devices is written down.
public enum TransferFormat: String, Hashable, Sendable, CaseIterable {
    /// One JSON object a line, as `device` gives it.
    case jsonl
    /// The table of The Things Stack.
    case csv
}

/// One device of a list that is imported.
public struct TransferredDevice: Sendable {
    /// The line it begins on, from 1.
    public let line: Int
    /// Its name, when that could be read.
    public let deviceID: String?
    /// What it says, or the first thing that is wrong with it.
    public let description: Result<DeviceDescription, ManagementFault>

    init(line: Int, deviceID: String?, description: Result<DeviceDescription, ManagementFault>) {
        self.line = line
        self.deviceID = deviceID
        self.description = description
    }
}
