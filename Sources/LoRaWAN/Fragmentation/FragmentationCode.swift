// SPDX-License-Identifier: Apache-2.0

/// The erasure code of fragmented data blocks: coded fragments are sums of uncoded ones (TS004-1.0.0 section 4).
public struct FragmentationCode: Hashable, Sendable {
    /// How many fragments the block was cut into.
    public let fragmentCount: Int

    /// A code over so many fragments, 1 to 16383.
    public init(fragmentCount: Int) {
        precondition((1..<1 << 14).contains(fragmentCount), "a block has 1 to 16383 fragments")
        self.fragmentCount = fragmentCount
    }

    /// Which uncoded fragments, from 0 and in order, are summed in coded fragment `index`, counted from 1.
    ///
    /// On air that fragment has the number `fragmentCount + index`.
    public func columns(ofCoded index: Int) -> [Int] {
        precondition(index > 0, "coded fragments are counted from 1")
        let count = UInt32(fragmentCount)
        let isPowerOfTwo = count & (count - 1) == 0
        let modulus = count + (isPowerOfTwo ? 1 : 0)
        var state = 1 &+ 1001 &* UInt32(truncatingIfNeeded: index)
        var isChosen = [Bool](repeating: false, count: fragmentCount)
        for _ in 0..<fragmentCount / 2 {
            var column = count
            while column >= count {
                state = Self.next(state)
                column = state % modulus
            }
            isChosen[Int(column)] = true
        }
        return isChosen.indices.filter { isChosen[$0] }
    }

    /// Coded fragments 1 to `redundancy` of fragments of equal length. Another count of fragments is a defect of the caller.
    public func codedFragments(of fragments: [[UInt8]], redundancy: Int) -> [[UInt8]] {
        precondition(fragments.count == fragmentCount, "the code is for another count of fragments")
        let length = fragments[0].count
        precondition(fragments.allSatisfy { $0.count == length }, "fragments have one length")
        guard redundancy > 0 else { return [] }
        return (1...redundancy).map { index in
            var sum = [UInt8](repeating: 0, count: length)
            for column in columns(ofCoded: index) {
                for position in 0..<length { sum[position] ^= fragments[column][position] }
            }
            return sum
        }
    }

    /// The 23-bit pseudo-random sequence with taps 0 and 5.
    private static func next(_ state: UInt32) -> UInt32 {
        state >> 1 | (state ^ state >> 5) << 22 & 1 << 22
    }
}
