// SPDX-License-Identifier: Apache-2.0
internal import CCrypto

/// Owns one `EVP_CIPHER_CTX` in ECB mode without padding. The only place that touches libcrypto.
struct CipherContext: ~Copyable {
    private let raw: OpaquePointer

    init(key: AES128Key, encrypts: Bool) {
        guard let raw = EVP_CIPHER_CTX_new() else { preconditionFailure("libcrypto is out of memory") }
        var octets = AESBlock(high: key.high, low: key.low).bigEndianWords
        let started = withUnsafeBytes(of: &octets) { bytes in
            let pointer = bytes.assumingMemoryBound(to: UInt8.self).baseAddress
            return encrypts
                ? EVP_EncryptInit_ex(raw, EVP_aes_128_ecb(), nil, pointer, nil)
                : EVP_DecryptInit_ex(raw, EVP_aes_128_ecb(), nil, pointer, nil)
        }
        precondition(started == 1, "libcrypto offers no AES-128-ECB")
        EVP_CIPHER_CTX_set_padding(raw, 0)
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
}

extension AESBlock {
    var bigEndianWords: (UInt64, UInt64) { (high.bigEndian, low.bigEndian) }
}
