// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// The nonces of a device's activations.
struct JoinState: Hashable, Sendable {
    /// The last JoinNonce given, 0 before the first.
    private(set) var joinNonce: UInt32 = 0
    private(set) var devNonces = DevNonceHistory()
    /// Tells whether the history is of this root key, without telling the key.
    private var keyCheck: UInt32

    /// JoinNonces have 24 bits, of which 0 is never given.
    static let lastJoinNonce: UInt32 = 0xff_ffff

    init(rootKey: AES128Key?) {
        keyCheck = Self.check(of: rootKey)
    }

    /// DevNonces of another root key say nothing of this one.
    mutating func use(rootKey: AES128Key?) {
        let check = Self.check(of: rootKey)
        guard check != keyCheck else { return }
        keyCheck = check
        devNonces = DevNonceHistory()
    }

    /// Takes a DevNonce and gives the JoinNonce for the answer; nil when none is left.
    mutating func answer(_ devNonce: UInt16, countsUp: Bool) -> UInt32? {
        guard let next = takeJoinNonce() else { return nil }
        devNonces.insert(devNonce, countsUp: countsUp)
        return next
    }

    /// The next JoinNonce, for good; nil when none is left.
    mutating func takeJoinNonce() -> UInt32? {
        guard joinNonce < Self.lastJoinNonce else { return nil }
        joinNonce += 1
        return joinNonce
    }

    private static func check(of key: AES128Key?) -> UInt32 {
        guard let key else { return 0 }
        return UInt32(truncatingIfNeeded: AES128(key).encrypt(AESBlock()).high)
    }

    // MARK: Stored form

    private static let version: UInt8 = 1

    func encoded() -> [UInt8] {
        var writer = OctetWriter(capacity: 16)
        writer.put(Self.version)
        writer.put(joinNonce)
        writer.put(keyCheck)
        devNonces.encode(into: &writer)
        return writer.octets
    }

    /// nil when the octets are not a stored state of a known version.
    init?(_ octets: [UInt8]) {
        var reader = OctetReader(octets)
        guard reader.take(UInt8.self) == Self.version else { return nil }
        joinNonce = reader.take()
        keyCheck = reader.take()
        devNonces = DevNonceHistory.decode(from: &reader)
        guard reader.isComplete else { return nil }
    }
}
