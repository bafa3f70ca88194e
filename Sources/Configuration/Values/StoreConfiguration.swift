// SPDX-License-Identifier: Apache-2.0

/// Where everything that must survive is kept.
public struct StoreConfiguration: Hashable, Sendable {
    /// The SQLite file.
    public var path: String
    /// Octets that the database may take; nil for as many as the disk has.
    public var maximumBytes: Int?
    /// Octets of memory for the database's cache.
    public var cacheBytes: Int

    init(_ section: Section) {
        defer { section.finish() }
        path =
            section.value(
                "url",
                expected: "sqlite: and the path of a file, such as sqlite:/var/lib/ran-mqtt-bridge/bridge.db",
                hint: { $0.hasPrefix("/") ? "did you mean sqlite:\($0)?" : nil },
                Self.path,
            ) ?? "/var/lib/ran-mqtt-bridge/bridge.db"
        maximumBytes = section.integer("max_size_mb", in: 1...16_777_216).map { $0 << 20 }
        cacheBytes = (section.integer("cache_mb", in: 1...65_536) ?? 16) << 20
    }

    private static func path(of url: String) -> String? {
        guard url.hasPrefix("sqlite:") else { return nil }
        var path = url.dropFirst("sqlite:".count)
        if path.hasPrefix("//") { path = path.dropFirst(2) }
        guard !path.isEmpty, !path.hasSuffix("/"), path.first != ":", !path.contains("\0") else { return nil }
        return String(path)
    }
}
