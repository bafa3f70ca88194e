// SPDX-License-Identifier: Apache-2.0

/// Why a directory of formatters cannot be used. The repository then keeps what it had.
public enum FormatterRepositoryError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The manifest is not there.
    case noManifest(path: String)
    /// The manifest is not what it should be.
    case badManifest(path: String, detail: String)
    /// A script that the manifest names cannot be read or is too large.
    case badScript(path: String, detail: String)

    /// A stable word.
    public var reason: String {
        switch self {
        case .noManifest: "no_manifest"
        case .badManifest: "bad_manifest"
        case .badScript: "bad_script"
        }
    }

    public var description: String {
        switch self {
        case .noManifest(let path): "there is no manifest \(path); a directory of formatters needs a formatters.json"
        case .badManifest(let path, let detail): "\(path): \(detail)"
        case .badScript(let path, let detail): "\(path): \(detail)"
        }
    }
}
