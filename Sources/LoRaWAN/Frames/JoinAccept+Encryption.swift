// SPDX-License-Identifier: Apache-2.0

/// Building and opening join-accepts. The network *deciphers* to encrypt, so that a device needs AES encryption only.
extension JoinAccept {
    /// The whole PHYPayload for a device that joins by LoRaWAN 1.0.x rules: MIC and cipher use AppKey.
    ///
    /// Also for a 1.1 device on terms of 1.0 (`optNeg` false), with NwkKey in place of AppKey.
    public func encrypted(appKey: AES128Key) -> [UInt8] {
        let clear = clearOctets()
        return Self.seal(clear, MIC.joinAccept10(key: appKey, octets: clear), with: appKey)
    }

    /// The whole PHYPayload by LoRaWAN 1.1 rules: MIC with JSIntKey; cipher with NwkKey after a join-request, JSEncKey after a rejoin.
    public func encrypted(
        nwkKey: AES128Key,
        joinServerKeys: JoinServerKeys,
        context: JoinAcceptContext,
    ) -> [UInt8] {
        let clear = clearOctets()
        let mic = MIC.joinAccept11(key: joinServerKeys.jsIntKey, context: context, octets: clear)
        return Self.seal(clear, mic, with: context.answering == .join ? nwkKey : joinServerKeys.jsEncKey)
    }

    /// The device's side of LoRaWAN 1.0.x: nil when the MIC does not fit the key.
    public init?(decrypting phyPayload: [UInt8], appKey: AES128Key) throws(FrameError) {
        let (clear, mic) = try Self.open(phyPayload, with: appKey)
        guard MIC.joinAccept10(key: appKey, octets: clear) == mic else { return nil }
        try self.init(clear: clear)
    }

    /// The device's side of LoRaWAN 1.1: nil when the MIC does not fit the keys.
    ///
    /// An accept whose `optNeg` is off comes from a 1.0 server: it is checked with NwkKey by the rules of 1.0.
    public init?(
        decrypting phyPayload: [UInt8],
        nwkKey: AES128Key,
        joinServerKeys: JoinServerKeys,
        context: JoinAcceptContext,
    ) throws(FrameError) {
        let cipherKey = context.answering == .join ? nwkKey : joinServerKeys.jsEncKey
        let (clear, mic) = try Self.open(phyPayload, with: cipherKey)
        let hasOptNeg = clear[11] & 0x80 != 0
        let expected =
            hasOptNeg
            ? MIC.joinAccept11(key: joinServerKeys.jsIntKey, context: context, octets: clear)
            : MIC.joinAccept10(key: nwkKey, octets: clear)
        guard expected == mic else { return nil }
        try self.init(clear: clear)
    }

    private static func seal(_ clear: [UInt8], _ mic: MIC, with key: AES128Key) -> [UInt8] {
        let secret = clear.dropFirst() + mic.octets
        let blocks = stride(from: secret.startIndex, to: secret.endIndex, by: 16).map { AESBlock(secret[$0...]) }
        return [clear[0]] + AES128.decrypt(blocks, with: key).flatMap(\.octets)
    }

    private static func open(_ phyPayload: [UInt8], with key: AES128Key) throws(FrameError) -> ([UInt8], MIC) {
        guard case .joinAccept = try DownlinkFrame(parsing: phyPayload) else {
            throw .wrongLength(.joinAccept, count: phyPayload.count - MIC.length)
        }
        let cipher = AES128(key)
        var whole = [phyPayload[0]]
        for start in stride(from: 1, to: phyPayload.count, by: 16) {
            whole += cipher.encrypt(AESBlock(phyPayload[start...])).octets
        }
        return try MIC.split(whole)
    }
}
