// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// Files that a command line names; `-` is standard input or output.
enum TextFile {
    /// The whole file.
    static func read(_ path: String) throws -> String {
        String(decoding: try octets(path), as: UTF8.self)
    }

    /// The whole file.
    static func octets(_ path: String) throws -> [UInt8] {
        let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileFailure(path: path, code: errno) }
        defer { if path != "-" { close(descriptor) } }
        var octets: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count == 0 { return octets }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw FileFailure(path: path, code: errno)
            }
            octets += buffer[..<count]
        }
    }
}

/// A file that is written piece by piece; it is the owner's alone, for it may hold keys.
struct OutputFile: ~Copyable {
    private let path: String
    private let descriptor: Int32

    init(_ path: String) throws {
        self.path = path
        descriptor = path == "-" ? STDOUT_FILENO : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileFailure(path: path, code: errno) }
    }

    deinit { if path != "-" { close(descriptor) } }

    /// Writes all of it.
    func write(_ text: String) throws {
        let octets = Array(text.utf8)
        var offset = 0
        while offset < octets.count {
            let count = octets[offset...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw FileFailure(path: path, code: errno) }
            offset += count
        }
    }
}

/// A file that cannot be read or written.
struct FileFailure: Error, CustomStringConvertible {
    let path: String
    let code: Int32

    var description: String { "\(path == "-" ? "standard input or output" : path): \(String(cString: strerror(code)))" }
}
