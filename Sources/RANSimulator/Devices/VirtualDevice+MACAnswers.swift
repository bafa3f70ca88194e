// SPDX-License-Identifier: Apache-2.0

extension VirtualDevice {
    /// Follows MAC commands of the network and returns the answers for the next uplink.
    mutating func answers(to commands: [UInt8]) -> [UInt8] {
        []
    }
}
