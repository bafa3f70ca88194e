// SPDX-License-Identifier: Apache-2.0

/// The two MQTT formats of The Things Network that are spoken side by side.
public enum TTNFormat: String, CaseIterable, Hashable, Sendable {
    /// The Things Network stack up to 2021: `<app>/devices/<dev>/up`.
    case v2
    /// The Things Stack: `v3/<app>@<tenant>/devices/<dev>/up`.
    case v3
}
