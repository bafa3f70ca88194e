// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// Where the metrics are told: an IPv4 address of this machine and a port, 0 for any.
public struct MetricsAddress: Hashable, Sendable {
    public var host: String
    public var port: UInt16

    public init(host: String = "127.0.0.1", port: UInt16) {
        self.host = host
        self.port = port
    }
}

/// Why nobody can ask for metrics.
struct MetricsError: Error, CustomStringConvertible {
    let address: MetricsAddress
    /// `errno`.
    let number: Int32

    var description: String {
        "cannot listen for metrics on \(address.host):\(address.port): \(String(cString: strerror(number)))"
    }
}
