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
        return AES128(key).applyKeyStream(startingAt: block, to: payload)
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
        return AES128(nwkSEncKey).applyKeyStream(startingAt: block, to: options)
    }
}

extension AES128 {
    /// XORs `octets` with the encrypted blocks A1, A2 and so on; the last octet of each block counts from 1.
    fileprivate borrowing func applyKeyStream(startingAt first: AESBlock, to octets: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: octets.count) { buffer, count in
            var block = first
            var offset = 0
            while offset < octets.count {
                block.low &+= 1
                let stream = encrypt(block) ^ AESBlock(octets.span, at: offset)
                var (high, low) = (stream.high.bigEndian, stream.low.bigEndian)
                let rest = min(16, octets.count - offset)
                for index in 0..<rest {
                    let octet: UInt8
                    if index < 8 {
                        octet = UInt8(truncatingIfNeeded: high)
                        high >>= 8
                    } else {
                        octet = UInt8(truncatingIfNeeded: low)
                        low >>= 8
                    }
                    buffer.initializeElement(at: offset + index, to: octet)
                }
                offset += rest
            }
            count = octets.count
        }
    }
}
