// SPDX-License-Identifier: Apache-2.0

/// Prints lines in their order, whatever the order in which they become known.
struct OrderedLines {
    private var known: [Int: [UInt8]] = [:]
    private var next = 0
    private var text: [UInt8] = []

    /// Takes the line of that place, from 0.
    mutating func put(_ line: [UInt8], at place: Int) {
        known[place] = line
        while let line = known.removeValue(forKey: next) {
            text += line
            text.append(UInt8(ascii: "\n"))
            next += 1
        }
        if text.count > 1 << 16 { flush() }
    }

    /// Prints what is complete up to here.
    mutating func flush() {
        guard !text.isEmpty else { return }
        CommandOutput.write(text)
        text.removeAll(keepingCapacity: true)
    }
}
