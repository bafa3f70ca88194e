// SPDX-License-Identifier: Apache-2.0
internal import LoRaWAN

/// The nonces of a device's activations.
struct JoinState: Hashable, Sendable {
    /// The last JoinNonce given, 0 before the first.
    private(set) var joinNonce: UInt32 = 0
    private(set) var devNonces = DevNonceHistory()
    /// LoRaWAN 1.1: RJcount0 of the last rejoin-request of type 0 or 2 in the session.
    private(set) var rejoinCount0: UInt16?
    /// LoRaWAN 1.1: RJcount1 of the last rejoin-request of type 1 under the root key.
    private(set) var rejoinCount1: UInt16?
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
        rejoinCount0 = nil
        rejoinCount1 = nil
    }

    /// A session began: RJcount0 counts from 0 again.
    mutating func beginSession() {
        rejoinCount0 = nil
    }

    /// The last count of a rejoin-request's kind.
    func lastCount(of request: RejoinRequestFrame) -> UInt16? {
        if case .restore = request { rejoinCount1 } else { rejoinCount0 }
    }

    /// Takes a rejoin-request's count and gives the JoinNonce for the answer; nil when none is left.
    mutating func answer(_ request: RejoinRequestFrame) -> UInt32? {
        guard let next = takeJoinNonce() else { return nil }
        if case .restore = request { rejoinCount1 = request.count } else { rejoinCount0 = request.count }
        return next
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
        writer.put((rejoinCount0 == nil ? 0 : 1) | (rejoinCount1 == nil ? 0 : 2) as UInt8)
        writer.put(rejoinCount0 ?? 0)
        writer.put(rejoinCount1 ?? 0)
        devNonces.encode(into: &writer)
        return writer.take()
    }

    /// nil when the octets are not a stored state of a known version.
    init?(_ octets: [UInt8]) {
        var reader = OctetReader(octets)
        guard reader.take(UInt8.self) == Self.version else { return nil }
        joinNonce = reader.take()
        keyCheck = reader.take()
        let flags = reader.take(UInt8.self)
        let counts = (reader.take(UInt16.self), reader.take(UInt16.self))
        rejoinCount0 = flags & 1 != 0 ? counts.0 : nil
        rejoinCount1 = flags & 2 != 0 ? counts.1 : nil
        devNonces = DevNonceHistory.decode(from: &reader)
        guard reader.isComplete else { return nil }
    }
}
