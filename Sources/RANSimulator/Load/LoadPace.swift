// SPDX-License-Identifier: Apache-2.0

/// How fast a load is sent.
public enum LoadPace: Hashable, Sendable {
    /// As fast as it is taken, with at most that many messages under way.
    case window(Int)
    /// So many messages a second, whatever comes back.
    case rate(Double)
}
