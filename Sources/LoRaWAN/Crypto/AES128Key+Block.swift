// SPDX-License-Identifier: Apache-2.0

/// Keys as blocks, for those who store many of them and cannot afford an array each.
extension AES128Key {
    /// The 16 octets as a block, under the same care as `octets`.
    public var block: AESBlock { AESBlock(high: high, low: low) }

    /// The key whose octets are those of a block.
    public init(storedAs block: AESBlock) {
        self.init(block)
    }
}
