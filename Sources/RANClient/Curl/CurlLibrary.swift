// SPDX-License-Identifier: Apache-2.0
internal import CCurl

/// What must be true of the libcurl that this process runs with, checked once.
enum CurlLibrary {
    /// 8.11.0 is the first release whose websockets are no experiment.
    private static let oldestVersion: UInt32 = 0x080B00

    private static let fault: RANError? = {
        guard ccurl_global_init() == CURLE_OK else { return .unsupportedLibrary("libcurl cannot start") }
        guard let info = ccurl_version_info() else {
            return .unsupportedLibrary("libcurl does not tell its version")
        }
        let version = info.pointee.version.map { String(cString: $0) } ?? "unknown"
        guard info.pointee.version_num >= oldestVersion else {
            return .unsupportedLibrary(
                "libcurl \(version) is too old: install 8.11 or newer (Debian 12 has it in bookworm-backports)"
            )
        }
        var protocols: Set<String> = []
        if var entry = info.pointee.protocols {
            while let name = entry.pointee {
                protocols.insert(String(cString: name))
                entry += 1
            }
        }
        guard protocols.isSuperset(of: ["http", "https", "ws", "wss"]) else {
            return .unsupportedLibrary("libcurl \(version) was built without websockets or TLS: install another build")
        }
        return nil
    }()

    /// Starts the library at first use.
    static func check() throws(RANError) {
        if let fault { throw fault }
    }
}
