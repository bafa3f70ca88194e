// SPDX-License-Identifier: Apache-2.0

/// Where the service's figures can be read.
public struct MetricsConfiguration: Hashable, Sendable {
    /// An IPv4 address and a port to listen on.
    public struct Address: Hashable, Sendable {
        public var host: String
        public var port: UInt16
    }

    /// nil for nowhere.
    public var listen: Address?

    init(_ section: Section) {
        defer { section.finish() }
        listen = section.value("listen", expected: "a port such as 9464, or an IPv4 address and a port") { text in
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard let last = parts.last, let port = UInt16(last), port > 0, parts.count <= 2 else { return nil }
            guard parts.count == 2 else { return Address(host: "127.0.0.1", port: port) }
            let octets = parts[0].split(separator: ".", omittingEmptySubsequences: false)
            guard octets.count == 4, octets.allSatisfy({ UInt8($0) != nil }) else { return nil }
            return Address(host: String(parts[0]), port: port)
        }
    }
}
