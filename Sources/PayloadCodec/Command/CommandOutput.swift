// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// Standard output and error of a command, and the files it reads.
enum CommandOutput {
    static func print(_ text: String, terminator: String = "\n") { write(Array((text + terminator).utf8), to: 1) }

    static func print(_ octets: [UInt8]) { write(octets + [UInt8(ascii: "\n")], to: 1) }

    static func complain(_ text: String, terminator: String = "\n") { write(Array((text + terminator).utf8), to: 2) }

    /// Prints octets as they are.
    static func write(_ octets: [UInt8]) { write(octets, to: 1) }

    private static func write(_ octets: [UInt8], to descriptor: Int32) {
        var offset = 0
        octets.withUnsafeBytes { buffer in
            while offset < buffer.count {
                let count = Glibc.write(descriptor, buffer.baseAddress.map { $0 + offset }, buffer.count - offset)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                offset += count
            }
        }
    }

    /// The octets of a file, nil when it cannot be read; of an endless one the first 16 MiB.
    static func contents(_ path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var octets: [UInt8] = []
        while octets.count < 16 << 20 {
            guard let chunk = readSome(file) else { return nil }
            if chunk.isEmpty { break }
            octets += chunk
        }
        return octets
    }

    /// Some octets, none at the end, nil when reading fails.
    static func readSome(_ descriptor: Int32) -> [UInt8]? {
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            chunk.removeLast(chunk.count - count)
            return chunk
        }
    }

    /// The text of a script file, without a byte order mark.
    static func script(_ path: String) -> String? {
        guard var octets = contents(path) else { return nil }
        if octets.starts(with: [0xEF, 0xBB, 0xBF]) { octets.removeFirst(3) }
        return String(decoding: octets, as: UTF8.self)
    }

    /// Identifiers of this process's threads.
    static func threads() -> [String] { names(in: "/proc/self/task") ?? [] }

    /// Names in a directory, sorted, without those that begin with a dot; nil when it cannot be read.
    static func names(in directory: String) -> [String]? {
        guard let handle = opendir(directory) else { return nil }
        defer { closedir(handle) }
        var result: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { result.append(name) }
        }
        return result.sorted()
    }

    /// Paths of all files below a directory, sorted; nil when it cannot be read. Links are not followed.
    static func files(below directory: String) -> [String]? {
        guard let names = names(in: directory) else { return nil }
        var result: [String] = []
        for name in names where name != "node_modules" {
            let path = directory + "/" + name
            var information = stat()
            guard lstat(path, &information) == 0 else { continue }
            if information.st_mode & S_IFMT == S_IFDIR {
                result += files(below: path) ?? []
            } else {
                result.append(path)
            }
        }
        return result
    }
}
