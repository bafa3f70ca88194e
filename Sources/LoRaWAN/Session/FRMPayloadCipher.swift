// SPDX-License-Identifier: Apache-2.0

/// Encrypts and decrypts payloads; both are the same operation (LoRaWAN 1.0.4 section 4.3.3, 1.1 section 4.3.1.6).
public enum FRMPayloadCipher {
    /// Applies the key stream to FRMPayload: AppSKey for ports above 0, NwkSKey (1.1: NwkSEncKey) for port 0.
    public static func apply(
        key: AES128Key,
        direction: FrameDirection,
        devAddr: DevAddr,
        counter: UInt32,
        payload: [UInt8],
    ) -> [UInt8] {
        guard !payload.isEmpty else { return [] }
        let block = AESBlock(kind: 1, direction, devAddr, counter)
        return AES128(key).applyKeyStream(after: block, to: payload)
    }

    /// Applies the key stream to FOpts of LoRaWAN 1.1, with NwkSEncKey; at most 15 octets.
    ///
    /// `usesApplicationCounter` says that `counter` is AFCntDown (a downlink with FPort above 0) and not NFCntDown or FCntUp.
    public static func applyToOptions(
        nwkSEncKey: AES128Key,
        direction: FrameDirection,
        devAddr: DevAddr,
        counter: UInt32,
        usesApplicationCounter: Bool,
        options: [UInt8],
    ) -> [UInt8] {
        precondition(options.count <= DataFrame.maximumOptions, "FOpts holds 15 octets at most")
        guard !options.isEmpty else { return [] }
        var block = AESBlock(kind: 1, direction, devAddr, counter)
        block.high |= (usesApplicationCounter ? 2 : 1) << 24
        return AES128(nwkSEncKey).applyKeyStream(after: block, to: options)
    }
}
