// SPDX-License-Identifier: Apache-2.0

/// How an application's (or a device's) payloads are read and written.
///
/// Equality is that of the content; its hash is computed once, so that a formatter is a cheap key on the hot path.
public struct Formatter: Hashable, Sendable {
    /// The three kinds of formatter.
    public enum Kind: Hashable, Sendable {
        /// Payloads stay octets.
        case none
        /// Cayenne Low Power Payload, in process.
        case cayenneLPP
        /// JavaScript in a worker process.
        case javascript(FormatterScripts)
        /// A name that the repository does not have: every call fails and says so.
        case unknown(name: String)
    }

    /// Where the content lives; shared by all copies, so that comparing two copies is comparing two addresses.
    final class Storage: Sendable {
        let kind: Kind
        let hash: Int

        init(kind: Kind) {
            self.kind = kind
            hash = kind.hashValue
        }
    }

    let storage: Storage

    public init(_ kind: Kind) {
        storage = Storage(kind: kind)
    }

    /// The formatter that leaves payloads alone.
    public static let none = Formatter(.none)
    /// The Cayenne LPP formatter.
    public static let cayenneLPP = Formatter(.cayenneLPP)

    /// A JavaScript formatter.
    public static func javascript(_ scripts: FormatterScripts) -> Formatter { Formatter(.javascript(scripts)) }

    /// A JavaScript formatter of one text with all its functions.
    public static func javascript(script: String) -> Formatter {
        Formatter(.javascript(FormatterScripts(script: script)))
    }

    /// The formatter of a name that means none: its calls fail.
    public static func unknown(name: String) -> Formatter { Formatter(.unknown(name: name)) }

    /// The formatter that a stored `payload_format` word means; nil for a word that means none of the known ones.
    ///
    /// - Parameters:
    ///   - word: `custom`, `cayennelpp` (or `cayenne`), `none` or empty.
    ///   - scripts: what `custom` runs; without any text it is like `none`.
    public init?(payloadFormat word: String, scripts: FormatterScripts?) {
        switch word {
        case "", "none": self = .none
        case "cayennelpp", "cayenne": self = .cayenneLPP
        case "custom":
            guard let scripts, scripts.byteCount > 0 else {
                self = .none
                return
            }
            self.init(.javascript(scripts))
        default: return nil
        }
    }

    public var kind: Kind { storage.kind }

    public static func == (left: Formatter, right: Formatter) -> Bool {
        left.storage === right.storage
            || (left.storage.hash == right.storage.hash && left.storage.kind == right.storage.kind)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(storage.hash)
    }
}
