// SPDX-License-Identifier: Apache-2.0

/// When a device listens.
public enum DeviceClass: String, Hashable, Sendable, CaseIterable {
    /// In two windows after each of its uplinks.
    case a = "A"
    /// Also in ping slots timed by a beacon.
    case b = "B"
    /// Always, except while it sends.
    case c = "C"

    /// Reads `A`, `B` or `C` in either case.
    public init?(text: some StringProtocol) {
        self.init(rawValue: text.uppercased())
    }
}
