// SPDX-License-Identifier: Apache-2.0

/// AES-128 on whole blocks and AES-CMAC (RFC 4493) through libcrypto.
///
/// Making one expands the key; keep it while several operations use the same key. It belongs to one thread at a time.
public struct AES128: ~Copyable {
    private let context: CipherContext

    /// Expands a key for encryption.
    public init(_ key: AES128Key) {
        context = CipherContext(key: key, encrypts: true)
    }

    /// Encrypts one block.
    public borrowing func encrypt(_ block: AESBlock) -> AESBlock {
        context.update(block)
    }

    /// XORs `octets` with the key stream of the blocks after `block`, whose last octet counts (LoRaWAN 1.0.4 section 4.3.3).
    borrowing func applyKeyStream(after block: AESBlock, to octets: [UInt8]) -> [UInt8] {
        context.applyKeyStream(after: block, to: octets)
    }

    /// The 16-octet CMAC of a message: first `head` (LoRaWAN's B0 or B1; nil for none), then `octets`.
    public borrowing func cmac(head: AESBlock? = nil, _ octets: Span<UInt8>) -> AESBlock {
        var state = AESBlock()
        let count = octets.count
        if let head {
            if count == 0 { return encrypt(head ^ subkey(doubled: 1)) }
            state = encrypt(head)
        }
        var offset = 0
        while count - offset > 16 {
            state = encrypt(state ^ AESBlock(octets, at: offset))
            offset += 16
        }
        let rest = count - offset
        if rest == 16 {
            return encrypt(state ^ AESBlock(octets, at: offset) ^ subkey(doubled: 1))
        }
        var last = AESBlock(octets, at: offset)
        last.setZeroOctet(rest, to: 0x80)
        return encrypt(state ^ last ^ subkey(doubled: 2))
    }

    /// Deciphers whole blocks in ECB mode: what a join-accept is "encrypted" with (LoRaWAN 1.0.4 section 6.2.3).
    public static func decrypt(_ blocks: [AESBlock], with key: AES128Key) -> [AESBlock] {
        let context = CipherContext(key: key, encrypts: false)
        return blocks.map { context.update($0) }
    }

    private borrowing func subkey(doubled times: Int) -> AESBlock {
        var block = encrypt(AESBlock())
        for _ in 0..<times {
            let carry = block.high >> 63
            block = AESBlock(high: block.high << 1 | block.low >> 63, low: block.low << 1 ^ carry &* 0x87)
        }
        return block
    }
}
