// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// Text for people, and results for scripts.
enum Console {
    /// Writes a line to standard output at once.
    static func print(_ text: String) {
        write(text + "\n", to: STDOUT_FILENO)
    }

    /// Writes text that ends with its own line break to standard output.
    static func write(_ text: String) {
        write(text, to: STDOUT_FILENO)
    }

    /// Writes a line to standard error.
    static func complain(_ text: String) {
        write("ran-mqtt-bridge: \(text)\n", to: STDERR_FILENO)
    }

    /// Writes a question to standard error, the cursor behind it.
    static func ask(_ text: String) {
        write(text, to: STDERR_FILENO)
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            var offset = 0
            while offset < bytes.count, let base = bytes.baseAddress {
                let written = Glibc.write(descriptor, base + offset, bytes.count - offset)
                guard written > 0 else { return }
                offset += written
            }
        }
    }
}
