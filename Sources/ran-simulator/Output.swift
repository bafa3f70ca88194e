// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// Lines to the standard streams, one `write` each, so that a reader of a pipe sees them at once.
enum Output {
    static func line(_ text: String) { write(text, to: 1) }

    static func error(_ text: String) { write("ran-simulator: \(text)", to: 2) }

    private static func write(_ text: String, to descriptor: Int32) {
        var line = text + "\n"
        line.withUTF8 { octets in
            var offset = 0
            while offset < octets.count, let base = octets.baseAddress {
                let written = Glibc.write(descriptor, base + offset, octets.count - offset)
                guard written > 0 else { return }
                offset += written
            }
        }
    }
}

/// The octets of a file; nil when it cannot be read.
func contents(ofFile path: String) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var contents: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = read(descriptor, &part, part.count)
        guard count >= 0 else { return nil }
        if count == 0 { return contents }
        contents += part[..<count]
    }
}
