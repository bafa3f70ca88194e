// SPDX-License-Identifier: Apache-2.0
internal import CCrypto

/// Owns one `EVP_CIPHER_CTX` in ECB mode without padding. The only file that touches libcrypto.
struct CipherContext: ~Copyable {
    private let raw: OpaquePointer

    init(key: AES128Key, encrypts: Bool) {
        guard let raw = EVP_CIPHER_CTX_new() else { preconditionFailure("libcrypto is out of memory") }
        var octets = AESBlock(high: key.high, low: key.low).bigEndianWords
        let started = withUnsafeBytes(of: &octets) { bytes in
            let pointer = bytes.assumingMemoryBound(to: UInt8.self).baseAddress
            return EVP_CipherInit_ex2(raw, FetchedCipher.aes128ECB.raw, pointer, nil, encrypts ? 1 : 0, nil)
        }
        precondition(started == 1, "libcrypto takes every key of 16 octets")
        // Padding matters at the end of a message, which only deciphering waits for.
        if !encrypts { EVP_CIPHER_CTX_set_padding(raw, 0) }
        self.raw = raw
    }

    deinit { EVP_CIPHER_CTX_free(raw) }

    borrowing func update(_ block: AESBlock) -> AESBlock {
        var input = block.bigEndianWords
        var output = (UInt64(0), UInt64(0))
        var written: Int32 = 0
        withUnsafeBytes(of: &input) { source in
            withUnsafeMutableBytes(of: &output) { target in
                let from = source.assumingMemoryBound(to: UInt8.self).baseAddress
                let into = target.assumingMemoryBound(to: UInt8.self).baseAddress
                let done = EVP_CipherUpdate(raw, into, &written, from, 16)
                precondition(done == 1 && written == 16, "AES of one block cannot fail")
            }
        }
        return AESBlock(high: UInt64(bigEndian: output.0), low: UInt64(bigEndian: output.1))
    }

    /// XORs `octets` with the encrypted blocks that follow `block` when its last octet counts up, all in one call to libcrypto.
    borrowing func applyKeyStream(after block: AESBlock, to octets: [UInt8]) -> [UInt8] {
        let blocks = (octets.count + 15) / 16
        return [UInt8](unsafeUninitializedCapacity: 16 * blocks) { buffer, count in
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            for index in 0..<blocks {
                bytes.storeBytes(of: block.high.bigEndian, toByteOffset: 16 * index, as: UInt64.self)
                let low = block.low &+ UInt64(index + 1)
                bytes.storeBytes(of: low.bigEndian, toByteOffset: 16 * index + 8, as: UInt64.self)
            }
            var written: Int32 = 0
            let done = EVP_CipherUpdate(raw, buffer.baseAddress, &written, buffer.baseAddress, Int32(16 * blocks))
            precondition(done == 1 && written == 16 * blocks, "AES of whole blocks cannot fail")
            for index in octets.indices { buffer[index] ^= octets[index] }
            count = octets.count
        }
    }
}

/// A cipher looked up once for the process: the look-up inside `EVP_aes_128_ecb()` costs a microsecond a key.
///
/// `@unchecked Sendable` is sound because:
/// 1. `raw` is a `let` set once in a global initializer, which Swift runs exactly once;
/// 2. a fetched `EVP_CIPHER` is immutable and its reference count is atomic (EVP_CIPHER_fetch(3));
/// 3. it is never freed, so no thread can see it go.
private struct FetchedCipher: @unchecked Sendable {
    let raw: OpaquePointer

    static let aes128ECB = FetchedCipher(named: "AES-128-ECB")

    private init(named name: String) {
        guard let raw = EVP_CIPHER_fetch(nil, name, nil) else { preconditionFailure("libcrypto offers no \(name)") }
        self.raw = raw
    }
}

extension AESBlock {
    var bigEndianWords: (UInt64, UInt64) { (high.bigEndian, low.bigEndian) }
}
