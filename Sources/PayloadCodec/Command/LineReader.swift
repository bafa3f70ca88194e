// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// Lines of a descriptor, without their ends; a line of white space is none. A byte order mark before the first is skipped.
struct LineReader {
    /// A line, or that it was longer than the limit.
    enum Line {
        case text(ArraySlice<UInt8>)
        case tooLong
    }

    /// The longest line, in octets.
    static let limit = 32 << 20

    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var start = 0
    /// Octets before this one hold no line end.
    private var searched = 0
    private var isFirst = true
    private var isDiscarding = false
    /// Whether all was read; the buffer then is empty.
    private(set) var isAtEnd = false

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Whether `fill` would not wait.
    var hasInput: Bool {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&waiting, 1, 0) != 0
    }

    /// Reads some more; false when reading fails.
    mutating func fill() -> Bool {
        guard let chunk = CommandOutput.readSome(descriptor) else { return false }
        buffer.removeSubrange(..<start)
        searched -= start
        start = 0
        if chunk.isEmpty {
            isAtEnd = true
        } else {
            buffer += chunk
        }
        return true
    }

    /// The next whole line that was read already.
    mutating func next() -> Line? {
        while start < buffer.count {
            let end = endOfLine()
            guard end < buffer.count || isAtEnd else {
                guard buffer.count - start > LineReader.limit else { return nil }
                // Not kept: the rest of it is read and forgotten.
                isDiscarding = true
                start = buffer.count
                return nil
            }
            var line = buffer[start..<end]
            start = min(end + 1, buffer.count)
            searched = start
            if isDiscarding {
                isDiscarding = false
                return .tooLong
            }
            if isFirst, line.starts(with: [0xEF, 0xBB, 0xBF]) { line = line.dropFirst(3) }
            isFirst = false
            if line.contains(where: { $0 > 0x20 }) { return .text(line) }
        }
        if isAtEnd, isDiscarding {
            isDiscarding = false
            return .tooLong
        }
        return nil
    }

    private mutating func endOfLine() -> Int {
        let found = buffer.withUnsafeBytes { octets -> Int? in
            guard let base = octets.baseAddress, searched < octets.count,
                let place = memchr(base + searched, 0x0A, octets.count - searched)
            else { return nil }
            return base.distance(to: UnsafeRawPointer(place))
        }
        searched = found ?? buffer.count
        return searched
    }
}
